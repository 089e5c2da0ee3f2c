// Draws over the live picture: a numbered button on everybody who stands there, a ring around who is captured.
(() => {
  const RING = { width: 0.72, height: 0.69, up: 0.05 }; // radii and shift as shares of the face's box
  const FOLLOW_S = 0.09; // the drawing follows what is known with this time constant
  const SVG = "http://www.w3.org/2000/svg";
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const shown = new Map(); // track id → {button, ring, now, target}
  let view = { size: [0, 0], mirrored: true, people: [] };
  let last = 0;
  let running = false;

  const overlay = () => document.getElementById("mirror-overlay");

  // Where the picture lies inside the stage, as object-fit: contain puts it.
  function placement() {
    const area = overlay().getBoundingClientRect();
    const [width, height] = view.size;
    const scale = Math.min(area.width / width, area.height / height);
    return { scale, x: (area.width - width * scale) / 2, y: (area.height - height * scale) / 2, area };
  }

  function onStage(box, place) {
    const [x, y, width, height] = box;
    const left = view.mirrored ? view.size[0] - x - width : x;
    return [place.x + left * place.scale, place.y + y * place.scale, width * place.scale, height * place.scale];
  }

  function makeEntry(person) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "m-person-chip";
    button.dataset.person = person.id;
    button.append(document.createElement("b"), document.createElement("span"));
    button.addEventListener("click", () => emitEvent("faces_pick", person.id));
    const ring = document.createElementNS(SVG, "svg");
    ring.setAttribute("class", "m-ring");
    ring.setAttribute("aria-hidden", "true");
    for (const name of ["m-ring-track", "m-ring-done"]) {
      const path = document.createElementNS(SVG, "path");
      path.setAttribute("class", name);
      path.setAttribute("pathLength", "1");
      ring.append(path);
    }
    overlay().append(ring, button);
    return { button, ring, now: null, progress: 0 };
  }

  function draw(entry, person, place) {
    const [x, y, width, height] = onStage(entry.now, place);
    const { button, ring } = entry;
    const captured = person.ring !== null;
    ring.style.display = captured ? "" : "none";
    let top = y;
    if (captured) {
      const rx = RING.width * width, ry = RING.height * height;
      const cx = x + width / 2, cy = y + height * (0.5 - RING.up);
      top = cy - ry;
      const curve = `M${cx} ${cy - ry}A${rx} ${ry} 0 0 1 ${cx} ${cy + ry}A${rx} ${ry} 0 0 1 ${cx} ${cy - ry}`;
      for (const path of ring.children) path.setAttribute("d", curve);
      ring.lastChild.setAttribute("stroke-dasharray", `${entry.progress} 2`);
      ring.lastChild.style.visibility = entry.progress > 0 ? "" : "hidden";
      ring.dataset.state = person.ring.state;
      ring.dataset.progress = person.ring.progress;
    }
    // The picture's edge must not cut the button off.
    const left = Math.min(Math.max(x + width / 2, button.offsetWidth / 2 + 6), place.area.width - button.offsetWidth / 2 - 6);
    const above = Math.max(top - 10, button.offsetHeight + 6);
    button.style.transform = `translate(-50%, -100%) translate(${left}px, ${above}px)`;
  }

  function turn(time) {
    const stage = overlay();
    if (!stage || !view.people.length || document.hidden) {
      running = false;
      return;
    }
    const share = still.matches ? 1 : 1 - Math.exp(-Math.min((time - last) / 1000, 0.5) / FOLLOW_S);
    last = time;
    const place = placement();
    for (const person of view.people) {
      const entry = shown.get(person.id);
      if (!entry) continue;
      entry.now = entry.now ? entry.now.map((v, i) => v + (person.box[i] - v) * share) : [...person.box];
      const wanted = person.ring ? person.ring.progress : 0;
      entry.progress = person.ring ? entry.progress + (wanted - entry.progress) * share : 0;
      draw(entry, person, place);
    }
    requestAnimationFrame(turn);
  }

  function show(next) {
    view = next;
    if (!overlay() || !view.size[0]) return;
    const ids = new Set(view.people.map((person) => person.id));
    for (const [id, entry] of shown) {
      if (ids.has(id) && entry.button.isConnected) continue;
      entry.button.remove();
      entry.ring.remove();
      shown.delete(id);
    }
    for (const person of view.people) {
      if (!shown.has(person.id)) shown.set(person.id, makeEntry(person));
      const { button } = shown.get(person.id);
      button.firstChild.textContent = person.number;
      const named = person.name !== `Person ${person.number}`;
      button.lastChild.textContent = named ? person.name : "";
      button.setAttribute("aria-label", `${person.name}${person.worn ? ", " + person.worn : ""}`);
    }
    if (!running) {
      running = true;
      last = performance.now();
      requestAnimationFrame(turn);
    }
  }

  document.addEventListener("visibilitychange", () => emitEvent("faces_seen", !document.hidden));
  window.mirrorFaces = { show };
})();
