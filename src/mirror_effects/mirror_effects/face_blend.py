"""Lays a worn face into the picture: its colours corrected, its border made to meet the skin around it.

`blend` carries the differences along the border over the whole face, which is right for a picture of
another light. A worn face has the wearer's light already (`colour_match`), and what still differs along its
border is of two kinds: a rest of light, which must fade within a short way inwards, and different things
(hair beside skin, a beard beside a bare chin), which must not colour the face at all. So here large
differences are no border data, and what the others say is carried inwards only so far (normalised
convolution: Knutsson and Westin, 1993).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.frame import Image
from mirror_effects.colour_match import Skins
from mirror_effects.face_cells import FaceCells, enlarged

__all__ = ["FaceBlend", "blend_face"]

Floats = NDArray[np.float32]
Mask = NDArray[np.uint8]

SOLID = 128  # opacity from which a cell belongs to the face
BAND_CELLS = 1.6  # width of the band that border data come from
MISMATCH = 42.0  # grey levels from which on a difference is of things, not of light
FADED = 0.22  # depth, as a share of the face's width, at which the border's light has faded
NEAR_CELLS, AROUND_CELLS = 3, 9  # over which border data are averaged: beside the border, and farther in
NEAR_WEIGHT = 30.0  # of the former, where there are any
LEAST_GAIN, MOST_GAIN = 0.1, 2.0  # of a drawn face's darker details: beyond, noise would be seen
MAX_DEPTH_CELLS = 1e4  # a face without any border has no finite depth


@dataclass(frozen=True, slots=True)
class FaceBlend:
    """How a face is laid in.

    Attributes:
        strength: 0 … 1, opacity.
        width_px: of the face.
        feather: width over which it fades in, inwards from its eroded border, as a share of its width.
        erosion: how far the border is moved inwards first, likewise.
        light: 0 … 1, share of the border's light that is taken over.
    """

    strength: float
    width_px: float
    feather: float
    erosion: float
    light: float = 1.0


def blend_face(  # noqa: PLR0917 – a picture, a face and its place read well in this order
    image: Image,
    colour: Image,
    opacity: Mask,
    corner: tuple[int, int],
    cells: FaceCells,
    skins: Skins,
    how: FaceBlend,
) -> None:
    """Lay a face into `image`, in place.

    Args:
        image: uint8 [H, W, 3], BGR, writable.
        colour: uint8 [h, w, 3], the face.
        opacity: uint8 [h, w]; openings in it that `cells` do not have (eyes, mouth) are no borders.
        corner: column and row of its upper left pixel in the image; it lies inside the image.
        cells: the face on its grid.
        skins: the correction of its colours, on that grid.
        how: the rest.
    """
    (x0, y0), (height, width), step = corner, opacity.shape, cells.step
    target = image[y0 : y0 + height, x0 : x0 + width]
    cut = (y0 == 0, y0 + height == image.shape[0], x0 == 0, x0 + width == image.shape[1])
    depth = _depth(cells.opacity, cut)
    wanted = skins.wanted
    if how.light > 0:
        wanted = wanted + np.float32(how.light) * _border_light(cells, skins, depth, how)
    lit = _relit(colour, skins.own, wanted, skins.detail, step)
    begin, length = how.erosion * how.width_px, max(how.feather * how.width_px, 1e-3)
    fade = ((depth * np.float32(step) - begin) * np.float32(255 / length)).clip(0, 255).astype(np.uint8)
    shown = cv2.multiply(enlarged(fade, step, opacity.shape), opacity, scale=how.strength / 255)
    shown = cv2.cvtColor(shown, cv2.COLOR_GRAY2BGR)
    rest = cv2.multiply(target, cv2.bitwise_not(shown), scale=1 / 255)
    cv2.add(cv2.multiply(lit, shown, scale=1 / 255), rest, dst=target)


def _corrected(colour: Floats, own: Floats, wanted: Floats, detail: float) -> Floats:
    """Colours with the wanted skin in place of their own.

    What is lighter than the skin keeps its distance from it, times `detail`; what is darker keeps its share
    of the skin's brightness: brows stay as dark beside the skin as they were, and black stays black.
    """
    gain = _gain(own, wanted)
    distance = colour - own
    return np.asarray(
        _joined(distance * np.float32(detail), distance * gain, gain, detail) + wanted, np.float32
    )


def _relit(colour: Image, own: Floats, wanted: Floats, detail: float, step: int) -> Image:
    """`_corrected` at full size, from skins on the grid, in eight bits: one grey level is not seen here."""
    gain = _gain(own, wanted)
    gain_scale = float(gain.max()) / 255
    gain_code = (gain * np.float32(1 / gain_scale) + np.float32(0.5)).astype(np.uint8)
    lighter = cv2.addWeighted(colour, detail, *_offset(wanted - np.float32(detail) * own, step, colour.shape))
    darker = cv2.multiply(colour, enlarged(gain_code, step, colour.shape), scale=gain_scale)
    rest = wanted.clip(1, 255) - gain * own.clip(1, 255)
    if float(np.abs(rest).max()) > 1:  # where the gain is limited
        darker = cv2.addWeighted(darker, 1, *_offset(rest, step, colour.shape))
    return np.asarray(_joined(lighter, darker, gain, detail), np.uint8)


def _offset(values: Floats, step: int, shape: tuple[int, ...]) -> tuple[Image, float, float]:
    """Signed values on the grid as the last three arguments of `cv2.addWeighted` at full size."""
    scale = max(1.0, float(np.abs(values).max()) / 127)
    code = (values * np.float32(1 / scale) + np.float32(128.5)).clip(0, 255).astype(np.uint8)
    return enlarged(code, step, shape), scale, -128 * scale


def _gain(own: Floats, wanted: Floats) -> Floats:
    """The factor between two skins, float32 [rows, columns, 3]."""
    return np.asarray((wanted.clip(1, 255) / own.clip(1, 255)).clip(LEAST_GAIN, MOST_GAIN), np.float32)


def _joined(lighter: NDArray[Any], darker: NDArray[Any], gain: Floats, detail: float) -> NDArray[Any]:
    """Of two straight lines that meet at the skin, the one for lighter and the one for darker colours."""
    return cv2.min(lighter, darker) if float(gain.mean()) > detail else cv2.max(lighter, darker)


def _border_light(cells: FaceCells, skins: Skins, depth: Floats, how: FaceBlend) -> Floats:
    """What to add to the corrected face so that it meets its surroundings: float32 [rows, columns, 3]."""
    begin = how.erosion * how.width_px / cells.step
    drawn = _corrected(cells.drawn.astype(np.float32), skins.own, skins.wanted, skins.detail)
    difference = cv2.subtract(cells.target, drawn, dtype=cv2.CV_32F)
    band = (depth > begin) & (depth <= begin + BAND_CELLS) & (np.abs(difference).max(axis=2) < MISMATCH)
    known = np.zeros((*band.shape, 4), np.float32)
    known[band, :3] = difference[band]
    known[band, 3] = 1
    near = cv2.blur(known, (NEAR_CELLS, NEAR_CELLS), borderType=cv2.BORDER_CONSTANT)
    around: Any = known
    for _ in range(2):  # two boxes make a tent
        around = cv2.blur(around, (AROUND_CELLS, AROUND_CELLS), borderType=cv2.BORDER_CONSTANT)
    # Near the band its own values, farther away the mean over more and more of it (normalised convolution).
    total = np.float32(NEAR_WEIGHT) * near + around
    fade = np.clip(1 - (depth - begin) * np.float32(cells.step / (FADED * how.width_px)), 0, 1)
    return np.asarray(total[..., :3] * (fade / np.maximum(total[..., 3], 1e-6))[..., None], np.float32)


def _depth(opacity: Mask, cut: tuple[bool, bool, bool, bool]) -> Floats:
    """Distance in cells from the face's border inwards, float32 [rows, columns]; 0 or less outside.

    Args:
        opacity: uint8 [rows, columns].
        cut: sides (top, bottom, left, right) on which the picture ends: there is no border.
    """
    solid: Any = (opacity >= SOLID).view(np.uint8)
    solid = cv2.morphologyEx(solid, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))  # no islands, no thorns
    padded = cv2.copyMakeBorder(solid, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    outermost = (padded[0], padded[-1], padded[:, 0], padded[:, -1])
    for is_cut, line in zip(cut, outermost, strict=True):
        if not is_cut:
            line[:] = 0
    distance = cv2.distanceTransform(padded, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)[1:-1, 1:-1]
    return np.asarray(np.minimum(distance, MAX_DEPTH_CELLS) - 0.5, np.float32)
