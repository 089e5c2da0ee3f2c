"""Patterns of cloth, drawn by code: a share of a second colour at each place of the mask."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["PATTERNS", "axes", "chart", "clouds", "pattern"]

Plane = NDArray[np.float32]
Generator = np.random.Generator

ASPECT = 1.6  # width over height of a mask laid flat
SOFT = 0.06  # width over which an edge of the pattern fades, in its own units


@cache
def axes(width: int, height: int) -> tuple[Plane, Plane]:
    """s (−1 at the person's right … 1), [1, width], and t (0 at the top … 1), [height, 1]. Read-only."""
    s = ((np.arange(width, dtype=np.float32) + 0.5) * np.float32(2 / width) - 1)[None]
    t = ((np.arange(height, dtype=np.float32) + 0.5) * np.float32(1 / height))[:, None]
    s.flags.writeable = t.flags.writeable = False
    return s, t


@cache
def chart(width: int, height: int) -> tuple[Plane, Plane]:
    """s and t of each texel's centre, both [height, width]. Read-only."""
    s, t = axes(width, height)
    planes = tuple(np.ascontiguousarray(np.broadcast_to(p, (height, width)), np.float32) for p in (s, t))
    for plane in planes:
        plane.flags.writeable = False
    return planes[0], planes[1]


def clouds(rng: Generator, shape: tuple[int, int], cells: tuple[int, int]) -> Plane:
    """Smooth noise of about unit variance: float32 of `shape`, with `cells` (down, across) features."""
    lattice = rng.standard_normal((cells[0] + 3, cells[1] + 3)).astype(np.float32)
    large = cv2.resize(
        lattice,
        (round(shape[1] * (cells[1] + 3) / cells[1]), round(shape[0] * (cells[0] + 3) / cells[0])),
        interpolation=cv2.INTER_CUBIC,
    )
    top, left = (large.shape[0] - shape[0]) // 2, (large.shape[1] - shape[1]) // 2
    return np.asarray(large[top : top + shape[0], left : left + shape[1]], np.float32)


def pattern(name: str, shape: tuple[int, int], scale: float, rng: Generator) -> Plane:
    """How much of the second colour lies at each place.

    Args:
        name: of `PATTERNS`.
        shape: (height, width) of the mask's part of the texture.
        scale: size of the pattern, 1 is usual.
        rng: where it begins.

    Returns:
        float32 [height, width], 0 … 1.
    """
    s, t = chart(shape[1], shape[0])
    x = s * np.float32(ASPECT / 2 * 10 / scale) + np.float32(rng.random())
    y = t * np.float32(10 / scale) + np.float32(rng.random())
    return np.asarray(PATTERNS[name](x, y, rng), np.float32)


def _step(value: Any, edge: float = 0.0) -> Any:
    return np.clip((value - edge) * (1 / SOFT) + 0.5, 0, 1)


def _wave(value: Any) -> Any:
    return 0.5 - 0.5 * np.cos(value * (2 * np.pi))


def _plain(x: Plane, y: Plane, rng: Generator) -> Any:
    return np.zeros_like(x)


def _stripes(x: Plane, y: Plane, rng: Generator) -> Any:
    angle = rng.choice([0.0, np.pi / 2, np.pi / 4, -np.pi / 4])
    along = x * np.float32(np.cos(angle)) + y * np.float32(np.sin(angle))
    return _step(_wave(along), rng.uniform(0.35, 0.75))


def _dots(x: Plane, y: Plane, rng: Generator) -> Any:
    row = np.floor(y * 1.15)
    dx, dy = (x + 0.5 * (row % 2)) % 1 - 0.5, y * 1.15 - row - 0.5
    return _step(rng.uniform(0.18, 0.32) - np.sqrt(dx * dx + dy * dy))


def _checks(x: Plane, y: Plane, rng: Generator) -> Any:
    return 0.5 * _step(_wave(x * 0.9), 0.5) + 0.5 * _step(_wave(y * 0.9), 0.5)


def _flowers(x: Plane, y: Plane, rng: Generator) -> Any:
    row = np.floor(y * 0.8)
    dx, dy = (x * 0.8 + 0.5 * (row % 2)) % 1 - 0.5, y * 0.8 - row - 0.5
    away, angle = np.sqrt(dx * dx + dy * dy), np.arctan2(dy, dx)
    petals = 0.26 + 0.10 * np.cos(angle * 5 + float(rng.uniform(0, 6)))
    return np.clip(_step(petals - away) - 0.7 * _step(0.09 - away), 0, 1)


def _camouflage(x: Plane, y: Plane, rng: Generator) -> Any:
    shape = (x.shape[0], x.shape[1])
    span = (max(2, round(float(np.ptp(y)) * 0.5)), max(2, round(float(np.ptp(x)) * 0.4)))
    first, second = clouds(rng, shape, span), clouds(rng, shape, span)
    return 0.9 * _step(first * 0.4, 0.08) + 0.45 * _step(second * 0.4, 0.12) * (1 - _step(first * 0.4, 0.08))


def _speckles(x: Plane, y: Plane, rng: Generator) -> Any:
    shape = (x.shape[0], x.shape[1])
    cells = (max(4, round(float(np.ptp(y)) * 4)), max(4, round(float(np.ptp(x)) * 4)))
    return np.clip(clouds(rng, shape, cells) * 0.5 - 0.1, 0, 1)


PATTERNS: dict[str, Callable[[Plane, Plane, Generator], Any]] = {
    "plain": _plain,
    "stripes": _stripes,
    "dots": _dots,
    "checks": _checks,
    "flowers": _flowers,
    "camouflage": _camouflage,
    "speckles": _speckles,
}
"""Name → what draws it from places in its own units (about ten across the mask's height)."""
