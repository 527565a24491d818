// What every map of qafila is drawn on: quiet land, our own colours, a map that never steals the scroll.
import { Map as GlobeMap, NavigationControl, setWorkerUrl } from "maplibre-gl";

export const MODES = {
  road: { dash: [1], width: 0.6, opacity: 0.45 },
  rail: { dash: [1.2, 1.2], width: 1.6, opacity: 0.9 },
  sea: { dash: [5, 1.5, 1.2, 1.5], width: 1.4, opacity: 0.85 },
  belly: { dash: [3, 1.5], width: 1, opacity: 0.5 },
  air: { dash: [1], width: 1.3, opacity: 0.75 },
  collection: { dash: [1], width: 1.2, opacity: 0.9 },
  delivery: { dash: [1], width: 1.2, opacity: 0.9 },
};

// Style rules may say light-dark(); the map wants one colour, so the browser is asked what it comes to.
export function palette(host) {
  const probe = document.createElement("span");
  host.append(probe);
  const read = (name) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const names = ["paper", "land", "ink", "ink-soft", "line", "raised", "accent", "air", "belly", "road", "sea", "rail", "attention-mark", "done", "stop"];
  const colours = Object.fromEntries(names.map((n) => [n, read(`--${n}`)]));
  colours.collection = colours.delivery = colours.road;
  probe.remove();
  return colours;
}

export async function ground(host, text, options) {
  setWorkerUrl(new URL(host.dataset.worker, location.href).href);
  const colours = palette(host);
  const map = new GlobeMap({
    container: host,
    style: { version: 8, sources: {}, layers: [{ id: "water", type: "background", paint: { "background-color": colours.paper } }] },
    attributionControl: false, dragRotate: false, pitchWithRotate: false, touchPitch: false, maxZoom: 12,
    cooperativeGestures: true, renderWorldCopies: true,
    locale: {
      "NavigationControl.ZoomIn": text.zoomIn, "NavigationControl.ZoomOut": text.zoomOut,
      "CooperativeGesturesHandler.WindowsHelpText": text.scroll, "CooperativeGesturesHandler.MacHelpText": text.scrollMac,
      "CooperativeGesturesHandler.MobileHelpText": text.fingers, "Map.Title": text.title,
    },
    ...options,
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), document.dir === "rtl" ? "top-left" : "top-right");
  await new Promise((resolve) => map.once("load", resolve));
  map.addSource("land", { type: "geojson", data: host.dataset.land });
  map.addLayer({ id: "land", type: "fill", source: "land", filter: ["==", ["get", "kind"], "land"], paint: { "fill-color": colours.land, "fill-antialias": true } });
  map.addLayer({ id: "borders", type: "line", source: "land", filter: ["==", ["get", "kind"], "border"], paint: { "line-color": colours.line, "line-width": 0.75 } });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => location.reload());
  return { map, colours };
}

export function label(host) {
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  host.append(tip);
  return {
    show(point, lines) {
      tip.replaceChildren(...lines.filter(Boolean).map((line, i) => Object.assign(document.createElement(i ? "small" : "strong"), { textContent: line })));
      tip.hidden = false;
      const right = point.x > host.clientWidth / 2;
      tip.style.left = right ? "" : `${point.x + 12}px`;
      tip.style.right = right ? `${host.clientWidth - point.x + 12}px` : "";
      tip.style.top = `${Math.max(4, point.y - 20)}px`;
    },
    hide() {
      tip.hidden = true;
    },
  };
}
