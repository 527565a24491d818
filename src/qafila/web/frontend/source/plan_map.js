// A plan: each lane as wide as what it carries, in the colour of its fullest departure, hour by hour.
import { greatCircle } from "./globe.js";
import { ground, label } from "./ground.js";

const MODERATE = 0.6;
const TIGHT = 0.9;
const WORLD = [[-24, -36], [126, 60]]; // where a plan round the world has most of its lanes

export async function planMap(host, text) {
  const plan = await fetch(host.dataset.plan).then((r) => r.json());
  const known = plan.lanes.filter(([a, b]) => plan.places[a].at && plan.places[b].at);
  const features = known.map(([a, b, mode], id) => ({
    type: "Feature", id, properties: { id },
    geometry: { type: "LineString", coordinates: greatCircle(plan.places[a].at, plan.places[b].at) },
  }));
  const { map, colours } = await ground(host, text, { bounds: box(features), fitBoundsOptions: { padding: 24, maxZoom: 6 } });
  map.addSource("plan", { type: "geojson", data: { type: "FeatureCollection", features } });
  const state = (name) => ["number", ["feature-state", name], 0];
  map.addLayer({
    id: "plan", type: "line", source: "plan", layout: { "line-cap": "round", "line-join": "round" },
    paint: {
      "line-color": ["case", [">=", state("share"), TIGHT], colours.stop, [">=", state("share"), MODERATE], colours["attention-mark"], colours.accent],
      "line-opacity": ["case", ["==", state("width"), 0], 0, [">=", state("share"), TIGHT], 0.95, [">=", state("share"), MODERATE], 0.85, 0.5],
      "line-width": ["interpolate", ["linear"], ["zoom"], 1, ["*", 0.7, state("width")], 6, ["*", 1.8, state("width")]],
    },
  });
  const heaviest = Math.max(1, ...known.map(([, , , runs]) => sum(runs)));
  let loads = [];
  const show = (hour) => {
    loads = known.map(([, , , runs]) => load(runs, hour));
    loads.forEach(({ kg, share }, id) => map.setFeatureState({ source: "plan", id }, { share, width: kg ? 0.8 + 5 * Math.sqrt(kg / heaviest) : 0 }));
  };
  bindHours(plan, text, show);
  bindTip(host, map, text, (id) => ({ lane: known[id], load: loads[id], places: plan.places }));
  map.once("idle", () => (host.dataset.ready = "yes"));
}

const sum = (runs) => runs.reduce((total, [, , kg]) => total + kg, 0);

// Of the departures that are under way in an hour, or of all.
function load(runs, hour) {
  let [kg, capacity, share, count] = [0, 0, 0, 0];
  for (const [depart, arrive, carried, room] of runs) {
    if (hour !== null && (depart >= hour + 60 || arrive <= hour)) continue;
    [kg, capacity, count] = [kg + carried, capacity + room, count + 1];
    share = Math.max(share, room ? carried / room : 1);
  }
  return { kg, capacity, share, count };
}

function box(features) {
  const all = features.flatMap((f) => f.geometry.coordinates);
  if (!all.length) return WORLD;
  const [[w, s], [e, n]] = all.reduce(([[w, s], [e, n]], [x, y]) => [[Math.min(w, x), Math.min(s, y)], [Math.max(e, x), Math.max(n, y)]], [[540, 90], [-540, -90]]);
  return e - w > 150 ? WORLD : [[w, s], [e, n]];
}

function bindHours(plan, text, show) {
  const form = document.querySelector("[data-plan-hours]");
  const { hour, whole } = form.elements;
  const said = form.querySelector("output");
  const epoch = Date.parse(plan.epoch);
  const name = new Intl.DateTimeFormat(text.locale, { weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit", timeZone: "UTC", hourCycle: "h23" });
  const first = Math.floor(plan.first / 60);
  hour.max = Math.max(0, Math.ceil(plan.last / 60) - 1 - first);
  const apply = () => {
    const minute = (first + Number(hour.value)) * 60;
    said.textContent = whole.checked ? text.whole : `${name.format(epoch + minute * 60_000)} UTC`;
    hour.setAttribute("aria-valuetext", said.textContent);
    show(whole.checked ? null : minute);
  };
  hour.addEventListener("input", () => {
    whole.checked = false;
    apply();
  });
  whole.addEventListener("change", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  apply(); // the browser may have kept what was chosen before
}

function bindTip(host, map, text, found) {
  const tip = label(host);
  const tonnes = new Intl.NumberFormat(text.locale, { maximumFractionDigits: 1 });
  const percent = new Intl.NumberFormat(text.locale, { style: "percent" });
  map.on("mousemove", ({ point }) => {
    const hits = map.queryRenderedFeatures([[point.x - 4, point.y - 4], [point.x + 4, point.y + 4]], { layers: ["plan"] });
    const shown = hits.map((h) => found(h.properties.id)).filter((one) => one.load.kg).sort((a, b) => b.load.share - a.load.share).at(0);
    map.getCanvas().style.cursor = shown ? "help" : "";
    if (!shown) return tip.hide();
    const { lane: [a, b, mode], load: { kg, capacity, share, count }, places } = shown;
    tip.show(point, [
      `${places[a].name} – ${places[b].name}`,
      `${text.modes[mode] ?? mode} · ${tonnes.format(kg / 1000)} / ${tonnes.format(capacity / 1000)} t`,
      `${text.departures} · ${tonnes.format(count)}`, `${text.fullest} · ${percent.format(share)}`,
    ]);
  });
  map.on("mouseout", () => tip.hide());
}
