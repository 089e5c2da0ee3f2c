"""The leopard: golden coat with rosettes that grow towards the sides, spots on brow and muzzle."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mirror_effects.painting.anatomy import eyes
from mirror_effects.painting.colours import laid_over, ramp
from mirror_effects.painting.feline import Feline, finished_face, muzzle
from mirror_effects.painting.fur import fur, hairy
from mirror_effects.painting.noise import Field, cells, clouds, moved, positions
from mirror_effects.painting.shapes import smooth_step, stroke

__all__ = ["paint"]

COAT = ((0.0, "#2b1605"), (0.3, "#8a5a1d"), (0.55, "#cf9a45"), (0.78, "#efcd86"), (1.0, "#fff4d6"))
LEOPARD = Feline(skin=((0.0, "#160b0a"), (0.5, "#6b3a35"), (1.0, "#c98d82")), iris="#a8c04a")
BROW_SPOTS = (
    (478, 92),
    (452, 148),
    (470, 210),
    (398, 108),
    (400, 176),
    (346, 138),
    (318, 198),
    (440, 262),
    (254, 228),
)


def _rosettes(size: int) -> tuple[Field, Field]:
    """The dark rings and the tan inside of the rosettes."""
    x, y = positions(size)
    warp = (9 * clouds(size, 91, 40, 2), 9 * clouds(size, 92, 40, 2))
    rings, middles = np.zeros((size, size), np.float32), np.zeros((size, size), np.float32)
    away = np.hypot((x - 512) / 1.05, y - 560)
    outer, inner = smooth_step(330, 410, away), smooth_step(400, 330, away) * smooth_step(150, 220, away)
    for seed, scale, share in ((93, 84.0, outer), (94, 44.0, inner)):
        first, border, owner = cells(size, seed, scale, 0.7)
        turn = (owner * 2654435761 % 628) / 100
        big = scale > 60
        radius = scale * (0.33 if big else 0.24) * (0.85 + 0.3 * np.sin(turn * 3))
        ring = smooth_step(9, 5, np.abs(first - radius)) if big else smooth_step(radius, radius - 4, first)
        gaps = smooth_step(-0.75, -0.3, clouds(size, seed + 5, 30, 2)) if big else 1.0
        ring = moved((ring * gaps * smooth_step(2, 6, border)).astype(np.float32), *warp)
        rings = np.maximum(rings, ring * share)
        if big:
            middles = np.maximum(middles, moved(smooth_step(radius, radius - 8, first), *warp) * share)
    return rings, middles


def paint(size: int) -> NDArray[np.uint8]:
    """The texture uint8 [size, size, 4], BGR and opacity."""
    coat = fur(size)
    x, y = positions(size)
    tone = 0.14 + 0.56 * coat.light + 0.10 * coat.hairs + 0.08 * coat.tufts
    picture = ramp(tone, COAT)
    white = np.maximum(muzzle(size), smooth_step(1.0, 0.4, np.hypot((x - 512) / 280, (y - 960) / 200)))
    white = np.maximum(white, 0.7 * smooth_step(46, 22, np.abs(eyes(size) + 30)))
    white = hairy(coat, white, 36)
    picture = laid_over(
        picture, ramp(tone + 0.16, ((0.0, "#4a3c2c"), (0.4, "#b5a58c"), (1.0, "#fffdf4"))), white
    )
    rings, middles = _rosettes(size)
    picture = laid_over(picture, "#a3651b", 0.5 * hairy(coat, middles, 12) * (0.4 + coat.light))
    brow = np.zeros((size, size), np.float32)
    for number, (cx, cy) in enumerate(BROW_SPOTS):
        for side in (cx, 1024 - cx):
            length = 13 + 5 * (number * 3 % 4)
            brow = np.maximum(brow, stroke(size, ((side, cy - length), (side, cy + length)), (7, 17, 6)))
    marks = hairy(coat, np.maximum(rings, brow), 14)
    ink = ramp(
        0.05 + 0.36 * coat.light + 0.09 * coat.hairs, ((0.0, "#060303"), (0.4, "#24170e"), (1.0, "#6b5540"))
    )
    picture = laid_over(picture, ink, 0.95 * marks * (1 - 0.4 * white))
    return finished_face(size, picture, coat, LEOPARD)
