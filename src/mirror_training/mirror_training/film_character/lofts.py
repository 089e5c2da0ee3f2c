"""Surfaces made of rings: lofts through cross-sections, tubes and patches that lie on a loft."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from mirror_training.film_character.rotations import Floats

__all__ = ["Surface", "grid", "interpolated", "rings", "smoothstep", "transformed", "tube"]

Surface = tuple[Floats, NDArray[np.int64], Floats]
"""vertices [v, 3], triangles [t, 3] and texture [v, 2], as `mesh.Part` has them."""


def smoothstep(low: float, high: float, values: NDArray[Any] | float) -> Floats:
    """0 below `low`, 1 above `high`, and a cubic with level ends in between."""
    t = np.clip((np.asarray(values, np.float64) - low) / (high - low), 0.0, 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t))


def interpolated(table: Sequence[Sequence[float]], count: int) -> Floats:
    """A table whose first column ascends, at `count` equally distant places of that column: [count, columns].

    Monotone cubic interpolation, which does not overshoot (F. Fritsch, R. Carlson, 1980).
    """
    rows = np.asarray(table, np.float64)
    places = np.linspace(rows[0, 0], rows[-1, 0], count)
    return np.column_stack([places, PchipInterpolator(rows[:, 0], rows[:, 1:])(places)])


def rings(profile: Floats, segments: int, roundness: float = 2.0) -> Floats:
    """Cross-sections about the vertical: [n, segments + 1, 3], from the back over the right side (θ = −π/2),
    the front (0) and the left side to the back.

    Args:
        profile: [n, 4]: height y, half width, front z and back z.
        segments: number of sides.
        roundness: exponent of the superellipse, 2 for an ellipse, more for something squarer.
    """
    angle = np.linspace(-np.pi, np.pi, segments + 1)
    sine, cosine = np.sin(angle), np.cos(angle)
    across = np.sign(sine) * np.abs(sine) ** (2.0 / roundness)
    along = np.sign(cosine) * np.abs(cosine) ** (2.0 / roundness)
    y, half, front, back = (profile[:, i, None] for i in range(4))
    x = half * across
    z = (front + back) / 2 + (front - back) / 2 * along
    return np.stack([x, np.broadcast_to(y, x.shape), z], axis=2)


def grid(points: NDArray[Any], *, first_end: bool = False, last_end: bool = False) -> Surface:
    """A surface over a grid of points [n, m, 3].

    It is seen from outside where going along a row and going to the next row turn counter-clockwise. The
    texture runs along a row to the right, and upwards (in its picture) from row to row, by length.

    Args:
        points: rows of points.
        first_end, last_end: whether the first and the last row are closed with a lid.
    """
    values = np.asarray(points, np.float64)
    count, width = values.shape[:2]
    index = np.arange(count * width).reshape(count, width)
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, :-1], index[1:, 1:]
    faces = [np.stack([a, b, c], -1).reshape(-1, 3), np.stack([b, d, c], -1).reshape(-1, 3)]
    lengths = np.linalg.norm(np.diff(values, axis=0), axis=2).mean(axis=1)
    down = 1.0 - np.concatenate([[0.0], np.cumsum(lengths)]) / max(float(lengths.sum()), 1e-9)
    right = np.linspace(0.0, 1.0, width)
    texture = np.stack(np.broadcast_arrays(right[None, :], down[:, None]), axis=2).reshape(-1, 2)
    vertices = values.reshape(-1, 3)
    for wanted, row, turned in ((first_end, 0, False), (last_end, count - 1, True)):
        if not wanted:
            continue
        middle = len(vertices)
        edge = index[row, ::-1] if not turned else index[row]
        vertices = np.vstack([vertices, values[row, :-1].mean(axis=0)])
        texture = np.vstack([texture, [0.5, down[row]]])
        faces.append(np.stack([edge[:-1], edge[1:], np.full(width - 1, middle)], axis=1))
    return vertices, np.concatenate(faces).astype(np.int64), texture


def tube(
    table: Sequence[Sequence[float]], count: int, segments: int, *, ends: tuple[bool, bool] = (False, False)
) -> Floats:
    """Rings of a limb that hangs from its joint: [count, segments + 1, 3] from its lower end upwards.

    Args:
        table: rows of: distance below the joint (ascending), half width (x), half depth (z) and how far
            forward the middle lies.
        count: number of rings.
        segments: number of sides.
        ends: whether the first and last ring (lower, upper) shrink to a point.
    """
    rows = interpolated(table, count)[::-1]
    profile = np.column_stack([-rows[:, 0], rows[:, 1], rows[:, 3] + rows[:, 2], rows[:, 3] - rows[:, 2]])
    points = rings(profile, segments)
    for wanted, row in zip(ends, (0, -1), strict=True):
        if wanted:
            points[row] = points[row].mean(axis=0)
    return points


def transformed(points: NDArray[Any], rotation: Floats, origin: Floats) -> Floats:
    """Points [..., 3] of a bone's frame in the world."""
    return np.asarray(np.asarray(points) @ rotation.T + origin)
