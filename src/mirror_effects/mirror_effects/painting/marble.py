"""The marble bust: white stone with grey veins, fine cracks and chips at the edge."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mirror_effects.painting.anatomy import edge, inside
from mirror_effects.painting.colours import laid_over, ramp, texture, toned
from mirror_effects.painting.noise import Field, cells, clouds, grain, moved, veins
from mirror_effects.painting.relief import carved, diffuse, gloss, relief
from mirror_effects.painting.shapes import blurred, smooth_step
from mirror_effects.painting.statue import features

__all__ = ["cracks", "paint"]

STONE = ((0.0, "#3e3a3c"), (0.25, "#7b7576"), (0.5, "#bbb3ac"), (0.75, "#e6e0d6"), (1.0, "#fffdf6"))


def cracks(size: int, seed: int, scale: float, width: float) -> Field:
    """Cracks 0 … 1: borders of warped cells, thick in some places and gone in others."""
    bend = 0.22 * scale
    _, border, _ = cells(size, seed, scale)
    wild = moved(
        border.astype(np.float32),
        bend * clouds(size, seed + 1, scale * 0.7, 5),
        bend * clouds(size, seed + 2, scale * 0.7, 5),
    )
    local = width * smooth_step(0.05, 0.9, clouds(size, seed + 3, scale * 2.2, 2))
    return np.asarray(smooth_step(0.0, 1.0, (local - wild) / 1.6 + 0.35) * (local > 0.12), np.float32)


def paint(size: int) -> NDArray[np.uint8]:
    """The texture uint8 [size, size, 4], BGR and opacity."""
    base, made = relief(size), features(size)
    broken = cracks(size, 41, 190, 3.6)
    tool_marks = clouds(size, 7, 34, 3)
    height = (
        1.0 * made.brows
        + 0.5 * made.hairs
        - 1.0 * made.fold
        + 1.5 * made.lids
        + 1.2 * made.lips
        - 0.9 * made.mouth
        + 0.05 * tool_marks
        - 0.5 * blurred(broken, 0.8)
    )
    normal = carved(base, height.astype(np.float32))
    light = 0.06 + 0.80 * diffuse(normal, wrap=0.55) + 0.06 * clouds(size, 8, 240, 4)
    hollow = np.clip(base.hollow + 0.5 * made.fold + 0.6 * made.mouth, 0, 1)
    picture = ramp(light * (1 - 0.6 * hollow), STONE)
    # Light that enters the stone leaves it warmer where it is thin and where shadow begins.
    picture = laid_over(
        picture, "#d9a98a", 0.22 * smooth_step(0.25, 0.5, light) * smooth_step(0.75, 0.5, light)
    )
    bent_x, bent_y = 60 * clouds(size, 31, 300, 4), 60 * clouds(size, 32, 300, 4)
    wide = moved(veins(size, 33, 420, 3), bent_x, bent_y) ** 5
    thin = moved(veins(size, 34, 260, 4), bent_y, bent_x) ** 11
    mist = smooth_step(0.1, 1.2, clouds(size, 35, 380, 5))
    picture = laid_over(picture, "#6d7480", 0.62 * wide * (0.35 + mist))
    picture = laid_over(picture, "#474a54", 0.9 * thin * (0.4 + mist))
    picture = laid_over(picture, "#b98f56", 0.20 * thin * smooth_step(0.2, 0.9, clouds(size, 36, 300, 3)))
    picture = laid_over(picture, "#231f22", 0.85 * broken)
    picture = laid_over(picture, "#ffffff", 0.35 * gloss(normal, 26))
    picture = toned(picture, (0.985 + 0.05 * (grain(size, 4) - 0.5)).astype(np.float32))
    picture = toned(picture, 1 - 0.7 * smooth_step(-2, 6, inside(size, "mouth")))
    bites = 26 * smooth_step(0.35, 1.3, clouds(size, 51, 90, 4))
    chipped = smooth_step(0, 4, inside(size, "face") - bites)
    return texture(picture, edge(size, 4) * chipped)
