"""Pictures of the character's materials: cloth, felt, leather, skin, each as colour, relief and gloss."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mirror_training.opencv import cv2

__all__ = ["Swatch", "cloud", "swatches"]

Field = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Swatch:
    """The picture of one material.

    Attributes:
        colour: float32 [h, w, 3], share of light sent back, blue, green, red, linear.
        relief: float32 [h, w], height in metres above the surface.
        size_m: width and height of the picture on the surface, in metres.
        gloss: how much of the light is mirrored.
        shine: exponent of the highlight; a large one is a small spot.
        sheen: how much brighter cloth is where one looks along it.
    """

    colour: Field
    relief: Field
    size_m: tuple[float, float]
    gloss: float = 0.03
    shine: float = 12.0
    sheen: float = 0.0


def cloud(rng: np.random.Generator, height: int, width: int, cells: tuple[int, int]) -> Field:
    """Smooth noise, `cells` bumps down and across, deviation about 1; its left and right ends meet."""
    coarse = rng.standard_normal((cells[0] + 3, cells[1])).astype(np.float32)
    wrapped = np.hstack([coarse[:, -2:], coarse, coarse[:, :2]])
    step = width / cells[1]
    large = cv2.resize(
        wrapped,
        (round(step * wrapped.shape[1]), height + 2 * round(height / cells[0])),
        interpolation=cv2.INTER_CUBIC,
    )
    left, top = round(2 * step), round(height / cells[0])
    return np.asarray(large[top : top + height, left : left + width], np.float32)


def _twill(height: int, width: int, rows: float, columns: float) -> Field:
    """The diagonal ribs of twill, −1 … 1."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    return np.asarray(np.sin(2 * np.pi * (x / width * columns + y / height * rows)), np.float32)


def _plain(
    rng: np.random.Generator, size: tuple[int, int], colour: tuple[float, ...], mottle: float
) -> Field:
    """A colour that is a little uneven."""
    height, width = size
    coarse = cloud(rng, height, width, (4, 5)) + 0.6 * cloud(rng, height, width, (14, 17))
    return np.asarray(np.array(colour, np.float32) * (1.0 + mottle * coarse)[..., None], np.float32)


COAT_COLOUR = (0.110, 0.215, 0.325)


def _coat(
    rng: np.random.Generator, size: tuple[int, int], size_m: tuple[float, float], folds: Field
) -> Swatch:
    height, width = size
    twill = _twill(height, width, round(size_m[1] / 0.008), round(size_m[0] / 0.008))
    colour = _plain(rng, size, COAT_COLOUR, 0.05) * (1.0 + 0.045 * twill)[..., None]
    grime = np.clip(cloud(rng, height, width, (5, 7)), 0.0, 2.0)
    colour *= (1.0 - 0.07 * grime)[..., None]
    fine = cloud(rng, height, width, (max(2, round(size_m[1] / 0.03)), max(2, round(size_m[0] / 0.03))))
    relief = folds + 0.0004 * fine
    return Swatch(colour.astype(np.float32), relief.astype(np.float32), size_m, 0.022, 8.0, 0.30)


def _trunk(rng: np.random.Generator) -> Swatch:
    """The trunk: drag folds to the belt, a back seam, the edge of the front and its stitching."""
    height, width = 320, 640
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j].astype(np.float32)
    gather = np.exp(-(((y - 0.86) / 0.16) ** 2))
    folds = 0.0045 * gather * np.sin(2 * np.pi * (17 * x + 0.4 * np.sin(2 * np.pi * 3 * x)))
    folds += 0.0036 * cloud(rng, height, width, (6, 14))
    drag = np.sin(2 * np.pi * (3.0 * y + 5.0 * np.abs(x - 0.5)))
    folds += 0.0022 * drag * np.exp(-(((y - 0.45) / 0.2) ** 2))
    swatch = _coat(rng, (height, width), (1.15, 0.56), folds)
    colour, relief = swatch.colour.copy(), swatch.relief.copy()
    edge = round(width * 0.445)  # the front's edge below the lapels, on the wearer's right
    low = round(height * 0.56)
    colour[low:, edge - 2 : edge] *= 0.45
    colour[low::7, edge + 8 : edge + 10] *= 0.6
    colour[low + 1 :: 7, edge + 8 : edge + 10] *= 0.6
    return Swatch(
        colour, cv2.GaussianBlur(relief, (0, 0), 1.0), swatch.size_m, swatch.gloss, swatch.shine, swatch.sheen
    )


