// The scanner: one field, a big answer, a sound, a colour and a word. A keyboard wedge types into the field and presses
// Enter. Every act goes through the queue, so what is done without connection is sent later, once.
import { queue, kept, newKey } from "./scanner_queue.js";

const root = document.querySelector("#scanner"), words = JSON.parse(root.dataset.words);
const { facility, act: address, lookup, docks } = root.dataset;
const at = (name) => root.querySelector(`[data-part="${name}"]`);
const field = at("field"), form = at("form"), answer = at("answer"), state = at("state");
const STEPS = {
  receive: ["dock", "code", "pieces"], "put-away": ["source", "code", "pieces", "place"],
  move: ["source", "code", "pieces", "place"], count: ["place", "code", "count"], pick: ["place", "code"], pack: ["order", "grams"],
};
let job = "", said = {}, tour = null, packing = null, sending = false;

const say = (text, values = {}) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

function sound(good) {
  try {
    const room = (sound.room ??= new AudioContext());
    for (const [begin, tone] of good ? [[0, 1200]] : [[0, 220], [0.22, 220]]) {
      const voice = room.createOscillator(), volume = room.createGain();
      voice.frequency.value = tone;
      volume.gain.value = 0.15;
      voice.connect(volume).connect(room.destination);
      voice.start(room.currentTime + begin);
      voice.stop(room.currentTime + begin + 0.14);
    }
  } catch { /* no sound here: the colour and the word say it too */ }
}

// kind: done, attention or stop; its word and its shape stand beside the colour
function tell(kind, big, small = "") {
  root.dataset.kind = kind;
  state.className = `state ${kind}`;
  at("shape").textContent = { done: "✓", attention: "!", stop: "✕", quiet: "•" }[kind];
  at("word").textContent = words[kind];
  answer.textContent = big;
  at("more").textContent = small;
  if (kind !== "quiet") sound(kind === "done");
}

function step() { return STEPS[job].find((name) => said[name] === undefined); }

function ask() {
  const wanted = step(), stop = tour?.stops?.[0];
  at("ask").textContent = words.ask[wanted] ?? "";
  field.inputMode = ["pieces", "grams", "count"].includes(wanted) ? "numeric" : "text";
  field.value = wanted === "pieces" ? "1" : "";
  field.hidden = at("ask").hidden = job === "pick" && !stop;
  at("short").hidden = !(job === "pick" && stop);
  at("begin").hidden = !(job === "pick" && !stop);
  at("picture").innerHTML = packing?.picture ?? ""; // drawn by our own server
  if (job === "pick" && stop) {
    at("target").textContent = wanted === "place" ? stop.place : `${stop.pieces} × ${stop.title}`;
    at("detail").textContent = say(words.stopline, { place: stop.place, title: stop.title, pieces: stop.pieces, lot: stop.lot ? `${words.lot} ${stop.lot}` : "", compartment: stop.compartment + 1, left: tour.stops.length });
  } else { at("target").textContent = at("detail").textContent = ""; }
  if (!field.hidden) { field.focus(); field.select(); }
}

async function choose(name) {
  job = STEPS[name] ? name : "receive";
  for (const link of root.querySelectorAll("[data-job]")) link.toggleAttribute("aria-current", link.dataset.job === job);
  packing = null;
  said = {};
  if (job === "receive") said.dock = (await kept.get("dock")) ?? docks.split(" ")[0];
  if (job === "put-away") said.source = (await kept.get("dock")) ?? docks.split(" ")[0];
  if (job === "pick") tour = (await kept.get(`tour:${facility}`)) ?? null;
  tell("quiet", "", "");
  at("from").textContent = said.dock ?? said.source ?? "";
  ask();
}

async function counted() {
  const waiting = (await queue.all()).length;
  at("waiting").textContent = waiting ? say(words.waiting, { n: waiting }) : words.sent;
  at("waiting").dataset.n = waiting;
  at("line").textContent = navigator.onLine ? "" : words.offline;
}

// Writes the act down, then sends all that wait, in their order. Returns the answer to this act, or null: it waits.
async function perform(told) {
  const who = at("who").value.trim();
  const act = { key: newKey(), at: new Date().toISOString(), facility, by: who, told, late: false };
  act.n = await queue.add(act);
  await counted();
  return send(act.n);
}

