// Pages work without this. It swaps parts instead of pages, and closes the language menu like a menu.
import htmx from "htmx.org/dist/htmx.esm.js";
import { passkeys } from "./passkeys.js";

window.htmx = htmx;

// on a phone the menu scrolls sideways: the page that one is on comes into its middle
const nav = document.querySelector(".top nav"), current = nav?.querySelector("[aria-current]");
if (current) {
  const [whole, part] = [nav.getBoundingClientRect(), current.getBoundingClientRect()];
  nav.scrollLeft += part.left + part.width / 2 - (whole.left + whole.width / 2);
}

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.languages[open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.languages[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// a page that shows what moves follows along: it takes those parts anew, but none in which somebody types
async function renew() {
  const answer = await fetch(location.href);
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live-part]")) {
    const next = fresh.querySelector(`[data-live-part="${part.dataset.livePart}"]`);
    if (next && !part.contains(document.activeElement)) part.replaceWith(document.importNode(next, true));
  }
}

const live = document.querySelector("[data-live]");
if (live) new EventSource(live.dataset.live).addEventListener("moved", renew);

// in a place of practice whose day runs, the clock goes on, and with it what the page shows
const clock = document.querySelector("[data-practice-clock]");
if (clock) {
  const ask = setInterval(async () => {
    if (document.hidden) return;
    const answer = await fetch(clock.dataset.practiceClock).catch(() => null);
    if (!answer?.ok) return clearInterval(ask);
    const { now, runs } = await answer.json();
    document.querySelector("[data-practice-clock] [data-now]").textContent = now;
    await renew();
    if (!runs) location.reload();
  }, 5000);
}

passkeys();
