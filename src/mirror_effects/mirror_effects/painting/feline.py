"""What all cats' faces share: lined eyes, bare nose, split lip, whiskers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mirror_effects.painting.anatomy import EYE_CENTRES, edge, eyes, inside, painted_eyes
from mirror_effects.painting.colours import laid_over, ramp, texture, toned
from mirror_effects.painting.fur import Fur, hairy, ragged_edge
from mirror_effects.painting.noise import Field, clouds, positions
from mirror_effects.painting.relief import diffuse, relief
from mirror_effects.painting.shapes import blurred, curve, depth_inside, mirrored, smooth_step, stroke

__all__ = ["Feline", "finished_face", "muzzle"]

LEATHER = ((512, 500), (470, 508), (436, 534), (430, 560), (456, 582), (488, 604), (512, 622))
WHISKER_DOTS = tuple((400 - 42 * i - 10 * j, 640 + 26 * j + 6 * i) for j in range(3) for i in range(4))
LIP = ((512, 684), (452, 716), (372, 744), (316, 722))
NOSTRIL = ((450, 562), (462, 581), (484, 585))
TEAR_LINES = (((408, 332), (440, 372), (450, 446)), ((262, 322), (214, 317), (170, 292)))
INK = "#0b0708"


@dataclass(frozen=True, slots=True)
class Feline:
    """How one cat differs from another.

    Attributes:
        skin: colours of the bare nose from shadow to light.
        iris: colour of the eyes.
        slit: the pupil is upright and narrow instead of round.
        line: width of the dark lines around eyes and mouth, 1 as in a big cat.
    """

    skin: tuple[tuple[float, str], ...]
    iris: str
    slit: bool = False
    line: float = 1.0


def muzzle(size: int) -> Field:
    """The two cushions beside the nose, 0 … 1."""
    x, y = positions(size)
    return smooth_step(1.15, 0.45, np.hypot((np.abs(x - 512) - 96) / 150, (y - 660) / 120))


def finished_face(size: int, picture: Field, coat: Fur, cat: Feline) -> NDArray[np.uint8]:
    """The texture uint8 [size, size, 4]: a painted coat with the features laid over it."""
    picture = laid_over(picture, INK, 0.95 * hairy(coat, _eye_lines(size, cat.line), 6))
    picture = _nose_and_mouth(size, picture, coat, cat)
    hairs, dots = _whiskers(size)
    picture = laid_over(picture, "#150e0d", 0.85 * dots)
    picture = laid_over(picture, "#000000", 0.35 * np.roll(hairs, max(1, size // 256), axis=0))
    picture = laid_over(picture, "#fffdf6", 0.94 * hairs)
    picture = _gaze(size, picture, cat)
    picture = toned(picture, 1 - 0.85 * smooth_step(-1, 5, inside(size, "mouth")))
    return texture(picture, np.maximum(ragged_edge(size, coat), hairs * edge(size, 6)))


def _eye_lines(size: int, width: float) -> Field:
    lines = smooth_step(-25, -5, eyes(size))
    for way in TEAR_LINES:
        one = stroke(size, way, (18 * width, 12 * width, 1))
        lines = np.maximum(lines, np.maximum(one, one[:, ::-1]))
    return lines


def _nose_and_mouth(size: int, picture: Field, coat: Fur, cat: Feline) -> Field:
    half = curve(LEATHER)
    leather = depth_inside(size, np.concatenate([half, mirrored(half)[::-1]]))
    skin = ramp(0.2 + 0.6 * diffuse(relief(size).normal) + 0.06 * clouds(size, 8, 12, 3), cat.skin)
    picture = laid_over(picture, skin, smooth_step(-2, 3, leather))
    picture = laid_over(picture, INK, 0.8 * smooth_step(10, 1, np.abs(leather - 2)))
    one = blurred(stroke(size, NOSTRIL, (5, 17, 7)), 2)
    picture = laid_over(picture, INK, 0.9 * np.maximum(one, one[:, ::-1]))
    shine = blurred(stroke(size, ((482, 525), (512, 519), (530, 523)), (2, 12, 2)), 5)
    picture = laid_over(picture, "#ffffff", 0.45 * shine)
    lip = stroke(size, LIP, tuple(cat.line * width for width in (6, 9, 7, 1)))
    split = stroke(size, ((512, 616), (512, 690)), (11 * cat.line, 6 * cat.line))
    line = np.maximum(split, np.maximum(lip, lip[:, ::-1]))
    picture = laid_over(picture, INK, 0.92 * hairy(coat, line, 3))
    return laid_over(picture, "#46282a", 0.42 * smooth_step(0, 12, inside(size, "lips")))


def _whiskers(size: int) -> tuple[Field, Field]:
    """The whiskers and the dark dots that they grow from."""
    hairs, dots = np.zeros((size, size), np.float32), np.zeros((size, size), np.float32)
    for number, (x, y) in enumerate(WHISKER_DOTS):
        row = number // 4
        end = (x - 250 - 8 * (number * 5 % 7), y - 92 + 78 * row + 9 * (number * 3 % 5))
        way = ((x, y), ((x + end[0]) / 2, (y + end[1]) / 2 - 34 + 12 * row), end)
        for one, at in ((way, (x, y)), (mirrored(way), (1024 - x, y))):
            if number % 4 != 3:
                hairs = np.maximum(hairs, stroke(size, one, (4.2, 3.4, 0.6)))
            dots = np.maximum(dots, stroke(size, (at, (at[0] + 1, at[1] + 1)), 8.5))
    return hairs, dots


def _gaze(size: int, picture: Field, cat: Feline) -> Field:
    x, y = positions(size)
    within = smooth_step(-1, 2, eyes(size))
    iris, pupil = painted_eyes(size, 34 if cat.slit else 30)
    if cat.slit:
        away = [np.hypot((x - cx) / 8, (y - cy) / 34) for cx, cy in EYE_CENTRES]
        pupil = within * smooth_step(1.1, 0.9, np.minimum(*away))
    picture = laid_over(picture, INK, within)
    return laid_over(laid_over(picture, cat.iris, iris), "#050403", pupil)
