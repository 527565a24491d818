// The scanner: one field, a big answer, a sound, a colour and a word. A keyboard wedge types into the field and presses
// Enter. Every act goes through the queue, so what is done without connection is sent later, once.
import { queue, kept, newKey, sendWaiting } from "./scanner_queue.js";

const root = document.querySelector("#scanner"), words = JSON.parse(root.dataset.words);
const { facility, act: address, lookup, topack, docks } = root.dataset;
const at = (name) => root.querySelector(`[data-part="${name}"]`);
const field = at("field"), form = at("form"), answer = at("answer"), state = at("state");
const STEPS = {
  receive: ["dock", "code", "pieces"], "put-away": ["source", "code", "pieces", "place"],
  move: ["source", "code", "pieces", "place"], count: ["place", "code", "count"], pick: ["place", "code"], pack: ["order", "grams"],
  "hand-over": ["to", "order"],
};
const NUMBERS = ["pieces", "grams", "count", "found"];
const MORE = ["lot", "serial", "expires_on", "grams"]; // asked for where the goods turn out to be kept by them
let job = "", said = {}, more = [], tour = null, packing = null, sending = 0;

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

function steps() {
  if (job === "pick" && said.short) return ["found"];
  if (job === "pick" && tour?.stops?.[0]?.weigh) return [...STEPS.pick, "grams"];
  return [...STEPS[job], ...more];
}
function step() { return steps().find((name) => said[name] === undefined); }

// a day as people write it, as 2027-05-31; null for what is none
function day(text) {
  const parts = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text)?.slice(1) ?? /^(\d{1,2})[./-](\d{1,2})[./-](\d{4})$/.exec(text)?.slice(1).reverse();
  if (!parts) return null;
  const written = parts.map((n) => n.padStart(2, "0")).join("-"), made = new Date(`${written}T00:00:00Z`);
  return !Number.isNaN(made.getTime()) && made.toISOString().startsWith(written) ? written : null;
}

function ask() {
  const wanted = step(), stop = tour?.stops?.[0];
  at("ask").textContent = words.ask[wanted] ?? "";
  field.inputMode = NUMBERS.includes(wanted) ? "numeric" : "text";
  field.value = wanted === "pieces" ? "1" : wanted === "found" ? "0" : "";
  field.hidden = at("ask").hidden = job === "pick" && !stop;
  at("short").hidden = !(job === "pick" && stop) || said.short;
  at("damaged").hidden = job !== "receive";
  at("close").hidden = job !== "receive" || !at("advice").value.trim();
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
  more = [];
  at("damaged").setAttribute("aria-pressed", "false");
  if (job === "receive") said.dock = (await kept.get("dock")) ?? docks.split(" ")[0];
  if (job === "put-away") said.source = (await kept.get("dock")) ?? docks.split(" ")[0];
  if (job === "pick") tour = (await kept.get(`tour:${address}`)) ?? null;
  if (job === "pack") putByOrders();
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
  const act = { key: newKey(), at: new Date().toISOString(), address, by: who, told, late: false };
  act.n = await queue.add(act);
  await counted();
  return send(act.n);
}

async function send(mine = null) {
  sending += 1;
  try {
    return await sendWaiting(address, mine, async (body, sent) => { // nobody waits for the answers to these any more
      if (sent.told.kind === "pack" && body.answer?.parcel) await toPrint(sent.told.order, body.answer.box);
      if (body.state === "difference") tell("attention", words.difference, body.said);
      else if (body.state === "refused") tell("stop", body.said, body.remedy);
    });
  } finally {
    sending -= 1;
    await counted();
  }
}

function shown(body, big, small = "") {
  if (body === null) tell("attention", big, words.later);
  else if (body.state === "refused") tell("stop", body.said, body.remedy);
  else if (body.state === "difference") tell("attention", words.difference, body.said);
  else tell("done", big, small);
  return body !== null && body.state === "refused";
}

// what the server could not do without: asked for now, and the act told again with it
function lacking(body) {
  if (body?.state !== "refused" || !MORE.includes(body.field) || said[body.field] !== undefined) return false;
  more.push(body.field);
  tell("attention", body.said, body.remedy);
  return true;
}

