"""A cheap description of how a person looks: the colours of face, hair and clothes down to the hips."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mirror_core.body_points import BodyPoint
from mirror_core.frame import Image

__all__ = ["describe_body"]

PATCH = 0.16  # side of a patch whose colour is averaged, in sizes: folds and noise do not matter
LEAST_PATCHES = 6  # that the picture must show, so that descriptions can be compared
CROWN = 0.8  # from the nose to the hair, over the distance from the shoulders to the nose
_DOWN = (0.1, 0.3, 0.5, 0.7)  # places between shoulders and hips
_ACROSS = (0.2, 0.5, 0.8)  # and between the two sides


def describe_body(image: Image, landmarks: NDArray[np.float32], size: float) -> NDArray[np.float32] | None:
    """The appearance of a body.

    In clips two pictures of one person differ by 0.2 to 0.3 (95 of 100 by less than 0.7), those of different
    people by 0.8 to 1.7, where 0 is equal and 2 opposite.

    Args:
        image: uint8 [height, width, 3], BGR.
        landmarks: float32 [33, 3] in pixels.
        size: of the body, as `body_size` says.

    Returns:
        float32 [42] of unit length, 0 where the picture does not show a patch; brightness and contrast are
        taken out. None where the picture shows too little.
    """
    height, width = image.shape[:2]
    radius = max(2, round(PATCH / 2 * size))
    colours = np.zeros((2 + len(_DOWN) * len(_ACROSS), 3), np.float32)
    is_seen = np.zeros(len(colours), bool)
    for number, (x, y) in enumerate(_places(landmarks)):
        left, top = int(x) - radius, int(y) - radius
        if left >= 0 and top >= 0 and left + 2 * radius <= width and top + 2 * radius <= height:
            colours[number] = image[top : top + 2 * radius, left : left + 2 * radius].mean(axis=(0, 1))
            is_seen[number] = True
    if np.count_nonzero(is_seen) < LEAST_PATCHES:
        return None
    colours[is_seen] -= colours[is_seen].mean()
    length = float(np.linalg.norm(colours))
    return (colours / length).astype(np.float32).ravel() if length > 0 else None


def _places(landmarks: NDArray[np.float32]) -> NDArray[np.float32]:
    """Where the patches lie, float32 [14, 2] in pixels: nose, hair, a grid between shoulders and hips."""
    points = landmarks[:, :2]
    left, right = points[BodyPoint.LEFT_SHOULDER], points[BodyPoint.RIGHT_SHOULDER]
    left_hip, right_hip = points[BodyPoint.LEFT_HIP], points[BodyPoint.RIGHT_HIP]
    trunk = [
        (left + down * (left_hip - left)) * (1 - across) + (right + down * (right_hip - right)) * across
        for down in _DOWN
        for across in _ACROSS
    ]
    nose = points[BodyPoint.NOSE]
    return np.stack([nose, nose + CROWN * (nose - (left + right) / 2), *trunk])
