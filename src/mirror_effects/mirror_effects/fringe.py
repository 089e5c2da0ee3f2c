"""Finds hair on a forehead, which belongs to the head and not to the face that others wear.

A fringe is what is much darker than the cheeks and lies well above the brows.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.frame import Image
from mirror_tracking.topology import LEFT_BROW, RIGHT_BROW

__all__ = ["fringe_share"]

DARKER = (0.86, 0.66)  # grey level over that of the cheeks from which a forehead counts as hair … surely
FINE_PX = 96  # height of the face at which it is looked at: a single hair is no fringe
ABOVE_BROWS = 0.02  # distance from the brows, as a share of the face's height
SOFTNESS_PX = 1.5  # standard deviation of the share's edge, at that size
CHEEKS = np.array([117, 346, 425, 205])
CHIN, FOREHEAD = 152, 10
HIGHER = 1.6  # as far above the brows as this times the forehead's height hair is looked for
NOTHING = 6  # a share of at most so many 255ths anywhere is none


def fringe_share(picture: Image, landmarks: NDArray[np.floating[Any]]) -> NDArray[np.uint8] | None:
    """How much each pixel is hair on the forehead.

    Args:
        picture: uint8 [h, w, 3 or 4], BGR, of one face.
        landmarks: [468 or more, 2 or more] in its pixels.

    Returns:
        uint8 [h, w], 255 for surely hair; None where there is none.
    """
    points = np.asarray(landmarks[:468, :2], np.float64)
    height = float(np.hypot(*(points[CHIN] - points[FOREHEAD])))
    scale = min(1.0, FINE_PX / max(height, 1.0))
    size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    code = cv2.COLOR_BGRA2GRAY if picture.shape[2] == 4 else cv2.COLOR_BGR2GRAY
    grey = np.asarray(cv2.cvtColor(small, code), np.float32)
    places = points * (size[0] / picture.shape[1], size[1] / picture.shape[0])
    cheeks = cv2.mean(grey, mask=_filled(grey.shape, places[CHEEKS]))[0]
    if cheeks <= 1:
        return None
    hair = ((DARKER[0] * cheeks - grey) * (255 / ((DARKER[0] - DARKER[1]) * cheeks))).clip(0, 255)
    hair[_filled(grey.shape, _forehead(places)) == 0] = 0
    share = cv2.GaussianBlur(hair.astype(np.uint8), (0, 0), SOFTNESS_PX)
    if int(share.max()) <= NOTHING:
        return None
    return np.asarray(cv2.resize(share, picture.shape[1::-1], interpolation=cv2.INTER_LINEAR), np.uint8)


def _filled(shape: tuple[int, ...], outline: NDArray[np.float64]) -> NDArray[np.uint8]:
    plane = np.zeros(shape[:2], np.uint8)
    cv2.fillPoly(plane, [np.rint(outline - 0.5).astype(np.int32)], (1,))
    return plane


def _forehead(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """The outline of what lies above the brows, in the head's own directions."""
    up = points[FOREHEAD] - points[CHIN]
    length = max(float(np.hypot(*up)), 1e-6)
    up /= length
    across = np.array([-up[1], up[0]])
    brows = points[np.concatenate([RIGHT_BROW, LEFT_BROW])]
    line = float((brows @ up).max()) + ABOVE_BROWS * length
    top = line + HIGHER * max(float(points[FOREHEAD] @ up) - line, 0.1 * length)
    middle = float(points[FOREHEAD] @ across)
    corners = [(a, b) for a, b in ((-1, line), (1, line), (1, top), (-1, top))]
    return np.array([(middle + a * length) * across + b * up for a, b in corners])