async function act() {
  const pieces = Number(said.pieces ?? said.count ?? 1);
  const kept_by = Object.fromEntries(more.map((name) => [name, name === "grams" ? Number(said.grams) : name === "expires_on" ? day(said.expires_on) : said[name]]));
  if (job === "receive") {
    const damaged = at("damaged").getAttribute("aria-pressed") === "true";
    const body = await perform({ kind: "receive", place: said.dock, code: said.code, pieces, advice: at("advice").value.trim(), damaged, ...kept_by });
    if (lacking(body)) return void ask();
    at("damaged").setAttribute("aria-pressed", "false");
    const wait = body?.answer?.cross_dock?.[0];
    shown(body, `${pieces} × ${body?.answer?.title ?? said.code}`, wait ? say(words.cross, { order: wait.order }) : body?.answer?.put_at ? say(words.put, { place: body.answer.put_at }) : "");
    if (body?.answer?.put_at) await kept.set(`put:${said.code}`, body.answer.put_at);
    said = { dock: said.dock };
    more = [];
  } else if (job === "put-away" || job === "move") {
    const proposed = (await kept.get(`put:${said.code}`)) ?? "";
    const body = await perform({ kind: job, source: said.source, place: said.place, code: said.code, pieces, proposed, ...kept_by });
    if (lacking(body)) return void ask();
    more = [];
    shown(body, `${pieces} × ${body?.answer?.title ?? said.code}`, `→ ${said.place}`);
    said = job === "put-away" ? { source: said.source } : {};
  } else if (job === "count") {
    const body = await perform({ kind: "count", place: said.place, code: said.code, pieces });
    if (!shown(body, `${pieces} × ${said.code}`, body?.answer?.state === "again" ? words.again : said.place) && body?.answer?.state === "again") tell("attention", words.again, said.place);
    said = {};
  } else if (job === "pick" && said.short) {
    await short(Number(said.found));
    said = {};
  } else if (job === "pick") {
    const stop = tour.stops[0];
    const body = await perform({ kind: "pick", tour: tour.tour, pick: stop.pick, pieces: stop.pieces, place: said.place, code: said.code, owner: stop.owner, grams: Number(said.grams ?? 0) });
    if (!shown(body, `${stop.pieces} × ${stop.title}`, say(words.into, { n: stop.compartment + 1 }))) await walked(body);
    said = {};
  } else if (job === "pack") {
    const off = off_weight(packing, Number(said.grams) || 0);
    if (off && !said.why) { // the server says the same; without connection nobody else would
      tell("stop", off, words.reweigh);
      at("why").hidden = false;
      delete said.grams;
      return void ask();
    }
    const contents = packing.of > 1 ? packing.items.map((i) => [i.sku, i.pieces]) : [];
    const body = await perform({ kind: "pack", order: packing.order, owner: packing.owner, part: packing.part, carton: packing.carton || said.carton || "", contents, grams: Number(said.grams) || 0, why: said.why ?? "" });
    if (body?.state === "refused" && body.field === "grams" && said.why === undefined) {
      at("why").hidden = false;
    }
    if (!shown(body, `${packing.order} · ${body?.answer?.carton ?? packing.carton}`, [packing.of > 1 ? say(words.box, { n: packing.box, of: packing.of }) : "", body?.answer?.parcel ?? ""].filter(Boolean).join(" · "))) {
      // label and papers at once: the browser's own print window, or the printer that the station is set to
      at("why").hidden = true;
      if (body?.answer?.parcel) print(packing.order, body.answer.box);
      const again = body ? body.answer?.left : packing.cartons.length > 1, one = packing;
      if (!body || !again) await packedHere(one);
      packing = null;
      said = {};
      more = [];
      if (again) await look(one.order, !body);
    }
    else if (body.field === "carton") more = ["carton"];
    else delete said.grams;
  } else if (job === "hand-over") {
    const body = await perform({ kind: "hand-over", to: said.to, code: said.order });
    shown(body, said.order, `→ ${said.to}`);
    said = { to: said.to };
  }
  ask();
}

// one window for the label and the papers of a box; a thermal printer gets its label as ZPL
function print(order, box) {
  const asked = `order=${encodeURIComponent(order)}&box=${box}`, form = at("printer").value;
  if (form === "pdf") return void window.open(`${root.dataset.papers}?${asked}`, "papers");
  const link = document.createElement("a");
  link.href = `${root.dataset.labels}?${asked}&dpi=${form.slice(3)}`;
  link.download = `${order}-${box}.zpl`;
  link.click();
  window.open(`${root.dataset.papers}?${asked}&what=papers`, "papers");
}

async function short(found) {
  const stop = tour.stops[0];
  if (found > 0) {
    const body = await perform({ kind: "pick", tour: tour.tour, pick: stop.pick, pieces: Math.min(found, stop.pieces), owner: stop.owner });
    if (shown(body, `${found} × ${stop.title}`)) return;
    if (found >= stop.pieces) return void await walked(body);
  }
  const body = await perform({ kind: "short", tour: tour.tour, pick: stop.pick, pieces: found });
  if (!shown(body, words.missing, stop.place)) await walked(body);
}

