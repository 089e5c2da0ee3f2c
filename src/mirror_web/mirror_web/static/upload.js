// Files that a person drops or chooses stay in the browser until they are sent. Photos are turned upright and shrunk
// first, so that the points placed on them mean the same pixels here and in the mirror.
(() => {
  const LONGEST_PX = 2048;
  const JPEG_QUALITY = 0.95;
  const TEXT_BYTES = 500_000; // the largest file of points
  const held = new Map(); // id of the drop area → {blob, url, width, height}

  const ending = (name) => name.toLowerCase().split(".").pop();

  async function upright(file) {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, LONGEST_PX / Math.max(picture.width, picture.height));
    const original = [picture.width, picture.height];
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(picture.width * scale));
    canvas.height = Math.max(1, Math.round(picture.height * scale));
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#fff"; // what is transparent in a drawing is paper
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.imageSmoothingQuality = "high";
    pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", JPEG_QUALITY));
    return { blob, original, width: canvas.width, height: canvas.height };
  }

  function forget(id) {
    const old = held.get(id);
    if (old?.url) URL.revokeObjectURL(old.url);
    held.delete(id);
  }

  async function takeFile(area, file) {
    const limit = Number(area.dataset.limit);
    if (file.size > limit) {
      const size = Math.ceil(file.size / 1e6);
      return { error: "too_large", size, limit: limit / 1e6, name: file.name };
    }
    if (area.hasAttribute("data-as-it-is")) {
      forget(area.id);
      held.set(area.id, { blob: file });
      return { kind: "file", name: file.name };
    }
    if (["json", "csv"].includes(ending(file.name))) {
      if (file.size > TEXT_BYTES) return { error: "points_too_long", name: file.name };
      return { kind: "points", name: file.name, text: await file.text() };
    }
    forget(area.id);
    if (ending(file.name) === "mirrorface") {
      held.set(area.id, { blob: file });
      return { kind: "face", name: file.name };
    }
    try {
      const { blob, original, width, height } = await upright(file);
      const url = URL.createObjectURL(blob);
      held.set(area.id, { blob, url, width, height });
      return { kind: "photo", name: file.name, original, width, height };
    } catch {
      return { error: "unreadable", name: file.name };
    }
  }

  async function take(area, files) {
    for (const file of files) {
      const detail = await takeFile(area, file);
      const preview = area.querySelector("img");
      const url = held.get(area.id)?.url;
      if (preview) {
        if (url) preview.src = url;
        else preview.removeAttribute("src");
      }
      area.dispatchEvent(new CustomEvent("chosen", { detail }));
    }
  }

  const areaOf = (event) => event.target.closest?.("[data-drop]");

  document.addEventListener("change", (event) => {
    const area = areaOf(event);
    if (!area || event.target.type !== "file") return;
    take(area, [...event.target.files]).then(() => (event.target.value = ""));
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-choose]")) areaOf(event)?.querySelector("input[type=file]").click();
  });
  // A file that misses the area must not replace the page.
  for (const name of ["dragover", "drop"]) document.addEventListener(name, (event) => event.preventDefault());
  document.addEventListener("dragover", (event) => areaOf(event)?.classList.add("m-drop-over"));
  document.addEventListener("dragleave", (event) => {
    const area = areaOf(event);
    if (area && !area.contains(event.relatedTarget)) area.classList.remove("m-drop-over");
  });
  document.addEventListener("drop", (event) => {
    const area = areaOf(event);
    if (!area) return;
    area.classList.remove("m-drop-over");
    take(area, [...event.dataTransfer.files]);
  });

  // Returns what the mirror answered, or {error: ""} where it could not be reached.
  async function send(id, ticket) {
    const file = held.get(id);
    if (!file) return { error: "" };
    try {
      const answer = await fetch(`/upload/${ticket}`, { method: "POST", body: file.blob });
      return await answer.json();
    } catch {
      return { error: "" };
    }
  }

  window.mirrorUpload = { send, forget, upright, picture: (id) => held.get(id) };
})();
