"""Plays a film in any browser: its pictures as JPEG, one after the other, at the film's own speed.

Takes and previews are MPEG-4 Part 2, which browsers do not play. A picture takes about a millisecond to make.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator
from pathlib import Path

import cv2

from mirror_core.errors import UsageError
from mirror_web.catalogue import Texts
from mirror_web.stream import BOUNDARY

__all__ = ["Film", "moving_pictures"]

TEXTS = Texts("film")
QUALITY = 85  # of JPEG
LARGEST = (960, 720)  # pixels; a larger picture is shrunk
LONGEST_FPS = 60.0


class Film:
    """A film on disc; of one thread at a time.

    Args:
        file: that OpenCV reads.

    Raises:
        UsageError: where it cannot be read.

    Attributes:
        fps: pictures per second.
        seconds: how long it is.
    """

    def __init__(self, file: Path) -> None:
        self._capture = cv2.VideoCapture(str(file))
        fps = float(self._capture.get(cv2.CAP_PROP_FPS))
        count = float(self._capture.get(cv2.CAP_PROP_FRAME_COUNT))
        if not self._capture.isOpened() or not math.isfinite(fps) or fps <= 0 or count < 1:
            self.close()
            raise UsageError(TEXTS["unplayable"])
        self.fps = min(fps, LONGEST_FPS)
        self._count = int(count)
        self.seconds = count / fps

    def close(self) -> None:
        """Let go of the file."""
        self._capture.release()

    def seek(self, at_s: float) -> None:
        """Go to a time, at most to the last picture."""
        place = min(max(round(at_s * self.fps), 0), self._count - 1)
        if place:
            self._capture.set(cv2.CAP_PROP_POS_FRAMES, place)

    def skip(self, count: int) -> None:
        """Leave out so many pictures."""
        for _ in range(count):
            self._capture.grab()

    def next(self) -> bytes | None:
        """The next picture as JPEG; None at the end."""
        is_there, picture = self._capture.read()
        if not is_there:
            return None
        height, width = picture.shape[:2]
        scale = min(1.0, LARGEST[0] / width, LARGEST[1] / height)
        if scale < 1.0:
            size = (max(1, round(width * scale)), max(1, round(height * scale)))
            picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
        return bytes(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes())


async def moving_pictures(film: Film) -> AsyncIterator[bytes]:
    """The parts of a multipart body, each when it is due; what comes late is left out.

    Args:
        film: at the place to begin with; it is closed when nobody asks for more.
    """
    began_s, number = time.monotonic(), 0
    boundary = b"--" + BOUNDARY + b"\r\n"
    first = boundary
    try:
        while True:
            due = int((time.monotonic() - began_s) * film.fps)
            jpeg = await asyncio.to_thread(_next_after, film, max(due - number, 0))
            number = max(due, number) + 1
            if jpeg is None:
                return
            head = f"Content-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n".encode()
            # Browsers show a part when the next boundary is there, so it follows at once.
            yield first + head + jpeg + b"\r\n" + boundary
            first = b""
            await asyncio.sleep(max(began_s + number / film.fps - time.monotonic(), 0.0))
    finally:
        await asyncio.shield(asyncio.to_thread(film.close))


def _next_after(film: Film, left_out: int) -> bytes | None:
    film.skip(left_out)
    return film.next()
