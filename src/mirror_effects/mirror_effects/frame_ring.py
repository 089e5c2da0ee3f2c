"""Pictures of the last seconds, compressed, in a bounded part of memory; no disk ever sees them."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from itertools import islice

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ShapeError
from mirror_core.frame import Image, require_bgr

__all__ = ["MEMORY_BYTES", "RATE_HZ", "FrameRing"]

MEMORY_BYTES = 64 << 20  # of all compressed pictures together
RATE_HZ = 30.0  # pictures a second for which the memory is divided
MOST_ROWS = 720  # a higher picture is kept smaller
BEST_QUALITY, WORST_QUALITY, QUALITY_STEP = 92, 42, 10  # of JPEG
MEAN_OF = 15  # pictures over which their size is averaged before the quality changes


class FrameRing:
    """Keeps pictures by their stamps, the oldest first to go.

    While pictures take more than their share of the memory, those that follow are compressed more. Were that
    not enough, the oldest would go: `oldest_ns` says how far the ring really reaches back.

    Args:
        seconds: how far back it shall reach.
        memory_bytes: that all pictures together must not exceed.
    """

    def __init__(self, seconds: float, memory_bytes: int = MEMORY_BYTES) -> None:
        if not seconds > 0 or memory_bytes < 1:
            raise ShapeError(
                f"A FrameRing needs some time and memory, not {seconds} s and {memory_bytes} bytes."
            )
        self.seconds = seconds
        self._memory_bytes = memory_bytes
        self._kept: deque[tuple[int, NDArray[np.uint8]]] = deque()
        self._size: tuple[int, int] = (0, 0)
        self._bytes = 0
        self._quality = BEST_QUALITY
        self._since_change = 0
        self._is_cut = False

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def bytes_used(self) -> int:
        """Of all pictures together."""
        return self._bytes

    @property
    def quality(self) -> int:
        """At which pictures are compressed now, 0 … 100."""
        return self._quality

    @property
    def oldest_ns(self) -> int | None:
        """Stamp of the oldest picture; None of an empty ring."""
        return self._kept[0][0] if self._kept else None

    @property
    def is_cut(self) -> bool:
        """Whether pictures had to go early because the memory was full."""
        return self._is_cut

    def add(self, stamp_ns: int, image: Image) -> None:
        """Keep a picture, uint8 [height, width, 3]; one of another size or an earlier time begins anew."""
        require_bgr(image)
        size = (image.shape[1], image.shape[0])
        if size != self._size or (self._kept and stamp_ns <= self._kept[-1][0]):
            self.clear()
            self._size = size
        if size[1] > MOST_ROWS:
            small = (max(1, round(size[0] * MOST_ROWS / size[1])), MOST_ROWS)
            image = np.asarray(cv2.resize(image, small, interpolation=cv2.INTER_AREA), np.uint8)
        data = cv2.imencode(".jpg", image, (cv2.IMWRITE_JPEG_QUALITY, self._quality))[1].ravel()
        self._kept.append((stamp_ns, data))
        self._bytes += data.nbytes
        # One older than asked for stays, so that the ring always reaches back the whole time.
        while len(self._kept) > 1 and stamp_ns - self._kept[1][0] >= self.seconds * 1e9:
            self._drop()
        while self._bytes > self._memory_bytes:
            self._drop()
            self._is_cut = True
        self._choose_quality()

    def at(self, stamp_ns: int) -> tuple[int, Image] | None:
        """The picture whose stamp is nearest: (stamp, uint8 [height, width, 3]); None of an empty ring."""
        if not self._kept:
            return None
        place = bisect_left(self._kept, stamp_ns, key=lambda kept: kept[0])
        around = self._kept[max(place - 1, 0)], self._kept[min(place, len(self._kept) - 1)]
        found_ns, data = min(around, key=lambda kept: abs(kept[0] - stamp_ns))
        image = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
        if (image.shape[1], image.shape[0]) != self._size:
            image = np.asarray(cv2.resize(image, self._size, interpolation=cv2.INTER_LINEAR), np.uint8)
        return found_ns, image

    def clear(self) -> None:
        """Forget all pictures."""
        self._kept.clear()
        self._bytes, self._is_cut = 0, False
        self._quality, self._since_change = BEST_QUALITY, 0

    def _drop(self) -> None:
        self._bytes -= self._kept.popleft()[1].nbytes

    def _choose_quality(self) -> None:
        """Compress more where the pictures of so many seconds would not fit."""
        self._since_change += 1
        if self._since_change < MEAN_OF:
            return
        newest = islice(reversed(self._kept), MEAN_OF)
        mean = sum(data.nbytes for _, data in newest) / min(MEAN_OF, len(self._kept))
        if mean * self.seconds * RATE_HZ > self._memory_bytes and self._quality > WORST_QUALITY:
            self._quality -= QUALITY_STEP
            self._since_change = 0
