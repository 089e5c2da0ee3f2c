"""The picture stream: each frame is made a JPEG once, for all who watch, and for nobody else."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator

from mirror_core.frame import Frame
from mirror_web.encoding import encode_frame, placeholder_jpeg
from mirror_web.parameters import WebParameters

__all__ = ["BOUNDARY", "FrameBroadcaster"]

BOUNDARY = b"mirror-frame"
FIRST_PICTURE_S = 0.7  # after this time without a picture a new watcher gets the placeholder
STALE_S = 1.5  # after this time without another picture everybody gets it
PLACEHOLDER = "The mirror sends no picture at the moment."
_RATE_SLACK = 0.5  # share of a frame's interval by which a late frame may be caught up

_log = logging.getLogger(__name__)


class _Watcher:
    """One client's slot for the newest JPEG; belongs to one event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._arrived = asyncio.Event()
        self._newest: bytes | None = None
        self._ended = False

    def offer(self, jpeg: bytes | None) -> None:
        """Hand over a JPEG, or None for the end, from any thread."""
        with contextlib.suppress(RuntimeError):  # the loop has closed meanwhile
            self._loop.call_soon_threadsafe(self._take, jpeg)

    def _take(self, jpeg: bytes | None) -> None:
        self._newest = jpeg
        self._ended = self._ended or jpeg is None
        self._arrived.set()

    async def next(self, timeout_s: float) -> bytes | None:
        """The newest JPEG not seen yet; None at the end.

        Raises:
            TimeoutError: if none came in time.
        """
        async with asyncio.timeout(timeout_s):
            await self._arrived.wait()
        if self._ended:
            return None
        self._arrived.clear()
        return self._newest


class FrameBroadcaster:
    """Sends the newest frame as JPEG to every watcher; slow clients skip frames.

    Args:
        settings: size, rate, quality and mirroring of the stream.
        on_watchers_changed: called with the number of watchers when it changes, on the event loop of
            the page; it must return quickly.
    """

    def __init__(
        self,
        settings: WebParameters | None = None,
        on_watchers_changed: Callable[[int], None] | None = None,
    ) -> None:
        self._settings = settings or WebParameters()
        self._on_watchers_changed = on_watchers_changed
        self._arrival = threading.Condition()  # guards all below
        self._waiting: Frame | None = None
        self._watchers: set[_Watcher] = set()
        self._encoder: threading.Thread | None = None
        self._encoded = 0

    @property
    def watchers(self) -> int:
        """How many clients watch now."""
        return len(self._watchers)

    @property
    def encoded(self) -> int:
        """How many frames have been encoded so far."""
        return self._encoded

    def update(self, settings: WebParameters) -> None:
        """Take other settings from the next frame on."""
        with self._arrival:
            self._settings = settings

    def submit(self, frame: Frame) -> None:
        """Send this frame next, from any thread; does nothing while nobody watches."""
        with self._arrival:
            if self._watchers:
                self._waiting = frame
                self._arrival.notify()

    def end_streams(self) -> None:
        """End the stream of every client who watches now."""
        with self._arrival:
            watchers = tuple(self._watchers)
        for watcher in watchers:
            watcher.offer(None)

    async def jpegs(self) -> AsyncIterator[bytes]:
        """The newest pictures as JPEG; a placeholder while none comes; ends with `end_streams`.

        Close the iterator (`contextlib.aclosing`) when the client goes: then the watcher counts no
        longer.
        """
        with self._watch() as watcher:
            patience_s = FIRST_PICTURE_S
            while True:
                try:
                    jpeg = await watcher.next(patience_s)
                except TimeoutError:
                    jpeg = await asyncio.to_thread(placeholder_jpeg, PLACEHOLDER, self._settings)
                if jpeg is None:
                    return
                patience_s = STALE_S
                yield jpeg

    async def multipart(self) -> AsyncIterator[bytes]:
        """The same as parts of a multipart/x-mixed-replace body with `BOUNDARY`.

        Each chunk ends with the head of the next part: Chromium shows a part only when it has read the
        following head, and would otherwise lag by one frame. The head therefore states no length.
        """
        head = b"--" + BOUNDARY + b"\r\nContent-Type: image/jpeg\r\n\r\n"
        yield head
        async with contextlib.aclosing(self.jpegs()) as jpegs:  # type: ignore[type-var]
            async for jpeg in jpegs:
                yield jpeg + b"\r\n" + head

    async def snapshot(self) -> bytes:
        """The next picture as JPEG, or the placeholder where none comes."""
        async with contextlib.aclosing(self.jpegs()) as jpegs:  # type: ignore[type-var]
            async for jpeg in jpegs:
                return jpeg
        return await asyncio.to_thread(placeholder_jpeg, PLACEHOLDER, self._settings)

    @contextlib.contextmanager
    def _watch(self) -> Iterator[_Watcher]:
        watcher = _Watcher()
        with self._arrival:
            self._watchers.add(watcher)
            if self._encoder is None:
                self._encoder = threading.Thread(target=self._encode, name="mirror-web-jpeg", daemon=True)
                self._encoder.start()
        self._tell_watchers()
        try:
            yield watcher
        finally:
            with self._arrival:
                self._watchers.discard(watcher)
                self._arrival.notify()
            self._tell_watchers()

    def _tell_watchers(self) -> None:
        if self._on_watchers_changed is None:
            return
        try:
            self._on_watchers_changed(self.watchers)
        except Exception:
            _log.exception("The page could not ask for the mirror's picture.")

    def _next_frame(self, due_s: float) -> tuple[Frame, WebParameters] | None:
        """Wait until a frame is there and due; None when nobody watches any more."""
        with self._arrival:
            while self._watchers:
                early_s = due_s - time.monotonic()
                if self._waiting is not None and early_s <= 0:
                    frame, self._waiting = self._waiting, None
                    return frame, self._settings
                self._arrival.wait(early_s if self._waiting is not None else None)
            self._waiting = None
            self._encoder = None
            return None

    def _encode(self) -> None:
        due_s = time.monotonic()
        while (task := self._next_frame(due_s)) is not None:
            frame, settings = task
            interval_s = 1.0 / settings.stream_fps
            due_s = max(due_s + interval_s, time.monotonic() + _RATE_SLACK * interval_s)
            try:
                jpeg = encode_frame(frame, settings)
            except Exception:
                _log.exception("A frame could not be sent to the page.")
                continue
            with self._arrival:
                self._encoded += 1
                watchers = tuple(self._watchers)
            for watcher in watchers:
                watcher.offer(jpeg)
