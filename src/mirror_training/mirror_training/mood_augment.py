"""Pictures as they could have been taken: mirrored, turned, nearer, darker, blurred, partly covered."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mirror_mood.face_input import SIDE, normalised
from mirror_training.opencv import cv2

__all__ = ["Augmentation", "augmented"]


@dataclass(frozen=True, slots=True)
class Augmentation:
    """How far pictures are changed.

    Attributes:
        turn: largest rotation in degrees, either way.
        scale: largest change of size; 0.15 means 1/1.15 … 1.15.
        stretch: largest change of one side only, likewise.
        shift: largest displacement in pixels of the 48.
        gamma: largest logarithm of the exponent put on brightness.
        blur: chance of a blur.
        noise: largest standard deviation of noise, in grey levels.
        cover: chance that a rectangle is covered.
        cover_share: smallest and largest part of the picture that is covered.
    """

    turn: float = 12.0
    scale: float = 0.16
    stretch: float = 0.05
    shift: float = 2.5
    gamma: float = 0.35
    blur: float = 0.1
    noise: float = 4.0
    cover: float = 0.3
    cover_share: tuple[float, float] = (0.04, 0.2)


def _transform(rng: np.random.Generator, side: int, how: Augmentation) -> NDArray[np.float64]:
    """From pixels of the picture to pixels of the result, [2, 3]."""
    angle = math.radians(rng.uniform(-how.turn, how.turn))
    size = math.exp(rng.uniform(-1, 1) * math.log1p(how.scale))
    wide = math.exp(rng.uniform(-1, 1) * math.log1p(how.stretch))
    flip = -1.0 if rng.random() < 0.5 else 1.0
    across, down = size * wide, size / wide
    linear = np.array(
        [
            [flip * across * math.cos(angle), -across * math.sin(angle)],
            [flip * down * math.sin(angle), down * math.cos(angle)],
        ]
    )
    room = (SIDE - side) / 2  # of a crop smaller than the picture
    middle = (SIDE - 1) / 2
    place = (side - 1) / 2 + rng.uniform(-1, 1, 2) * (room + how.shift)
    return np.hstack([linear, (place - linear @ (middle, middle))[:, None]])


def augmented(
    images: NDArray[np.uint8], rng: np.random.Generator, side: int, how: Augmentation
) -> NDArray[np.float32]:
    """Changed and normalised pictures.

    Args:
        images: uint8 [n, SIDE, SIDE].
        rng: where chance comes from.
        side: height and width of the result; below SIDE a crop, at the same size of the face.
        how: how far they are changed.

    Returns:
        float32 [n, side, side, 1], as the network takes it.
    """
    changed = np.empty((len(images), side, side), np.float32)
    for row, image in enumerate(images):
        picture = cv2.warpAffine(
            image,
            _transform(rng, side, how),
            (side, side),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REFLECT_101,
        )
        if rng.random() < 0.5:
            curve = (np.arange(256) / 255.0) ** math.exp(rng.uniform(-how.gamma, how.gamma)) * 255.0
            picture = cv2.LUT(picture, curve.astype(np.float32))
        if rng.random() < how.blur:
            picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.4, 1.2))
        changed[row] = picture
    spread = rng.uniform(0, how.noise, (len(images), 1, 1)).astype(np.float32)
    changed += spread * rng.standard_normal(changed.shape, np.float32)
    result = normalised(changed)
    for picture in result:
        if rng.random() < how.cover:
            area = rng.uniform(*how.cover_share) * side * side
            ratio = math.exp(rng.uniform(-0.7, 0.7))
            height = min(side, max(1, round(math.sqrt(area * ratio))))
            width = min(side, max(1, round(math.sqrt(area / ratio))))
            top, left = rng.integers(0, side - height + 1), rng.integers(0, side - width + 1)
            picture[top : top + height, left : left + width] = rng.uniform(-1, 1)
    return result
