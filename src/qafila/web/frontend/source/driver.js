// The driver's page: the next stop, and what is done there. Every act goes through the queue of the scanner, so what is
// done without connection is sent later, once, with the time at which it was done.
import { queue, kept, newKey, sendWaiting } from "./scanner_queue.js";

const root = document.querySelector("#driver"), words = JSON.parse(root.dataset.words);
const { round, act: address } = root.dataset;
const at = (name) => root.querySelector(`[data-part="${name}"]`);
const stops = JSON.parse(root.dataset.stops);
const name = `round:${round}`;
const OPEN = ["planned", "out"];
let done = (await kept.get(name)) ?? {}; // what this device did and the page that is kept does not know yet
let started = root.dataset.state !== "planned" || done.started === true, ended = root.dataset.state === "ended" || done.ended === true;

const say = (text, values = {}) => text.replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
const state = (stop) => done[stop.parcel] ?? stop.state;

function tell(kind, big, small = "") {
  root.dataset.kind = kind;
  at("state").className = `state ${kind}`;
  at("shape").textContent = { done: "✓", attention: "!", stop: "✕", quiet: "•" }[kind];
  at("word").textContent = words[kind];
  at("answer").textContent = big;
  at("more").textContent = small;
}

function show() {
  const ahead = stops.filter((s) => OPEN.includes(state(s))), stop = started && !ended ? ahead[0] : undefined;
  at("next").hidden = !stop;
  showCalls();
  at("start").hidden = started || ended;
  at("end").hidden = !started || ended;
  at("list").replaceChildren(...stops.map((s) => {
    const line = document.createElement("li");
    const [number, who, how] = ["bdi", "bdi", "span"].map((tag) => document.createElement(tag));
    number.textContent = s.n;
    who.textContent = `${s.name} · ${s.address}`;
    how.textContent = words.states[state(s)] ?? "";
    how.className = "soft";
    line.append(number, who, how);
    return line;
  }));
  if (!stop) { if (started && !ended && !ahead.length) tell("done", words.finished); return; }
  at("count").textContent = `${say(words.number, { n: stop.n })} · ${say(words.left, { n: ahead.length })}`;
  for (const part of ["name", "address", "parcel"]) at(part).textContent = stop[part];
  at("window").textContent = stop.window.length ? say(words.between, { first: stop.window[0], last: stop.window[1] }) : "";
  at("cash").hidden = at("collected").hidden = !stop.collect;
  at("cash").textContent = stop.collect ? say(words.collect, { amount: stop.collect }) : "";
  const hints = [stop.landmark && `${words.landmark}: ${stop.landmark}`, stop.wish && stop.wish !== "door" && `${words.wishes[stop.wish]} ${stop.detail}`, !stop.sure && words.nomark].filter(Boolean);
  at("hint").hidden = !hints.length;
  at("hint").textContent = hints.join(" · ");
  at("navigate").href = stop.sure ? `geo:${stop.lat},${stop.lon}?q=${stop.lat},${stop.lon}` : `geo:0,0?q=${encodeURIComponent(stop.address)}`;
  at("call").href = `tel:${stop.phone.replace(/[^+\d]/g, "")}`;
  at("call").hidden = !stop.phone;
  root.dataset.parcel = stop.parcel;
}

// who is to be called before the door: every stop that is still open, in the order of the round
function showCalls() {
  const ahead = ended ? [] : stops.filter((s) => OPEN.includes(state(s)));
  at("calls").hidden = !ahead.length;
  at("tocall").replaceChildren(...ahead.map((stop) => {
    const line = at("onecall").content.firstElementChild.cloneNode(true), part = (name) => line.querySelector(`[data-c="${name}"]`);
    const said = done[`call:${stop.parcel}`] ?? stop.called, choice = part("answer");
    part("n").textContent = stop.n;
    part("name").textContent = `${stop.name} · ${stop.address}`;
    part("said").textContent = said ? words.answers[said] : "";
    part("call").href = `tel:${stop.phone.replace(/[^+\d]/g, "")}`;
    part("call").hidden = !stop.phone;
    choice.id = `answer-${stop.n}`;
    part("label").htmlFor = choice.id;
    choice.addEventListener("change", () => { part("day").hidden = choice.value !== "other_day"; });
    part("form").addEventListener("submit", async (event) => {
      event.preventDefault();
      const answer = choice.value, told = { kind: "call", parcel: stop.parcel, answer, day: answer === "other_day" ? part("day").value : "" };
      const became = answer === "other_day" ? "failed" : state(stop);
      if (await acted(told, stop.parcel, became, `${stop.parcel} · ${words.answers[answer]}`)) return;
      await noted(`call:${stop.parcel}`, answer);
      show();
    });
    return line;
  }));
}

async function counted() {
  const waiting = (await queue.all()).length;
  at("waiting").textContent = waiting ? say(words.waiting, { n: waiting }) : words.sent;
  at("waiting").dataset.n = waiting;
  at("line").textContent = navigator.onLine ? "" : words.offline;
}

