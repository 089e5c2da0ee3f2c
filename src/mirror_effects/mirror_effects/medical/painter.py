"""Paints a mask laid flat: colour, opacity, relief and shine of each place of its texture."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_effects.medical.atlas import BAND_CELLS, BODY, DISC_CELLS
from mirror_effects.medical.hardware import paint_band, paint_disc
from mirror_effects.medical.kinds import KINDS, Kind
from mirror_effects.medical.look import MaskLook
from mirror_effects.medical.materials import MATERIALS, Sheet
from mirror_effects.medical.patterns import axes, pattern
from mirror_effects.medical.shape import MaskShape, shape_of

__all__ = ["BODY_SIZE_M", "Painting", "bgr_of", "paint"]

Plane = NDArray[np.float32]

BODY_SIZE_M = (0.165, 0.125)  # width and height of a mask laid flat: turns heights into slopes
LIGHTEST_CHANGE = 0.55  # share by which a second colour is lighter or darker than the first
DARK_GREY = 90.0
RELIEF = 1.6  # by which slopes are exaggerated: light fitted to a whole face is softer than light on cloth
STEEPEST = 1.6  # slope beyond which relief is not followed


@dataclass(frozen=True, slots=True, eq=False)
class Painting:
    """A mask laid flat, before any light falls on it.

    Attributes:
        colour: uint8 [side, side, 3], BGR under full light; hollows are darker.
        opacity: uint8 [side, side].
        normals: float32 [side, side, 3], unit, in the head frame.
        gloss: 0 … 1.
    """

    colour: NDArray[np.uint8]
    opacity: NDArray[np.uint8]
    normals: Plane
    gloss: float


def bgr_of(colour: str) -> NDArray[np.float32]:
    """Blue, green, red 0 … 255 of "#rrggbb"."""
    return np.array([int(colour[i : i + 2], 16) for i in (5, 3, 1)], np.float32)


def paint(look: MaskLook, side: int) -> Painting:
    """Paint a mask.

    Args:
        look: what is wanted.
        side: of the texture in pixels, a multiple of 64.
    """
    kind, shape = KINDS[look.kind], shape_of(look)
    rng = np.random.default_rng([look.seed, 11])
    rows, columns = BODY.slices(side)
    size = (rows.stop - rows.start, columns.stop - columns.start)
    sheet = MATERIALS[kind.material](size, look, kind, rng)
    main = _main_colour(look, kind)
    painting = Painting(
        np.zeros((side, side, 3), np.uint8),
        np.zeros((side, side), np.uint8),
        np.zeros((side, side, 3), np.float32),
        kind.gloss,
    )
    colour = _body_colour(look, kind, sheet, main, rng)
    painting.colour[rows, columns] = cv2.convertScaleAbs(colour)
    painting.opacity[rows, columns] = np.rint(255 * _outline(size, look, kind))
    painting.normals[rows, columns] = _body_normals(shape, sheet.height)
    for number, disc in enumerate(shape.discs):
        part = DISC_CELLS[number].slices(side)
        shades, opacity, relief = paint_disc(disc.look, part[0].stop - part[0].start, main)
        painting.colour[part] = cv2.convertScaleAbs(shades)
        painting.opacity[part] = np.rint(255 * opacity)
        painting.normals[part] = _disc_normals(shape.disc_axes[number], relief)
    band = bgr_of(kind.band_colour) if kind.band_colour else main
    for number, normal in enumerate(shape.band_normals):
        part = BAND_CELLS[number].slices(side)
        shades, opacity = paint_band((part[0].stop - part[0].start, part[1].stop - part[1].start), band)
        outer_right = number < 2  # the person's right side: the ear is at the left end of the cell
        painting.colour[part] = cv2.convertScaleAbs(shades)
        painting.opacity[part] = np.rint(255 * (opacity if outer_right else opacity[:, ::-1]))
        painting.normals[part] = normal
    return painting


# ---- colours


def _main_colour(look: MaskLook, kind: Kind) -> NDArray[np.float32]:
    own = bgr_of(kind.colours[0][0])
    if not look.colour:
        return own
    return own + (bgr_of(look.colour) - own) * np.float32(look.colour_strength)


def second_colour(main: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """A colour that goes with the first: white on dark, darker or of another hue on light."""
    grey = float(main @ np.array([0.11, 0.59, 0.30], np.float32))
    turned = np.roll(main, int(rng.integers(0, 3))) * np.float32(rng.uniform(0.6, 1.1))
    if grey < DARK_GREY:
        return np.clip(255 - (255 - turned) * np.float32(rng.uniform(0.15, 0.5)), 0, 255)
    return np.clip(turned * np.float32(rng.uniform(0.25, LIGHTEST_CHANGE)), 0, 255)


def _body_colour(
    look: MaskLook, kind: Kind, sheet: Sheet, main: NDArray[np.float32], rng: np.random.Generator
) -> Plane:
    colour = np.broadcast_to(main, (*sheet.shade.shape, 3))
    if look.texture != "plain" and look.texture_strength > 0:
        share = pattern(
            look.texture,
            (sheet.shade.shape[0], sheet.shade.shape[1]),
            look.texture_scale,
            np.random.default_rng(look.seed),
        )
        share = share * (sheet.cloth * np.float32(look.texture_strength))
        colour = colour + (second_colour(main, rng) - main) * share[..., None]
    if sheet.trim is not None:
        colour = colour + (bgr_of(sheet.trim_colour) - colour) * sheet.trim[..., None]
    return np.asarray(colour * sheet.shade[..., None], np.float32)


# ---- outline and relief


def _outline(size: tuple[int, int], look: MaskLook, kind: Kind) -> Plane:
    """Opacity of the surface: rounded corners; its straight edges are the mesh's own."""
    radius = kind.cut.rounding
    s, t = axes(size[1], size[0])
    if radius <= 0:
        return np.ones(size, np.float32)
    x = np.maximum(np.abs(s) * (BODY_SIZE_M[0] / BODY_SIZE_M[1] / 2) - (0.66 - radius), 0)
    y = np.maximum(np.abs(t - 0.5) - (0.5 - radius), 0)
    away = radius - np.sqrt(x * x + y * y)
    return np.asarray(np.clip(away * size[0] + 0.5, 0, 1), np.float32)


