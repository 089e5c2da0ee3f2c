"""Rotations as matrices and as unit (dual) quaternions.

World: x to the right of the picture, y up, z towards the camera; metres. A rotation matrix turns column
vectors, and a positive angle turns counter-clockwise for someone whom the axis points at.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Floats", "about", "dual_quaternions", "quaternions", "swing", "swing_vector", "unit"]

Floats = NDArray[np.float64]

AXES = {"x": (1.0, 0.0, 0.0), "y": (0.0, 1.0, 0.0), "z": (0.0, 0.0, 1.0)}
DOWN = np.array([0.0, -1.0, 0.0])
TINY = 1e-9


def unit(vector: NDArray[Any]) -> Floats:
    """The direction of a vector [..., 3]."""
    values = np.asarray(vector, np.float64)
    return np.asarray(values / np.maximum(np.linalg.norm(values, axis=-1, keepdims=True), TINY))


def about(axis: str | NDArray[Any], degrees: float) -> Floats:
    """Rotation matrix [3, 3] about an axis ("x", "y", "z" or a unit vector); Rodrigues' formula."""
    x, y, z = AXES[axis] if isinstance(axis, str) else np.asarray(axis, np.float64)
    angle = math.radians(degrees)
    cos, sin = math.cos(angle), math.sin(angle)
    rest = 1.0 - cos
    return np.array(
        [
            [cos + x * x * rest, x * y * rest - z * sin, x * z * rest + y * sin],
            [y * x * rest + z * sin, cos + y * y * rest, y * z * rest - x * sin],
            [z * x * rest - y * sin, z * y * rest + x * sin, cos + z * z * rest],
        ]
    )


def swing(about_x: float, about_z: float) -> Floats:
    """Rotation without twist that swings a hanging limb, in degrees about x and z at once.

    The vector (about_x, 0, about_z) is axis times angle, so that no order of the two matters and there is
    no gimbal short of 180° (F. S. Grassia, "Practical parameterization of rotations using the exponential
    map", 1998).
    """
    angle = math.hypot(about_x, about_z)
    if angle < TINY:
        return np.eye(3)
    return about(np.array([about_x, 0.0, about_z]) / angle, angle)


def swing_vector(direction: NDArray[Any]) -> tuple[float, float]:
    """The degrees about x and z that swing a hanging limb into a direction [3]: `swing` the other way."""
    aim = unit(direction)
    axis = np.cross(DOWN, aim)
    sine = float(np.linalg.norm(axis))
    if sine < TINY:
        return (0.0, 0.0) if aim[1] < 0 else (-180.0, 0.0)
    angle = math.degrees(math.atan2(sine, float(DOWN @ aim)))
    return float(axis[0] / sine * angle), float(axis[2] / sine * angle)


def quaternions(matrices: Floats) -> Floats:
    """Unit quaternions [n, 4] (w, x, y, z) of rotation matrices [n, 3, 3].

    The largest of the four is computed first, which never divides by a small number (Shepperd, 1978).
    """
    m = matrices
    trace = m[:, 0, 0] + m[:, 1, 1] + m[:, 2, 2]
    squares = np.stack([trace, m[:, 0, 0], m[:, 1, 1], m[:, 2, 2]], axis=1)
    candidates = np.empty((len(m), 4, 4))
    a, b, c = m[:, 2, 1] - m[:, 1, 2], m[:, 0, 2] - m[:, 2, 0], m[:, 1, 0] - m[:, 0, 1]
    d, e, f = m[:, 0, 1] + m[:, 1, 0], m[:, 0, 2] + m[:, 2, 0], m[:, 1, 2] + m[:, 2, 1]
    candidates[:, 0] = np.stack([1 + trace, a, b, c], axis=1)
    candidates[:, 1] = np.stack([a, 1 + 2 * m[:, 0, 0] - trace, d, e], axis=1)
    candidates[:, 2] = np.stack([b, d, 1 + 2 * m[:, 1, 1] - trace, f], axis=1)
    candidates[:, 3] = np.stack([c, e, f, 1 + 2 * m[:, 2, 2] - trace], axis=1)
    best = candidates[np.arange(len(m)), squares.argmax(axis=1)]
    return np.asarray(best / np.linalg.norm(best, axis=1, keepdims=True))


def dual_quaternions(matrices: Floats, translations: Floats) -> Floats:
    """Unit dual quaternions [n, 8] (real, dual) of rotations [n, 3, 3] and then translations [n, 3].

    Source: L. Kavan et al., "Skinning with dual quaternions", 2007.
    """
    real = quaternions(matrices)
    w, x, y, z = real.T
    a, b, c = translations.T
    dual = 0.5 * np.stack(
        [-a * x - b * y - c * z, a * w + b * z - c * y, b * w + c * x - a * z, c * w + a * y - b * x], axis=1
    )
    return np.concatenate([real, dual], axis=1)
