// The load planner's desk: a ULD is dragged to a position, or moved by keyboard; the balance is reckoned at once, the server
// says by the engine's own rules what is wrong. Every move can be undone.
const root = document.querySelector("#load-desk");
if (root) {
  const craft = JSON.parse(root.dataset.craft), form = root.querySelector("form"), said = root.querySelector("[data-part=said]");
  const words = JSON.parse(root.dataset.words), undo = root.querySelector("[data-part=undo]");
  const drawings = [...root.querySelectorAll("svg.desk")], selects = [...form.querySelectorAll("select[data-uld]")];
  const past = [], fixed = "fixed" in root.dataset; // a closed plan is looked at, and stays
  let asked = 0, lifted = null;
  const format = (n, digits = 0) => n.toLocaleString(document.documentElement.lang, { maximumFractionDigits: digits });
  const where = () => Object.fromEntries(selects.map((s) => [s.dataset.uld, s.value]));
  const seats = Object.fromEntries(craft.positions.map((p) => [p.name, p]));
  const legsOf = (uld) => craft.legs.map((l, n) => n).filter((n) => craft.legs[n].ulds.includes(Number(uld)));

  function balance(leg, at) {
    const { fuel, ulds } = craft.legs[leg], empty = craft.empty_weight + fuel;
    let load = empty, moment = empty * craft.empty_arm, side = 0;
    for (const u of ulds) {
      const p = seats[at[u]], kg = craft.ulds[u].weight;
      load += kg; moment += kg * p.arm; side += kg * p.lateral;
    }
    return { arm: moment / load, side: side / 100 };
  }

  function show() {
    const at = where();
    for (const drawing of drawings) {
      const leg = Number(drawing.dataset.leg), { arm, side } = balance(leg, at);
      for (const group of drawing.querySelectorAll(".uld")) {
        const seat = drawing.querySelector(`[data-seat="${CSS.escape(at[group.dataset.uld])}"]`);
        group.dataset.at = at[group.dataset.uld];
        group.setAttribute("transform", `translate(${seat.dataset.x} ${seat.dataset.y})`);
        group.setAttribute("aria-label", `U${Number(group.dataset.uld) + 1} ${at[group.dataset.uld]} ${format(craft.ulds[group.dataset.uld].weight)} kg`);
      }
      const mark = drawing.querySelector("path.arm"), text = drawing.querySelector("text.arm"), x = (arm - mark.dataset.low) * mark.dataset.scale;
      mark.setAttribute("transform", `translate(${x} ${mark.dataset.base})`);
      text.setAttribute("x", x);
      text.textContent = `${arm.toFixed(0)} cm`;
      const out = arm < craft.forward || arm > craft.aft;
      drawing.classList.toggle("out", out);
      const line = root.querySelector(`[data-balance="${leg}"]`);
      line.textContent = words.balance.replace("{arm}", format(arm, 1)).replace("{side}", format(Math.abs(side)));
      line.className = `state ${out ? "stop" : "done"}`;
      line.prepend(out ? "✕ " : "✓ ");
    }
    if (undo) undo.disabled = !past.length;
  }

  async function judged() {
    const mine = ++asked, body = new FormData(form);
    body.set("as", "json");
    let told;
    try {
      const reply = await fetch(form.action, { method: "POST", body });
      told = await reply.json();
    } catch { told = null; }
    if (mine !== asked) return; // a later move is being asked about
    said.replaceChildren();
    said.className = `note ${told === null || told.wrong.length ? "stop" : "done"}`;
    for (const text of told === null ? [words.unasked] : told.wrong.length ? told.wrong : [words.sound]) {
      const line = document.createElement("p");
      line.textContent = text;
      said.append(line);
    }
    root.dataset.judged = String(mine);
  }

  // who stands at the target gives his place to who comes, on every leg that they share
  function move(uld, target) {
    const at = where(), from = at[uld];
    if (target === from) return;
    past.push(at);
    const after = { ...at, [uld]: target };
    const shared = (a, b) => legsOf(a).some((n) => legsOf(b).includes(n));
    for (const other of Object.keys(at)) if (other !== String(uld) && at[other] === target && shared(uld, other)) after[other] = from;
    put(after);
  }
  function put(at) {
    for (const s of selects) s.value = at[s.dataset.uld];
    show();
    judged();
  }
  undo?.addEventListener("click", () => { if (past.length) put(past.pop()); });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && past.length) { event.preventDefault(); put(past.pop()); }
  });
  let before = where();
  for (const s of selects) s.addEventListener("focus", () => { before = where(); });
  for (const s of selects) s.addEventListener("change", () => { const target = s.value; s.value = before[s.dataset.uld]; move(s.dataset.uld, target); before = where(); });

  function fits(uld, seat) { return seats[seat].takes.includes(craft.ulds[uld].type); }
  function lift(drawing, group) {
    lifted = { drawing, group, seat: group.dataset.at };
    group.classList.add("lifted");
    for (const seat of drawing.querySelectorAll(".seat")) seat.classList.toggle("free", fits(group.dataset.uld, seat.dataset.seat));
    root.querySelector("[data-part=told]").textContent = words.lifted.replace("{uld}", `U${Number(group.dataset.uld) + 1}`);
  }
  function drop(seat) {
    const { drawing, group } = lifted;
    group.classList.remove("lifted");
    for (const s of drawing.querySelectorAll(".seat")) s.classList.remove("free", "aim");
    lifted = null;
    root.querySelector("[data-part=told]").textContent = "";
    if (seat) move(group.dataset.uld, seat); else show();
  }
  function aim(seat) {
    for (const s of lifted.drawing.querySelectorAll(".seat")) s.classList.toggle("aim", s.dataset.seat === seat);
    lifted.seat = seat;
  }
  if (fixed) for (const group of root.querySelectorAll("svg.desk .uld")) {
    group.removeAttribute("tabindex");
    group.setAttribute("role", "img");
  }
  for (const drawing of fixed ? [] : drawings) {
    const point = (event) => new DOMPoint(event.clientX, event.clientY).matrixTransform(drawing.getScreenCTM().inverse());
    const nearest = (x, y, uld) => {
      let best = null, least = Infinity;
      for (const s of drawing.querySelectorAll(".seat")) {
        const d = Math.hypot(Number(s.dataset.x) + s.dataset.w / 2 - x, Number(s.dataset.y) + 15 - y);
        if (d < least && (fits(uld, s.dataset.seat) || d < 8)) [best, least] = [s.dataset.seat, d];
      }
      return least < 60 ? best : null;
    };
    for (const group of drawing.querySelectorAll(".uld")) {
      group.addEventListener("pointerdown", (event) => {
        const start = point(event), seat = drawing.querySelector(`[data-seat="${CSS.escape(group.dataset.at)}"]`);
        const dx = start.x - seat.dataset.x, dy = start.y - seat.dataset.y;
        event.preventDefault();
        group.focus();
        group.setPointerCapture(event.pointerId);
        group.parentNode.append(group);
        lift(drawing, group);
        group.onpointermove = (e) => {
          const p = point(e);
          group.setAttribute("transform", `translate(${p.x - dx} ${p.y - dy})`);
          aim(nearest(p.x - dx + 15, p.y - dy + 15, group.dataset.uld));
        };
        group.onpointerup = group.onpointercancel = (e) => {
          group.onpointermove = group.onpointerup = group.onpointercancel = null;
          const p = point(e);
          drop(e.type === "pointerup" ? nearest(p.x - dx + 15, p.y - dy + 15, group.dataset.uld) : null);
        };
      });
      group.addEventListener("keydown", (event) => {
        const order = [...drawing.querySelectorAll(".seat")].filter((s) => fits(group.dataset.uld, s.dataset.seat)).sort((a, b) => a.dataset.y - b.dataset.y || a.dataset.x - b.dataset.x);
        if (["Enter", " "].includes(event.key)) {
          event.preventDefault();
          if (lifted) drop(lifted.seat); else { lift(drawing, group); aim(group.dataset.at); }
          group.focus();
        } else if (event.key === "Escape" && lifted) drop(null);
        else if (lifted && event.key.startsWith("Arrow")) {
          event.preventDefault();
          const here = drawing.querySelector(`[data-seat="${CSS.escape(lifted.seat ?? group.dataset.at)}"]`), x = Number(here.dataset.x), y = Number(here.dataset.y);
          const along = event.key === "ArrowLeft" || event.key === "ArrowRight", sign = ["ArrowRight", "ArrowDown"].includes(event.key) ? 1 : -1;
          const far = (s) => (along ? (s.dataset.x - x) * sign : (s.dataset.y - y) * sign);
          const next = order.filter((s) => far(s) > 1 && (along ? Math.abs(s.dataset.y - y) < 2 : true))
            .sort((a, b) => far(a) - far(b) || Math.abs(a.dataset.x - x) - Math.abs(b.dataset.x - x))[0];
          if (next) {
            aim(next.dataset.seat);
            group.setAttribute("transform", `translate(${next.dataset.x} ${Number(next.dataset.y) - 3})`);
          }
        }
      });
    }
  }
  show();
  root.dataset.ready = "yes";
}
