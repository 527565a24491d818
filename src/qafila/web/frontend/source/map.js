// Loaded only by pages that show a map. Where it cannot be drawn, the page says so and its list remains.
import { drawMap } from "./draw_map.js";
import { hubMap } from "./hub_map.js";
import { itineraryMap } from "./itinerary_map.js";
import { networkMap } from "./network_map.js";
import { planMap } from "./plan_map.js";

const DRAW = { draw: drawMap, hub: hubMap, network: networkMap, itinerary: itineraryMap, plan: planMap };

for (const host of document.querySelectorAll("[data-map]")) {
  const text = JSON.parse(host.dataset.text);
  try {
    await DRAW[host.dataset.map](host, text);
  } catch (error) {
    console.warn("qafila: no map:", error);
    host.replaceChildren(Object.assign(document.createElement("p"), { className: "note", textContent: text.failed }));
    host.dataset.ready = "failed";
  }
}