// What the next carton of an order holds: as the server tells it, or, without connection, as it was put by on this device.
async function look(code, here = false) {
  let body = null;
  if (!here) {
    try {
      const reply = await fetch(`${lookup}?order=${encodeURIComponent(code)}`, { signal: AbortSignal.timeout(8000) });
      if (reply.ok || reply.status < 500) body = await reply.json();
    } catch { /* no connection */ }
  }
  if (body?.state === "refused") { tell("stop", body.said, body.remedy); return false; }
  packing = body ? body.answer : await known(code);
  if (!packing) {
    const others = ((await kept.get(`pack:${address}`)) ?? []).map((one) => one.order).join(", ") || "–";
    tell("stop", say(words.not_here, { order: code }), `${words.offline} ${say(words.packable, { n: others })}`);
    return false;
  }
  said.order = code;
  const before = here ? `${words.later} ` : "";
  tell(here ? "attention" : "done", `${packing.order} → ${packing.carton}`, before + [packing.of > 1 ? say(words.box, { n: packing.box, of: packing.of }) : "", packing.items.map((i) => `${i.pieces} × ${i.title}`).join(" · ")].filter(Boolean).join(": "));
  return true;
}

// The orders that wait to be packed, put by while there is a connection. What is packed and not sent yet stays left out.
async function putByOrders() {
  try {
    const reply = await fetch(topack, { signal: AbortSignal.timeout(15000) }), body = await reply.json();
    if (!reply.ok || body.state !== "done") return;
    const sent = new Set((await queue.all()).filter((act) => act.told.kind === "pack").map((act) => `${act.told.owner} ${act.told.order} ${act.told.part}`));
    await kept.set(`pack:${address}`, body.orders.filter((one) => !sent.has(`${one.owner} ${one.order} ${one.part}`)));
    await kept.set("tolerance", body.tolerance);
    tolerance = body.tolerance;
    root.dataset.toPack = body.orders.length;
  } catch { /* no connection: what was put by before stays */ }
}
let tolerance = (await kept.get("tolerance")) ?? null;

async function known(code) {
  const found = ((await kept.get(`pack:${address}`)) ?? []).filter((one) => one.order === code || one.parcel === code);
  return found.length === 1 ? found[0] : null; // two merchants may have an order of one name: then nobody can tell
}

// One carton of what was put by is packed: the next one of the order follows, or the order is done.
async function packedHere(one) {
  const all = (await kept.get(`pack:${address}`)) ?? [], mine = (each) => each.owner === one.owner && each.order === one.order && each.part === one.part;
  const [, ...rest] = one.cartons, next = rest[0];
  const left = next ? [{ ...one, cartons: rest, items: next.items, carton: next.carton, picture: next.picture, expected_g: next.expected_g, box: one.box + 1 }] : [];
  await kept.set(`pack:${address}`, all.flatMap((each) => (mine(each) ? left : [each])));
}

// why a carton's weight is not what its contents say; empty where it is, or where nobody knows
function off_weight(one, grams) {
  if (!tolerance || !grams || one.expected_g === null || said.carton) return "";
  const most = Math.max(tolerance.grams, tolerance.share * one.expected_g);
  return Math.abs(grams - one.expected_g) > most ? say(words.weight, { grams, expected: one.expected_g }) : "";
}

// labels of what was packed without connection: nobody waits at the printer when they are sent, so they stand here
async function toPrint(order, box) {
  const all = [...((await kept.get(`print:${address}`)) ?? []), [order, box]];
  await kept.set(`print:${address}`, all);
  prints(all);
}
function prints(all) {
  at("to-print").hidden = !all.length;
  at("prints").replaceChildren(...all.map(([order, box]) => {
    const line = document.createElement("li"), button = document.createElement("button");
    button.type = "button";
    button.textContent = say(words.print, { order, n: box });
    button.addEventListener("click", async () => {
      print(order, box);
      const left = ((await kept.get(`print:${address}`)) ?? []).filter(([o, b]) => o !== order || b !== box);
      await kept.set(`print:${address}`, left);
      prints(left);
    });
    line.append(button);
    return line;
  }));
}

// the next stop: as the server tells it, or, without connection, the one after this
async function walked(body) {
  tour = body?.answer?.stops ? { tour: body.answer.tour, stops: body.answer.stops } : { ...tour, stops: tour.stops.slice(1) };
  if (!tour.stops.length) { tour = null; if (body) tell("done", words.finished, ""); }
  await kept.set(`tour:${address}`, tour);
}

