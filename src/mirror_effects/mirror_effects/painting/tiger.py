"""The tiger: orange coat, white cheeks and brows, black stripes that break into hairs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mirror_effects.painting.anatomy import EYE_CENTRES
from mirror_effects.painting.colours import laid_over, ramp
from mirror_effects.painting.feline import Feline, finished_face, muzzle
from mirror_effects.painting.fur import fur, hairy
from mirror_effects.painting.noise import clouds, positions
from mirror_effects.painting.shapes import mirrored, smooth_step, stroke

__all__ = ["paint"]

ORANGE = ((0.0, "#2a0d02"), (0.28, "#873707"), (0.5, "#d0690f"), (0.72, "#f29d34"), (1.0, "#ffe0a3"))
WHITE = ((0.0, "#4b4038"), (0.35, "#a2968a"), (0.65, "#e6ded2"), (1.0, "#fffefa"))
TIGER = Feline(
    skin=((0.0, "#3a1414"), (0.45, "#a5564c"), (0.75, "#d98a78"), (1.0, "#ffcdb8")), iris="#e0a828"
)
# The right half; the left mirrors it with the second number as its own displacement.
STRIPES = (
    (((512, 40), (506, 90), (512, 160), (508, 236)), (5, 24, 14, 2)),
    (((508, 66), (460, 60), (408, 92)), (10, 15, 2)),
    (((508, 120), (452, 116), (396, 150)), (8, 18, 2)),
    (((506, 176), (462, 176), (420, 196)), (6, 14, 2)),
    (((380, 46), (322, 76), (290, 138), (300, 170)), (6, 24, 20, 2)),
    (((330, 120), (352, 150), (392, 166)), (3, 14, 3)),
    (((262, 70), (214, 116), (190, 176), (206, 214)), (6, 24, 22, 2)),
    (((172, 116), (124, 176), (104, 246)), (6, 26, 5)),
    (((214, 160), (250, 182), (262, 204)), (12, 10, 2)),
    (((42, 262), (104, 286), (152, 330)), (30, 22, 3)),
    (((36, 350), (100, 366), (176, 372), (204, 398)), (26, 30, 18, 2)),
    (((34, 452), (92, 452), (160, 470)), (26, 30, 4)),
    (((100, 468), (150, 510), (214, 520)), (14, 18, 2)),
    (((36, 560), (104, 560), (180, 596), (222, 590)), (30, 32, 18, 2)),
    (((56, 668), (118, 664), (196, 690)), (30, 30, 3)),
    (((84, 766), (148, 752), (222, 770)), (28, 28, 3)),
    (((126, 846), (186, 824), (262, 836)), (24, 26, 3)),
    (((196, 910), (250, 886), (318, 896)), (20, 20, 3)),
    (((70, 610), (130, 618), (170, 640)), (8, 12, 2)),
)


def paint(size: int) -> NDArray[np.uint8]:
    """The texture uint8 [size, size, 4], BGR and opacity."""
    coat = fur(size)
    x, y = positions(size)
    across = np.abs(x - 512)
    tone = 0.14 + 0.60 * coat.light + 0.11 * coat.hairs + 0.11 * coat.tufts + 0.04 * clouds(size, 5, 220, 3)
    picture = ramp(tone - 0.10 * smooth_step(140, 0, across) * smooth_step(560, 330, y), ORANGE)
    white = muzzle(size)
    for cx, cy in EYE_CENTRES:
        brow = np.hypot((x - cx) / 104, (y - cy + 76) / 52)
        under = np.hypot((x - cx) / 92, (y - cy - 62) / 36)
        white = np.maximum(
            white, np.maximum(smooth_step(1.1, 0.5, brow), 0.85 * smooth_step(1.1, 0.4, under))
        )
    jowl = smooth_step(1.1, 0.6, np.hypot((across - 372) / 120, (y - 700) / 230))
    white = np.maximum(
        white, np.maximum(0.95 * jowl, smooth_step(1.0, 0.5, np.hypot((x - 512) / 260, (y - 960) / 200)))
    )
    white = hairy(coat, white.astype(np.float32), 44)
    picture = laid_over(picture, ramp(tone + 0.14, WHITE), white)
    marks = np.zeros((size, size), np.float32)
    for number, (way, widths) in enumerate(STRIPES):
        shift = np.array((0, 7 * ((number * 5) % 3 - 1)), float)
        one = stroke(size, np.asarray(way) + shift, widths)
        other = stroke(size, mirrored(way) - shift, widths)
        marks = np.maximum(marks, np.maximum(one, other))
    marks = hairy(coat, marks, 17)
    ink = ramp(
        0.04 + 0.34 * coat.light + 0.10 * coat.hairs, ((0.0, "#040303"), (0.4, "#1d1614"), (1.0, "#63544c"))
    )
    picture = laid_over(picture, ink, 0.96 * marks)
    return finished_face(size, picture, coat, TIGER)
