// The latency plot of the Health page, and its two choices.
(() => {
  const QUIET = "#93a0ae", LINE = "#262d36", P50 = "#ffbe5c", P99 = "#e8ecf1";
  const SHOWN_S = 300;

  async function chartOf(id) {
    while (!window.getElement?.(id)?.chart) await new Promise(requestAnimationFrame);
    return getElement(id).chart;
  }

  function ago(seconds, now) {
    const minutes = Math.round(-seconds / 60);
    return minutes ? `−${minutes} min` : now;
  }

  async function plot({ id, p50, p99, names, now }) {
    const line = (name, data, color, type) => ({
      name, data, type: "line", symbol: "none", silent: true, animation: false, emphasis: { disabled: true },
      lineStyle: { width: 2, color, type }, itemStyle: { color },
    });
    const chart = await chartOf(id);
    chart.setOption({
      animation: false,
      backgroundColor: "transparent",
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      grid: { left: 56, right: 18, top: 34, bottom: 26 },
      legend: { top: 0, right: 8, icon: "roundRect", itemWidth: 18, itemHeight: 3, selectedMode: false,
        textStyle: { color: P99, fontSize: 13 } },
      xAxis: {
        type: "value", min: -SHOWN_S, max: 0, interval: 60, axisLine: { lineStyle: { color: "#3a4450" } },
        axisTick: { show: false }, splitLine: { show: false },
        axisLabel: { color: QUIET, formatter: (value) => ago(value, now) },
      },
      yAxis: {
        type: "value", min: 0, splitNumber: 4, axisLine: { show: false }, axisTick: { show: false }, splitLine: { lineStyle: { color: LINE } },
        axisLabel: { color: QUIET, formatter: (value) => `${value} ms` },
      },
      series: [line(names[0], p50, P50, "solid"), line(names[1], p99, P99, [5, 4])],
    });
  }

  document.addEventListener("change", (event) => {
    const choice = event.target.dataset?.health;
    if (choice) emitEvent(`health_${choice}`, event.target.value);
  });

  window.mirrorHealth = { plot };
})();
