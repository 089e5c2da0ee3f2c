"""The kabuki face: white ground with red kumadori strokes, rubbed out on one side, and ink."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mirror_effects.painting.anatomy import edge, eyes, inside
from mirror_effects.painting.colours import laid_over, texture, toned
from mirror_effects.painting.greasepaint import both, bristled, dry_brush, faded, ground
from mirror_effects.painting.noise import Field, clouds
from mirror_effects.painting.shapes import blurred, curve, fill, mirrored, smooth_step, stroke

__all__ = ["paint"]

WHITE = ((0.0, "#6d6570"), (0.35, "#b9b0b2"), (0.6, "#e9e3dd"), (0.85, "#fbf8f2"), (1.0, "#ffffff"))
# Way, widths, and the direction in which the finger rubs the edge out.
RED = (
    (((452, 322), (440, 250), (396, 150), (300, 84), (196, 96)), (12, 26, 44, 40, 4), (26, -42)),
    (((440, 352), (380, 392), (282, 384), (190, 318), (120, 222)), (3, 22, 30, 38, 4), (-8, 44)),
    (((246, 330), (190, 288), (158, 226), (150, 150)), (6, 22, 26, 2), (-34, -8)),
    (((462, 470), (400, 540), (290, 560), (172, 520), (72, 430)), (6, 34, 46, 44, 4), (4, 52)),
    (((410, 610), (330, 640), (270, 720), (236, 830), (180, 900)), (4, 26, 40, 34, 3), (-46, 14)),
    (((340, 822), (400, 868), (420, 930)), (3, 24, 3), (-26, 16)),
)
BROW = (
    (470, 246),
    (432, 214),
    (372, 176),
    (300, 142),
    (232, 148),
    (262, 176),
    (330, 192),
    (398, 230),
    (446, 268),
)
LIP = ((512, 694), (486, 684), (440, 700), (372, 748), (430, 760), (512, 782))


def paint(size: int) -> NDArray[np.uint8]:
    """The texture uint8 [size, size, 4], BGR and opacity."""
    picture = ground(size, WHITE, crackle=0.5)
    around = eyes(size)
    red = np.zeros((size, size), np.float32)
    heart = red.copy()
    for way, widths, shift in RED:
        red = np.maximum(red, faded(size, way, widths, shift, 7))
        heart = np.maximum(heart, stroke(size, way, widths))
    red, heart = bristled(size, both(red), 4), both(heart)
    dry = smooth_step(0.3, 1.2, clouds(size, 5, 160, 3)) * 0.55
    pigment = laid_over(toned(picture, 0.92), "#c00f1c", 0.93)
    picture = laid_over(picture, pigment, dry_brush(size, red, dry))
    picture = laid_over(picture, "#7d0510", 0.55 * blurred(heart * _cores(size), 3))
    forehead = fill(
        size, curve(((512, 44), (534, 96), (528, 164), (512, 196), (496, 164), (490, 96)), closed=True)
    )
    picture = laid_over(picture, "#b00d19", 0.93 * bristled(size, forehead, 4))
    ink = both(fill(size, curve(BROW, closed=True)))
    tail = both(stroke(size, ((300, 150), (248, 124), (196, 122), (150, 96)), (24, 20, 10, 1)))
    liner = smooth_step(-15, -4, around)
    wing = both(
        stroke(size, ((404, 340), (330, 302), (262, 312), (206, 296), (160, 250)), (4, 20, 24, 15, 1))
    )
    inner = both(stroke(size, ((400, 334), (428, 352), (452, 388)), (13, 9, 1)))
    lower = both(stroke(size, ((262, 336), (300, 360), (350, 366)), (14, 8, 1)))
    ink = np.maximum.reduce([ink, tail, liner, wing, inner, lower])
    picture = laid_over(picture, "#0b090d", 0.96 * dry_brush(size, bristled(size, ink, 4), 0.18 * dry))
    picture = laid_over(
        picture, "#c21420", 0.8 * both(stroke(size, ((268, 352), (238, 350), (204, 336)), (8, 9, 1)))
    )
    half = curve(LIP)
    lips = bristled(size, fill(size, np.concatenate([half, mirrored(half)[::-1]])), 3)
    picture = laid_over(picture, "#a80916", 0.95 * lips)
    picture = laid_over(
        picture, "#ff8d84", 0.35 * blurred(stroke(size, ((474, 788), (512, 794), (550, 788)), (2, 9, 2)), 4)
    )
    corner = both(stroke(size, ((392, 744), (352, 756), (318, 800)), (10, 13, 1)))
    crease = both(stroke(size, ((404, 742), (460, 724), (512, 730)), (3, 7, 8)))
    picture = laid_over(
        picture, "#0b090d", 0.94 * np.maximum(corner, crease * smooth_step(-26, -8, inside(size, "mouth")))
    )
    picture = toned(picture, 1 - 0.85 * smooth_step(-1, 5, inside(size, "mouth")))
    picture = laid_over(picture, "#f3ece4", smooth_step(0, 3, around))
    gaze = np.maximum(_disc(size, (346, 326), 25), _disc(size, (678, 326), 25))
    picture = laid_over(picture, "#0a0608", gaze * smooth_step(0, 3, around))
    return texture(picture, 0.97 * edge(size, 34))


def _cores(size: int) -> Field:
    """The darker middle line of each red stroke."""
    core = np.zeros((size, size), np.float32)
    for way, widths, _ in RED:
        core = np.maximum(core, stroke(size, way, [0.35 * w for w in widths]))
    return both(core)


def _disc(size: int, centre: tuple[float, float], radius: float) -> Field:
    return stroke(size, (centre, (centre[0] + 0.5, centre[1])), 2 * radius)
