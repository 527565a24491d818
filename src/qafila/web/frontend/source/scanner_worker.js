// Keeps the scanner's page and the built files at hand, so that it opens without connection. Acts are not its business:
// the page sends them itself, from its own queue.
const SHELF = "scanner-1";
const PAGE = /\/(storage|sorting)\/[^/]+\/scan$|\/rounds\/[^/]+\/drive\/[^/]+$|\/hauled\/[^/]+$/;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { request } = event, address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin) return;
  if (address.pathname.startsWith("/static/")) event.respondWith(shelfFirst(request)); // their names change with them
  else if (PAGE.test(address.pathname)) event.respondWith(netFirst(request, address.pathname));
});

async function shelfFirst(request) {
  const shelf = await caches.open(SHELF), known = await shelf.match(request.url);
  if (known) return known;
  const answer = await fetch(request);
  if (answer.ok) await shelf.put(request.url, answer.clone());
  return answer;
}

async function netFirst(request, path) {
  const shelf = await caches.open(SHELF);
  try {
    const answer = await fetch(request);
    if (answer.ok && !answer.redirected) await shelf.put(path, answer.clone());
    return answer;
  } catch (error) {
    const known = await shelf.match(path);
    if (known) return known;
    throw error;
  }
}
