"""Random textures that look the same at every size: clouds, cells, cracks and strokes along a flow."""

from __future__ import annotations

from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["Field", "cells", "clouds", "enlarged", "flow_lines", "grain", "moved", "positions", "veins"]

Field = NDArray[np.float32]
"""float32 [size, size] (or [size, size, k]): one value for each pixel of the texture."""

CHART = 1024.0  # the unit of lengths: pixels of a texture of this size, whatever size is painted
STEP = 1.5  # length of one step along the flow, in chart pixels


@cache
def positions(size: int) -> tuple[Field, Field]:
    """x and y of each pixel's centre in chart units (0 … 1024). Read-only."""
    line = ((np.arange(size, dtype=np.float32) + 0.5) * (CHART / size)).astype(np.float32)
    x = np.ascontiguousarray(np.broadcast_to(line, (size, size)))
    y = np.ascontiguousarray(x.T)
    x.flags.writeable = y.flags.writeable = False
    return x, y


def enlarged(lattice: Field, places: NDArray[np.floating[Any]]) -> Field:
    """A lattice read at the same places down and across, by cubic convolution (Keys 1981).

    OpenCV's own remap rounds places to 1/32 of a cell, which shows as steps where a cell is large.

    Args:
        lattice: float32 [n, n].
        places: [size], 1 … n − 2, in lattice cells.

    Returns:
        float32 [size, size].
    """
    count = lattice.shape[0]
    distance = np.abs(places[:, None].astype(np.float64) - np.arange(count))
    near = 1.5 * distance**3 - 2.5 * distance**2 + 1
    far = -0.5 * distance**3 + 2.5 * distance**2 - 4 * distance + 2
    weights = np.where(distance <= 1, near, np.where(distance < 2, far, 0)).astype(np.float32)
    return np.asarray(weights @ lattice @ weights.T, np.float32)


def grain(size: int, seed: int) -> Field:
    """White noise 0 … 1 of a grain of 1 chart pixel."""
    full = np.random.default_rng(seed).random((int(CHART), int(CHART)), np.float32)
    if size == full.shape[0]:
        return full
    return np.asarray(cv2.resize(full, (size, size), interpolation=cv2.INTER_AREA), np.float32)


def clouds(size: int, seed: int, scale: float, octaves: int = 4, roughness: float = 0.5) -> Field:
    """Fractal noise, about −1 … 1.

    Args:
        size: of the result in pixels.
        seed: the same seed gives the same clouds at every size.
        scale: of the largest clouds in chart pixels.
        octaves: how many times finer clouds are added.
        roughness: amplitude of each octave over the one before.
    """
    random = np.random.default_rng(seed)
    places = positions(size)[0][0]
    total, amplitude, norm = np.zeros((size, size), np.float32), 1.0, 0.0
    for octave in range(octaves):
        step = scale / 2**octave
        count = int(np.ceil(CHART / step)) + 4
        lattice = random.normal(0.0, 0.6, (count, count)).astype(np.float32)
        total += amplitude * enlarged(lattice, places / step + 1)
        norm += amplitude**2
        amplitude *= roughness
    return np.asarray(total / np.sqrt(norm), np.float32)


def veins(size: int, seed: int, scale: float, octaves: int = 5) -> Field:
    """Ridges 0 … 1, 1 on thin winding lines: the zero crossings of clouds."""
    field = clouds(size, seed, scale, octaves)
    return np.clip(1 - np.abs(field) * 2.2, 0, 1).astype(np.float32)


def cells(size: int, seed: int, scale: float, jitter: float = 0.9) -> tuple[Field, Field, NDArray[np.int32]]:
    """Worley's cellular noise (1996) on a jittered lattice.

    Returns:
        Distance to the nearest seed and to the border between cells, in chart pixels, and the
        number of the nearest seed.
    """
    random = np.random.default_rng(seed)
    count = int(np.ceil(CHART / scale)) + 2
    offsets = (random.random((count, count, 2), np.float32) - 0.5) * jitter + 0.5
    x, y = positions(size)
    column, row = np.floor(x / scale).astype(np.int32), np.floor(y / scale).astype(np.int32)
    first = np.full((size, size), np.inf, np.float32)
    second = first.copy()
    owner = np.zeros((size, size), np.int32)
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            i, j = (row + down) % count, (column + right) % count
            px = (column + right + offsets[i, j, 0]) * scale
            py = (row + down + offsets[i, j, 1]) * scale
            distance = np.hypot(x - px, y - py).astype(np.float32)
            nearer = distance < first
            second = np.where(nearer, first, np.minimum(second, distance))
            owner = np.where(nearer, (i * count + j).astype(np.int32), owner)
            first = np.where(nearer, distance, first)
    return first, ((second - first) / 2).astype(np.float32), owner


def moved(field: Field, dx: Field, dy: Field) -> Field:
    """`field` read at another place: `dx`, `dy` in chart pixels."""
    size = field.shape[0]
    x, y = positions(size)
    to_pixels = size / CHART
    map_x, map_y = (x + dx) * to_pixels - 0.5, (y + dy) * to_pixels - 0.5
    return np.asarray(
        cv2.remap(field, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT), np.float32
    )


def flow_lines(field: Field, flow_x: Field, flow_y: Field, length: float, taper: float = 1.0) -> Field:
    """`field` smeared along a flow: line integral convolution (Cabral & Leedom 1993), both ways.

    Args:
        field: what is smeared.
        flow_x, flow_y: direction at each pixel, unit length.
        length: of the smear to each side in chart pixels.
        taper: 0 weighs the whole length alike, 1 lets it fade linearly.
    """
    steps = max(2, round(length / STEP))
    size = field.shape[0]
    total, weights = field.astype(np.float32).copy(), 1.0
    x, y = positions(size)
    to_pixels = np.float32(size / CHART)
    for sign in (-STEP, STEP):
        px, py = x.copy(), y.copy()
        for step in range(1, steps + 1):
            map_x, map_y = px * to_pixels - 0.5, py * to_pixels - 0.5
            px = px + sign * cv2.remap(
                flow_x, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
            )
            py = py + sign * cv2.remap(
                flow_y, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
            )
            weight = 1.0 - taper * step / (steps + 1)
            total += weight * cv2.remap(
                field,
                px * to_pixels - 0.5,
                py * to_pixels - 0.5,
                cv2.INTER_LINEAR,
                borderMode=cv2.BORDER_REFLECT,
            )
            weights += weight
    return (total / weights).astype(np.float32)