async function send(mine = null) {
  if (sending) { // what was just written down is sent by whoever sends now, or at the next turn
    while (sending) await new Promise((go) => setTimeout(go, 30));
  }
  sending = true;
  let found = null;
  try {
    for (const act of await queue.all()) {
      let reply;
      try {
        reply = await fetch(act.address ?? address, {
          method: "POST", headers: { "content-type": "application/json" }, signal: AbortSignal.timeout(15000),
          body: JSON.stringify({ key: act.key, at: act.at, by: act.by, late: act.late, ...act.told }),
        });
      } catch { reply = null; }
      if (!reply || reply.status >= 500 || [401, 403].includes(reply.status) || reply.redirected) {
        await queue.put({ ...act, address: act.address ?? address, late: true }); // nobody waits for its answer any more
        break;
      }
      const body = await reply.json();
      await queue.remove(act.n);
      if (act.n === mine) found = body;
      else if (body.state === "difference") tell("attention", words.difference, body.said);
    }
  } finally { sending = false; }
  await counted();
  return found;
}

function shown(body, big, small = "") {
  if (body === null) tell("attention", big, words.later);
  else if (body.state === "refused") tell("stop", body.said, body.remedy);
  else if (body.state === "difference") tell("attention", words.difference, body.said);
  else tell("done", big, small);
  return body !== null && body.state === "refused";
}

async function act() {
  const pieces = Number(said.pieces ?? said.count ?? 1);
  if (job === "receive") {
    const body = await perform({ kind: "receive", place: said.dock, code: said.code, pieces, advice: at("advice").value.trim() });
    const wait = body?.answer?.cross_dock?.[0];
    shown(body, `${pieces} × ${body?.answer?.title ?? said.code}`, wait ? say(words.cross, { order: wait.order }) : body?.answer?.put_at ? say(words.put, { place: body.answer.put_at }) : "");
    if (body?.answer?.put_at) await kept.set(`put:${said.code}`, body.answer.put_at);
    said = { dock: said.dock };
  } else if (job === "put-away" || job === "move") {
    const proposed = (await kept.get(`put:${said.code}`)) ?? "";
    const body = await perform({ kind: job, source: said.source, place: said.place, code: said.code, pieces, proposed });
    shown(body, `${pieces} × ${body?.answer?.title ?? said.code}`, `→ ${said.place}`);
    said = job === "put-away" ? { source: said.source } : {};
  } else if (job === "count") {
    const body = await perform({ kind: "count", place: said.place, code: said.code, pieces });
    if (!shown(body, `${pieces} × ${said.code}`, body?.answer?.state === "again" ? words.again : said.place) && body?.answer?.state === "again") tell("attention", words.again, said.place);
    said = {};
  } else if (job === "pick") {
    const stop = tour.stops[0];
    const body = await perform({ kind: "pick", tour: tour.tour, pick: stop.pick, pieces: stop.pieces, place: said.place, code: said.code, owner: stop.owner });
    if (!shown(body, `${stop.pieces} × ${stop.title}`, say(words.into, { n: stop.compartment + 1 }))) await walked(body);
    said = {};
  } else if (job === "pack") {
    const body = await perform({ kind: "pack", order: packing.order, owner: packing.owner, part: packing.part, carton: packing.carton, grams: Number(said.grams) || 0 });
    if (!shown(body, `${packing.order} · ${packing.carton}`, body?.answer?.parcel ?? "")) {
      // label and papers at once: the browser's own print window, or the printer that the station is set to
      if (body?.answer?.parcel) window.open(`${root.dataset.papers}?order=${encodeURIComponent(packing.order)}`, "papers");
      packing = null;
      said = {};
    }
    else delete said.grams;
  }
  ask();
}

// the next stop: as the server tells it, or, without connection, the one after this
async function walked(body) {
  tour = body?.answer?.stops ? { tour: body.answer.tour, stops: body.answer.stops } : { ...tour, stops: tour.stops.slice(1) };
  if (!tour.stops.length) { tour = null; if (body) tell("done", words.finished, ""); }
  await kept.set(`tour:${facility}`, tour);
}

