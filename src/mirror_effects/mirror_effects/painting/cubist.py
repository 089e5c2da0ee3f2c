"""The cubist face: planes cut out of the head, each in its own light, with a profile and a front at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mirror_effects.painting.anatomy import edge, eyes, inside
from mirror_effects.painting.colours import hexadecimal, laid_over, texture, toned
from mirror_effects.painting.noise import Field, cells, clouds, flow_lines, grain, positions
from mirror_effects.painting.relief import carved, diffuse, relief
from mirror_effects.painting.shapes import Points, blurred, curve, depth_inside, fill, smooth_step, stroke

__all__ = ["paint"]

# Planes from back to front: colour, direction of its shading (degrees), outline.
PLANES: tuple[tuple[str, float, tuple[tuple[float, float], ...]], ...] = (
    ("#31506b", 20, ((0, 0), (512, 0), (512, 1024), (0, 1024))),
    ("#c98a4b", 200, ((512, 0), (1024, 0), (1024, 1024), (512, 1024))),
    ("#1f3a52", 100, ((0, 0), (250, 0), (170, 300), (0, 330))),
    ("#d9b37a", 300, ((250, 0), (512, 0), (512, 230), (300, 214), (198, 190))),
    ("#8c3b2a", 60, ((512, 0), (800, 0), (742, 214), (512, 230))),
    ("#e8cf9d", 240, ((742, 0), (1024, 0), (1024, 330), (852, 300), (742, 214))),
    ("#5d7f8c", 330, ((0, 330), (170, 300), (240, 420), (170, 560), (0, 560))),
    ("#b7c4b1", 150, ((170, 190), (452, 214), (470, 320), (420, 420), (240, 420), (170, 300))),
    ("#e3a957", 30, ((572, 220), (852, 190), (880, 330), (800, 440), (620, 420), (560, 320))),
    ("#23313d", 270, ((240, 420), (420, 420), (372, 600), (230, 640), (170, 560))),
    ("#d8c39a", 120, ((170, 560), (230, 640), (340, 690), (300, 880), (150, 830), (60, 640))),
    ("#6e2f25", 210, ((800, 440), (1024, 400), (1024, 700), (840, 650), (700, 560), (650, 470))),
    ("#c8663a", 80, ((700, 560), (840, 650), (790, 860), (660, 900), (650, 700))),
    ("#91a58f", 350, ((840, 650), (1024, 700), (1024, 1024), (720, 1024), (790, 860))),
    ("#405c55", 180, ((300, 880), (340, 690), (512, 640), (512, 1024), (260, 1024))),
    ("#e9d6ab", 260, ((512, 640), (660, 690), (660, 900), (600, 1024), (512, 1024))),
    ("#f0dcae", 110, ((512, 130), (470, 320), (452, 470), (372, 590), (420, 622), (512, 610))),
    ("#7b4a2f", 290, ((512, 130), (560, 320), (586, 470), (640, 560), (610, 612), (512, 610))),
)
LINES: tuple[tuple[tuple[tuple[float, float], ...], tuple[float, ...]], ...] = (
    (
        ((300, 192), (400, 170), (470, 214), (478, 330), (452, 470), (360, 594), (428, 628), (512, 612)),
        (3, 11, 9, 8, 10, 13, 9, 3),
    ),
    (((560, 236), (640, 180), (760, 160), (872, 206)), (14, 18, 15, 3)),
    (((172, 226), (240, 184), (340, 178), (440, 214)), (4, 17, 16, 7)),
    (((512, 612), (498, 650), (452, 690)), (3, 7, 2)),
    (((590, 560), (636, 572), (622, 604), (560, 610)), (3, 9, 8, 2)),
    (((330, 752), (420, 728), (512, 744), (600, 724), (690, 752)), (2, 9, 7, 9, 2)),
    (((512, 900), (560, 930), (640, 900)), (2, 10, 2)),
    (((170, 400), (250, 436), (350, 430)), (2, 7, 2)),
    (((640, 410), (740, 452), (850, 410)), (2, 8, 2)),
)


def _shaded(size: int, colour: str, direction: float, outline: Points, number: int) -> tuple[Field, Field]:
    """A plane's colours [size, size, 3], graded across it, and its coverage."""
    x, y = positions(size)
    places = np.asarray(outline, np.float64)
    angle = np.radians(direction)
    along = x * np.cos(angle) + y * np.sin(angle)
    ends = places @ (np.cos(angle), np.sin(angle))
    share = np.clip((along - ends.min()) / max(float(np.ptp(ends)), 1.0), 0, 1)
    turned = angle + 0.9 + 0.4 * np.sin(number)
    strokes = flow_lines(
        grain(size, 200 + number), np.full_like(x, np.cos(turned)), np.full_like(x, np.sin(turned)), 16, 0.4
    )
    strokes = (strokes - 0.5) / (2 * strokes.std())
    light = 0.52 + 0.62 * share + 0.075 * strokes + 0.05 * clouds(size, 230 + number, 50, 4)
    warm = np.asarray(hexadecimal(colour), np.float32) * light[..., None]
    return warm.astype(np.float32), fill(size, places)


def _iris(
    size: int, picture: Field, centre: tuple[float, float], radius: float, colours: Sequence[str]
) -> Field:
    for share, colour in zip((1.0, 0.86, 0.42, 0.2), colours, strict=True):
        x, y = positions(size)
        away = (
            np.hypot(x - centre[0] - (0 if share > 0.3 else 6), y - centre[1] + (0 if share > 0.3 else 6))
            / radius
        )
        picture = laid_over(
            picture, colour, smooth_step(share, share - 0.06, away) * smooth_step(0, 3, eyes(size))
        )
    return picture


