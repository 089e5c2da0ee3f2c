// The mean face of the shape model in three dimensions, deformed by the sliders; and the sliders themselves.
(() => {
  const LIGHT = normal([-0.35, -0.55, -0.76]); // from the upper left, in front of the face
  const COLOURS = { skin: [226, 178, 148], eye: [236, 232, 226], mouth: [120, 52, 50] };
  const SHADOW = [40, 28, 27];
  const IRIS = { colour: "#4a3a30", radius: 0.3 }; // as a share of half the eye's width
  const LARGEST_TURN = 1.1; // radians to each side
  const KEY_TURN = 0.12;
  const REPORT_MS = 80;

  function normal([x, y, z]) {
    const size = Math.hypot(x, y, z) || 1;
    return [x / size, y / size, z / size];
  }

  function floats(text) {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    return new Float32Array(bytes.buffer);
  }

  class Viewer {
    constructor(canvas, model) {
      this.canvas = canvas;
      this.mean = floats(model.mean);
      this.steps = model.steps.map(floats); // the change of one standard deviation, for each component
      this.triangles = Object.entries(model.triangles).flatMap(([kind, triangles]) =>
        triangles.map((corners) => ({ kind, corners })));
      this.lines = model.lines;
      this.eyes = model.eyes;
      this.values = this.steps.map(() => 0);
      this.turn = [-0.3, 0.05];
      canvas.addEventListener("pointerdown", (event) => this.down(event));
      canvas.addEventListener("pointermove", (event) => this.move(event));
      canvas.addEventListener("dblclick", () => this.look(0, 0));
      canvas.addEventListener("keydown", (event) => this.key(event));
      new ResizeObserver(() => this.ask()).observe(canvas);
      this.ask();
    }

    down(event) {
      this.canvas.setPointerCapture(event.pointerId);
      this.grip = [event.clientX, event.clientY, ...this.turn];
    }

    move(event) {
      if (!event.buttons || !this.grip) return;
      const [x, y, yaw, pitch] = this.grip;
      this.look(yaw + (event.clientX - x) / 160, pitch - (event.clientY - y) / 220);
    }

    key(event) {
      const [yaw, pitch] = this.turn;
      const turns = {
        ArrowLeft: [yaw - KEY_TURN, pitch], ArrowRight: [yaw + KEY_TURN, pitch],
        ArrowUp: [yaw, pitch + KEY_TURN], ArrowDown: [yaw, pitch - KEY_TURN], Home: [0, 0],
      };
      if (!(event.key in turns)) return;
      event.preventDefault();
      this.look(...turns[event.key]);
    }

    look(yaw, pitch) {
      this.turn = [yaw, pitch].map((angle) => Math.min(Math.max(angle, -LARGEST_TURN), LARGEST_TURN));
      this.ask();
    }

    set(values) {
      this.values = values;
      this.ask();
    }

    ask() {
      this.asked ??= requestAnimationFrame(() => {
        this.asked = undefined;
        this.draw();
      });
    }

    shape() {
      const points = Float32Array.from(this.mean);
      this.steps.forEach((step, index) => {
        const value = this.values[index];
        if (value) for (let i = 0; i < points.length; i++) points[i] += value * step[i];
      });
      const [yaw, pitch] = this.turn;
      const cy = Math.cos(yaw), sy = Math.sin(yaw), cp = Math.cos(pitch), sp = Math.sin(pitch);
      for (let i = 0; i < points.length; i += 3) {
        const x = points[i], y = points[i + 1], z = points[i + 2];
        const ahead = cy * z - sy * x;
        points[i] = cy * x + sy * z;
        points[i + 1] = cp * y - sp * ahead;
        points[i + 2] = cp * ahead + sp * y;
      }
      return points;
    }

    draw() {
      const ratio = Math.min(devicePixelRatio || 1, 2);
      const { clientWidth: width, clientHeight: height } = this.canvas;
      if (!width) return;
      this.canvas.width = width * ratio;
      this.canvas.height = height * ratio;
      const pen = this.canvas.getContext("2d");
      const scale = (Math.min(width, height) * ratio) / 4.1;
      const points = this.shape();
      const onCanvas = (x, y) => [this.canvas.width / 2 + x * scale, this.canvas.height / 2 + y * scale];
      const at = (index) => onCanvas(points[3 * index], points[3 * index + 1]);
      pen.lineWidth = ratio;
      for (const { kind, corners, lit } of this.lit(points)) {
        const share = 0.25 + 0.75 * Math.max(lit, 0);
        const colour = COLOURS[kind].map((v, i) => Math.round(SHADOW[i] + (v - SHADOW[i]) * share));
        pen.fillStyle = pen.strokeStyle = `rgb(${colour})`;
        pen.beginPath();
        for (const [x, y] of corners) pen.lineTo(...onCanvas(x, y));
        pen.closePath();
        pen.fill();
        pen.stroke(); // closes the seams between triangles
      }
      pen.lineJoin = "round";
      const outline = (loop) => {
        pen.beginPath();
        for (const index of loop) pen.lineTo(...at(index));
        pen.closePath();
      };
      for (const loop of this.eyes) this.drawIris(pen, loop.map(at), () => outline(loop));
      pen.strokeStyle = "rgba(62, 30, 26, .7)";
      pen.lineWidth = 1.3 * ratio;
      for (const loop of this.lines) {
        outline(loop);
        pen.stroke();
      }
    }

    drawIris(pen, corners, outline) {
      const xs = corners.map(([x]) => x), ys = corners.map(([, y]) => y);
      const middle = (values) => (Math.min(...values) + Math.max(...values)) / 2;
      const radius = IRIS.radius * (Math.max(...xs) - Math.min(...xs)) * 0.75;
      pen.save();
      outline();
      pen.clip();
      pen.fillStyle = IRIS.colour;
      pen.beginPath();
      pen.ellipse(middle(xs), middle(ys), radius * Math.cos(this.turn[0]), radius, 0, 0, 2 * Math.PI);
      pen.fill();
      pen.restore();
    }

    // What is seen, the farthest first: each triangle in four parts, so that the light changes softly over them.
    lit(points) {
      const normals = new Float32Array(points.length);
      const seen = [];
      for (const { kind, corners } of this.triangles) {
        const [a, b, c] = corners.map((i) => 3 * i);
        const u = [0, 1, 2].map((i) => points[b + i] - points[a + i]);
        const w = [0, 1, 2].map((i) => points[c + i] - points[a + i]);
        const n = [u[1] * w[2] - u[2] * w[1], u[2] * w[0] - u[0] * w[2], u[0] * w[1] - u[1] * w[0]];
        for (const corner of [a, b, c]) for (let i = 0; i < 3; i++) normals[corner + i] += n[i];
        // The corners run so that the normal of what is seen points to the viewer, who is at −z.
        if (n[2] < 0) seen.push({ kind, corners, depth: points[a + 2] + points[b + 2] + points[c + 2] });
      }
      seen.sort((f, g) => g.depth - f.depth);
      return seen.flatMap(({ kind, corners }) => {
        const [a, b, c] = corners.map((corner) => {
          const place = 3 * corner;
          const n = normal(normals.subarray(place, place + 3));
          return [points[place], points[place + 1], n[0] * LIGHT[0] + n[1] * LIGHT[1] + n[2] * LIGHT[2]];
        });
        const [ab, bc, ca] = [[a, b], [b, c], [c, a]].map(([p, q]) => p.map((v, i) => (v + q[i]) / 2));
        return [[a, ab, ca], [ab, b, bc], [ca, bc, c], [ab, bc, ca]].map((part) => ({
          kind,
          corners: part,
          lit: (part[0][2] + part[1][2] + part[2][2]) / 3,
        }));
      });
    }
  }

  let viewer;
  let timer;
  let reported = 0;

  const sliders = () => [...document.querySelectorAll("input[data-component]")];

  let preset = []; // what a named face adds, for each component

  function show(slider) {
    const value = Number(slider.value);
    const output = slider.closest(".m-slider").querySelector("output");
    const isSigned = Number(slider.min) === -Number(slider.max);
    output.textContent = (isSigned && value > 0 ? "+" : "") + value.toFixed(2).replace(/0$/, "");
    const place = (number) => (number - slider.min) / (slider.max - slider.min);
    const ends = [place(value), place(Number(slider.dataset.rest))];
    slider.style.setProperty("--from", `${Math.min(...ends) * 100}%`);
    slider.style.setProperty("--to", `${Math.max(...ends) * 100}%`);
  }

  function values() {
    const found = { components: [] };
    for (const slider of sliders()) {
      const { component } = slider.dataset;
      if (/^\d+$/.test(component)) found.components[Number(component)] = Number(slider.value);
      else found[component] = Number(slider.value);
    }
    return found;
  }

  function redraw() {
    const { components, strength } = values();
    viewer?.set(components.map((value, index) => (value + (preset[index] ?? 0)) * strength));
  }

  function report() {
    clearTimeout(timer);
    timer = setTimeout(() => {
      reported = performance.now();
      emitEvent("shape_values", values());
    }, Math.max(REPORT_MS - (performance.now() - reported), 0));
  }

  document.addEventListener("input", (event) => {
    if (!event.target.matches?.("input[data-component]")) return;
    show(event.target);
    redraw();
    report();
  });
  document.addEventListener("dblclick", (event) => {
    const slider = event.target.closest?.(".m-slider")?.querySelector("input[data-component]");
    if (!slider) return;
    slider.value = slider.dataset.rest;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
  });

  window.mirrorShape = {
    async open(canvasId) {
      for (const slider of sliders()) slider.value = slider.dataset.rest;
      const model = await (await fetch("/shape/model.json")).json();
      viewer = new Viewer(document.getElementById(canvasId), model);
      sliders().forEach(show);
      redraw();
    },
    // Brings the sliders to what the mirror says; one that is just being moved stays in the hand.
    set(state) {
      preset = state.preset ?? preset;
      for (const slider of sliders()) {
        const { component } = slider.dataset;
        const value = /^\d+$/.test(component) ? state.components?.[Number(component)] : state[component];
        if (value === undefined || slider.matches(":active")) continue;
        slider.value = value;
        show(slider);
      }
      redraw();
    },
    picture(id, url) {
      const image = document.getElementById(id);
      if (image) image.src = url;
    },
    get values() {
      return viewer?.values;
    },
  };
})();
