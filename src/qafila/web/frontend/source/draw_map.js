// Drawing a network: a click sets where the next place is; a click on two places chooses the ends of the next line.
import { greatCircle } from "./globe.js";
import { MODES, ground, label } from "./ground.js";

export async function drawMap(host, text) {
  const drawing = JSON.parse(host.dataset.drawing);
  const { map, colours } = await ground(host, text, { bounds: [[-24, -36], [126, 66]], fitBoundsOptions: { padding: 12 } });
  const at = new Map(drawing.points.map((p) => [p.id, [p.lon, p.lat]]));
  for (const [mode, look] of Object.entries(MODES)) {
    const features = drawing.lines.filter((l) => l.mode === mode).map((l) => feature({}, { type: "LineString", coordinates: greatCircle(at.get(l.from), at.get(l.to)) }));
    if (!features.length) continue;
    map.addSource(`drawn-${mode}`, { type: "geojson", data: collection(features) });
    map.addLayer({
      id: `drawn-${mode}`, type: "line", source: `drawn-${mode}`,
      paint: { "line-color": colours[mode], "line-width": 2, ...(look.dash.length > 1 ? { "line-dasharray": look.dash } : {}) },
    });
  }
  map.addSource("drawn", { type: "geojson", data: collection(drawing.points.map((p) => feature(p, { type: "Point", coordinates: [p.lon, p.lat] }))) });
  map.addLayer({
    id: "drawn", type: "circle", source: "drawn",
    paint: { "circle-radius": 7, "circle-color": colours.accent, "circle-stroke-color": colours.paper, "circle-stroke-width": 1.5 },
  });
  for (const id of ["ends", "next"]) map.addSource(id, { type: "geojson", data: collection([]) });
  map.addLayer({ id: "ends", type: "circle", source: "ends", paint: { "circle-radius": 13, "circle-color": "transparent", "circle-stroke-color": colours.accent, "circle-stroke-width": 2.5 } });
  map.addLayer({ id: "next", type: "circle", source: "next", paint: { "circle-radius": 7, "circle-color": colours["attention-mark"], "circle-stroke-color": colours.ink, "circle-stroke-width": 1.5 } });

  const tip = label(host);
  const near = (point) => map.queryRenderedFeatures([[point.x - 6, point.y - 6], [point.x + 6, point.y + 6]], { layers: ["drawn"] }).at(0);
  map.on("mousemove", ({ point }) => {
    const hit = near(point);
    map.getCanvas().style.cursor = hit ? "pointer" : "crosshair";
    if (hit) tip.show(point, [hit.properties.name]);
    else tip.hide();
  });
  map.on("mouseout", () => tip.hide());
  let ends = [];
  map.on("click", ({ point, lngLat }) => {
    const hit = near(point);
    if (!hit) return setPlace(host, map, lngLat);
    ends = [...ends.slice(-1), hit.properties.id];
    map.getSource("ends").setData(collection(ends.map((id) => feature({}, { type: "Point", coordinates: at.get(id) }))));
    const form = document.querySelector("#line-form");
    if (!form) return;
    form.elements.start.value = ends[0];
    if (ends.length === 2) form.elements.end.value = ends[1];
  });
  if (drawing.points.length) {
    const lons = drawing.points.map((p) => p.lon), lats = drawing.points.map((p) => p.lat);
    map.fitBounds([[Math.min(...lons), Math.min(...lats)], [Math.max(...lons), Math.max(...lats)]], { padding: 60, maxZoom: 6, animate: false });
  }
  // whoever names another town does not mean the click any more
  for (const name of ["town", "country"])
    document.querySelector(`#place-form [name=${name}]`).addEventListener("input", () => forget(map));
  map.once("idle", () => (host.dataset.ready = "yes"));
}

const collection = (features) => ({ type: "FeatureCollection", features });
const feature = (properties, geometry) => ({ type: "Feature", properties, geometry });

async function setPlace(host, map, { lng, lat }) {
  const form = document.querySelector("#place-form");
  form.elements.lat.value = lat.toFixed(5);
  form.elements.lon.value = lng.toFixed(5);
  map.getSource("next").setData(collection([feature({}, { type: "Point", coordinates: [lng, lat] })]));
  form.querySelector("[data-clicked]").hidden = false;
  const answer = await fetch(`${host.dataset.near}?lat=${lat.toFixed(5)}&lon=${lng.toFixed(5)}`);
  if (!answer.ok) return;
  const { town, country } = await answer.json();
  form.elements.town.value = town;
  form.elements.country.value = country ?? "";
}

function forget(map) {
  const form = document.querySelector("#place-form");
  form.elements.lat.value = form.elements.lon.value = "";
  form.querySelector("[data-clicked]").hidden = true;
  map.getSource("next").setData(collection([]));
}
