// The picture runs only while its tab is seen, and comes back by itself when the mirror does.
(() => {
  const RETRY_MS = 1000;
  let socket;
  let wasLost = false;
  const picture = () => document.getElementById("mirror-picture");

  // A browser keeps the last picture of a stream that has ended and says nothing; the page's own
  // connection tells that the mirror was away.
  function listen() {
    if (!window.socket || window.socket === socket) return;
    socket = window.socket;
    socket.on("disconnect", () => (wasLost = true));
    socket.on("connect", () => {
      if (wasLost) picture()?.removeAttribute("src");
      wasLost = false;
      check();
    });
  }

  function check() {
    listen();
    const image = picture();
    if (!image) return;
    if (!image.dataset.watched) {
      image.dataset.watched = "yes";
      image.addEventListener("error", () => image.removeAttribute("src"));
    }
    if (document.hidden) image.removeAttribute("src");
    else if (!image.hasAttribute("src")) image.src = `/stream.mjpg?${Date.now()}`;
  }

  document.addEventListener("visibilitychange", check);
  setInterval(check, RETRY_MS);
  new MutationObserver(check).observe(document.documentElement, { childList: true, subtree: true });

  window.mirrorFullscreen = () => {
    const stage = document.getElementById("mirror-stage");
    if (document.fullscreenElement) document.exitFullscreen();
    else if (stage?.requestFullscreen) stage.requestFullscreen();
  };
})();
