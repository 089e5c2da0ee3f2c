"""How much of each pixel is the figure: a rough segmentation made exact by the background."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mirror_core.frame import Image
from mirror_training.film.footage import guessed_alpha
from mirror_training.opencv import cv2

__all__ = ["figure_alpha", "sharp", "soft"]

Bytes = NDArray[np.uint8]

UNSURE = 0.025  # of the side: how far the edge of a segmentation may be off
SOLID = 128  # of a segmentation: from which a pixel is the figure
LOW, HIGH = 80, 175  # of a doubtful alpha: up to which it is 0 and from which 255
SOFT = 1 / 300  # of the side: blur of an edge that nothing makes exact


def figure_alpha(
    frame: Image, background: Image, segmentation: Bytes, seen: NDArray[np.bool_] | None = None
) -> Bytes:
    """The figure's alpha on a still background.

    Well inside the segmentation it is 255, far outside 0, so that neither a coat of the background's colour
    makes holes nor a shadow counts. Between, it is the mean of the segmentation, which sees a body also
    before what looks alike, and of what differs from the background, which has the exact edge.

    Args:
        frame: uint8 [side, side, 3].
        background: uint8 [side, side, 3].
        segmentation: uint8 [side, side], 0 … 255, rough.
        seen: bool [side, side]: where the background is known; elsewhere the segmentation alone counts. None:
            everywhere.

    Returns:
        uint8 [side, side].
    """
    inside, near = _certain(segmentation)
    differs = guessed_alpha(frame, background)
    mean = segmentation // 2 + differs // 2
    if seen is not None:
        mean = np.where(seen, mean, segmentation)
    alpha = np.where(near, np.maximum(mean, inside), 0).astype(np.uint8)
    return sharp(alpha)


def sharp(alpha: Bytes) -> Bytes:
    """With a steeper slope around one half (halves are doubt, not mist), then a camera's soft edges."""
    steep = np.clip((alpha.astype(np.float32) - LOW) * (255.0 / (HIGH - LOW)), 0, 255)
    return soft(np.rint(steep).astype(np.uint8))


def soft(alpha: Bytes) -> Bytes:
    """With edges as soft as a camera's."""
    return np.asarray(cv2.GaussianBlur(alpha, (0, 0), max(0.5, SOFT * alpha.shape[0])), np.uint8)


def _certain(segmentation: Bytes) -> tuple[Bytes, NDArray[np.bool_]]:
    """255 where it is surely the figure, and where it may be."""
    solid = (segmentation >= SOLID).astype(np.uint8) * 255
    size = 2 * max(1, round(UNSURE * segmentation.shape[0])) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    return np.asarray(cv2.erode(solid, kernel), np.uint8), np.asarray(cv2.dilate(solid, kernel) > 0)
