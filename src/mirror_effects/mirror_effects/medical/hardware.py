"""Round parts (filters, canisters, valves) and bands, painted for their cells of the texture."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_effects.medical.atlas import CAP, CREASE

__all__ = ["paint_band", "paint_disc"]

Plane = NDArray[np.float32]
BGR = NDArray[np.float32]

FILTER = np.array([122, 110, 178], np.float32)  # the pink of particle filters
FILTER_RIM = np.array([92, 96, 100], np.float32)
CANISTER = np.array([74, 88, 86], np.float32)  # olive
FADE = 0.22  # share of a band's length over which it vanishes behind the ear or in the hair


@lru_cache(maxsize=8)
def _polar(size: int) -> tuple[Plane, Plane, Plane, Plane]:
    """x, y, distance from the middle (1 at the cell's edge) and angle of each texel."""
    line = ((np.arange(size, dtype=np.float32) + 0.5) * (2 / size) - 1).astype(np.float32)
    x, y = np.meshgrid(line, line)
    away = np.sqrt(x * x + y * y).astype(np.float32)
    return x, y, away, np.arctan2(y, x).astype(np.float32)


def _bump(distance: Any, width: float) -> Any:
    return np.exp(-((distance / np.float32(width)) ** 2))


def _within(rim: Any, radius: float) -> Any:
    return np.clip((radius - rim) * 12 + 0.5, 0, 1)


def paint_disc(look: str, size: int, body: BGR) -> tuple[Plane, Plane, tuple[Plane, Plane, Plane]]:
    """A round part in its cell: its face within `CAP`, its wall from `CREASE` on.

    Args:
        look: "filter", "canister" or "valve".
        size: of the cell in pixels.
        body: colour of the mask, BGR.

    Returns:
        Colour float32 [size, size, 3], opacity float32 [size, size] (0 … 1), and the normals' shares
        across, down and outwards, each float32 [size, size].
    """
    x, y, away, angle = _polar(size)
    rim = away / np.float32(CAP)
    wall = np.clip((away - CAP) * (1 / (CREASE - CAP)), 0, 1)
    shade = np.ones_like(away)
    tilt = np.zeros_like(away)  # of the face's normal, outwards from its middle
    if look == "valve":
        colour = np.broadcast_to(body * np.float32(0.94), (size, size, 3))
        slots = _bump(np.sin(angle * 2) * rim, 0.16) * _within(rim, 0.78)
        shade = shade * (1 - 0.30 * _bump(rim - 0.80, 0.045)) * (1 - 0.22 * slots)
        tilt = tilt + 0.5 * (_bump(rim - 0.74, 0.05) - _bump(rim - 0.88, 0.06))
    else:
        face = FILTER if look == "filter" else CANISTER
        outer = FILTER_RIM if look == "filter" else CANISTER * np.float32(0.8)
        ring = np.clip((rim - 0.82) * 11, 0, 1)[..., None]
        colour = face + (outer - face) * ring
        if look == "filter":
            shade = shade * (1 - 0.20 * _bump(np.cos(rim * 24) - 1, 0.5) * _within(rim, 0.79))
            tilt = tilt + 0.35 * np.sin(rim * 24) * _within(rim, 0.79)
        else:
            holes = np.cos(x * np.float32(21 / CAP)) * np.cos(y * np.float32(21 / CAP))
            shade = shade * (1 - 0.62 * np.clip(holes * 3 - 1.2, 0, 1) * _within(rim, 0.66))
            shade = shade * (1 - 0.35 * _bump(rim - 0.74, 0.04))
            tilt = tilt + 0.6 * (_bump(rim - 0.70, 0.05) - _bump(rim - 0.79, 0.05))
        shade = shade * (1 - 0.4 * _bump(rim - 0.84, 0.03))
    grooves = 1 - 0.22 * (0.5 + 0.5 * np.cos(angle * 40)) if look == "canister" else 1.0
    lower = np.clip((away - CREASE) * (1 / (1 - CREASE)), 0, 1)
    shade = shade * (1 - wall * (1 - grooves * (0.95 - 0.35 * lower)))
    tilt = tilt * (1 - wall) + 0.45 * _bump(rim - 1.0, 0.07)
    inverse = 1 / np.maximum(away, 1e-3)
    side = np.clip(wall + (1 - wall) * tilt, -1, 1)
    out = np.clip(1 - wall, 0.12, 1)
    painted = np.asarray(colour * shade[..., None], np.float32)
    opacity = np.clip((1 - away) * size / 2 + 0.5, 0, 1)
    normals = tuple(np.asarray(plane, np.float32) for plane in (x * inverse * side, y * inverse * side, out))
    return painted, np.asarray(opacity, np.float32), (normals[0], normals[1], normals[2])


def paint_band(size: tuple[int, int], colour: BGR) -> tuple[Plane, Plane]:
    """A band in its cell, its far end at the left, where it fades.

    Args:
        size: (height, width) of the cell in pixels.
        colour: BGR.

    Returns:
        Colour float32 [height, width, 3] and opacity float32 [height, width], 0 … 1.
    """
    height, width = size
    across = (np.arange(height, dtype=np.float32) + 0.5) * (2 / height) - 1
    along = (np.arange(width, dtype=np.float32) + 0.5) / width
    shade = (1 - 0.35 * across**4)[:, None] * (1 - 0.05 * np.cos(along * 180))[None]
    fade = np.clip(along / FADE, 0, 1)
    opacity = np.broadcast_to((fade * fade * (3 - 2 * fade))[None], size)
    return np.asarray(colour * shade[..., None], np.float32), np.asarray(opacity, np.float32)
