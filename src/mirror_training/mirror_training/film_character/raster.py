"""Draws triangles into a depth buffer: which triangle is seen in each pixel, and where in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mirror_effects.mesh_raster import rasterise
from mirror_training.film_character.rotations import Floats

__all__ = ["Seen", "depth_map", "facing", "seen"]


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What the pixels of a picture show; n pixels show something.

    Attributes:
        index: int64 [n], which pixels, read row by row, ascending.
        triangle: int64 [n], the triangle in each.
        corners: float32 [3, n], how much each of the triangle's corners counts there.
        depth: float32 [n], distance.
        size: side of the picture.
    """

    index: NDArray[np.int64]
    triangle: NDArray[np.int64]
    corners: NDArray[np.float32]
    depth: NDArray[np.float32]
    size: int


def facing(corners: Floats) -> Floats:
    """Twice the signed area of triangles [t, 3, 2 or more] in pixels; negative: seen from outside."""
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    return np.asarray((b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (c[:, 0] - a[:, 0]) * (b[:, 1] - a[:, 1]))


def _candidates(
    corners: Floats, size: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """Pixel, triangle and depth wherever a triangle [t, 3, 3] covers a pixel."""
    x, y, z = corners[..., 0], corners[..., 1], corners[..., 2]
    area = facing(corners)
    area = np.where(np.abs(area) < 1e-9, 1e-9, area)
    # Depth is a plane over the picture: exact for an orthographic camera, good for small triangles.
    slope_x = ((z[:, 1] - z[:, 0]) * (y[:, 2] - y[:, 0]) - (z[:, 2] - z[:, 0]) * (y[:, 1] - y[:, 0])) / area
    slope_y = ((z[:, 2] - z[:, 0]) * (x[:, 1] - x[:, 0]) - (z[:, 1] - z[:, 0]) * (x[:, 2] - x[:, 0])) / area
    limit = (
        4 * np.maximum(np.abs(z[:, 1] - z[:, 0]), np.abs(z[:, 2] - z[:, 0])) + 1e-6
    )  # slivers have wild slopes
    slope_x, slope_y = np.clip(slope_x, -limit, limit), np.clip(slope_y, -limit, limit)
    pixels, triangles, depths = [], [], []
    for spans in rasterise(x, y, size, size):
        run = spans.pixels()
        which = spans.triangle
        start = z[which, 0] + slope_x[which] * (spans.start + 0.5 - x[which, 0])
        start += slope_y[which] * (spans.row + 0.5 - y[which, 0])
        depth = np.repeat(start.astype(np.float32), run.lengths)
        depth += np.repeat(slope_x[which].astype(np.float32), run.lengths) * run.step
        pixels.append(run.index)
        triangles.append(np.repeat(which, run.lengths))
        depths.append(depth)
    if not pixels:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32)
    return np.concatenate(pixels), np.concatenate(triangles), np.concatenate(depths)


def depth_map(corners: Floats, size: int) -> NDArray[np.float32]:
    """Depth [size, size] of the nearest triangle of [t, 3, 3] (x, y, depth); infinite where none is."""
    pixel, _, depth = _candidates(corners, size)
    nearest = np.full(size * size, np.inf, np.float32)
    np.minimum.at(nearest, pixel, depth)
    return nearest.reshape(size, size)


def seen(corners: Floats, drawn: NDArray[np.int64], size: int) -> Seen:
    """What is seen of some triangles.

    Args:
        corners: float64 [t, 3, 3]: x and y in pixels and depth of all triangles' corners.
        drawn: int64 [m], which of them are drawn.
        size: side of the picture in pixels.
    """
    pixel, which, depth = _candidates(corners[drawn], size)
    nearest = np.full(size * size, np.inf, np.float32)
    np.minimum.at(nearest, pixel, depth)
    first = np.flatnonzero(depth == nearest[pixel])
    owner = np.full(size * size, -1, np.int64)
    owner[pixel[first]] = first  # of equally near triangles the last one
    index = np.flatnonzero(owner >= 0)
    chosen = owner[index]
    triangle = drawn[which[chosen]]
    return Seen(index, triangle, _weights(corners[triangle], index, size), depth[chosen], size)


def _weights(corners: Floats, index: NDArray[np.int64], size: int) -> NDArray[np.float32]:
    """Barycentric coordinates [3, n] of pixels' middles in triangles [n, 3, 3], perspective corrected."""
    px, py = index % size + 0.5, index // size + 0.5
    a, b, c = ((corners[:, i, 0] - px, corners[:, i, 1] - py) for i in range(3))
    weights = np.stack(
        [
            (b[0] * c[1] - c[0] * b[1]) / corners[:, 0, 2],
            (c[0] * a[1] - a[0] * c[1]) / corners[:, 1, 2],
            (a[0] * b[1] - b[0] * a[1]) / corners[:, 2, 2],
        ]
    )
    total = weights[0] + weights[1] + weights[2]
    weights /= np.where(np.abs(total) < 1e-12, 1e-12, total)
    return np.asarray(np.clip(weights, 0.0, 1.0), np.float32)
