"""The calavera of the Day of the Dead: white bone paint, flowers around the eyes, filigree and stitches."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mirror_effects.painting.anatomy import EYE_CENTRES, edge, eyes, inside
from mirror_effects.painting.colours import laid_over, ramp, texture, toned
from mirror_effects.painting.greasepaint import both, bristled, ground, petals
from mirror_effects.painting.noise import Field, clouds, positions
from mirror_effects.painting.shapes import Points, blurred, curve, fill, mirrored, smooth_step, stroke

__all__ = ["paint"]

WHITE = ((0.0, "#5d5560"), (0.35, "#b5acae"), (0.6, "#ebe5dc"), (0.85, "#fcf9f2"), (1.0, "#ffffff"))
INK = "#120d16"
PINK, TEAL, ORANGE, YELLOW, VIOLET = "#d91c6b", "#0e8f96", "#f07818", "#f7c531", "#6a2c91"
EYE_RADII = (118.0, 104.0)
NOSE = ((512, 488), (490, 452), (452, 470), (446, 520), (466, 572), (486, 604), (504, 566), (512, 556))
# Filigree of the right half: way and widths.
SCROLLS = (
    (
        ((512, 470), (500, 420), (474, 372), (478, 330), (498, 322), (504, 342), (492, 352)),
        (5, 6, 5, 5, 4, 3, 2),
    ),
    (
        ((120, 470), (92, 540), (110, 620), (168, 646), (204, 608), (186, 568), (152, 576), (156, 604)),
        (2, 7, 9, 8, 7, 6, 5, 2),
    ),
    (((110, 620), (96, 690), (120, 742)), (7, 6, 1)),
    (((168, 646), (196, 690), (186, 742), (152, 748), (148, 722)), (6, 7, 6, 4, 2)),
    (((204, 608), (246, 622), (272, 596), (256, 570)), (6, 6, 5, 2)),
    (
        ((108, 300), (82, 240), (110, 176), (160, 172), (176, 208), (150, 228), (134, 208)),
        (2, 7, 8, 7, 6, 5, 2),
    ),
    (((110, 176), (126, 130), (176, 98)), (6, 6, 1)),
    (((512, 930), (470, 946), (430, 926), (430, 892), (458, 886), (464, 908)), (3, 7, 7, 6, 4, 2)),
    (((430, 926), (386, 940), (344, 918)), (6, 5, 1)),
)


def _flower(
    size: int, picture: Field, centre: tuple[float, float], *, radius: float, colour: str, turn: float
) -> Field:
    """A small flower laid over the picture."""
    blossom = petals(size, centre, (radius, radius), 6, turn)
    within = smooth_step(-1, 1.5, blossom)
    x, y = positions(size)
    away = np.hypot(x - centre[0], y - centre[1]) / radius
    picture = laid_over(picture, INK, smooth_step(-4.5, -2.5, blossom))
    picture = laid_over(picture, colour, within)
    picture = laid_over(picture, "#ffffff", 0.35 * within * smooth_step(0.5, 0.95, away))
    angle = np.arctan2(y - centre[1], x - centre[0]) - turn
    picture = laid_over(
        picture,
        INK,
        0.75 * within * smooth_step(0.16, 0.05, np.abs(np.sin(angle * 3))) * smooth_step(0.85, 0.5, away),
    )
    return laid_over(
        laid_over(picture, INK, smooth_step(0.36, 0.32, away)), YELLOW, smooth_step(0.29, 0.24, away)
    )


def _symmetrical(points: Points) -> NDArray[np.float64]:
    half = curve(points)
    return np.concatenate([half, mirrored(half)[::-1]])


def _eye_flowers(size: int, picture: Field) -> Field:
    x, y = positions(size)
    for number, centre in enumerate(EYE_CENTRES):
        middle = (float(centre[0]), float(centre[1]))
        bloom = petals(size, middle, EYE_RADII, 14)
        inner = petals(size, middle, (EYE_RADII[0] * 0.76, EYE_RADII[1] * 0.76), 14, np.pi / 14)
        angle = np.arctan2((y - middle[1]) / EYE_RADII[1], (x - middle[0]) / EYE_RADII[0])
        away = np.hypot((x - middle[0]) / EYE_RADII[0], (y - middle[1]) / EYE_RADII[1])
        picture = laid_over(picture, INK, smooth_step(-6, -3.5, bloom))
        colour = ramp(
            away + 0.05 * clouds(size, 3, 40, 3), ((0.5, "#5b0f3c"), (0.75, PINK), (1.0, "#ff8a5c"))
        )
        picture = laid_over(picture, colour, smooth_step(-1.5, 1.5, bloom))
        veins = smooth_step(0.10, 0.02, np.abs(np.sin((angle + np.pi / 14 * 0) * 7)))
        picture = laid_over(picture, INK, 0.8 * veins * smooth_step(-1, 2, bloom))
        picture = laid_over(picture, INK, smooth_step(-5, -3, inner))
        deep = ramp(away, ((0.25, "#120a1e"), (0.55, "#2b1548"), (0.78, VIOLET)))
        picture = laid_over(picture, deep, smooth_step(-1.5, 1.5, inner))
        picture = laid_over(picture, INK, 0.92 * smooth_step(0.62, 0.42, away))
        for step in range(28):
            turn = 2 * np.pi * (step + 0.5) / 28
            dot = (
                middle[0] + EYE_RADII[0] * 1.12 * np.cos(turn),
                middle[1] + EYE_RADII[1] * 1.13 * np.sin(turn),
            )
            if abs(dot[0] - 512) > 28:
                shade = (TEAL, YELLOW)[(step + number) % 2]
                picture = laid_over(picture, shade, stroke(size, (dot, (dot[0] + 0.5, dot[1])), 9.5))
    return picture


def _stitched_mouth(size: int) -> Field:
    ink = both(stroke(size, ((512, 742), (420, 742), (340, 736), (262, 708), (206, 664)), (6, 7, 6, 5, 1)))
    ink = ink * smooth_step(8, -2, inside(size, "mouth"))
    for step in range(11):
        x = 512 - 27.5 * step
        bow = 14 * (step / 10) ** 2
        long = 54 - 2.6 * step
        middle = 742 - 34 * (step / 10) ** 2.4
        tooth = stroke(
            size, ((x, middle - long), (x + 3 - bow * 0.3, middle), (x, middle + long)), (1.5, 5.5, 1.5)
        )
        ink = np.maximum(ink, both(tooth))
    return ink


def paint(size: int) -> NDArray[np.uint8]:
    """The texture uint8 [size, size, 4], BGR and opacity."""
    picture = ground(size, WHITE, crackle=0.9)
    temple = both(
        fill(
            size,
            curve(((30, 300), (92, 330), (150, 430), (170, 520), (104, 560), (30, 500)), closed=True),
            34,
        )
    )
    hollow = both(
        fill(
            size,
            curve(((130, 660), (250, 660), (296, 740), (286, 850), (210, 880), (130, 790)), closed=True),
            26,
        )
    )
    picture = laid_over(picture, "#2c2433", 0.62 * hollow + 0.30 * temple)
    picture = _eye_flowers(size, picture)
    ink = np.zeros((size, size), np.float32)
    for way, widths in SCROLLS:
        ink = np.maximum(ink, both(stroke(size, way, widths)))
    nose = fill(size, _symmetrical(NOSE))
    ink = np.maximum(ink, nose)
    picture = laid_over(picture, INK, 0.95 * bristled(size, ink, 1.6))
    picture = laid_over(picture, INK, 0.95 * bristled(size, _stitched_mouth(size), 1.6))
    lips = smooth_step(-1, 4, inside(size, "lips")) * smooth_step(4, -2, inside(size, "mouth"))
    picture = laid_over(picture, "#a3123f", 0.42 * lips)
    # The forehead: a marigold with leaves, and small flowers beside it.
    for side in (1, -1):
        for end, colour in (((-150, -8), TEAL), ((-128, 44), TEAL), ((-136, -52), "#3f9c4a")):
            tip = np.array((512 + side * end[0], 116 + end[1]), float)
            root = np.array((512 + side * -34, 116 + end[1] * 0.3), float)
            leaf = stroke(size, (root, (root + tip) / 2 + (0, -6), tip), (6, 34, 1))
            rim = stroke(size, (root, (root + tip) / 2 + (0, -6), tip), (12, 41, 6))
            picture = laid_over(laid_over(picture, INK, rim), colour, leaf)
            picture = laid_over(
                picture, INK, 0.8 * stroke(size, (root, (root + tip) / 2 + (0, -6), tip), (3, 3, 1))
            )
    for radius, count, colour in (
        (72, 16, ORANGE),
        (54, 13, "#f59a22"),
        (36, 10, YELLOW),
        (19, 7, "#c2410c"),
    ):
        bloom = petals(size, (512, 112), (radius, radius), count, 0.3 * radius)
        picture = laid_over(picture, INK, smooth_step(-4, -2, bloom))
        picture = laid_over(picture, colour, smooth_step(-1, 1.5, bloom))
        picture = laid_over(
            picture, "#7a2405", 0.35 * smooth_step(14, 0, bloom) * smooth_step(-1, 1, bloom) * 0.6
        )
    for centre, radius, colour, turn in (
        ((318, 150), 34, PINK, 0.2),
        ((196, 640), 0, PINK, 0.0),
        ((512, 868), 38, TEAL, 0.5),
        ((244, 108), 22, YELLOW, 0.4),
        ((300, 580), 27, VIOLET, 0.1),
    ):
        if radius:
            for at in {centre, (1024 - centre[0], centre[1])}:
                picture = _flower(size, picture, at, radius=radius, colour=colour, turn=turn)
    dots = [(512, 214 + 22 * i, 11 - 2 * i) for i in range(4)]
    dots += [(402 + 22 * i, 214 - 5 * i, 6 + i) for i in range(4)] + [
        (352 - 20 * i, 660 + 4 * i * i, 9 - i) for i in range(4)
    ]
    dots += [(400 - 30 * i, 862 - 9 * i, 9 - i) for i in range(4)]
    for x, y, width in dots:
        for side in (x, 1024 - x):
            picture = laid_over(picture, INK, 0.95 * stroke(size, ((side, y), (side + 0.5, y)), float(width)))
    picture = toned(picture, 1 - 0.9 * smooth_step(-1, 5, inside(size, "mouth")))
    lid = smooth_step(-1, 2, eyes(size))
    picture = laid_over(picture, "#0d0812", lid)
    sheen = blurred(stroke(size, ((470, 300), (500, 420), (505, 470)), (3, 9, 3)), 6)
    picture = laid_over(picture, "#ffffff", 0.10 * sheen)
    return texture(picture, 0.97 * edge(size, 34))
