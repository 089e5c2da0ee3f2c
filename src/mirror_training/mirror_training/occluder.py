"""What an occluder is, and where it goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_effects.occlusion_input import GRID
from mirror_training.opencv import cv2
from mirror_training.textures import Field, Textures

__all__ = ["FINE", "SHIFT", "DrawOccluder", "Occluder", "Place", "filled_polygon"]

FINE, SHIFT = 8, 3  # drawn coordinates are in eighths of a pixel: 3 fractional bits


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Where an occluder goes.

    Attributes:
        points: float32 [468, 2] of the face in the square.
        skin: float32 [3], the face's own skin colour.
        hair: float32 [3], the colour above the forehead, mostly that of the face's own hair.
    """

    points: NDArray[np.float32]
    skin: NDArray[np.float32]
    hair: NDArray[np.float32]

    def spot(self, rng: np.random.Generator) -> NDArray[np.float32]:
        """A random point on the face."""
        a, b = rng.integers(0, len(self.points), 2)
        mixed: NDArray[np.float32] = self.points[a] + (self.points[b] - self.points[a]) * np.float32(
            rng.random()
        )
        return mixed


@dataclass(frozen=True, slots=True, eq=False)
class Occluder:
    """A drawn occluder: colour float32 [GRID, GRID, 3] and alpha float32 [GRID, GRID]."""

    colour: Field
    alpha: Field


def filled_polygon(points: NDArray[np.floating[Any]]) -> Field:
    """A polygon [n, 2] filled, 0 … 1: float32 [GRID, GRID]."""
    mask = np.zeros((GRID, GRID), np.uint8)
    cv2.fillPoly(mask, [np.rint(points * FINE).astype(np.int32)], 255, cv2.LINE_AA, SHIFT)
    return mask.astype(np.float32) / 255


DrawOccluder = Callable[[np.random.Generator, Place, Textures], Occluder]
