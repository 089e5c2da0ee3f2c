// Plays takes and previews: a stream of pictures that begins where the slider stands, with pause and a place to go to.
(() => {
  const TURN_MS = 100;
  const STILL_MS = 120; // a slider that is dragged asks for no more pictures than one in this time
  const waiting = new WeakMap(); // player → the timer of its next still picture
  const playing = new Map(); // player → when it began, in seconds of this page, less its place then

  const now = () => performance.now() / 1000;
  const part = (player, name) => player.querySelector(`[data-film="${name}"]`);
  const clock = (s) => `${Math.floor(s / 60)}:${String(Math.floor(s % 60)).padStart(2, "0")}`;
  const length = (player) => Number(player.dataset.seconds) || 0;

  function show(player, at) {
    const slider = part(player, "place");
    slider.value = at;
    const words = `${clock(at)} / ${clock(length(player))}`;
    part(player, "time").textContent = words;
    slider.setAttribute("aria-valuetext", words);
  }

  function mark(player, isPlaying) {
    const knob = part(player, "play");
    knob.setAttribute("aria-label", isPlaying ? player.dataset.pause : player.dataset.play);
    knob.querySelector(".q-icon").textContent = isPlaying ? "pause" : "play_arrow";
    player.dataset.playing = isPlaying ? "yes" : "no";
  }

  function still(player, at) {
    playing.delete(player);
    mark(player, false);
    show(player, at);
    clearTimeout(waiting.get(player));
    const last = Math.max(length(player) - 0.1, 0);
    const ask = () => (part(player, "picture").src = `${player.dataset.source}/picture?at=${Math.min(at, last)}`);
    waiting.set(player, setTimeout(ask, STILL_MS));
  }

  function play(player) {
    clearTimeout(waiting.get(player));
    const slider = part(player, "place");
    const at = Number(slider.value) >= length(player) - 0.2 ? 0 : Number(slider.value);
    // A query of its own, because a browser does not begin the same stream twice.
    part(player, "picture").src = `${player.dataset.source}/film?at=${at}&t=${Date.now()}`;
    playing.set(player, now() - at);
    mark(player, true);
  }

  const playerOf = (event) => event.target.closest?.("[data-film-player]");

  document.addEventListener("click", (event) => {
    const player = playerOf(event);
    if (!player || !event.target.closest('[data-film="play"]')) return;
    if (playing.has(player)) still(player, Number(part(player, "place").value));
    else play(player);
  });
  document.addEventListener("input", (event) => {
    const player = playerOf(event);
    if (player && event.target.dataset.film === "place") still(player, Number(event.target.value));
  });

  setInterval(() => {
    for (const [player, since] of playing) {
      if (!player.isConnected) playing.delete(player);
      else if (now() - since >= length(player)) still(player, length(player));
      else show(player, now() - since);
    }
  }, TURN_MS);

  window.mirrorFilm = { playing };
})();
