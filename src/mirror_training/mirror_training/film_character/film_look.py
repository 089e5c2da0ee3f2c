"""What film adds to a picture: darker corners and grain. Both can be left away; nobody can learn grain."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mirror_core.frame import Image
from mirror_training.opencv import cv2

__all__ = ["GRAIN", "VIGNETTE", "grain", "vignette"]

Field = NDArray[np.float32]
VIGNETTE = 0.55  # how much darker the corners are
GRAIN = 5.0  # standard deviation of the grain in a middle grey, in grey levels
COARSE = 0.75  # standard deviation of a grain's size, in pixels


def vignette(size: int, strength: float = VIGNETTE) -> Field:
    """What a square picture's light is multiplied with: float32 [size, size], 1 in the middle."""
    place = (np.arange(size, dtype=np.float32) + 0.5) / size * 2.0 - 1.0
    square = place[None, :] ** 2 * 0.9 + (place[:, None] - 0.05) ** 2 * 0.8
    fall = np.clip(square - 0.18, 0.0, None) / 1.55
    return np.asarray(1.0 - strength * np.clip(fall, 0.0, 1.0) ** 0.9, np.float32)


def grain(picture: Image, rng: np.random.Generator, strength: float = GRAIN) -> Image:
    """A picture with film grain: the same in all channels, strongest in the middle greys.

    Args:
        picture: uint8 [h, w, 3].
        rng: draws the grain; no two frames have the same.
        strength: standard deviation in grey levels.
    """
    height, width = picture.shape[:2]
    noise = cv2.GaussianBlur(rng.standard_normal((height, width)).astype(np.float32), (0, 0), COARSE)
    noise /= float(noise.std()) + 1e-6
    grey = picture.mean(axis=2, dtype=np.float32) / 255.0
    weight = 0.35 + 2.6 * grey * (1.0 - grey)
    grained = picture + (strength * noise * weight)[..., None]
    return np.asarray(np.clip(grained + 0.5, 0.0, 255.0), np.uint8)