def paint(size: int) -> NDArray[np.uint8]:
    """The texture uint8 [size, size, 4], BGR and opacity."""
    base = relief(size)
    picture = np.zeros((size, size, 3), np.float32)
    ridge, borders = np.zeros((size, size), np.float32), np.zeros((size, size), np.float32)
    for number, (colour, direction, outline) in enumerate(PLANES):
        plane, cover = _shaded(size, colour, direction, outline, number)
        if number > 1:  # each plane throws a shadow on what lies behind it
            cast = blurred(np.roll(cover, (size // 90, size // 110), axis=(0, 1)), 11)
            picture = toned(picture, 1 - 0.42 * cast * (1 - cover))
        picture = laid_over(picture, plane, cover)
        rim = smooth_step(5.5, 0.5, np.abs(depth_inside(size, outline) - 3)) * cover
        borders = np.maximum(
            borders * (1 - cover), smooth_step(3.0, 1.0, np.abs(depth_inside(size, outline)))
        )
        ridge = np.maximum(ridge * (1 - cover), rim)
    picture = laid_over(picture, "#fff3d0", 0.30 * ridge)
    picture = laid_over(picture, "#120c0a", 0.62 * borders)
    hatch = _hatching(size)
    picture = laid_over(picture, "#160e0b", 0.55 * hatch)
    for outline, white in (
        (((196, 322), (262, 262), (352, 258), (440, 330), (350, 378), (262, 376)), "#f4ead0"),
        (((590, 336), (640, 268), (744, 262), (822, 316), (760, 388), (650, 384)), "#bcd3d6"),
    ):
        picture = laid_over(picture, white, fill(size, outline))
        picture = laid_over(
            picture, "#120b0a", 0.97 * stroke(size, outline, (7, 13, 9, 14, 7), closed=True, smooth=False)
        )
    ink = np.zeros((size, size), np.float32)
    for way, widths in LINES:
        ink = np.maximum(ink, stroke(size, way, widths, smooth=len(way) < 8))
    upper = fill(size, ((362, 748), (440, 694), (512, 716), (512, 748)))
    upper_left = fill(size, ((512, 716), (596, 690), (664, 748), (512, 748)))
    lower = fill(size, ((372, 752), (512, 756), (512, 826), (440, 820)))
    lower_left = fill(size, ((512, 756), (656, 752), (600, 812), (512, 826)))
    for cover, colour in (
        (upper, "#8f2320"),
        (upper_left, "#d1452f"),
        (lower, "#d9694a"),
        (lower_left, "#6d1b1d"),
    ):
        picture = laid_over(
            picture,
            toned(np.ones_like(picture) * hexadecimal(colour), 0.9 + 0.14 * clouds(size, 9, 40, 4)),
            cover,
        )
        picture = laid_over(
            picture, "#120c0a", 0.8 * smooth_step(0.25, 0.5, cover) * smooth_step(0.75, 0.5, cover)
        )
    picture = laid_over(picture, "#110b0a", 0.95 * ink)
    # Paint stands up a little from the canvas.
    weave = 0.5 * (np.sin(positions(size)[0] * 0.9) + np.sin(positions(size)[1] * 0.9))
    impasto = flow_lines(grain(size, 250), *_turning(size), 14) - 0.5
    normal = carved(
        base,
        (0.9 * impasto + 0.02 * weave - 0.3 * blurred(ink, 1.5) + 0.25 * blurred(ridge, 2)).astype(
            np.float32
        ),
    )
    lit = 0.66 + 0.46 * diffuse(normal, wrap=0.7)
    picture = toned(picture, (lit * (1 - 0.25 * base.hollow)).astype(np.float32))
    _, border, _ = cells(size, 251, 26)
    picture = laid_over(
        picture,
        "#1a120c",
        0.22 * smooth_step(1.2, 0.3, border) * smooth_step(0.2, 1.0, clouds(size, 252, 200, 3)),
    )
    lid = smooth_step(-7, -3, eyes(size)) * smooth_step(3, -1, eyes(size))
    picture = laid_over(picture, "#0d0808", 0.95 * lid)
    picture = _iris(size, picture, (336, 322), 34, ("#0d0808", "#2f5d6b", "#060404", "#f4ead0"))
    picture = _iris(size, picture, (700, 322), 34, ("#0d0808", "#8a4a22", "#060404", "#f4ead0"))
    picture = toned(picture, 1 - 0.9 * smooth_step(-1, 5, inside(size, "mouth")))
    return texture(picture, edge(size, 5))


def _turning(size: int) -> tuple[Field, Field]:
    angle = 3.2 * clouds(size, 253, 300, 2)
    return np.cos(angle).astype(np.float32), np.sin(angle).astype(np.float32)


def _hatching(size: int) -> Field:
    """Parallel lines that darken some planes, as in an etching."""
    x, y = positions(size)
    total = np.zeros((size, size), np.float32)
    patches = (
        (((240, 430), (410, 430), (366, 596), (234, 630)), 35.0),
        (((680, 600), (830, 660), (784, 850), (664, 880)), 120.0),
        (((572, 60), (780, 40), (736, 200), (560, 214)), 70.0),
        (((20, 350), (150, 330), (220, 430), (150, 540), (20, 540)), 160.0),
        (((330, 880), (500, 830), (500, 990), (330, 960)), 20.0),
    )
    for outline, degrees in patches:
        angle = np.radians(degrees)
        phase = (x * np.cos(angle) + y * np.sin(angle) + 5 * clouds(size, 260, 120, 2)) % 19
        lines = smooth_step(2.6, 1.2, np.abs(phase - 9.5))
        total = np.maximum(total, lines * fill(size, curve(outline, closed=True), 9))
    return total
