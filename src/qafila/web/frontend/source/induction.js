// The induction: a code in, its chute out. The server decides while it answers within a moment; else this page decides by
// what it keeps of the sort plan, and sends the scan later, once, with the chute that it named.
import { queue, kept, newKey, sendWaiting } from "./scanner_queue.js";

const root = document.querySelector("#induction"), words = JSON.parse(root.dataset.words);
const { facility, act: address, kept: source, worker } = root.dataset;
const at = (name) => root.querySelector(`[data-part="${name}"]`);
const form = root.querySelector("form"), field = at("field"), damaged = at("damaged"), station = at("station");
const PATIENCE = 3000; // milliseconds for which a belt waits for the server
const EVERY = 30000; // between two looks at what is expected
let plan = null;

const say = (text, values = {}) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
const clock = (time) => new Date(time).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });

function tell(kind, chute, reason, code) {
  root.dataset.kind = kind;
  at("state").className = `state ${kind}`;
  at("shape").textContent = { done: "✓", attention: "!", stop: "✕", quiet: "•" }[kind];
  at("word").textContent = words[kind];
  at("chute").textContent = chute;
  at("reason").textContent = reason;
  at("code").textContent = code;
}

async function counted() {
  const waiting = (await queue.all()).length;
  at("waiting").textContent = waiting ? say(words.waiting, { n: waiting }) : words.sent;
  at("waiting").dataset.n = waiting;
  at("line").textContent = navigator.onLine ? "" : words.offline;
}

// as the centre decides, by what was known when there was a connection; null where nothing is kept
let turns = 0;
function decided(code, isDamaged, now) {
  if (!plan) return null;
  const number = code.replace(/[\s-]/g, "").toUpperCase(), one = plan.parcels[number];
  const aside = (why) => ({ why, chute: plan.special[why] ?? plan.special.unknown });
  if (one?.[2]) return aside(one[2]);
  if (isDamaged) return aside("damaged");
  if (!one) return aside("unknown");
  if (now / 60000 + plan.around > one[1]) return aside("missed");
  const chutes = plan.stops[one[0]];
  return chutes.length ? { why: "plan", chute: chutes[turns++ % chutes.length] } : aside("no_chute");
}

async function asked(act) {
  if (!navigator.onLine) return null;
  try {
    const reply = await fetch(address, {
      method: "POST", headers: { "content-type": "application/json" }, signal: AbortSignal.timeout(PATIENCE),
      body: JSON.stringify({ key: act.key, at: act.at, by: act.by, ...act.told }),
    });
    return reply.ok && !reply.redirected ? await reply.json() : null;
  } catch { return null; }
}

async function scanned(code) {
  const now = Date.now(), told = { code, damaged: damaged.checked };
  const act = { key: newKey(), at: new Date(now).toISOString(), address, by: station.value.trim(), told, late: false };
  act.n = await queue.add(act);
  const body = await asked(act);
  if (body !== null) {
    await queue.remove(act.n);
    if (body.state === "refused") tell("stop", "", `${body.said} ${body.remedy ?? ""}`, code);
    else {
      const { chute, why, reason, parcel, corrected } = body.answer;
      tell(why === "plan" ? (corrected ? "attention" : "done") : "stop", chute, reason, parcel || code);
    }
  } else {
    const own = decided(code, told.damaged, now);
    if (own === null) {
      await queue.remove(act.n); // it was put nowhere
      tell("stop", "", words.nothing, code);
    } else {
      await queue.put({ ...act, told: { ...told, put: own.chute }, late: true });
      tell(own.why === "plan" ? "done" : "stop", own.chute, `${words.reasons[own.why] ?? own.why}. ${say(words.as_of, { time: clock(plan.at) })}`, code);
    }
  }
  damaged.checked = false;
  await counted();
}

async function send() {
  if (!navigator.onLine) return;
  await sendWaiting(address, null, (body) => {
    if (body.state === "difference" || body.state === "refused") tell("attention", body.answer?.chute ?? "", `${words.moved}: ${body.said}`, body.answer?.parcel ?? "");
  });
  await counted();
}

async function look() {
  try {
    const reply = await fetch(source, { signal: AbortSignal.timeout(20000) });
    if (!reply.ok || reply.redirected) return;
    plan = await reply.json();
    await kept.set(`induction:${source}`, plan);
    root.dataset.kept = Object.keys(plan.parcels).length;
  } catch { /* what was kept before serves on */ }
}

// scans come faster than answers: each waits its turn, none is lost
let turn = Promise.resolve(), ahead = 0;
form.addEventListener("submit", (event) => {
  event.preventDefault();
  const code = field.value.trim();
  field.value = "";
  field.focus();
  if (!code) return;
  ahead += 1;
  root.dataset.busy = "yes";
  turn = turn.then(() => scanned(code)).catch((error) => { tell("stop", "", words.broken, String(error)); throw error; })
    .finally(() => { ahead -= 1; if (!ahead) delete root.dataset.busy; });
});
station.addEventListener("change", () => kept.set("station", station.value.trim()));
window.addEventListener("online", send);
window.addEventListener("offline", counted);
setInterval(() => { if (Number(at("waiting").dataset.n) > 0) send(); }, 4000);
setInterval(look, EVERY);

// what this page is made of is put by at once, not only when it is opened the next time
async function putBy() {
  await navigator.serviceWorker.register(worker, { scope: "/" });
  await navigator.serviceWorker.ready;
  const shelf = await caches.open("scanner-1");
  await shelf.put(location.pathname, await fetch(location.pathname));
  for (const { name } of performance.getEntriesByType("resource")) {
    if (new URL(name).pathname.startsWith("/static/") && !(await shelf.match(name))) await shelf.add(name);
  }
  root.dataset.putBy = "yes";
}
plan = (await kept.get(`induction:${source}`)) ?? null;
station.value = station.value || ((await kept.get("station")) ?? "");
await look();
if (navigator.serviceWorker && "caches" in window) putBy().catch(() => {});
await counted();
root.dataset.ready = "yes";
send();
