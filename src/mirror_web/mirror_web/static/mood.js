// The Mood page's curves: live lines, shares or feelings over time with legend and table, and the comparison.
(() => {
  const QUIET = "#93a0ae", LINE = "#262d36", TEXT = "#e8ecf1", PANEL = "#14181d";
  const VALENCE = { key: "valence", colour: "#ffbe5c", dash: "solid" };
  const AROUSAL = { key: "arousal", colour: "#e8ecf1", dash: [5, 4] };
  const MINUTE = 60_000, DAY = 86_400_000;
  const LIVE_MS = 60_000; // shown of the live lines
  const LIVE_GAP_MS = 1500; // a longer silence is a gap in the line
  const MOST_ROWS = 1000; // of the table
  const LEAST_DRAG_PX = 6;
  let places; // ids of elements, and what the server said once: moods, colours, words
  let shown; // what the main picture shows
  let live = [];
  const hidden = new Set();

  const element = (name) => document.getElementById(`c${places[name]}`);
  const percent = (share) => (share === null ? "–" : `${Math.round(100 * share)} %`);
  const signed = (value) => (value === null ? "–" : `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2)}`);
  const escaped = (text) => Object.assign(document.createElement("i"), { textContent: text }).innerHTML;

  async function chartOf(name) {
    while (!window.getElement?.(places[name])?.chart) await new Promise(requestAnimationFrame);
    return getElement(places[name]).chart;
  }

  // ---- words for times

  const locale = () => {
    const language = document.documentElement.lang;
    return !language || language.startsWith("en") ? "en-GB" : language;
  };

  function moment(time, length) {
    const parts = { weekday: "short", day: "numeric", month: "short" };
    if (length >= DAY) parts.year = "numeric";
    else Object.assign(parts, { hour: "2-digit", minute: "2-digit" });
    if (length < MINUTE) parts.second = "2-digit";
    return new Intl.DateTimeFormat(locale(), parts).format(time);
  }

  function duration(seconds) {
    if (seconds < 60) return `${seconds} s`;
    const minutes = Math.round(seconds / 60);
    return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  }

  // ---- parts that all pictures have

  function basis(narrow) {
    return {
      animation: false,
      backgroundColor: "transparent",
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      grid: { left: 48, right: narrow ? 12 : 18, top: 12, bottom: 26 },
    };
  }

  function axis(more) {
    return {
      axisLine: { lineStyle: { color: "#3a4450" } },
      axisTick: { show: false },
      axisLabel: { color: QUIET, fontSize: 12, hideOverlap: true, ...more.axisLabel },
      splitLine: { show: false, lineStyle: { color: LINE } },
      ...Object.fromEntries(Object.entries(more).filter(([key]) => key !== "axisLabel")),
    };
  }

  const shares = () => axis({
    type: "value", min: 0, max: 1, interval: 0.25, splitLine: { show: true, lineStyle: { color: LINE } },
    axisLabel: { formatter: (value) => `${100 * value} %` },
  });

  // From −1 to 1, or less where that is enough.
  const feelings = (values) => {
    const bound = Math.min(Math.ceil(Math.max(...values.map((value) => Math.abs(value ?? 0)), 0.1) * 5) / 5, 1);
    return axis({
      type: "value", min: -bound, max: bound, interval: bound / 2, splitLine: { show: true, lineStyle: { color: LINE } },
      axisLabel: { formatter: (value) => (Math.abs(value) > 1e-9 ? signed(value).replace(/0$/, "") : "0") },
    });
  };

  // ---- over time

  function hint(points) {
    const place = points[0]?.dataIndex;
    if (place === undefined || shown.starts[place] === null) return "";
    const { columns } = shown;
    const row = (colour, name, value) =>
      `<div class="m-hint-row"><i style="background:${colour}"></i><span>${escaped(name)}</span><b>${value}</b></div>`;
    const rows = [...places.moods].reverse().filter(({ key }) => !hidden.has(key))
      .map(({ key, name, colour }) => row(colour, name, percent(columns[key][place])));
    const feeling = [VALENCE, AROUSAL].map(({ key, colour }) =>
      row(colour, places.texts[key], signed(columns[key][place])));
    const seen = `${places.texts.seen} ${duration(shown.counts[place])}, ` +
      `${percent(columns.unsure[place])} ${places.texts.unsure}`;
    return `<div class="m-hint-title">${moment(shown.starts[place], shown.bucket)}</div>` +
      (shown.view === "feeling" ? feeling : rows).join("") + `<div class="m-hint-foot">${escaped(seen)}</div>`;
  }

  function areas() {
    return places.moods.filter(({ key }) => !hidden.has(key)).map(({ key, name, colour }) => ({
      id: key, name, type: "line", stack: "moods", step: "end", symbol: "none", silent: true,
      emphasis: { disabled: true },
      lineStyle: { width: 1, color: PANEL },
      areaStyle: { color: colour, opacity: 1 },
      data: shown.times.map((time, place) => [time, shown.columns[key][place]]),
    }));
  }

  function lines() {
    return [VALENCE, AROUSAL].map(({ key, colour, dash }) => ({
      id: key, name: places.texts[key], type: "line", step: "end", symbol: "none", silent: true,
      emphasis: { disabled: true },
      lineStyle: { width: 2, color: colour, type: dash },
      data: shown.times.map((time, place) => [time, shown.columns[key][place]]),
    }));
  }

  async function draw() {
    const chart = await chartOf("main");
    const isFeeling = shown.view === "feeling";
    const narrow = chart.getWidth() < 520;
    chart.setOption({
      ...basis(narrow),
      tooltip: {
        trigger: "axis", confine: true, formatter: hint, transitionDuration: 0, backgroundColor: "#1c2229",
        borderColor: "#3a4450", textStyle: { color: TEXT, fontSize: 13 }, axisPointer: { lineStyle: { color: TEXT } },
      },
      xAxis: axis({
        type: "time", min: shown.start, max: shown.end, splitNumber: narrow ? 3 : 6,
        axisLabel: {
          formatter: {
            year: "{yyyy}", month: "{MMM}", day: "{d} {MMM}", hour: "{HH}:{mm}", minute: "{HH}:{mm}",
            second: "{HH}:{mm}:{ss}", millisecond: "{HH}:{mm}:{ss}", none: "{d} {MMM}",
          },
        },
      }),
      yAxis: isFeeling ? feelings([...shown.columns.valence, ...shown.columns.arousal]) : shares(),
      series: isFeeling ? lines() : areas(),
    }, { replaceMerge: ["series"] });
    element("main").setAttribute("aria-label", shown.label);
    drawLegend();
    drawTable();
    window.mirrorMood.shown = shown.key;
  }

  function drawLegend() {
    const legend = element("legend");
    const isFeeling = shown.view === "feeling";
    const wanted = isFeeling ? "feeling" : places.moods.map(({ key }) => key).join();
    if (legend.dataset.kind !== wanted) {
      legend.dataset.kind = wanted;
      legend.innerHTML = isFeeling
        ? [[VALENCE, "unpleasant", "pleasant"], [AROUSAL, "calm", "excited"]].map(([{ key, colour, dash }, low, high]) =>
          `<span class="m-legend-item"><i class="m-line" style="border-top:3px ${dash === "solid" ? dash : "dashed"} ` +
          `${colour}"></i>${escaped(places.texts[key])}<span class="m-quiet">−1 ${escaped(places.texts[low])}, +1 ` +
          `${escaped(places.texts[high])}</span></span>`).join("")
        : places.moods.map(({ key, name, colour }) =>
          `<button type="button" class="m-legend-item" data-mood="${key}"><i style="background:${colour}"></i>` +
          `${escaped(name)}<b></b></button>`).join("");
    }
    for (const button of legend.querySelectorAll("button")) {
      const { mood } = button.dataset;
      button.setAttribute("aria-pressed", String(!hidden.has(mood)));
      button.querySelector("b").textContent = percent(shown.means[mood]);
    }
  }

  function drawTable() {
    const details = element("table");
    const body = details.querySelector(".m-table-place");
    if (!body || !details.open) return;
    const columns = [...places.moods, ...[VALENCE, AROUSAL].map(({ key }) => ({ key, name: places.texts[key] }))];
    const rows = [];
    for (let place = 0; place < shown.times.length; place++) {
      if (shown.starts[place] !== null && shown.times[place] === shown.starts[place]) rows.push(place);
    }
    const cut = rows.length > MOST_ROWS ? places.texts.numbers_cut.replace("{count}", MOST_ROWS) : "";
    const head = [places.texts.time, ...columns.map(({ name }) => name), places.texts.seen];
    const cells = rows.slice(-MOST_ROWS).map((place) => `<tr><th scope="row">${moment(shown.starts[place], shown.bucket)}</th>` +
      columns.map(({ key }) => {
        const value = shown.columns[key][place];
        return `<td>${key === "valence" || key === "arousal" ? signed(value) : percent(value)}</td>`;
      }).join("") + `<td>${duration(shown.counts[place])}</td></tr>`);
    body.innerHTML = `<table class="m-table"><caption>${escaped(shown.summary)} ${escaped(cut)}</caption><thead><tr>` +
      head.map((name) => `<th scope="col">${escaped(name)}</th>`).join("") + `</tr></thead><tbody>${cells.join("")}</tbody></table>`;
  }

  // ---- a part of the picture chosen by dragging across it

  async function watchDrags() {
    const chart = await chartOf("main");
    const host = chart.getDom();
    const mark = Object.assign(document.createElement("div"), { className: "m-drag" });
    host.append(mark);
    let from;
    const inside = (x) => Math.min(Math.max(x, 48), host.clientWidth - 12);
    const end = () => {
      from = undefined;
      mark.style.display = "none";
    };
    host.addEventListener("pointerdown", (event) => {
      if (event.pointerType === "touch" || event.button !== 0 || !shown) return;
      from = inside(event.clientX - host.getBoundingClientRect().left);
    });
    window.addEventListener("pointermove", (event) => {
      if (from === undefined) return;
      const to = inside(event.clientX - host.getBoundingClientRect().left);
      const isLong = Math.abs(to - from) >= LEAST_DRAG_PX;
      mark.style.cssText = `display:${isLong ? "block" : "none"};left:${Math.min(from, to)}px;width:${Math.abs(to - from)}px`;
    });
    window.addEventListener("pointerup", (event) => {
      if (from === undefined) return;
      const to = inside(event.clientX - host.getBoundingClientRect().left);
      const [first, last] = [from, to].sort((a, b) => a - b)
        .map((x) => Math.round(chart.convertFromPixel({ xAxisIndex: 0 }, x) / 1000));
      if (Math.abs(to - from) >= LEAST_DRAG_PX) emitEvent("mood_range", [first, last]);
      end();
    });
    window.addEventListener("keydown", (event) => event.key === "Escape" && end());
  }

  // ---- now

  async function drawLive(now) {
    const chart = await chartOf("live");
    const series = places.moods.map(({ key, name, colour }, number) => {
      const data = [];
      live.forEach((sample, place) => {
        const gap = place && sample[0] - live[place - 1][0] > LIVE_GAP_MS;
        if (gap) data.push([(live[place - 1][0] - now) / 1000, null]);
        data.push([(sample[0] - now) / 1000, sample[1][number]]);
      });
      return {
        id: key, name, type: "line", symbol: "none", silent: true, emphasis: { disabled: true },
        lineStyle: { width: 2, color: colour }, data,
      };
    });
    chart.setOption({
      ...basis(chart.getWidth() < 520),
      xAxis: axis({
        type: "value", min: -LIVE_MS / 1000, max: 0, interval: 15,
        axisLabel: { formatter: (value) => (value ? `${value} s`.replace("-", "−") : "now") },
      }),
      yAxis: { ...shares(), interval: 0.5 },
      series,
    }, { replaceMerge: ["series"] });
  }

  // ---- the comparison

  function since(seconds, length) {
    if (length <= 3 * 3600) return `${Math.round(seconds / 60)} min`;
    return length <= 2.5 * 86_400 ? `${Math.round(seconds / 3600)} h` : `day ${Math.round(seconds / 86_400) + 1}`;
  }

  async function drawComparison({ length, names, first, second }) {
    const chart = await chartOf("compare");
    const step = length <= 3 * 3600 ? 900 : length <= 2.5 * 86_400 ? 6 * 3600 : 86_400 * Math.ceil(length / 86_400 / 7);
    const line = (id, name, data, style) => ({
      id, name, data, type: "line", step: "end", symbol: "none", silent: true, emphasis: { disabled: true }, lineStyle: style,
    });
    chart.setOption({
      ...basis(chart.getWidth() < 520),
      grid: { left: 48, right: 16, top: 12, bottom: 26 },
      xAxis: axis({
        type: "value", min: 0, max: length, interval: step,
        axisLabel: { formatter: (value) => (value < length ? since(value, length) : ""), align: "left" },
      }),
      yAxis: feelings([...first, ...second].map(([, value]) => value)),
      series: [
        line("first", names[0], first, { width: 2, color: "#9ea3aa", type: [5, 4] }),
        line("second", names[1], second, { width: 2.5, color: "#ffbe5c" }),
      ],
    }, { replaceMerge: ["series"] });
  }

  // ---- fields

  const fieldOf = (name) => document.querySelector(`[data-field="${name}"]`);

  function local(seconds, withSeconds) {
    const time = new Date(1000 * seconds);
    time.setMinutes(time.getMinutes() - time.getTimezoneOffset());
    return time.toISOString().slice(0, withSeconds ? 19 : 16);
  }

  // Puts what was chosen into the fields; one that a person is just changing stays as it is.
  function fill({ values, options = {} }) {
    for (const [name, choices] of Object.entries(options)) {
      const markup = choices.map(([value, words]) => `<option value="${escaped(value)}">${escaped(words)}</option>`).join("");
      const select = fieldOf(name);
      if (select.dataset.markup !== markup) select.innerHTML = select.dataset.markup = markup;
    }
    for (const [name, value] of Object.entries(values)) {
      const field = fieldOf(name);
      if (field.type !== "datetime-local") {
        if (field !== document.activeElement || field.localName === "select") field.value = value;
        continue;
      }
      const isShort = values.to - values.from < 3600;
      field.step = isShort ? 1 : 60;
      if (field !== document.activeElement) field.value = local(value, isShort);
    }
  }

  document.addEventListener("change", ({ target }) => {
    const name = target.dataset?.field;
    if (!name || !target.value) return;
    const value = target.type === "datetime-local" ? Math.round(new Date(target.value) / 1000) : target.value;
    emitEvent("mood_field", [name, value]);
  });

  // ---- what the page calls

  // A page that has lost the mirror says so at once; NiceGUI's own note comes later and covers less.
  let socket;
  function listen() {
    if (!window.socket || window.socket === socket) return;
    socket = window.socket;
    const tell = (isLost) => document.body.classList.toggle("m-lost-mirror", isLost);
    socket.on("disconnect", () => tell(true));
    socket.on("connect", () => tell(false));
  }
  setInterval(listen, 500);
  document.addEventListener("visibilitychange", () => window.emitEvent?.("mood_seen", !document.hidden));
  document.addEventListener("click", (event) => {
    const mood = event.target.closest?.("button[data-mood]")?.dataset.mood;
    if (!mood || !shown) return;
    if (!hidden.delete(mood)) hidden.add(mood);
    draw();
  });

  window.mirrorMood = {
    open(found) {
      places = found;
      watchDrags();
      element("table").addEventListener("toggle", () => shown && drawTable());
      emitEvent("mood_zone", Intl.DateTimeFormat().resolvedOptions().timeZone ?? "");
    },
    show(curves) {
      shown = curves;
      return draw();
    },
    live({ now, restart, samples }) {
      if (!places) return undefined;
      live = (restart ? [] : live).concat(samples).filter(([time]) => now - time <= LIVE_MS);
      return drawLive(now);
    },
    compare(found) {
      return drawComparison(found);
    },
    fields: fill,
    refuse([name, isWrong]) {
      fieldOf(name).setAttribute("aria-invalid", String(isWrong));
    },
    address(query) {
      history.replaceState(history.state, "", `${location.pathname}?${query}`);
    },
  };
})();
