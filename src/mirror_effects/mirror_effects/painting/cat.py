"""The cat: a silver tabby with a pink nose, whiskers and amber eyes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mirror_effects.painting.anatomy import eyes
from mirror_effects.painting.colours import laid_over, ramp
from mirror_effects.painting.feline import Feline, finished_face, muzzle
from mirror_effects.painting.fur import fur, hairy
from mirror_effects.painting.noise import clouds, positions
from mirror_effects.painting.shapes import blurred, smooth_step, stroke

__all__ = ["paint"]

COAT = ((0.0, "#141216"), (0.3, "#4c4950"), (0.55, "#918d92"), (0.78, "#cfcbcb"), (1.0, "#fbf8f3"))
STRIPES = (
    (((500, 60), (470, 120), (458, 210)), (16, 20, 3)),
    (((420, 50), (408, 120), (420, 200)), (18, 22, 3)),
    (((340, 62), (336, 120), (352, 178)), (16, 20, 3)),
    (((258, 92), (268, 140), (296, 178)), (14, 18, 3)),
    (((216, 338), (150, 330), (70, 290)), (4, 20, 24)),
    (((208, 372), (140, 392), (52, 384)), (4, 20, 26)),
    (((232, 452), (160, 482), (60, 490)), (3, 20, 24)),
    (((236, 540), (170, 592), (78, 610)), (3, 18, 26)),
    (((250, 640), (196, 706), (112, 742)), (3, 18, 24)),
    (((300, 760), (256, 838), (190, 890)), (3, 18, 22)),
    (((178, 150), (140, 190), (84, 214)), (6, 20, 22)),
    (((300, 60), (240, 52), (180, 90)), (3, 10, 4)),
)
CAT = Feline(
    skin=((0.0, "#4a1f22"), (0.45, "#b0646a"), (0.75, "#e39a9c"), (1.0, "#ffd9d4")),
    iris="#d9a21c",
    slit=True,
    line=0.65,
)


def paint(size: int) -> NDArray[np.uint8]:
    """The texture uint8 [size, size, 4], BGR and opacity."""
    coat = fur(size)
    x, y = positions(size)
    marks = np.zeros((size, size), np.float32)
    for way, widths in STRIPES:
        one = stroke(size, way, widths)
        marks = np.maximum(marks, np.maximum(one, one[:, ::-1]))
    marks = hairy(coat, blurred(marks, 3), 20)
    white = np.maximum(muzzle(size), smooth_step(1.0, 0.3, np.hypot((x - 512) / 330, (y - 960) / 230)))
    white = np.maximum(white, smooth_step(36, 14, np.abs(eyes(size) + 24)) * 0.6)
    blaze = smooth_step(34, 8, np.abs(x - 512)) * smooth_step(250, 420, y) * smooth_step(640, 500, y)
    white = hairy(coat, np.maximum(white, 0.75 * blaze), 30)
    tone = 0.20 + 0.42 * coat.light + 0.10 * coat.hairs + 0.09 * coat.tufts + 0.05 * clouds(size, 5, 200, 3)
    picture = ramp(tone + 0.30 * white * (0.3 + coat.light), COAT)
    picture = laid_over(
        picture, "#8a6a4c", 0.20 * (1 - white) * smooth_step(0.0, 0.9, clouds(size, 6, 260, 3))
    )
    shade = ramp(
        0.08 + 0.40 * coat.light + 0.09 * coat.hairs, ((0.0, "#070608"), (0.5, "#3a363b"), (1.0, "#8d888c"))
    )
    picture = laid_over(picture, shade, 0.86 * marks * (1 - 0.5 * white))
    return finished_face(size, picture, coat, CAT)
