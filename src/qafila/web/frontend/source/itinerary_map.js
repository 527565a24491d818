// One parcel's way: its legs by mode, its stops, and where it is now.
import { Marker } from "maplibre-gl";
import { greatCircle } from "./globe.js";
import { MODES, ground } from "./ground.js";

export async function itineraryMap(host, text) {
  const { legs, stops, at } = JSON.parse(host.dataset.way);
  const lines = legs.map((leg) => ({ type: "Feature", properties: { mode: leg.mode, passed: leg.passed }, geometry: { type: "LineString", coordinates: greatCircle(leg.from, leg.to, 60) } }));
  const all = lines.flatMap((l) => l.geometry.coordinates).concat(stops.map((s) => s.at));
  const bounds = all.reduce(([[w, s], [e, n]], [x, y]) => [[Math.min(w, x), Math.min(s, y)], [Math.max(e, x), Math.max(n, y)]], [[540, 90], [-540, -90]]);
  const { map, colours } = await ground(host, text, { bounds, fitBoundsOptions: { padding: { top: 40, bottom: 32, left: 48, right: 48 }, maxZoom: 6 } });
  map.addSource("way", { type: "geojson", data: { type: "FeatureCollection", features: lines } });
  for (const [mode, look] of Object.entries(MODES))
    map.addLayer({
      id: `way-${mode}`, type: "line", source: "way", filter: ["==", ["get", "mode"], mode], layout: { "line-cap": "butt", "line-join": "round" },
      paint: { "line-color": colours[mode], "line-width": 2.5, "line-opacity": ["case", ["get", "passed"], 1, 0.6], ...(look.dash.length > 1 ? { "line-dasharray": look.dash } : {}) },
    });
  for (const stop of stops) {
    const element = Object.assign(document.createElement("span"), { className: "stop", title: stop.name });
    new Marker({ element }).setLngLat(stop.at).addTo(map);
  }
  const ends = [stops[0], stops.at(-1)].filter((s, i, both) => s && both.indexOf(s) === i);
  for (const stop of ends) {
    const element = Object.assign(document.createElement("span"), { className: "place", textContent: stop.place, dir: "auto" });
    new Marker({ element, anchor: "bottom", offset: [0, -8] }).setLngLat(stop.at).addTo(map);
  }
  if (at) {
    const element = Object.assign(document.createElement("span"), { className: "here", title: text.here });
    new Marker({ element }).setLngLat(at).addTo(map);
  }
  map.once("idle", () => (host.dataset.ready = "yes"));
}
