// A device that was disconnected on the mirror learns so: its page's connection ends and does not come back.
(() => {
  const RETRY_MS = 1000;
  let socket;

  async function look() {
    const answer = await fetch("/healthz").catch(() => undefined);
    if (answer?.status === 401) location.reload();
  }

  setInterval(() => {
    if (!window.socket || window.socket === socket) return;
    socket = window.socket;
    socket.on("connect_error", look);
  }, RETRY_MS);
})();