def _skirt(rng: np.random.Generator) -> Swatch:
    height, width = 384, 640
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j].astype(np.float32)
    wander = 0.35 * cloud(rng, height, width, (3, 8))
    folds = 0.004 * (0.3 + y) * np.sin(2 * np.pi * (15 * x + wander))
    folds += 0.0025 * cloud(rng, height, width, (4, 16)) * (0.4 + y)
    swatch = _coat(rng, (height, width), (1.35, 0.65), folds)
    colour, relief = swatch.colour.copy(), swatch.relief.copy()
    hem = round(height * 0.955)
    colour[hem : hem + 2] *= 0.65
    relief[hem:] += 0.0015
    colour[round(height * 0.93) :] *= 0.86  # wet from the street
    for column in (round(width * 0.975), round(width * 0.25), round(width * 0.74)):
        colour[:, column : column + 2] *= 0.7
    colour[:, :3] *= 0.6
    colour[:, -3:] *= 0.6
    return Swatch(colour, relief, swatch.size_m, swatch.gloss, swatch.shine, swatch.sheen)


def _sleeve(rng: np.random.Generator) -> Swatch:
    height, width = 384, 256
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j].astype(np.float32)
    middle = np.exp(-(((y - 0.55) / 0.13) ** 2)) + 0.7 * np.exp(-(((y - 0.86) / 0.07) ** 2))
    folds = (
        0.0040
        * middle
        * np.sin(2 * np.pi * (9 * y + 0.5 * np.sin(2 * np.pi * x) + 0.25 * cloud(rng, height, width, (4, 3))))
    )
    folds += 0.0036 * cloud(rng, height, width, (11, 5))
    swatch = _coat(rng, (height, width), (0.40, 0.62), folds)
    colour, relief = swatch.colour.copy(), swatch.relief.copy()
    strap = slice(round(height * 0.795), round(height * 0.835))
    relief[strap] += 0.004
    colour[strap.start - 2 : strap.start] *= 0.55
    colour[strap.stop : strap.stop + 2] *= 0.55
    colour[round(height * 0.895) : round(height * 0.90)] *= 0.7
    colour[-26:] *= 0.25  # inside the cuff
    return Swatch(
        colour, cv2.GaussianBlur(relief, (0, 0), 1.0), swatch.size_m, swatch.gloss, swatch.shine, swatch.sheen
    )


def _lapel(rng: np.random.Generator) -> Swatch:
    size = (160, 64)
    swatch = _coat(rng, size, (0.09, 0.34), 0.0006 * cloud(rng, *size, (5, 2)))
    colour = swatch.colour.copy()
    for edge in (3, 60):
        colour[:, edge : edge + 1] *= 0.72  # stitching
    colour[:, :1] *= 0.5
    colour[:, -1:] *= 0.5
    return Swatch(colour * 1.06, swatch.relief, swatch.size_m, swatch.gloss, swatch.shine, swatch.sheen)


def _collar(rng: np.random.Generator) -> Swatch:
    size = (64, 256)
    swatch = _coat(rng, size, (0.45, 0.14), 0.0009 * cloud(rng, *size, (3, 7)))
    colour = swatch.colour.copy()
    colour[58:60] *= 0.7
    return Swatch(colour * 1.03, swatch.relief, swatch.size_m, swatch.gloss, swatch.shine, swatch.sheen)


def _felt(rng: np.random.Generator) -> Swatch:
    """The hat's crown with its ribbon, which lies at the foot of the picture."""
    height, width = 128, 320
    colour = _plain(rng, (height, width), (0.050, 0.060, 0.072), 0.10)
    relief = 0.0010 * cloud(rng, height, width, (10, 24))
    band = slice(round(height * 0.775), height)
    colour[band] = _plain(rng, (height - band.start, width), (0.012, 0.012, 0.014), 0.1)
    y = np.arange(height - band.start, dtype=np.float32)
    relief[band] = 0.0025 + 0.0002 * np.sin(y * 2.2)[:, None]
    colour[band.start - 1] *= 0.4
    return Swatch(colour, cv2.GaussianBlur(relief, (0, 0), 0.8), (0.6, 0.22), 0.05, 9.0, 0.35)


