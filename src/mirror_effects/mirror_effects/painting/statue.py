"""What a sculptor adds to the mean head: brows, lids, lips, a rim, as fields to carve with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from mirror_effects.painting.anatomy import eyes, inside, lips_height
from mirror_effects.painting.noise import Field, positions
from mirror_effects.painting.shapes import blurred, mirrored, smooth_step, stroke

__all__ = ["Features", "features"]

BROW = ((452, 236), (400, 196), (318, 172), (240, 184), (172, 236))
FOLD = ((424, 332), (392, 290), (330, 272), (274, 286), (232, 330))


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """Fields [size, size], 0 … 1 each.

    Attributes:
        brows: the brows' ridges.
        hairs: lines across the brows.
        fold: the furrow above the upper lid.
        lids: the rims of the lids.
        rim: a bead along the mask's edge.
        lips: the bulges of the lips.
        mouth: the open mouth.
    """

    brows: Field
    hairs: Field
    fold: Field
    lids: Field
    rim: Field
    lips: Field
    mouth: Field


@cache
def features(size: int) -> Features:
    """The features at this size."""
    brows, fold = np.zeros((size, size), np.float32), np.zeros((size, size), np.float32)
    for brow, line in ((BROW, FOLD), (mirrored(BROW), mirrored(FOLD))):
        brows = np.maximum(brows, stroke(size, brow, (10, 25, 27, 18, 4)))
        fold = np.maximum(fold, stroke(size, line, (2, 7, 9, 7, 2)))
    x, y = positions(size)
    hairs = (0.5 + 0.5 * np.sin((np.abs(x - 512) * 0.55 + y * 0.8) * 0.42)).astype(np.float32)
    around, face = eyes(size), inside(size, "face")
    lids = smooth_step(-17, -7, around) * smooth_step(3, -3, around)
    rim = smooth_step(34, 26, face) * smooth_step(2, 12, face)
    mouth = smooth_step(-7, 3, inside(size, "mouth"))
    return Features(
        blurred(brows, 2),
        brows * hairs,
        blurred(fold, 2),
        blurred(lids, 2),
        blurred(rim, 3),
        lips_height(size),
        mouth,
    )
