"""Round limbs drawn from capsules: fingers, arms and sticks with their shading."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mirror_effects.occlusion_input import GRID
from mirror_training.textures import Field

__all__ = ["Limbs", "draw_limbs"]

Limbs = NDArray[np.float32]
"""float32 [n, 6]: x0, y0, r0, x1, y1, r1 of each capsule in pixels of the square."""

_Y, _X = np.mgrid[:GRID, :GRID].astype(np.float32)


def draw_limbs(limbs: Limbs, light: tuple[float, float], roundness: float) -> tuple[Field, Field]:
    """Draw capsules that merge where they touch.

    Args:
        limbs: the capsules.
        light: direction (x, y) that the light comes from, length up to 1.
        roundness: how much darker a limb's edge is, 0 … 1.

    Returns:
        (alpha, brightness): float32 [GRID, GRID], 0 … 1 and about 0.3 … 1.3.
    """
    x0, y0, r0, x1, y1, r1 = (limbs[:, i, None, None] for i in range(6))
    dx, dy = x1 - x0, y1 - y0
    px, py = _X - x0, _Y - y0
    t = np.clip((px * dx + py * dy) / np.maximum(dx * dx + dy * dy, 1e-3), 0.0, 1.0)
    qx, qy = px - t * dx, py - t * dy
    radius = r0 + (r1 - r0) * t
    distance = np.sqrt(qx * qx + qy * qy)
    nearest = np.argmin(distance - radius, axis=0)[None]
    distance, radius, qx, qy = (np.take_along_axis(v, nearest, 0)[0] for v in (distance, radius, qx, qy))
    alpha = np.clip(radius - distance + 0.5, 0.0, 1.0)
    scale = 1.0 / np.maximum(np.maximum(distance, radius), 0.5)
    nx, ny = qx * scale, qy * scale
    nz = np.sqrt(np.maximum(1.0 - nx * nx - ny * ny, 0.0))
    brightness = 1.0 - roundness * (1.0 - nz) + 0.35 * roundness * (nx * light[0] + ny * light[1])
    return alpha.astype(np.float32), np.clip(brightness, 0.2, 1.4).astype(np.float32)
