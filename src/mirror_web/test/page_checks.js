// What the browser tests ask of a page; each function returns what is wrong.
window.pageChecks = {
  // Elements that a person can use but a screen reader could not name.
  nameless() {
    const usable = "button, a[href], input, select, [role=img], [role=switch]";
    const text = (element) => element?.innerText?.trim();
    const labelled = (element) => (element.getAttribute("aria-labelledby") ?? "").split(" ");
    const isNamed = (element) =>
      element.getAttribute("aria-label") || element.getAttribute("title") || text(element) ||
      [...(element.labels ?? [])].some(text) ||
      labelled(element).some((id) => text(document.getElementById(id))) ||
      element.closest("[aria-label]");
    return [...document.querySelectorAll(usable)]
      .filter((element) => element.offsetParent !== null && !element.closest("[aria-hidden=true]"))
      .filter((element) => getComputedStyle(element).visibility !== "hidden")
      .filter((element) => !isNamed(element))
      .map((element) => element.outerHTML.slice(0, 120));
  },

  // Texts whose contrast with what is behind them is below that of WCAG AA: 4.5, of large ones 3.
  pale() {
    const parse = (colour) => (colour.match(/[\d.]+/g) ?? []).map(Number);
    const linear = (c) => (c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
    const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
    const over = ([r, g, b, a = 1], under) => [r, g, b].map((c, i) => c * a + under[i] * (1 - a));
    const behind = (element) => {
      const layers = [];
      for (let each = element; each; each = each.parentElement) {
        layers.push(parse(getComputedStyle(each).backgroundColor));
      }
      const visible = layers.reverse().filter((layer) => layer.length);
      return visible.reduce((under, layer) => over(layer, under), [11, 13, 16]);
    };
    const left = "[aria-hidden=true], [disabled], [aria-disabled=true], .m-over";
    const found = [];
    const walker = document.createTreeWalker(document.querySelector(".m-main"), NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const words = walker.currentNode.textContent.trim();
      const element = walker.currentNode.parentElement;
      if (!words || element.offsetParent === null || element.closest(left)) continue;
      const style = getComputedStyle(element);
      const ground = behind(element);
      const lights = [light(over(parse(style.color), ground)), light(ground)];
      const contrast = (Math.max(...lights) + 0.05) / (Math.min(...lights) + 0.05);
      const size = parseFloat(style.fontSize);
      const isLarge = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
      if (contrast < (isLarge ? 3 : 4.5)) found.push(`${words.slice(0, 60)}: ${contrast.toFixed(2)}`);
    }
    return found;
  },

  // All that is to be read, without the icons, whose names are their font's words.
  words() {
    const body = document.body.cloneNode(true);
    body.querySelectorAll(".q-icon, script, style").forEach((element) => element.remove());
    const labels = [...body.querySelectorAll("[aria-label], [title]")];
    return [body.textContent, ...labels.flatMap((e) => [e.ariaLabel, e.title])].join(" ");
  },
};
