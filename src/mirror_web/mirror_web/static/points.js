// Lets a person drag named points onto a face; the mirror answers with the lines of the mesh through them.
(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const REACH_PX = 26; // how near to a dot a finger or pointer must come
  const REPORT_MS = 60;
  const LOUPE = { side: 112, zoom: 2.5 };
  const editors = new Map();

  class Editor {
    constructor(root, url, size, points) {
      this.root = root;
      this.size = size;
      this.start = points.map((point) => [point.x, point.y]);
      this.points = this.start.map((point) => [...point]);
      this.pointers = new Map();
      this.dragged = null;
      this.build(url, points);
      this.draw();
      this.report();
    }

    build(url, points) {
      this.root.replaceChildren();
      this.picture = Object.assign(document.createElement("img"), { src: url, alt: "", draggable: false });
      this.drawing = document.createElementNS(SVG, "svg");
      this.drawing.setAttribute("viewBox", `0 0 ${this.size[0]} ${this.size[1]}`);
      this.mesh = document.createElementNS(SVG, "path");
      this.mesh.setAttribute("class", "m-mesh");
      this.drawing.append(this.mesh);
      this.dots = points.map((point, index) => {
        const dot = document.createElementNS(SVG, "circle");
        dot.setAttribute("class", "m-dot-handle");
        dot.setAttribute("tabindex", "0");
        dot.setAttribute("role", "button");
        dot.setAttribute("aria-label", point.label);
        dot.dataset.point = point.index;
        dot.addEventListener("keydown", (event) => this.key(event, index));
        dot.addEventListener("focus", () => this.choose(index));
        this.drawing.append(dot);
        return dot;
      });
      this.labels = points.map((point) => point.label);
      this.caption = Object.assign(document.createElement("div"), { className: "m-points-caption" });
      this.loupe = Object.assign(document.createElement("div"), { className: "m-loupe", hidden: true });
      this.loupe.style.backgroundImage = `url("${url}")`;
      this.root.append(this.picture, this.drawing, this.caption, this.loupe);
      this.drawing.addEventListener("pointerdown", (event) => this.down(event));
      this.drawing.addEventListener("pointermove", (event) => this.move(event));
      for (const name of ["pointerup", "pointercancel"])
        this.drawing.addEventListener(name, (event) => this.up(event));
      this.drawing.addEventListener("wheel", (event) => {
        event.preventDefault();
        this.turnAll(Math.exp(-event.deltaY / 600), 0, this.at(event));
      }, { passive: false });
      new ResizeObserver(() => this.draw()).observe(this.drawing);
    }

    scale() {
      return this.drawing.getBoundingClientRect().width / this.size[0] || 1;
    }

    at(event) {
      const area = this.drawing.getBoundingClientRect();
      return [(event.clientX - area.left) / this.scale(), (event.clientY - area.top) / this.scale()];
    }

    nearest([x, y]) {
      const gaps = this.points.map(([px, py]) => Math.hypot(px - x, py - y));
      const index = gaps.indexOf(Math.min(...gaps));
      return gaps[index] * this.scale() <= REACH_PX ? index : null;
    }

    down(event) {
      event.preventDefault();
      this.drawing.setPointerCapture(event.pointerId);
      const at = this.at(event);
      if (!this.pointers.size) {
        this.dragged = this.nearest(at);
        if (this.dragged !== null) {
          this.dots[this.dragged].focus({ preventScroll: true });
          // The dot keeps its distance to the finger, which would else hide where it goes.
          this.grip = [this.points[this.dragged][0] - at[0], this.points[this.dragged][1] - at[1]];
        }
      } else this.dragged = null; // two fingers move the whole
      this.pointers.set(event.pointerId, at);
    }

    move(event) {
      if (!this.pointers.has(event.pointerId)) return;
      const before = this.pointers.get(event.pointerId), now = this.at(event);
      if (this.pointers.size === 2) {
        const other = [...this.pointers].find(([id]) => id !== event.pointerId)[1];
        const a = [before[0] - other[0], before[1] - other[1]], b = [now[0] - other[0], now[1] - other[1]];
        const factor = Math.hypot(...b) / Math.max(Math.hypot(...a), 1);
        this.turnAll(factor, Math.atan2(b[1], b[0]) - Math.atan2(a[1], a[0]), other);
      } else if (this.dragged !== null) this.place(this.dragged, now[0] + this.grip[0], now[1] + this.grip[1]);
      else this.shiftAll(now[0] - before[0], now[1] - before[1]);
      this.pointers.set(event.pointerId, now);
    }

    up(event) {
      this.pointers.delete(event.pointerId);
      this.dragged = null;
      this.loupe.hidden = true;
      this.flush();
    }

    key(event, index) {
      const step = (event.shiftKey ? 10 : 1) / this.scale();
      const steps = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
      if (!(event.key in steps)) return;
      event.preventDefault();
      const [x, y] = this.points[index];
      this.place(index, x + steps[event.key][0], y + steps[event.key][1]);
      this.flush();
    }

    choose(index) {
      this.dots.forEach((dot, i) => dot.classList.toggle("m-chosen", i === index));
      this.caption.textContent = this.labels[index];
    }

    place(index, x, y) {
      this.points[index] = [Math.min(Math.max(x, 0), this.size[0]), Math.min(Math.max(y, 0), this.size[1])];
      if (this.pointers.size) this.showLoupe(this.points[index]);
      this.changed();
    }

    shiftAll(dx, dy) {
      this.points = this.points.map(([x, y]) => [x + dx, y + dy]);
      this.changed();
    }

    turnAll(factor, angle, centre) {
      const [cx, cy] = centre ?? this.centre();
      const cos = factor * Math.cos(angle), sin = factor * Math.sin(angle);
      this.points = this.points.map(([x, y]) => [
        cx + cos * (x - cx) - sin * (y - cy),
        cy + sin * (x - cx) + cos * (y - cy),
      ]);
      this.changed();
    }

    centre() {
      const sum = this.points.reduce(([sx, sy], [x, y]) => [sx + x, sy + y], [0, 0]);
      return [sum[0] / this.points.length, sum[1] / this.points.length];
    }

    reset() {
      this.points = this.start.map((point) => [...point]);
      this.changed();
    }

    showLoupe([x, y]) {
      const scale = this.scale() * LOUPE.zoom;
      this.loupe.hidden = false;
      this.loupe.style.backgroundSize = `${this.size[0] * scale}px ${this.size[1] * scale}px`;
      this.loupe.style.backgroundPosition = `${LOUPE.side / 2 - x * scale}px ${LOUPE.side / 2 - y * scale}px`;
      this.loupe.classList.toggle("m-loupe-right", x < this.size[0] / 2);
    }

    changed() {
      this.draw();
      clearTimeout(this.timer);
      const wait = Math.max(REPORT_MS - (performance.now() - (this.reported ?? 0)), 0);
      this.timer = setTimeout(() => this.report(), wait);
    }

    // At the end of a movement, so that whoever presses a button next has sent all of it.
    flush() {
      clearTimeout(this.timer);
      this.report();
    }

    report() {
      this.reported = performance.now();
      this.root.dispatchEvent(new CustomEvent("moved", { detail: { points: this.points } }));
    }

    draw() {
      const scale = this.scale();
      this.dots.forEach((dot, index) => {
        dot.setAttribute("cx", this.points[index][0]);
        dot.setAttribute("cy", this.points[index][1]);
        dot.setAttribute("r", 5.5 / scale);
        dot.style.strokeWidth = 2 / scale;
      });
      this.mesh.style.strokeWidth = 1.5 / scale;
    }
  }

  window.mirrorPoints = {
    open(rootId, dropId, points) {
      const root = document.getElementById(rootId), picture = window.mirrorUpload.picture(dropId);
      if (root && picture?.url)
        editors.set(rootId, new Editor(root, picture.url, [picture.width, picture.height], points));
    },
    lines(rootId, lines) {
      const path = lines.map((line) => "M" + line.map(([x, y]) => `${x} ${y}`).join("L") + "Z").join("");
      editors.get(rootId)?.mesh.setAttribute("d", path);
    },
    turn(rootId, factor, angle) {
      editors.get(rootId)?.turnAll(factor, angle);
    },
    reset(rootId) {
      editors.get(rootId)?.reset();
    },
    close(rootId) {
      editors.delete(rootId);
    },
  };
})();
