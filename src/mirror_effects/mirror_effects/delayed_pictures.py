"""The picture of some seconds ago for each frame: compressed and unpacked in a thread of its own."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import Future, ThreadPoolExecutor, wait

from mirror_core.frame import Image, read_only
from mirror_core.settling import settles
from mirror_effects.frame_ring import RATE_HZ, FrameRing

__all__ = ["DelayedPictures"]

logger = logging.getLogger("mirror.effects")

MOST_WAITING = 3  # pictures that wait for the thread; what comes then is left out
EARLY = 0.9  # share of the interval at RATE_HZ after which the next picture is kept
GAP_NS = 2_000_000_000  # a longer pause, or a step back, begins anew
TOLERANCE_NS = 50_000_000  # by which the first picture may be younger than asked for


class DelayedPictures:
    """Takes every frame, and hands out the one of some seconds ago.

    The thread keeps each in a `FrameRing` and unpacks the one that the next frame will need, so that it is
    there by then. The methods belong to the frame path's thread.

    Args:
        seconds: how long ago.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()  # guards _generation and _ready; never held for long
        self._ring_lock = (
            threading.Lock()
        )  # guards _ring; held by the thread while it works, taken before _lock
        self._ring = FrameRing(seconds)
        self._generation = 0
        self._ready: Image | None = None
        self._pushed_ns: int | None = None
        self._step_ns = 0
        self._since_ns: int | None = None
        self._waiting: list[Future[None]] = []
        self._left_out = 0
        self._worker: ThreadPoolExecutor | None = None
        settles(self)

    @property
    def seconds(self) -> float:
        """How long ago."""
        return self._seconds

    @property
    def bytes_used(self) -> int:
        """By all kept pictures, compressed."""
        with self._ring_lock:
            return self._ring.bytes_used

    @property
    def left_out(self) -> int:
        """Pictures that were not kept because the thread had too much to do."""
        return self._left_out

    def left_s(self, stamp_ns: int) -> float:
        """In how many seconds the first picture will be old enough, for a frame of this stamp."""
        since_ns = stamp_ns if self._since_ns is None else self._since_ns
        return max(0.0, self._seconds - (stamp_ns - since_ns) / 1e9)

    def exchange(self, stamp_ns: int, image: Image) -> Image | None:
        """Keep a frame, and get the earlier picture that belongs to it.

        At most RATE_HZ frames a second are kept.

        Args:
            stamp_ns: of the frame, nanoseconds.
            image: uint8 [height, width, 3]; must not be changed any more.

        Returns:
            uint8 [height, width, 3] of the same size, read-only; None until there is one.
        """
        if self._pushed_ns is not None and not 0 <= stamp_ns - self._pushed_ns <= GAP_NS:
            self.clear()
        with self._lock:
            ready = self._ready
        self._keep(stamp_ns, image)
        return ready if ready is not None and ready.shape == image.shape else None

    def _keep(self, stamp_ns: int, image: Image) -> None:
        if self._pushed_ns is not None:
            step_ns = stamp_ns - self._pushed_ns
            if step_ns < EARLY * 1e9 / RATE_HZ:
                return
            self._step_ns = step_ns
        if self._since_ns is None:
            self._since_ns = stamp_ns
        self._pushed_ns = stamp_ns
        self._waiting = [work for work in self._waiting if not work.done()]
        if len(self._waiting) >= MOST_WAITING:
            self._left_out += 1
            return
        if self._worker is None:
            self._worker = ThreadPoolExecutor(1, "time mirror")
        wanted_ns = stamp_ns + self._step_ns - round(self._seconds * 1e9)
        work = self._worker.submit(self._work, self._generation, stamp_ns, image, wanted_ns)
        self._waiting.append(work)

    def clear(self) -> None:
        """Forget all pictures at once."""
        with self._lock:
            self._generation += 1
            self._ready = None
        with self._ring_lock:
            self._ring.clear()
        self._pushed_ns = self._since_ns = None
        self._step_ns = 0

    def close(self) -> None:
        """Forget all pictures and end the thread."""
        self.clear()
        if self._worker is not None:
            self._worker.shutdown(cancel_futures=True)
            self._worker = None

    def settle(self, timeout_s: float) -> bool:
        """Wait until all frames are kept; see `mirror_core.settling`."""
        return not wait(list(self._waiting), timeout_s).not_done

    def _work(self, generation: int, stamp_ns: int, image: Image, wanted_ns: int) -> None:
        """Keep one picture and unpack another; in the worker's thread."""
        try:
            with self._ring_lock:
                with self._lock:
                    if generation != self._generation:
                        return
                self._ring.add(stamp_ns, image)
                oldest_ns = self._ring.oldest_ns
                is_old_enough = oldest_ns is not None and oldest_ns <= wanted_ns + TOLERANCE_NS
                found = self._ring.at(wanted_ns) if is_old_enough or self._ring.is_cut else None
                with self._lock:
                    if generation == self._generation:
                        self._ready = read_only(found[1]) if found is not None else None
        except Exception:
            logger.exception("A picture of the time mirror is lost.")
