"""The clown: white face, blue diamonds over the eyes, a red nose that shines, and a wide red smile."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mirror_effects.painting.anatomy import edge, eyes, inside
from mirror_effects.painting.colours import laid_over, ramp, texture, toned
from mirror_effects.painting.greasepaint import both, bristled, dry_brush, ground
from mirror_effects.painting.noise import Field, clouds, positions
from mirror_effects.painting.relief import diffuse, gloss, relief
from mirror_effects.painting.shapes import blurred, curve, depth_inside, fill, mirrored, smooth_step, stroke

__all__ = ["paint"]

WHITE = ((0.0, "#6a6068"), (0.35, "#b8adac"), (0.6, "#ebe4da"), (0.85, "#fcf8f0"), (1.0, "#ffffff"))
DIAMOND = ((336, 130), (372, 214), (418, 322), (372, 404), (334, 508), (300, 404), (250, 322), (300, 214))
SMILE = (
    (512, 660),
    (470, 652),
    (420, 664),
    (350, 700),
    (262, 690),
    (190, 634),
    (204, 700),
    (258, 776),
    (350, 838),
    (440, 862),
    (512, 866),
)
NOSE_CENTRE, NOSE_RADII = (512.0, 540.0), (92.0, 82.0)


def paint(size: int) -> NDArray[np.uint8]:
    """The texture uint8 [size, size, 4], BGR and opacity."""
    x, y = positions(size)
    base = relief(size)
    picture = ground(size, WHITE, crackle=0.8)
    cheek = smooth_step(1.0, 0.0, np.hypot((np.abs(x - 512) - 282) / 128, (y - 578) / 112))
    picture = laid_over(picture, "#f2587a", 0.62 * cheek**1.5)
    edges = np.asarray(DIAMOND, float)
    diamond = both(fill(size, edges, 0.5))
    depth = np.maximum(depth_inside(size, edges), depth_inside(size, mirrored(edges)))
    cut = bristled(size, diamond, 3)
    blue = ramp(
        0.1 + 0.85 * diffuse(base.normal, wrap=0.7) + 0.10 * clouds(size, 5, 70, 4),
        ((0.0, "#061433"), (0.45, "#1246a0"), (0.75, "#2f7fe0"), (1.0, "#a3d3ff")),
    )
    picture = laid_over(
        picture, blue, 0.95 * dry_brush(size, cut, 0.30 * smooth_step(0.2, 1.2, clouds(size, 6, 120, 3)))
    )
    picture = laid_over(picture, "#0a1026", 0.9 * smooth_step(4.5, 2.5, np.abs(depth + 1)))
    picture = laid_over(picture, "#f9d34a", 0.95 * smooth_step(3.2, 1.8, np.abs(depth + 13)))
    star_dots = [(336, 96, 15), (336, 546, 13), (210, 322, 12), (452, 250, 9)]
    for cx, cy, width in star_dots:
        picture = laid_over(
            picture, "#e0202c", 0.95 * both(stroke(size, ((cx, cy), (cx + 0.5, cy)), float(width)))
        )
    brow = both(stroke(size, ((432, 150), (390, 86), (322, 62), (250, 84), (216, 128)), (3, 15, 20, 14, 2)))
    picture = laid_over(picture, "#120d10", 0.95 * bristled(size, brow, 3))
    half = curve(SMILE[:6], samples=80)
    lower = curve(SMILE[5:], samples=80)
    one = np.concatenate([half, lower])
    outline = np.concatenate([one, mirrored(one)[::-1]])
    smile = bristled(size, fill(size, outline), 3)
    wide = depth_inside(size, outline)
    red = ramp(
        0.10 + 0.78 * diffuse(base.normal, wrap=0.6) + 0.08 * clouds(size, 7, 60, 4),
        ((0.0, "#2b0206"), (0.4, "#9d0b16"), (0.7, "#dc1f26"), (1.0, "#ff9a86")),
    )
    picture = laid_over(
        picture, red, 0.97 * dry_brush(size, smile, 0.22 * smooth_step(0.2, 1.2, clouds(size, 8, 120, 3)))
    )
    picture = laid_over(picture, "#14080b", 0.92 * smooth_step(4.6, 2.4, np.abs(wide + 1)))
    lips = smooth_step(0, 8, inside(size, "lips"))
    picture = laid_over(picture, "#6d040c", 0.55 * lips)
    picture = laid_over(
        picture, "#ffd0c4", 0.45 * blurred(stroke(size, ((440, 822), (512, 830), (584, 822)), (2, 12, 2)), 5)
    )
    picture = laid_over(
        picture,
        "#ffd0c4",
        0.30 * blurred(both(stroke(size, ((246, 706), (290, 742), (340, 766)), (2, 10, 2))), 5),
    )
    liner = np.maximum(
        smooth_step(-12, -4, eyes(size)), both(stroke(size, ((336, 372), (334, 408), (336, 452)), (17, 9, 1)))
    )
    liner = np.maximum(liner, both(stroke(size, ((336, 296), (336, 262), (336, 214)), (17, 9, 1))))
    picture = laid_over(picture, "#0b080c", 0.95 * liner)
    picture = _with_nose(size, picture)
    picture = toned(picture, 1 - 0.9 * smooth_step(-1, 5, inside(size, "mouth")))
    picture = laid_over(picture, "#f5efe6", smooth_step(0, 3, eyes(size)))
    gaze = both(stroke(size, ((338, 326), (338.5, 326)), 46)) * smooth_step(0, 3, eyes(size))
    picture = laid_over(picture, "#23508f", gaze)
    picture = laid_over(
        picture, "#050507", both(stroke(size, ((338, 326), (338.5, 326)), 22)) * smooth_step(0, 3, eyes(size))
    )
    return texture(picture, 0.97 * edge(size, 34))


def _with_nose(size: int, picture: Field) -> Field:
    """A ball with its own light, standing on the face and casting a shadow."""
    x, y = positions(size)
    nx, ny = (x - NOSE_CENTRE[0]) / NOSE_RADII[0], (y - NOSE_CENTRE[1]) / NOSE_RADII[1]
    round_ = np.hypot(nx, ny)
    shadow = smooth_step(1.45, 0.7, np.hypot(nx - 0.10, ny - 0.22))
    picture = toned(picture, 1 - 0.55 * shadow)
    bulge = np.sqrt(np.clip(1 - round_**2, 0, 1))
    normal = np.stack([nx * 0.92, ny * 0.92, np.maximum(bulge, 0.15)], axis=2)
    normal = (normal / np.linalg.norm(normal, axis=2, keepdims=True)).astype(np.float32)
    ball = ramp(
        0.05 + 0.85 * diffuse(normal, wrap=0.3),
        ((0.0, "#250003"), (0.3, "#7c0610"), (0.6, "#d8141f"), (0.85, "#ff3b34"), (1.0, "#ff8a76")),
    )
    ball = laid_over(ball, "#ffffff", 0.85 * gloss(normal, 90) + 0.14 * gloss(normal, 14))
    window = (
        smooth_step(0.10, 0.03, np.abs(np.hypot(nx - 0.05, ny - 0.05) - 0.80))
        * smooth_step(0.2, 0.7, ny)
        * 0.22
    )
    ball = laid_over(ball, "#ffb09a", window)
    return laid_over(picture, ball, smooth_step(1.0, 0.965, round_))
