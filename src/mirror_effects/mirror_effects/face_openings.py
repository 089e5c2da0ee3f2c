"""Eyes and mouth through which the wearer is seen: cut out of a drawn face with soft edges."""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_tracking.topology import INNER_LIPS, LEFT_EYE, RIGHT_EYE

__all__ = ["EYES", "MOUTH", "cut_openings", "eye_opening", "mouth_opening"]

EYES, MOUTH = (RIGHT_EYE, LEFT_EYE), (INNER_LIPS,)
SOFTNESS = 0.05  # over which an opening's edge fades, as a share of its width
SUBPIXEL_BITS = 4

Points = NDArray[np.floating[Any]]


def mouth_opening(landmarks: Points) -> float:
    """Distance between the lips over the mouth's width, 0 for a closed mouth; of landmarks [468+, 2+]."""
    return _ratio(landmarks, 13, 14, 78, 308)


def eye_opening(landmarks: Points) -> float:
    """Distance between the lids over the eye's width, of the eye that is open less; landmarks [468+, 2+]."""
    return min(_ratio(landmarks, 159, 145, 33, 133), _ratio(landmarks, 386, 374, 362, 263))


def _ratio(points: Points, upper: int, lower: int, right: int, left: int) -> float:
    across = points[left, :2] - points[right, :2]
    down = points[lower, :2] - points[upper, :2]
    return float(np.hypot(*down) / max(float(np.hypot(*across)), 1e-6))


def cut_openings(opacity: NDArray[np.uint8], points: Points, loops: tuple[NDArray[np.int32], ...]) -> None:
    """Make the inside of closed outlines transparent, in place.

    Args:
        opacity: uint8 [h, w].
        points: [468 or more, 2 or more], landmarks in its pixels (pixel i covers i … i+1).
        loops: outlines as point indices, of `EYES` and `MOUTH`.
    """
    height, width = opacity.shape
    for loop in loops:
        outline = np.asarray(points[loop, :2], np.float64)
        low, high = outline.min(axis=0), outline.max(axis=0)
        soft = max(1, round(SOFTNESS * float(high[0] - low[0])))
        x0, y0 = (max(0, math.floor(v) - soft - 1) for v in low)
        x1, y1 = (min(end, math.ceil(v) + soft + 1) for v, end in zip(high, (width, height), strict=True))
        if x1 <= x0 or y1 <= y0:
            continue
        kept = np.full((y1 - y0, x1 - x0), 255, np.uint8)
        fixed = np.rint((outline - (x0 + 0.5, y0 + 0.5)) * (1 << SUBPIXEL_BITS)).astype(np.int32)
        cv2.fillPoly(kept, [fixed], (0,), cv2.LINE_AA, SUBPIXEL_BITS)
        soft_edge = cv2.blur(kept, (2 * soft + 1, 2 * soft + 1))
        part = opacity[y0:y1, x0:x1]
        cv2.multiply(part, soft_edge, dst=part, scale=1 / 255)
