"""A face upright and at a given size: the similarity that brings its eyes to given places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_tracking.topology import (
    FACE_OVAL,
    LEFT_EYE_INNER,
    LEFT_EYE_OUTER,
    RIGHT_EYE_INNER,
    RIGHT_EYE_OUTER,
)

__all__ = ["EYE_DISTANCE", "EyePlaces", "aligned", "alignment", "oval_opacity"]

Floats = NDArray[np.floating[Any]]

EYE_HEIGHT = 0.43  # of a tile's height, at which the eyes lie
EYE_DISTANCE = 0.2, 0.27  # between the eyes: the smaller of these shares of the tile's height and width
SOFTNESS = 0.05  # standard deviation of the oval's edge, in eye distances
INSIDE = 0.07  # by which the oval is smaller than the mesh, as a share: beyond it the room shows
COARSE = 2  # pixels of a tile per pixel of the oval's picture
SHARP_SCALE = 0.6  # below this scale pixels are averaged first


@dataclass(frozen=True, slots=True)
class EyePlaces:
    """Where the eyes lie in a tile.

    Attributes:
        middle: point between them, x and y in pixels.
        distance: between their centres in pixels.
    """

    middle: tuple[float, float]
    distance: float

    @classmethod
    def of(cls, width: int, height: int) -> EyePlaces:
        """In a tile of this size, so that the whole face is seen."""
        distance = min(EYE_DISTANCE[0] * height, EYE_DISTANCE[1] * width)
        return cls((width / 2, EYE_HEIGHT * height), distance)


def alignment(landmarks: Floats, places: EyePlaces) -> NDArray[np.float64] | None:
    """The similarity [2, 3] that brings a face's eyes to their places, level; None where both are one point.

    The distance between the eyes is measured in space, not in the picture: a head that turns aside keeps its
    size.

    Args:
        landmarks: [468 or 478, 3] in pixels.
        places: where the eyes shall be.
    """
    points = np.asarray(landmarks, np.float64)
    right = points[[RIGHT_EYE_OUTER, RIGHT_EYE_INNER]].mean(axis=0)
    left = points[[LEFT_EYE_OUTER, LEFT_EYE_INNER]].mean(axis=0)
    between = left - right
    if np.hypot(between[0], between[1]) < 1e-6:
        return None
    scale = places.distance / float(np.linalg.norm(between))
    angle = -np.arctan2(between[1], between[0])
    cosine, sine = scale * np.cos(angle), scale * np.sin(angle)
    turn = np.array([[cosine, -sine], [sine, cosine]])
    middle = (left + right)[:2] / 2
    return np.hstack([turn, (np.asarray(places.middle) - turn @ middle)[:, None]])


def aligned(
    image: NDArray[np.uint8], matrix: NDArray[np.float64], size: tuple[int, int]
) -> NDArray[np.uint8]:
    """A picture moved by a similarity, uint8 [h, w, …]; outside it repeats its edge, an opacity is nothing.

    Args:
        image: uint8 [height, width, 3], or an opacity [height, width].
        matrix: [2, 3] from its pixels to those of the result (pixel i covers i … i+1).
        size: width and height of the result.
    """
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    matrix = matrix.copy()
    if scale < SHARP_SCALE:
        shrink = max(scale, 0.05)
        small = (max(1, round(image.shape[1] * shrink)), max(1, round(image.shape[0] * shrink)))
        matrix[:, 0] *= image.shape[1] / small[0]
        matrix[:, 1] *= image.shape[0] / small[1]
        image = np.asarray(cv2.resize(image, small, interpolation=cv2.INTER_AREA), np.uint8)
    # OpenCV puts the centre of pixel 0 at 0.
    matrix[:, 2] += matrix[:, :2] @ (0.5, 0.5) - 0.5
    border = cv2.BORDER_CONSTANT if image.ndim == 2 else cv2.BORDER_REPLICATE
    moved = cv2.warpAffine(image, matrix, size, flags=cv2.INTER_LINEAR, borderMode=border)
    return np.asarray(moved, np.uint8)


def oval_opacity(
    landmarks: Floats, matrix: NDArray[np.float64], size: tuple[int, int], distance: float
) -> tuple[tuple[slice, slice], NDArray[np.uint8]]:
    """Where an aligned face is, with a soft edge.

    Args:
        landmarks: [468 or 478, 3] before the alignment.
        matrix: of `alignment`.
        size: width and height of the tile.
        distance: between the eyes in the tile.

    Returns:
        Rows and columns of the part of the tile in which it is, and uint8 [h, w] of that part; the part is
        empty where the face lies outside.
    """
    outline = np.asarray(landmarks, np.float64)[FACE_OVAL, :2] @ matrix[:, :2].T + matrix[:, 2]
    outline += INSIDE * (outline.mean(axis=0) - outline)
    edge = SOFTNESS * distance
    low = np.clip(np.floor(outline.min(axis=0) - 3 * edge), 0, size).astype(int)
    high = np.clip(np.ceil(outline.max(axis=0) + 3 * edge), 0, size).astype(int)
    part = (slice(int(low[1]), int(high[1])), slice(int(low[0]), int(high[0])))
    wide, high_px = (int(length) for length in np.maximum(high - low, 0))
    if wide == 0 or high_px == 0:
        return part, np.zeros((high_px, wide), np.uint8)
    small = np.zeros((-(-high_px // COARSE), -(-wide // COARSE)), np.uint8)
    places = (outline - low) / COARSE - 0.5
    cv2.fillPoly(small, [np.rint(places * 16).astype(np.int32)], (255,), cv2.LINE_AA, 4)
    soft = cv2.GaussianBlur(small, (0, 0), max(edge / COARSE, 0.5))
    return part, np.asarray(cv2.resize(soft, (wide, high_px), interpolation=cv2.INTER_LINEAR), np.uint8)
