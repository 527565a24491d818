// Pages work without this. It swaps parts instead of pages, and closes the language menu like a menu.
import htmx from "htmx.org/dist/htmx.esm.js";

window.htmx = htmx;

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
