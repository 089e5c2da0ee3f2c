"""A cheap appearance descriptor: the colours at the mesh's points, whatever pose and expression."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.frame import Image

__all__ = ["blended", "describe"]

_POINTS = np.arange(0, 468, 4)  # enough of the surface to tell two people apart
_CELLS = 48  # the crop is averaged to this many cells a side first, so that a wrinkle more does not matter
_KEEP = 0.9  # share of the old descriptor when a new one is blended in


def describe(crop: Image, points: NDArray[np.float32]) -> NDArray[np.float32]:
    """The appearance of a face.

    Args:
        crop: uint8 [n, n, 3], BGR: the face upright.
        points: [468 or more, 2]: its landmarks in the crop, in pixels.

    Returns:
        float32 [351] of unit length (zero for a flat crop); brightness and contrast are taken out.
    """
    small = cv2.resize(crop, (_CELLS, _CELLS), interpolation=cv2.INTER_AREA)
    cells = np.clip((points[_POINTS] * (_CELLS / crop.shape[0])).astype(np.intp), 0, _CELLS - 1)
    colours = small[cells[:, 1], cells[:, 0]].astype(np.float32).ravel()
    colours -= colours.mean()
    return _unit(colours)


def blended(old: NDArray[np.float32] | None, new: NDArray[np.float32]) -> NDArray[np.float32]:
    """The running mean of a track's appearance, of unit length."""
    return new if old is None else _unit(_KEEP * old + (1 - _KEEP) * new)


def _unit(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    length = float(np.linalg.norm(vector))
    return (vector / length).astype(np.float32) if length > 0 else vector