async function perform(told) {
  const n = await queue.add({ key: newKey(), at: new Date().toISOString(), address, by: "", told, late: false });
  await counted();
  const body = await sendWaiting(address, n);
  await counted();
  return body;
}

async function noted(parcel, became) {
  done = { ...done, [parcel]: became };
  await kept.set(name, done);
}

// returns whether it was refused: then nothing is noted, and the form stays as it is
async function acted(told, parcel, became, big) {
  const body = await perform(told);
  if (body?.state === "refused") { tell("stop", body.said, body.remedy); return true; }
  await noted(parcel, body?.answer?.state ?? became);
  if (body === null) tell("attention", big, words.later); else tell("done", big);
  return false;
}

// pictures are made small here: the line is slow, and more is not seen in them
async function picture(file) {
  if (!file || !file.size) return "";
  const image = await createImageBitmap(file), most = 1024 / Math.max(image.width, image.height), scale = Math.min(1, most);
  const canvas = Object.assign(document.createElement("canvas"), { width: Math.round(image.width * scale), height: Math.round(image.height * scale) });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/jpeg", 0.7).split(",")[1];
}

const pad = at("sign"), pen = pad.getContext("2d");
let path = "", drawing = false;
function spot(event) {
  const box = pad.getBoundingClientRect();
  const on = (value, most) => Math.max(0, Math.min(most, Math.round(value)));
  return [on(((event.clientX - box.left) / box.width) * 600, 600), on(((event.clientY - box.top) / box.height) * 200, 200)];
}
pad.addEventListener("pointerdown", (event) => {
  const [x, y] = spot(event);
  drawing = true;
  pad.setPointerCapture(event.pointerId);
  path += `M${x} ${y}`;
  pen.lineWidth = 3;
  pen.strokeStyle = getComputedStyle(pad).color;
  pen.beginPath();
  pen.moveTo(x, y);
});
pad.addEventListener("pointermove", (event) => {
  if (!drawing || path.length > 50000) return;
  const [x, y] = spot(event);
  path += `L${x} ${y}`;
  pen.lineTo(x, y);
  pen.stroke();
});
pad.addEventListener("pointerup", () => (drawing = false));
function wipe() { path = ""; pen.clearRect(0, 0, 600, 200); }
at("wipe").addEventListener("click", wipe);

for (const form of root.querySelectorAll("[data-form]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    root.dataset.busy = "yes";
    try {
      const kind = form.dataset.form, parcel = root.dataset.parcel, given = Object.fromEntries(new FormData(form));
      const told = { kind, parcel, ...given, photo: await picture(given.photo) };
      if (kind === "deliver") {
        told.signature = path;
        if (!(told.name && path) && !told.photo && !told.code) return void tell("stop", words.proof);
      }
      const became = { deliver: "delivered", leave: given.left === "locker" ? "at_point" : "delivered", fail: "failed", gone: "gone" }[kind];
      if (await acted(told, parcel, became, `${parcel} · ${words.states[became]}`)) return;
      form.reset();
      wipe();
      show();
      at("next").scrollIntoView({ block: "nearest" });
    } finally { delete root.dataset.busy; }
  });
}
// without connection nobody else asks for the report of a theft
const lost = root.querySelector('[data-form="gone"]');
const reported = () => (lost.elements.detail.required = lost.elements.reason.value === "stolen");
lost?.elements.reason.addEventListener("change", reported);
lost?.addEventListener("reset", () => setTimeout(reported));
if (lost) reported();
at("start").addEventListener("click", async () => {
  const body = await perform({ kind: "start", round });
  if (body?.state === "refused") return void tell("stop", body.said, body.remedy);
  started = true;
  await noted("started", true);
  tell(body === null ? "attention" : "quiet", body === null ? words.later : "");
  show();
});
at("end").addEventListener("click", async () => {
  const body = await perform({ kind: "end", round });
  if (body?.state === "refused") return void tell("stop", body.said, body.remedy);
  ended = true;
  await noted("ended", true);
  tell(body === null ? "attention" : "done", words.ended, body === null ? words.later : "");
  show();
});

async function send() {
  await sendWaiting(address, null, (body) => { if (body.state === "refused") tell("stop", body.said, body.remedy); });
  await counted();
}
window.addEventListener("online", send);
window.addEventListener("offline", counted);
setInterval(() => { if (Number(at("waiting").dataset.n) > 0) send(); }, 4000);
async function putBy() {
  await navigator.serviceWorker.register(root.dataset.worker, { scope: "/" });
  await navigator.serviceWorker.ready;
  const shelf = await caches.open("scanner-1");
  await shelf.put(location.pathname, await fetch(location.pathname));
  for (const { name: file } of performance.getEntriesByType("resource")) {
    if (new URL(file).pathname.startsWith("/static/") && !(await shelf.match(file))) await shelf.add(file);
  }
  root.dataset.putBy = "yes";
}
if (navigator.serviceWorker && "caches" in window) putBy().catch(() => {});
tell("quiet", "");
show();
await send();
root.dataset.ready = "yes";