def _even(
    colour: tuple[float, float, float], gloss: float, shine: float, sheen: float = 0.0, mottle: float = 0.06
) -> Callable[[np.random.Generator], Swatch]:
    """A material without a pattern."""

    def paint(rng: np.random.Generator) -> Swatch:
        size = (96, 96)
        return Swatch(
            _plain(rng, size, colour, mottle),
            0.0007 * cloud(rng, *size, (8, 8)),
            (0.3, 0.3),
            gloss,
            shine,
            sheen,
        )

    return paint


def _trousers(rng: np.random.Generator) -> Swatch:
    height, width = 256, 160
    x = np.linspace(0.0, 1.0, width, dtype=np.float32)[None, :]
    folds = 0.0028 * cloud(rng, height, width, (9, 5))
    stripe = np.exp(-(((np.mod(x * 26, 1.0) - 0.5) / 0.13) ** 2))
    colour = _plain(rng, (height, width), (0.050, 0.043, 0.040), 0.08) * (1.0 + 0.22 * stripe)[..., None]

    return Swatch(colour.astype(np.float32), folds, (0.45, 0.9), 0.04, 9.0, 0.2)


def _shirt(rng: np.random.Generator) -> Swatch:
    swatch = _even((0.62, 0.64, 0.64), 0.03, 10.0)(rng)
    colour = swatch.colour.copy()
    colour[:, 46:50] *= 0.8
    return Swatch(colour, swatch.relief, swatch.size_m, 0.03, 10.0)


def _tie(rng: np.random.Generator) -> Swatch:
    height = width = 96
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    stripes = ((x * 0.6 + y) % 32 < 9).astype(np.float32)[..., None]
    colour = (
        np.array((0.030, 0.028, 0.20), np.float32) * (1 - stripes)
        + np.array((0.10, 0.10, 0.13), np.float32) * stripes
    )
    return Swatch(colour, 0.0004 * cloud(rng, height, width, (8, 8)), (0.05, 0.3), 0.18, 22.0)


def _ear(rng: np.random.Generator) -> Swatch:
    """An ear: its rim is light, its hollow dark; the outer side is in the picture's middle or at its ends."""
    height = width = 96
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j].astype(np.float32)
    hollow = np.zeros((height, width), np.float32)
    for middle in (0.22, 0.78):
        hollow += np.exp(-(((x - middle) / 0.10) ** 2) - ((y - 0.46) / 0.22) ** 2)
    colour = (
        _plain(rng, (height, width), (0.150, 0.255, 0.53), 0.05)
        * (1.0 - 0.62 * np.clip(hollow, 0, 1))[..., None]
    )
    return Swatch(colour.astype(np.float32), -0.004 * hollow, (0.08, 0.08), 0.06, 14.0, 0.05)


def _dial(rng: np.random.Generator) -> Swatch:
    del rng
    size = (32, 32)
    return Swatch(
        np.full((*size, 3), (0.55, 0.66, 0.70), np.float32),
        np.zeros(size, np.float32),
        (0.03, 0.03),
        0.6,
        60.0,
    )


_PAINTERS: dict[str, Callable[[np.random.Generator], Swatch]] = {
    "coat": _trunk,
    "coat_skirt": _skirt,
    "coat_sleeve": _sleeve,
    "lapel": _lapel,
    "collar": _collar,
    "hat": _felt,
    "brim": _even((0.048, 0.058, 0.070), 0.04, 9.0, 0.3),
    "belt": _even((0.040, 0.068, 0.105), 0.16, 22.0),
    "buckle": _even((0.16, 0.34, 0.44), 0.9, 40.0),
    "button": _even((0.030, 0.045, 0.065), 0.5, 45.0),
    "shirt": _shirt,
    "tie": _tie,
    "trousers": _trousers,
    "shoe": _even((0.010, 0.011, 0.013), 0.20, 40.0, 0.0, 0.02),
    "skin": _even((0.175, 0.300, 0.56), 0.07, 16.0, 0.05, 0.05),
    "ear": _ear,
    "dial": _dial,
}


def swatches(seed: int = 7) -> dict[str, Swatch]:
    """Every material by name, without the face."""
    return {
        name: paint(np.random.default_rng([seed, i])) for i, (name, paint) in enumerate(_PAINTERS.items())
    }
