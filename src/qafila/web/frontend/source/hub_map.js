// The hub alive: parcels where they are and on their way, drawn anew when the server says that something moved.
import { greatCircle } from "./globe.js";
import { MODES, ground, label } from "./ground.js";

export async function hubMap(host, text) {
  const [first, { map, colours }] = await Promise.all([
    fetch(host.dataset.now).then((r) => r.json()),
    ground(host, text, { bounds: [[-24, -36], [126, 66]], fitBoundsOptions: { padding: 12 } }),
  ]);
  for (const [mode, look] of Object.entries(MODES)) {
    map.addSource(`moving-${mode}`, { type: "geojson", data: collection([]) });
    map.addLayer({
      id: `moving-${mode}`, type: "line", source: `moving-${mode}`,
      paint: {
        "line-color": colours[mode], "line-opacity": 0.9,
        "line-width": ["+", 1, ["min", 5, ["sqrt", ["get", "parcels"]]]],
        ...(look.dash.length > 1 ? { "line-dasharray": look.dash } : {}),
      },
    });
  }
  map.addSource("places", { type: "geojson", data: collection([]) });
  map.addLayer({
    id: "places", type: "circle", source: "places",
    paint: {
      "circle-radius": ["+", 3, ["min", 18, ["sqrt", ["get", "here"]]]],
      "circle-color": ["case", [">", ["get", "customs"], 0], colours["attention-mark"], colours.accent],
      "circle-opacity": 0.85, "circle-stroke-color": colours.paper, "circle-stroke-width": 1,
    },
  });
  const tip = label(host);
  map.on("mousemove", ({ point }) => {
    const hit = map.queryRenderedFeatures([[point.x - 4, point.y - 4], [point.x + 4, point.y + 4]], { layers: ["places", ...Object.keys(MODES).map((m) => `moving-${m}`)] }).at(0);
    if (!hit) return tip.hide();
    const p = hit.properties;
    tip.show(point, p.parcels ? [`${p.parcels.toLocaleString(text.locale)} ${text.under_way} ${p.name}`] : [p.name, `${p.here.toLocaleString(text.locale)} ${text.here}`, p.customs ? `${p.customs.toLocaleString(text.locale)} ${text.customs}` : ""]);
  });
  map.on("mouseout", () => tip.hide());
  draw(map, first, true);
  let asked = false;
  new EventSource(host.dataset.liveMap).addEventListener("moved", () => {
    if (asked) return; // many move at once; one look a second is enough
    asked = true;
    setTimeout(async () => {
      asked = false;
      const answer = await fetch(host.dataset.now);
      if (answer.ok) draw(map, await answer.json(), false);
    }, 1000);
  });
  map.once("idle", () => (host.dataset.ready = "yes"));
}

const collection = (features) => ({ type: "FeatureCollection", features });

function draw(map, told, first) {
  map.getSource("places").setData(collection(told.places.map((p) => ({ type: "Feature", properties: p, geometry: { type: "Point", coordinates: [p.lon, p.lat] } }))));
  for (const mode of Object.keys(MODES))
    map.getSource(`moving-${mode}`).setData(collection(told.lanes.filter((l) => l.mode === mode).map((l) => ({
      type: "Feature", properties: { parcels: l.parcels, name: l.name }, geometry: { type: "LineString", coordinates: greatCircle(l.from, l.to) },
    }))));
  if (!first || !told.places.length) return;
  const lons = told.places.map((p) => p.lon), lats = told.places.map((p) => p.lat);
  map.fitBounds([[Math.min(...lons), Math.min(...lats)], [Math.max(...lons), Math.max(...lats)]], { padding: 60, maxZoom: 6, animate: false });
}