def _body_normals(shape: MaskShape, height: Plane) -> Plane:
    rows, columns = height.shape
    normals = _spread(shape.normals, columns, rows)
    across = _spread(_units(np.gradient(shape.grid, axis=1)), columns, rows)
    down = _spread(_units(np.gradient(shape.grid, axis=0)), columns, rows)
    slope_x = cv2.Sobel(height, cv2.CV_32F, 1, 0, ksize=3, scale=columns / (8 * BODY_SIZE_M[0]))
    slope_y = cv2.Sobel(height, cv2.CV_32F, 0, 1, ksize=3, scale=rows / (8 * BODY_SIZE_M[1]))
    slope_x, slope_y = (np.clip(slope, -STEEPEST, STEEPEST)[..., None] for slope in (slope_x, slope_y))
    return _units(normals - (across * slope_x + down * slope_y) * np.float32(RELIEF))


def _units(vectors: NDArray[Any]) -> Plane:
    flat = vectors.astype(np.float32)
    length = np.sqrt(np.einsum("...i,...i->...", flat, flat))
    return np.asarray(flat / np.maximum(length, 1e-9)[..., None], np.float32)


def _spread(grid: NDArray[Any], width: int, height: int) -> Plane:
    """Values at the grid's points, between them: float32 [height, width, k]; the outer points at the rim."""
    rows, columns = grid.shape[:2]
    map_x, map_y = _spread_places(width, height, rows, columns)
    return np.asarray(cv2.remap(grid.astype(np.float32), map_x, map_y, cv2.INTER_LINEAR), np.float32)


@lru_cache(maxsize=16)
def _spread_places(width: int, height: int, rows: int, columns: int) -> tuple[Plane, Plane]:
    x = (np.arange(width, dtype=np.float32) + 0.5) * ((columns - 1) / width)
    y = (np.arange(height, dtype=np.float32) + 0.5) * ((rows - 1) / height)
    grid_x, grid_y = np.meshgrid(x, y)
    return np.asarray(grid_x, np.float32), np.asarray(grid_y, np.float32)


def _disc_normals(axes: NDArray[np.float64], relief: tuple[Plane, Plane, Plane]) -> Plane:
    """Normals of a round part from `hardware.paint_disc`'s (across, down, out) shares."""
    x, y, z = relief
    across, down, out = axes.astype(np.float32)
    return _units(x[..., None] * across + y[..., None] * down + z[..., None] * out)
