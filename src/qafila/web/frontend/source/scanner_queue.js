// Acts of a scanner that wait to be sent, in the browser's own database: they outlive the tab, and each has its key.
const NAME = "qafila-scanner";

function opened() {
  return new Promise((done, failed) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("acts", { keyPath: "n", autoIncrement: true });
      asked.result.createObjectStore("kept");
    };
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
}

async function within(store, mode, use) {
  const base = await opened();
  try {
    return await new Promise((done, failed) => {
      const change = base.transaction(store, mode), asked = use(change.objectStore(store));
      change.oncomplete = () => done(asked?.result);
      change.onerror = () => failed(change.error);
    });
  } finally { base.close(); }
}

export const queue = {
  add: (act) => within("acts", "readwrite", (s) => s.add(act)),
  all: () => within("acts", "readonly", (s) => s.getAll()),
  put: (act) => within("acts", "readwrite", (s) => s.put(act)),
  remove: (n) => within("acts", "readwrite", (s) => s.delete(n)),
};
export const kept = {
  get: (name) => within("kept", "readonly", (s) => s.get(name)),
  set: (name, value) => within("kept", "readwrite", (s) => s.put(value, name)),
};

// a key that nobody else has, also on pages without a secure context
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");
}

// What says nothing of the act itself: nobody is signed in, too much was asked at once, the server is not there.
const NOT_NOW = [401, 403, 408, 425, 429];

// Sends all acts that wait, in their order, until one does not get through. Returns the answer to the act `mine`, or null:
// it waits. What becomes of the others is told to `answered`. Whoever asks meanwhile waits for his turn.
let turn = Promise.resolve();
export function sendWaiting(address, mine = null, answered = () => {}) {
  const sent = turn.then(async () => {
    let found = null;
    for (const act of await queue.all()) {
      let reply;
      try {
        reply = await fetch(act.address ?? address, {
          method: "POST", headers: { "content-type": "application/json" }, signal: AbortSignal.timeout(20000),
          // late, too, is what was written down and never tried, since the page was shut: nobody waits for its answer
          body: JSON.stringify({ key: act.key, at: act.at, by: act.by, late: act.late || act.n !== mine, ...act.told }),
        });
      } catch { reply = null; }
      if (!reply || reply.status >= 500 || NOT_NOW.includes(reply.status) || reply.redirected) {
        await queue.put({ ...act, address: act.address ?? address, late: true });
        break;
      }
      const body = await reply.json().then((told) => (reply.ok ? told : null)).catch(() => null)
        ?? { state: "refused", said: String(reply.status), remedy: "" };
      await queue.remove(act.n);
      if (act.n === mine) found = body;
      else await answered(body, act);
    }
    return found;
  });
  turn = sent.catch(() => {});
  return sent;
}