async function scanned(code) {
  const wanted = step(), stop = tour?.stops?.[0];
  if (!code || !wanted) return;
  if (["pieces", "grams", "count"].includes(wanted)) {
    if (!/^\d{1,7}$/.test(code) || (wanted === "pieces" && code === "0")) return void tell("stop", words.number, code);
  } else if (job === "pick" && wanted === "place" && code !== stop.place) {
    return void tell("stop", say(words.wrong, { scanned: code, place: stop.place }), words.look);
  } else if (job === "pack" && wanted === "order") {
    try {
      const reply = await fetch(`${lookup}?order=${encodeURIComponent(code)}`), body = await reply.json();
      if (body.state === "refused") return void tell("stop", body.said, body.remedy);
      packing = body.answer;
      tell("done", `${packing.order} → ${packing.carton}`, packing.items.map((i) => `${i.pieces} × ${i.title}`).join(" · "));
    } catch { return void tell("stop", words.offline, words.online); }
  }
  said[wanted] = code;
  if (wanted === "dock" || (job === "put-away" && wanted === "source")) { await kept.set("dock", code); at("from").textContent = code; }
  if (step()) ask(); else await act();
}

// scans come faster than answers: each waits its turn, none is lost
let turn = Promise.resolve(), ahead = 0;
function inTurn(work) {
  ahead += 1;
  root.dataset.busy = "yes";
  turn = turn.then(work).catch((error) => { tell("stop", words.broken, String(error)); throw error; })
    .finally(() => { ahead -= 1; if (!ahead) delete root.dataset.busy; });
}
form.addEventListener("submit", (event) => {
  event.preventDefault();
  const code = field.value.trim();
  field.value = "";
  inTurn(async () => {
    await scanned(code);
    if (root.dataset.kind === "stop") ask();
  });
});
at("short").addEventListener("click", () => inTurn(async () => {
  const stop = tour.stops[0];
  const body = await perform({ kind: "short", tour: tour.tour, pick: stop.pick, pieces: 0 });
  if (!shown(body, words.missing, stop.place)) await walked(body);
  said = {};
  ask();
}));
at("begin").addEventListener("click", () => inTurn(async () => {
  const body = await perform({ kind: "begin" });
  if (body === null || body.state === "refused") { shown(body, words.offline); return; }
  tour = body.answer.tour && body.answer.stops?.length ? { tour: body.answer.tour, stops: body.answer.stops } : null;
  await kept.set(`tour:${facility}`, tour);
  tell(tour ? "done" : "quiet", tour ? "" : words.nothing, "");
  said = {};
  ask();
}));
at("other").addEventListener("click", () => { // another dock, or this step from the beginning
  said = {};
  packing = null;
  at("from").textContent = "";
  ask();
});
at("who").addEventListener("change", () => kept.set("who", at("who").value.trim()));

const eye = at("camera");
if ("BarcodeDetector" in window && navigator.mediaDevices?.getUserMedia) {
  eye.hidden = false;
  eye.addEventListener("click", async () => {
    const film = at("film"), detector = new BarcodeDetector();
    if (film.srcObject) { film.srcObject.getTracks().forEach((t) => t.stop()); film.srcObject = null; film.hidden = true; return; }
    film.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    film.hidden = false;
    await film.play();
    while (film.srcObject) {
      const [found] = await detector.detect(film).catch(() => []);
      if (found) { film.srcObject.getTracks().forEach((t) => t.stop()); film.srcObject = null; film.hidden = true; await scanned(found.rawValue); break; }
      await new Promise((go) => setTimeout(go, 120));
    }
  });
}

window.addEventListener("hashchange", () => choose(location.hash.slice(1)));
window.addEventListener("online", () => send());
window.addEventListener("offline", counted);
setInterval(() => { if (Number(at("waiting").dataset.n) > 0 && !sending) send(); }, 4000);
// what this page is made of is put by at once, not only when it is opened the next time
async function putBy() {
  await navigator.serviceWorker.register(root.dataset.worker, { scope: "/" });
  await navigator.serviceWorker.ready;
  const shelf = await caches.open("scanner-1");
  await shelf.put(location.pathname, await fetch(location.pathname));
  for (const { name } of performance.getEntriesByType("resource")) {
    if (new URL(name).pathname.startsWith("/static/") && !(await shelf.match(name))) await shelf.add(name);
  }
  root.dataset.putBy = "yes";
}
if (navigator.serviceWorker && "caches" in window) putBy().catch(() => {});
at("who").value = (await kept.get("who")) ?? at("who").value;
await choose(location.hash.slice(1) || "receive");
await send();
root.dataset.ready = "yes";
