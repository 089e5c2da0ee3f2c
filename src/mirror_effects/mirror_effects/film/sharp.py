"""The film's figure at the size at which it is shown, over a background that keeps its own sharpness."""

from __future__ import annotations

import math
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.frame import Image
from mirror_effects.film.composer import ALPHA_HIGH, ALPHA_LOW

__all__ = ["SharpPicture"]

ROOM: Final = 2  # pixels of the network's square around the figure, into which enlarging smears


class SharpPicture:
    """Lays a figure over one background at one size; remembers the background at that size.

    Args:
        background: uint8 [h, w, 3], BGR, in its own size.
    """

    def __init__(self, background: Image) -> None:
        self._background = background
        self._sized: Image = background

    def of(self, colour: NDArray[np.floating[Any]], alpha: NDArray[np.floating[Any]], out: Image) -> None:
        """Draw the scene: where no figure is, the resized background's very bytes.

        The alpha is read as `composer.composed` does.

        Args:
            colour: float32 [side, side, 3] in 0 … 1, BGR.
            alpha: float32 [side, side] in 0 … 1.
            out: uint8 [h, w, 3] of any size, drawn into.
        """
        height, width = out.shape[:2]
        if self._sized.shape[:2] != (height, width):
            shrinks = height < self._background.shape[0]
            how = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
            self._sized = np.asarray(
                cv2.resize(self._background, (width, height), interpolation=how), np.uint8
            )
        out[:] = self._sized
        rows, columns = alpha.shape
        x, y, wide, high = cv2.boundingRect((alpha > ALPHA_LOW).astype(np.uint8))
        if not wide:
            return
        # Cut where pixels of the square and of the picture end at the same place, so that nothing shifts.
        x0, x1, left, right = _cut(x - ROOM, x + wide + ROOM, columns, width)
        y0, y1, top, bottom = _cut(y - ROOM, y + high + ROOM, rows, height)
        inside, size = (slice(top, bottom), slice(left, right)), (x1 - x0, y1 - y0)
        bytes_ = np.rint(np.clip(colour[inside], 0, 1) * np.float32(255)).astype(np.uint8)
        opacity = np.clip((alpha[inside] - ALPHA_LOW) / (ALPHA_HIGH - ALPHA_LOW), 0, 1).astype(np.float32)
        figure = cv2.resize(bytes_, size, interpolation=cv2.INTER_CUBIC)
        seen = cv2.resize(opacity, size, interpolation=cv2.INTER_LINEAR)
        part = out[y0:y1, x0:x1]
        part[:] = cv2.blendLinear(figure, np.ascontiguousarray(part), seen, 1 - seen)


def _cut(start: int, end: int, before: int, after: int) -> tuple[int, int, int, int]:
    """A range of a line of pixels, widened to ends that it keeps when the line is resized.

    Returns:
        Start and end in the resized line of `after` pixels, then in the line of `before` pixels.
    """
    steps = math.gcd(before, after)
    own, resized = before // steps, after // steps
    first, last = max(start, 0) // own, -(-min(end, before) // own)
    return first * resized, last * resized, first * own, last * own