async function scanned(code) {
  const wanted = step(), stop = tour?.stops?.[0];
  if (!code || !wanted) return;
  if (NUMBERS.includes(wanted)) {
    if (!/^\d{1,7}$/.test(code) || (wanted === "pieces" && code === "0")) return void tell("stop", words.number, code);
    if (wanted === "found" && Number(code) > stop.pieces) return void tell("stop", words.number, code);
  } else if (wanted === "expires_on" && !day(code)) {
    return void tell("stop", words.day, code);
  } else if (job === "pick" && wanted === "place" && code !== stop.place) {
    return void tell("stop", say(words.wrong, { scanned: code, place: stop.place }), words.look);
  } else if (job === "pack" && wanted === "order" && !(await look(code))) return;
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
at("short").addEventListener("click", () => { // how many are there, then
  said = { short: true };
  ask();
});
at("damaged").addEventListener("click", () => {
  at("damaged").setAttribute("aria-pressed", at("damaged").getAttribute("aria-pressed") === "true" ? "false" : "true");
  field.focus();
});
at("close").addEventListener("click", () => inTurn(async () => {
  const advice = at("advice").value.trim(), body = await perform({ kind: "close", advice });
  const different = body?.answer?.differences?.map((d) => `${d.sku} ${d.received + d.damaged}/${d.announced}`).join(" · ");
  if (!shown(body, advice, different || words.as_announced) && body) at("advice").value = "";
  ask();
}));
at("why").querySelector("input").addEventListener("change", (event) => { said.why = event.target.value.trim(); field.focus(); });
at("advice").addEventListener("change", ask);
at("printer").addEventListener("change", () => kept.set("printer", at("printer").value));
at("begin").addEventListener("click", () => inTurn(async () => {
  const body = await perform({ kind: "begin" });
  if (body === null || body.state === "refused") { shown(body, words.offline); return; }
  tour = body.answer.tour && body.answer.stops?.length ? { tour: body.answer.tour, stops: body.answer.stops } : null;
  await kept.set(`tour:${address}`, tour);
  tell(tour ? "done" : "quiet", tour ? "" : words.nothing, "");
  said = {};
  ask();
}));
at("other").addEventListener("click", () => { // another dock, or this step from the beginning
  said = {};
  more = [];
  packing = null;
  at("why").hidden = true;
  at("from").textContent = "";
  ask();
});
at("who").addEventListener("change", () => kept.set("who", at("who").value.trim()));

// the camera: the browser's own reader where it has one, else ours, fetched when it is first needed
async function reader() {
  if ("BarcodeDetector" in window && (await BarcodeDetector.getSupportedFormats().catch(() => [])).length) return new BarcodeDetector();
  const { eye } = await import(root.dataset.eye);
  return eye(root.dataset.wasm);
}
function shut(film) {
  film.srcObject?.getTracks().forEach((track) => track.stop());
  film.srcObject = null;
  film.hidden = true;
  at("camera").setAttribute("aria-pressed", "false");
}
if (navigator.mediaDevices?.getUserMedia) {
  at("camera").hidden = false;
  at("camera").addEventListener("click", async () => {
    const film = at("film");
    if (film.srcObject) return shut(film);
    let detector;
    try {
      film.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } } });
      at("camera").setAttribute("aria-pressed", "true");
      film.hidden = false;
      await film.play();
      detector = await reader();
    } catch (error) {
      shut(film);
      return void tell("stop", words.camera, String(error?.message ?? error));
    }
    while (film.srcObject) {
      const [found] = await detector.detect(film).catch(() => []);
      if (found && film.srcObject) {
        shut(film);
        return inTurn(async () => {
          await scanned(found.rawValue.trim());
          if (root.dataset.kind === "stop") ask();
        });
      }
      await new Promise((go) => setTimeout(go, 120));
    }
  });
}

window.addEventListener("hashchange", () => choose(location.hash.slice(1)));
// while somebody's scan is on its way, that sends all that wait, and hears its own answer
const sendIfIdle = () => { if (!ahead && !sending) send(); };
window.addEventListener("online", sendIfIdle);
window.addEventListener("offline", counted);
setInterval(() => { if (Number(at("waiting").dataset.n) > 0) sendIfIdle(); }, 4000);
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
at("printer").value = (await kept.get("printer")) ?? "pdf";
prints((await kept.get(`print:${address}`)) ?? []);
setInterval(() => { if (job === "pack" && navigator.onLine && !ahead && !sending) putByOrders(); }, 30000);
await choose(location.hash.slice(1) || "receive");
await send();
root.dataset.ready = "yes";
