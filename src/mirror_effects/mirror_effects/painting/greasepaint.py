"""Make-up on skin: a ground with brush marks and cracks, and strokes that fade out on one side."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from mirror_effects.painting.colours import ramp
from mirror_effects.painting.noise import Field, cells, clouds, flow_lines, grain, moved, positions
from mirror_effects.painting.relief import carved, diffuse, gloss, relief
from mirror_effects.painting.shapes import Points, blurred, depth_inside, smooth_step, stroke

__all__ = ["both", "bristled", "dry_brush", "faded", "ground", "petals"]


@cache
def _bristles(size: int) -> Field:
    """Streaks of a broad brush, about −1 … 1, that follow the face outwards."""
    x, y = positions(size)
    angle = np.arctan2(y - 560, (x - 512) * 0.8) + 0.5 * clouds(size, 81, 260, 2)
    streaks = flow_lines(
        grain(size, 82), np.cos(angle).astype(np.float32), np.sin(angle).astype(np.float32), 40
    )
    return np.asarray((streaks - 0.5) / (2 * streaks.std()), np.float32)


def ground(size: int, stops: Sequence[tuple[float, str]], crackle: float = 0.0) -> Field:
    """A ground of paint, lit: colours [size, size, 3].

    Args:
        size: of the result in pixels.
        stops: colours from shadow to light.
        crackle: depth of the cracks in the dry paint, 0 … 1.
    """
    base = relief(size)
    _, border, _ = cells(size, 83, 20)
    border = moved(border, 7 * clouds(size, 84, 24, 3), 7 * clouds(size, 85, 24, 3))
    split = smooth_step(1.5, 0.3, border) * smooth_step(-0.1, 0.9, clouds(size, 86, 170, 3)) * crackle
    bristles = _bristles(size)
    normal = carved(base, 0.05 * bristles + 0.10 * clouds(size, 87, 50, 4) - 0.25 * blurred(split, 0.8))
    light = 0.24 + 0.70 * diffuse(normal, wrap=0.75) + 0.10 * gloss(normal, 14) + 0.020 * bristles
    return ramp(light * (1 - 0.40 * base.hollow) * (1 - 0.35 * split), stops)


def both(field: Field) -> Field:
    """A shape together with its mirror image."""
    return np.maximum(field, field[:, ::-1])


def bristled(size: int, mask: Field, reach: float = 5.0) -> Field:
    """A painted shape whose edge shows the brush."""
    bend_x, bend_y = reach * clouds(size, 88, 30, 3), reach * clouds(size, 89, 30, 3)
    wet = moved(mask, bend_x * 0.5, bend_y * 0.5)
    return np.asarray(wet * (0.97 + 0.03 * np.clip(_bristles(size), -1, 1)), np.float32)


def dry_brush(size: int, mask: Field, dryness: Field | float) -> Field:
    """A painted shape through which the ground shows in streaks where the brush ran dry (0 … 1)."""
    streaks = smooth_step(-0.2, 0.5, _bristles(size) * 0.8 + 1.0 - 2.0 * np.asarray(dryness, np.float32))
    return np.asarray(mask * streaks, np.float32)


def faded(
    size: int, points: Points, widths: Sequence[float], shift: tuple[float, float], softness: float
) -> Field:
    """A stroke sharp on one side and rubbed out with the finger towards `shift` (bokashi)."""
    line = stroke(size, points, widths)
    soft = np.zeros_like(line)
    for step in range(1, 7):
        part = np.asarray(points, np.float64) + np.asarray(shift) * step / 6
        soft = np.maximum(soft, stroke(size, part, [w * (1 - 0.05 * step) for w in widths]) * (1 - step / 7))
    return np.maximum(line, 0.85 * blurred(soft, softness))


def petals(
    size: int, centre: tuple[float, float], radii: tuple[float, float], count: int, turn: float = 0.0
) -> Field:
    """Depth inside a flower in chart pixels: `count` round petals on an ellipse.

    Args:
        size: of the result in pixels.
        centre: of the flower.
        radii: of the ellipse, across and down, at the tips.
        count: of the petals.
        turn: in radians.
    """
    angle = np.linspace(0, 2 * np.pi, 720, endpoint=False)
    lobe = 0.80 + 0.20 * np.sqrt(np.abs(np.sin(count * (angle - turn) / 2)))
    outline = np.stack(
        [centre[0] + radii[0] * lobe * np.cos(angle), centre[1] + radii[1] * lobe * np.sin(angle)], axis=1
    )
    return depth_inside(size, outline)
