// The controls of the Effects page: their values come from the mirror, and what a person changes goes there at
// once; cards are dragged to another place of the stack.
(() => {
  const REPORT_MS = 80;
  const HAND_MS = 1000; // a control stays a person's for so long after they have touched it
  const latest = {}; // effect → parameter → value
  const touched = new WeakMap(); // row → when
  let wishes = new Map();
  let timer;

  const rowsOf = (root) => root.querySelectorAll?.("[data-parameter]") ?? [];
  const controls = (row) => [...row.querySelectorAll("[data-value]")];
  const inHand = (row) => performance.now() - (touched.get(row) ?? -Infinity) < HAND_MS;
  const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
  const shown = (value) => (typeof value === "number" ? String(Number(value.toPrecision(6))) : String(value ?? ""));

  function fill(row, value) {
    const kind = row.dataset.kind;
    for (const control of controls(row)) {
      if (kind === "switch") control.checked = Boolean(value);
      else if (kind === "choices") control.checked = value.includes(control.value);
      else if (control !== document.activeElement || control.type !== "number" || !inHand(row)) {
        control.value = kind === "text" && Array.isArray(value) ? value.join(", ") : shown(value);
      }
    }
    mark(row, value);
  }

  function mark(row, value) {
    const range = row.querySelector(".m-range");
    if (range) {
      const low = Number(range.min);
      const share = (100 * (Number(range.value) - low)) / (Number(range.max) - low || 1);
      range.style.setProperty("--to", `${share}%`);
    }
    const back = row.querySelector(".m-reset");
    if (back) back.hidden = row.dataset.default === undefined || same(JSON.parse(row.dataset.default), value);
  }

  const waiting = new WeakSet();
  function later(row) { // what the mirror says counts in the end, also where it refused
    if (waiting.has(row)) return;
    waiting.add(row);
    setTimeout(() => {
      waiting.delete(row);
      if (row.isConnected) show(row);
    }, HAND_MS);
  }

  function show(row) {
    const value = latest[row.dataset.effect]?.[row.dataset.parameter];
    if (value === undefined) return;
    if (inHand(row)) later(row);
    else fill(row, value);
  }

  function read(row, control) {
    if (row.dataset.kind === "switch") return control.checked;
    if (row.dataset.kind === "choices") return controls(row).filter((box) => box.checked).map((box) => box.value);
    return ["range", "number"].includes(control.type) ? Number(control.value) : control.value;
  }

  function tell(row, value) {
    const { effect, parameter } = row.dataset;
    touched.set(row, performance.now());
    (latest[effect] ??= {})[parameter] = value;
    wishes.set(`${effect}.${parameter}`, { effect, name: parameter, value });
    timer ??= setTimeout(() => {
      timer = undefined;
      const told = wishes;
      wishes = new Map();
      for (const wish of told.values()) emitEvent("effect_value", wish);
    }, REPORT_MS);
  }

  function take(event) {
    const control = event.target;
    const row = control.closest?.("[data-parameter]");
    if (!row || !control.hasAttribute("data-value")) return;
    const waits = control.type === "number" || control.type === "text"; // until it is written to the end
    if (waits && event.type === "input") {
      touched.set(row, performance.now());
      return;
    }
    if (!waits && event.type === "change" && control.type === "range") return;
    if (control.type === "number" && (control.value === "" || !control.checkValidity())) {
      control.setAttribute("aria-invalid", "true");
      return;
    }
    control.removeAttribute("aria-invalid");
    const value = read(row, control);
    for (const other of controls(row)) {
      if (other !== control && other.type !== "checkbox") other.value = shown(value);
    }
    mark(row, value);
    tell(row, value);
  }

  document.addEventListener("input", take);
  document.addEventListener("change", take);
  document.addEventListener("click", (event) => {
    const back = event.target.closest?.(".m-reset");
    const row = back?.closest("[data-parameter]");
    if (!row) return;
    const value = JSON.parse(row.dataset.default);
    fill(row, value);
    tell(row, value);
    controls(row)[0]?.focus();
  });

  // ---- dragging a card
  let drag;

  const cards = () => [...document.querySelectorAll("[data-card]")];

  document.addEventListener("pointerdown", (event) => {
    const grip = event.target.closest?.("[data-grip]");
    const card = grip?.closest("[data-card]");
    if (!card || event.button > 0) return;
    event.preventDefault();
    grip.setPointerCapture(event.pointerId);
    const all = cards();
    drag = {
      card, grip, all, from: all.indexOf(card), to: all.indexOf(card), y: event.clientY + scrollY,
      // Where all were before anything moved, on the page.
      boxes: all.map((other) => other.getBoundingClientRect()).map(({ top, height }) => ({ top: top + scrollY, height })),
    };
    card.classList.add("m-dragged");
    document.body.classList.add("m-dragging");
  });
  document.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const { card, all, boxes, from } = drag;
    const moved = event.clientY + scrollY - drag.y;
    const own = boxes[from];
    // The card's leading edge passes the middle of another one: they change places.
    drag.to = from;
    for (let place = 0; place < all.length; place++) {
      const middle = boxes[place].top + boxes[place].height / 2;
      if (place < from && own.top + moved < middle) { drag.to = place; break; }
      if (place > from && own.top + Math.min(own.height, 64) + moved > boxes[place].top + Math.min(boxes[place].height, 128) / 2) drag.to = place;
    }
    card.style.transform = `translateY(${moved}px)`;
    const gap = boxes.length > 1 ? Math.abs(boxes[1].top - boxes[0].top - boxes[0].height) : 0;
    all.forEach((other, place) => {
      if (other === card) return;
      const up = place > from && place <= drag.to;
      const down = place < from && place >= drag.to;
      const shift = up ? -own.height - gap : down ? own.height + gap : 0;
      other.style.transform = shift ? `translateY(${shift}px)` : "";
    });
    if (event.clientY < 90) scrollBy(0, -12);
    if (event.clientY > innerHeight - 60) scrollBy(0, 12);
  });

  function drop(event) {
    if (!drag) return;
    const { card, all, from, to } = drag;
    drag = undefined;
    for (const other of all) other.style.transform = "";
    card.classList.remove("m-dragged");
    document.body.classList.remove("m-dragging");
    if (event.type === "pointercancel" || from === to) return;
    const names = all.map((other) => other.dataset.card);
    names.splice(to, 0, names.splice(from, 1)[0]);
    emitEvent("effect_order", names);
  }
  document.addEventListener("pointerup", drop);
  document.addEventListener("pointercancel", drop);

  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) {
      for (const node of addedNodes) if (node.nodeType === 1) for (const row of rowsOf(node)) show(row);
    }
  }).observe(document.documentElement, { childList: true, subtree: true });

  window.mirrorEffects = {
    set(values) {
      for (const [effect, found] of Object.entries(values)) {
        latest[effect] = found;
        for (const row of document.querySelectorAll(`[data-parameter][data-effect="${CSS.escape(effect)}"]`)) show(row);
      }
    },
  };
})();
