// Files for long work stay in the browser until they are sent, one after the other, with a bar that shows how far.
(() => {
  const trays = new Map(); // id of the area → {files, request, isAborted}

  const areaOf = (event) => event.target.closest?.("[data-tray]");
  const said = (area, name, detail) => area.dispatchEvent(new CustomEvent(name, { detail }));

  function take(area, list) {
    const isMany = area.querySelector("input[type=file]").multiple;
    const files = [...list].slice(0, isMany ? undefined : 1);
    if (!files.length) return;
    trays.set(area.id, { files, request: null, isAborted: false });
    said(area, "chosen", { files: files.map(({ name, size }) => ({ name, size })) });
  }

  document.addEventListener("change", (event) => {
    const area = areaOf(event);
    if (!area || event.target.type !== "file") return;
    take(area, event.target.files);
    event.target.value = "";
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-choose-tray]")) areaOf(event)?.querySelector("input[type=file]").click();
  });
  document.addEventListener("dragover", (event) => areaOf(event)?.classList.add("m-drop-over"));
  document.addEventListener("dragleave", (event) => {
    const area = areaOf(event);
    if (area && !area.contains(event.relatedTarget)) area.classList.remove("m-drop-over");
  });
  document.addEventListener("drop", (event) => {
    const area = areaOf(event);
    if (!area) return;
    area.classList.remove("m-drop-over");
    take(area, event.dataTransfer.files);
  });

  // Photos are turned upright and shrunk, so that neither place and date nor the full size leave the phone.
  async function shrunk(area, file) {
    const isPhoto = "photos" in area.dataset && file.type.startsWith("image/");
    if (!isPhoto) return { blob: file, name: file.name };
    try {
      const { blob } = await window.mirrorUpload.upright(file);
      return { blob, name: `${file.name.replace(/\.[^.]*$/, "")}.jpg` };
    } catch {
      return { blob: file, name: file.name }; // the mirror says what is wrong with it
    }
  }

  function post(tray, address, blob, onProgress) {
    return new Promise((done) => {
      const request = (tray.request = new XMLHttpRequest());
      request.upload.addEventListener("progress", (event) => onProgress(event.loaded));
      request.addEventListener("load", () => {
        try {
          done(JSON.parse(request.responseText).error);
        } catch {
          done("");
        }
      });
      for (const name of ["error", "abort", "timeout"]) request.addEventListener(name, () => done(""));
      request.open("POST", address);
      request.send(blob);
    });
  }

  async function send(id, ticket) {
    const area = document.getElementById(id);
    const tray = trays.get(id);
    if (!area || !tray) return;
    tray.isAborted = false;
    const bar = area.querySelector("progress");
    const all = tray.files.reduce((sum, file) => sum + file.size, 0) || 1;
    bar.hidden = false;
    let before = 0;
    const errors = [];
    for (const [number, file] of tray.files.entries()) {
      if (tray.isAborted) return;
      const { blob, name } = await shrunk(area, file);
      const address = `/jobs/${ticket}/${number}?name=${encodeURIComponent(name)}`;
      const part = (loaded) => (bar.value = (100 * (before + Math.min(loaded, file.size))) / all);
      const error = await post(tray, address, blob, part);
      if (tray.isAborted) return;
      if (error !== null) errors.push(error ?? "");
      before += file.size;
      part(0);
    }
    bar.hidden = true;
    said(area, "sent", { errors });
  }

  function abort(id) {
    const tray = trays.get(id);
    if (!tray) return;
    tray.isAborted = true;
    tray.request?.abort();
    trays.delete(id);
  }

  window.mirrorTray = { send, abort };
})();
