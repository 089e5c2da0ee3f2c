"""The jade burial mask: mosaic plates of green stone, polished, bound with gold."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mirror_effects.painting.anatomy import edge, eyes, inside
from mirror_effects.painting.colours import laid_over, ramp, texture, toned
from mirror_effects.painting.noise import cells, clouds, grain, moved, positions, veins
from mirror_effects.painting.relief import carved, diffuse, gloss, reflection, relief
from mirror_effects.painting.shapes import blurred, smooth_step
from mirror_effects.painting.statue import features

__all__ = ["paint"]

JADE = (
    (0.0, "#04140d"),
    (0.3, "#0c3d29"),
    (0.5, "#1f7350"),
    (0.68, "#4fa877"),
    (0.85, "#a3d8ae"),
    (1.0, "#eefbe8"),
)
PLATE = 74.0  # size of a plate in chart pixels
CHART_MIDDLE = 512.0


def paint(size: int) -> NDArray[np.uint8]:
    """The texture uint8 [size, size, 4], BGR and opacity."""
    base, made = relief(size), features(size)
    x, _ = positions(size)
    _, border, owner = cells(size, 64, PLATE)
    # Both halves have the same plates: read on one half and mirrored.
    fold = np.where(x > CHART_MIDDLE, 2 * (CHART_MIDDLE - x), 0).astype(np.float32)
    nothing = np.zeros_like(x)
    border = moved(border, fold, nothing)
    tint = moved(blurred(((owner * 2654435761 % 97) / 97).astype(np.float32), 0.7), fold, nothing)
    tint = tint + 0.22 * clouds(size, 61, 26, 4) + 0.25 * veins(size, 62, 90, 4) ** 3
    whole = np.maximum(smooth_step(-34, -30, eyes(size)), smooth_step(-26, -22, inside(size, "lips")))
    gap = smooth_step(4.2, 2.2, border) * (1 - whole)
    seam = np.maximum(
        smooth_step(3.2, 1.5, np.abs(eyes(size) + 30)),
        smooth_step(3.2, 1.5, np.abs(inside(size, "lips") + 22)),
    )
    face = inside(size, "face")
    bound = smooth_step(30, 27, face)
    gold = np.clip(gap + seam + bound, 0, 1)
    pillow = np.sqrt(np.clip(border - 2, 0, 12) / 12) * (1 - whole)
    height = (
        0.75 * blurred(pillow.astype(np.float32), 1.2)
        + 0.7 * made.brows * (1 - gap)
        + 1.2 * made.lids
        + 1.1 * made.lips
        - 0.6 * made.mouth
        + 0.5 * blurred(np.maximum(seam, bound), 2)
        + 0.03 * clouds(size, 63, 9, 2) * gold
    )
    normal = carved(base, height.astype(np.float32))
    light = 0.10 + 0.52 * diffuse(normal, wrap=0.5) + 0.14 * reflection(normal, 0.2) + 0.36 * (tint - 0.5)
    light = light * (1 - 0.5 * base.hollow)
    picture = ramp(light, JADE)
    picture = laid_over(picture, "#d9f0c2", 0.14 * smooth_step(0.4, 1.0, clouds(size, 66, 130, 5)))
    picture = laid_over(picture, "#f4fff0", 0.8 * gloss(normal, 90) + 0.16 * gloss(normal, 12))
    metal = ramp(
        0.5 * reflection(normal, 0.3) + 0.35 * diffuse(normal) + 0.12 * grain(size, 65) - 0.08,
        ((0.0, "#1a0c02"), (0.35, "#7c4b0e"), (0.6, "#cf9a32"), (0.85, "#f5d988"), (1.0, "#fff6d2")),
    )
    picture = toned(picture, 1 - 0.5 * blurred(gold, 5))
    picture = laid_over(picture, metal, gold)
    picture = toned(picture, 1 - 0.75 * smooth_step(-2, 6, inside(size, "mouth")))
    return texture(picture, edge(size, 4))
