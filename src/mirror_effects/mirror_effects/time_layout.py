"""Where the earlier picture and today's stand: side by side, one above the other, or one in a corner."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from mirror_core.frame import Image
from mirror_effects.film.views import Box, corner_box

__all__ = ["ABOVE", "BESIDE", "FULL", "INSET", "TimeLayout", "cover", "draw_edge"]

FULL, BESIDE, ABOVE, INSET = "full", "beside", "above", "inset"
EDGE_BGR = (200, 200, 200)
GAP = 0.004  # width of the line between two pictures, as a share of the shorter side


@dataclass(frozen=True, slots=True)
class TimeLayout:
    """Two places in a picture, in its own pixels.

    Attributes:
        then: of the earlier picture.
        now: of today's.
    """

    then: Box
    now: Box

    @classmethod
    def of(
        cls,
        layout: str,
        size: tuple[int, int],
        corner: str,
        share: float,
        *,
        aspect: float | None = None,
        mirrored: bool,
    ) -> TimeLayout:
        """For a layout; what is earlier stands on the left, or above, as shown.

        Args:
            layout: FULL, BESIDE, ABOVE or INSET.
            size: width and height of the picture.
            corner: as shown, for INSET.
            share: of the picture's width that the earlier one has there.
            aspect: its width over its height; None: as the picture's.
            mirrored: the picture is shown mirrored.
        """
        width, height = size
        gap = max(2, round(GAP * min(size)))
        whole = Box(0, 0, width, height)
        then, now = whole, whole
        if layout == BESIDE:
            half = max(1, (width - gap) // 2)
            then, now = Box(0, 0, half, height), Box(width - half, 0, half, height)
        elif layout == ABOVE:
            half = max(1, (height - gap) // 2)
            then, now = Box(0, 0, width, half), Box(0, height - half, width, half)
        elif layout == INSET:
            then = corner_box(size, corner, share, aspect)
        return cls(then.mirrored(width), now.mirrored(width)) if mirrored else cls(then, now)


def cover(image: Image, box: Box) -> Image:
    """The middle of a picture that has a box's proportions, in the box's size.

    Args:
        image: uint8 [height, width, 3].
        box: at most as large.
    """
    height, width = image.shape[:2]
    scale = min(width / box.width, height / box.height)
    wide, high = max(1, round(box.width * scale)), max(1, round(box.height * scale))
    x, y = (width - wide) // 2, (height - high) // 2
    part = image[y : y + high, x : x + wide]
    if (wide, high) == (box.width, box.height):
        return part
    size = (box.width, box.height)
    return np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)


def draw_edge(image: Image, box: Box) -> None:
    """Draw a light frame around a box, in place."""
    corners = (box.x - 1, box.y - 1), (box.x + box.width, box.y + box.height)
    cv2.rectangle(image, *corners, EDGE_BGR, 2, cv2.LINE_8)
