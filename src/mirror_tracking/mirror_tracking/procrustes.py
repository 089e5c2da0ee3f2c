"""Similarity transforms between sets of points in space: weighted Procrustes analysis, one set or many.

Closed form by singular values (Kabsch 1976, Umeyama 1991). Points are [n, 3] with x to the right, y down
and z away from the camera, as landmarks in a picture are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ShapeError

__all__ = ["Placement", "place", "place_all"]

Points = NDArray[np.floating[Any]]
Array = NDArray[np.float64]

SMALLEST_SCALE = 1e-9  # points that all lie in one place have no size; this one keeps every step finite


@dataclass(frozen=True, slots=True, eq=False)
class Placement:
    """How a shape lies in a picture: turned, scaled, moved, in this order.

    Attributes:
        rotation: float64 [3, 3], proper; picture direction = rotation @ shape direction.
        scale: picture pixels per unit of the shape, above 0.
        translation: float64 [3], picture position of the shape's origin in pixels.
    """

    rotation: Array
    scale: float
    translation: Array

    def to_image(self, shape: Points) -> NDArray[np.float32]:
        """A shape [n, 3] in its own units, as it lies in the picture: float32 [n, 3] in pixels."""
        turned = np.asarray(shape, np.float64) @ (self.rotation.T * self.scale)
        return np.asarray(turned + self.translation, np.float32)

    def to_model(self, points: Points) -> Array:
        """Points [n, 3] of the picture in the shape's units, upright: float64 [n, 3]."""
        return (np.asarray(points, np.float64) - self.translation) @ (self.rotation / self.scale)

    @property
    def yaw(self) -> float:
        """Turn to the side in radians, positive when the person looks to their own left."""
        return math.atan2(-self.rotation[0, 2], self.rotation[2, 2])

    @property
    def pitch(self) -> float:
        """Nod in radians, positive when the person looks up."""
        return math.asin(min(1.0, max(-1.0, float(self.rotation[1, 2]))))

    @property
    def roll(self) -> float:
        """Lean in radians, positive when the head leans to the person's left shoulder."""
        return math.atan2(self.rotation[1, 0], self.rotation[0, 0])


def place(shape: Points, points: Points, weights: NDArray[np.floating[Any]] | None = None) -> Placement:
    """The placement that brings a shape nearest to points, in the weighted sum of squared distances.

    Args:
        shape: [n, 3], n ≥ 3.
        points: [n, 3].
        weights: [n], 0 or more, not all 0; all the same where None.

    Raises:
        ShapeError: on other shapes, or points that are not finite.
    """
    rotations, scales, translations = place_all(shape, np.asarray(points)[None], weights)
    return Placement(rotations[0], float(scales[0]), translations[0])


def place_all(
    shape: Points, points: Points, weights: NDArray[np.floating[Any]] | None = None
) -> tuple[Array, Array, Array]:
    """`place` for many sets of points at once.

    Args:
        shape: [n, 3].
        points: [m, n, 3].
        weights: [n]; all the same where None.

    Returns:
        rotations float64 [m, 3, 3], scales float64 [m], translations float64 [m, 3].

    Raises:
        ShapeError: on other shapes, or points that are not finite.
    """
    model, sets = np.asarray(shape, np.float64), np.asarray(points, np.float64)
    if model.ndim != 2 or model.shape[1] != 3 or len(model) < 3 or sets.shape[1:] != model.shape:
        raise ShapeError(
            f"A placement needs a shape [n ≥ 3, 3] and as many points, not {list(model.shape)} "
            f"and {list(sets.shape[1:])}."
        )
    if not np.isfinite(sets).all():
        raise ShapeError("Points to be aligned must be finite numbers, but some are NaN or infinite.")
    share = np.full(len(model), 1 / len(model)) if weights is None else weights / np.sum(weights)
    model_centre = share @ model
    centres = share @ sets
    centred = model - model_centre
    moved = sets - centres[:, None]
    covariance = np.swapaxes(moved, 1, 2) @ (centred * share[:, None])
    left, singular, right = np.linalg.svd(covariance)
    signs = np.ones_like(singular)
    signs[:, 2] = np.sign(np.linalg.det(left @ right))
    rotations = (left * signs[:, None]) @ right
    spread = float(share @ (centred**2).sum(axis=1))
    scales = np.maximum((singular * signs).sum(axis=1) / max(spread, SMALLEST_SCALE), SMALLEST_SCALE)
    translations = centres - scales[:, None] * (rotations @ model_centre)
    return rotations, scales, translations
