// The network: facilities as points sized by what leaves them, lanes as great circles by mode.
import { Marker } from "maplibre-gl";
import { greatCircle } from "./globe.js";
import { MODES, ground, label } from "./ground.js";

const LIGHT_KINDS = new Set(["warehouse", "delivery_station", "pickup_point"]);

export async function networkMap(host, text) {
  const [points, lanes, { map, colours }] = await Promise.all([
    fetch(host.dataset.points).then((r) => r.json()),
    fetch(host.dataset.lanes).then((r) => r.json()),
    ground(host, text, { bounds: [[-24, -36], [126, 66]], fitBoundsOptions: { padding: 12 } }),
  ]);

  drawLanes(map, colours, points, lanes);
  drawPoints(map, colours, points);
  nameHubs(map, points);
  bindSwitches(map);
  bindPoints(host, map, text);
  const selected = points.features.find((p) => p.properties.id === host.dataset.selected);
  if (selected) select(map, selected, true);
  map.once("idle", () => (host.dataset.ready = "yes"));
}

function drawLanes(map, colours, points, { modes, lanes }) {
  const at = new Map(points.features.map((p) => [p.id, p.geometry.coordinates]));
  const pairs = new Map(); // there and back are one line
  for (const [from, to, mode, weekly] of lanes) {
    const key = `${Math.min(from, to)} ${Math.max(from, to)} ${mode}`;
    pairs.set(key, (pairs.get(key) ?? 0) + weekly);
  }
  const features = Object.fromEntries(modes.map((m) => [m, []]));
  for (const [key, weekly] of pairs) {
    const [from, to, mode] = key.split(" ").map(Number);
    if (!at.has(from) || !at.has(to)) continue;
    const line = greatCircle(at.get(from), at.get(to));
    features[modes[mode]].push({ type: "Feature", properties: { weekly }, geometry: { type: "LineString", coordinates: line } });
  }
  for (const [mode, look] of Object.entries(MODES)) {
    if (!features[mode]?.length) continue;
    map.addSource(`lanes-${mode}`, { type: "geojson", data: { type: "FeatureCollection", features: features[mode] } });
    map.addLayer({
      id: `lanes-${mode}`, type: "line", source: `lanes-${mode}`, layout: { "line-cap": "butt", "line-join": "round" },
      paint: {
        "line-color": colours[mode], "line-opacity": look.opacity,
        "line-width": ["interpolate", ["linear"], ["zoom"], 1, look.width * 0.8, 6, look.width * 1.8],
        ...(look.dash.length > 1 ? { "line-dasharray": look.dash } : {}),
      },
    });
  }
}

function drawPoints(map, colours, points) {
  map.addSource("points", { type: "geojson", data: points });
  const size = ["sqrt", ["max", ["get", "tonnes"], 0]];
  const largest = Math.max(1, ...points.features.map((p) => Math.sqrt(p.properties.tonnes)));
  const radius = (least, most) => ["+", least, ["*", most - least, ["/", size, largest]]];
  const hue = ["match", ["get", "kind"], "airport", colours.air, "port", colours.sea, "rail_terminal", colours.rail, "customs_office", colours["attention-mark"], colours.ink];
  const hollow = ["match", ["get", "kind"], [...LIGHT_KINDS], true, false];
  map.addLayer({
    id: "points", type: "circle", source: "points",
    layout: { "circle-sort-key": ["get", "tonnes"] },
    paint: {
      "circle-radius": ["interpolate", ["linear"], ["zoom"], 1, radius(0.8, 5), 3, radius(1.6, 8), 5, radius(3, 13), 8, radius(5, 18)],
      "circle-color": ["case", hollow, colours.raised, hue],
      "circle-stroke-color": ["case", hollow, colours.ink, colours.paper],
      "circle-stroke-width": ["interpolate", ["linear"], ["zoom"], 2, 0.6, 6, 1.25],
    },
  });
  map.addSource("chosen", { type: "geojson", data: { type: "FeatureCollection", features: [] } });
  map.addLayer({
    id: "chosen", type: "circle", source: "chosen",
    paint: { "circle-radius": 14, "circle-color": "transparent", "circle-stroke-color": colours.accent, "circle-stroke-width": 2.5 },
  });
}

// The few largest places, far enough from each other to be read.
function nameHubs(map, points) {
  const named = [];
  for (const p of [...points.features].sort((a, b) => b.properties.tonnes - a.properties.tonnes)) {
    const [lon, lat] = p.geometry.coordinates;
    const { x, y } = map.project([lon, lat]);
    if (named.some((q) => Math.abs(q.x - x) < 130 && Math.abs(q.y - y) < 28)) continue;
    named.push({ x, y });
    const element = Object.assign(document.createElement("span"), { className: "place", textContent: p.properties.city.split(",").at(-1).trim(), dir: "auto" });
    element.setAttribute("aria-hidden", "true");
    new Marker({ element, anchor: "bottom", offset: [0, -8] }).setLngLat([lon, lat]).addTo(map);
    if (named.length === 9) break;
  }
}

function bindSwitches(map) {
  const form = document.querySelector("[data-map-switches]");
  const apply = () => {
    for (const box of form.querySelectorAll("input[name=mode]"))
      if (map.getLayer(`lanes-${box.value}`)) map.setLayoutProperty(`lanes-${box.value}`, "visibility", box.checked ? "visible" : "none");
  };
  form.addEventListener("change", apply);
  apply(); // the browser may have kept what was chosen before
}

function bindPoints(host, map, text) {
  const tip = label(host);
  const near = (point) => map.queryRenderedFeatures([[point.x - 4, point.y - 4], [point.x + 4, point.y + 4]], { layers: ["points"] }).at(0);
  map.on("mousemove", ({ point }) => {
    const hit = near(point);
    map.getCanvas().style.cursor = hit ? "pointer" : "";
    if (!hit) return tip.hide();
    const { name, kind, departures } = hit.properties;
    tip.show(point, [name, text.kinds[kind] ?? kind, `${departures.toLocaleString(text.locale)} ${text.departures}`]);
  });
  map.on("mouseout", () => tip.hide());
  map.on("click", ({ point }) => {
    const hit = near(point);
    if (!hit) return;
    select(map, hit, false);
    const address = host.dataset.facility + encodeURIComponent(hit.properties.id);
    window.htmx.ajax("GET", address, { target: "#panel", select: "#facility", swap: "innerHTML", push: address });
  });
  // A facility opened from the panel's own links is found on the map too.
  document.body.addEventListener("htmx:after:swap", () => {
    const code = document.querySelector("#facility [data-facility-at]")?.dataset;
    if (code) mark(map, code.facilityAt.split(",").map(Number), true);
  });
}

function select(map, feature, move) {
  mark(map, feature.geometry.coordinates, move);
}

function mark(map, coordinates, move) {
  map.getSource("chosen").setData({ type: "Feature", properties: {}, geometry: { type: "Point", coordinates } });
  if (move && !map.getBounds().contains(coordinates)) map.easeTo({ center: coordinates, essential: false });
}
