"""Turns back triangles of a face's mesh that have turned over while its points moved."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mirror_tracking.topology import FILLED_TRIANGLES

__all__ = ["turned_over", "unflipped"]

Points = NDArray[np.float32]

LEAST_AREA = 0.02  # of a triangle's area that must be left
SMALLEST_PX2 = (
    0.5  # doubled area in square pixels; smaller triangles are seen from the side: they say nothing
)
ROUNDS = 40
CORNERS = FILLED_TRIANGLES.astype(np.int64)


def turned_over(before: Points, after: Points) -> NDArray[np.bool_]:
    """Which triangles face the camera before, and after that no more or hardly: bool [898].

    Args:
        before, after: float32 [468 or more, 2 or more], pixels.
    """
    area = _areas(before)
    facing = np.sign(np.median(area))
    over: NDArray[np.bool_] = (area * facing > SMALLEST_PX2) & (
        _areas(after) * facing < LEAST_AREA * area * facing
    )
    return over


def unflipped(before: Points, after: Points) -> Points:
    """Moved points, changed a little where a triangle between them has turned over.

    A smooth bend folds nothing, but it bends the sides of triangles, and where it bends them much the corners
    of a narrow triangle can end up the wrong way round. Their displacements are drawn towards their mean,
    which moves the triangle without turning it, until none is left.

    Args:
        before, after: float32 [468 or more, 2], pixels.

    Returns:
        float32 like `after`.
    """
    offset = after - before
    for _ in range(ROUNDS):
        wrong = CORNERS[turned_over(before, before + offset)]
        if not wrong.size:
            break
        mean = offset[wrong].mean(axis=1)
        total, count = np.zeros_like(offset), np.zeros(len(offset), np.float32)
        for corner in wrong.T:
            np.add.at(total, corner, mean)
            np.add.at(count, corner, 1)
        hit = count > 0
        offset[hit] += 0.7 * (total[hit] / count[hit, None] - offset[hit])
    return np.asarray(before + offset, np.float32)


def _areas(points: Points) -> NDArray[np.float64]:
    """Twice the signed area of each triangle."""
    x, y = (points[:, axis].astype(np.float64)[CORNERS] for axis in (0, 1))
    areas: NDArray[np.float64] = (x[:, 1] - x[:, 0]) * (y[:, 2] - y[:, 0]) - (x[:, 2] - x[:, 0]) * (
        y[:, 1] - y[:, 0]
    )
    return areas
