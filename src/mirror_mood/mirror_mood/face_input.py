"""What the mood network sees: a small upright grey face, normalised by its own mean and spread.

Training and running use these same functions, so that they cannot drift apart. Training pictures come cut out
(FER2013); a live face is turned, scaled and moved so that its steady points lie where they lie in those.
"""

from __future__ import annotations

import math
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ShapeError
from mirror_core.frame import Image, require_bgr

__all__ = ["LAYOUT", "SIDE", "STEADY_POINTS", "face_picture", "face_similarity", "normalised"]

SIDE: Final = 48  # height and width of the network's picture, in pixels: FER2013's
LEAST_SPREAD = 8.0  # grey levels; a picture flatter than this is not stretched further
FINEST = 12  # largest number of samples averaged along one side of a pixel

# Mean places, in pixels of the network's picture, of points that move little with expression: corners of the
# eyes, ridge and wings of the nose, temples, forehead. From the mirror's mesh on FER2013's training pictures
# (mirror_training.mood_layout).
LAYOUT: Final[dict[int, tuple[float, float]]] = {
    33: (11.72, 18.20),
    133: (18.99, 18.68),
    362: (28.69, 18.59),
    263: (36.08, 17.97),
    168: (23.78, 17.40),
    6: (23.81, 19.71),
    197: (23.83, 21.68),
    4: (23.87, 27.62),
    98: (19.24, 29.94),
    327: (28.65, 29.84),
    127: (5.31, 18.36),
    356: (42.59, 17.92),
    234: (5.59, 21.99),
    454: (42.41, 21.57),
    10: (23.63, 4.65),
}
STEADY_POINTS: Final = tuple(LAYOUT)
_PLACES: Final = np.array(list(LAYOUT.values()), np.float64)


def normalised(pictures: NDArray[np.uint8] | NDArray[np.float32]) -> NDArray[np.float32]:
    """Grey pictures with each one's mean taken off, divided by each one's standard deviation.

    Args:
        pictures: [n, h, w], grey levels 0 … 255.

    Returns:
        float32 [n, h, w, 1].

    Raises:
        ShapeError: where the array has another shape.
    """
    grey = np.asarray(pictures, np.float32)
    if grey.ndim != 3:
        raise ShapeError(f"Pictures must be [n, height, width], not {list(grey.shape)}.")
    mean = grey.mean((1, 2), keepdims=True)
    spread = grey.std((1, 2), keepdims=True)
    return np.asarray(((grey - mean) / np.maximum(spread, LEAST_SPREAD))[..., None], np.float32)


def face_similarity(landmarks: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """The similarity that brings a face's steady points nearest to LAYOUT, in the sense of least squares.

    Umeyama, "Least-squares estimation of transformation parameters between two point patterns", 1991, in the
    plane, where it is one division of complex numbers.

    Args:
        landmarks: [468 or more, 2 or more] in pixels (pixel i covers i … i+1).

    Returns:
        float64 [2, 3], from such pixels of the image to such pixels of the network's picture.

    Raises:
        ShapeError: where the array has another shape.
    """
    if landmarks.ndim != 2 or landmarks.shape[0] < 468 or landmarks.shape[1] < 2:
        raise ShapeError(f"landmarks must be float32 [468 or more, 2 or more], not {list(landmarks.shape)}.")
    points = np.asarray(landmarks[list(STEADY_POINTS), :2], np.float64)
    middle, target = points.mean(0), _PLACES.mean(0)
    here = (points - middle) @ (1, 1j)
    there = (_PLACES - target) @ (1, 1j)
    spread = float((np.abs(here) ** 2).sum())
    factor = complex((here.conj() * there).sum() / spread) if spread > 1e-9 else 1 + 0j
    linear = np.array([[factor.real, -factor.imag], [factor.imag, factor.real]])
    return np.column_stack([linear, target - linear @ middle])


def face_picture(image: Image, landmarks: NDArray[np.floating[Any]]) -> NDArray[np.uint8]:
    """A face as the network's training pictures show it, before it is normalised.

    What lies outside the image repeats its border. Where a pixel of the result covers several of the image,
    they are averaged.

    Args:
        image: uint8 [height, width, 3], BGR.
        landmarks: [468 or more, 2 or more] in pixels (pixel i covers i … i+1).

    Returns:
        uint8 [SIDE, SIDE], grey.

    Raises:
        ShapeError: where an array has another shape.
    """
    require_bgr(image)
    similarity = face_similarity(landmarks)
    scale = max(math.hypot(similarity[0, 0], similarity[1, 0]), 1e-3)
    finer = min(FINEST, max(1, math.ceil(1 / scale - 0.25)))
    side = SIDE * finer
    # OpenCV's coordinates have the middle of a pixel at whole numbers, ours at halves.
    finest = similarity * finer
    finest[:, 2] += finest[:, :2] @ (0.5, 0.5) - 0.5
    face = cv2.warpAffine(
        image, finest, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    grey = cv2.cvtColor(face, cv2.COLOR_BGR2GRAY)
    if finer > 1:
        grey = cv2.resize(grey, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return np.asarray(grey, np.uint8)
