"""All materials' pictures on one sheet, so that every pixel looks its material up in one go."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mirror_training.film_character.cloth import Swatch, swatches
from mirror_training.film_character.face_paint import face_swatch
from mirror_training.opencv import cv2

__all__ = ["Atlas", "atlas"]

Field = NDArray[np.float32]
WIDTH = 1024 + 4
MARGIN = 2  # pixels about each picture that repeat its edge
REMAP_ROW = 4096  # OpenCV looks up at most 32,767 places in a row


@dataclass(frozen=True, slots=True, eq=False)
class Atlas:
    """The sheet.

    Attributes:
        colour: float32 [h, w, 3], share of light sent back.
        tilt: float32 [h, w, 2], how far the normal leans along the picture's right and down.
        place: float32 [materials, 4]: x, y of a picture's corner on the sheet, and its width and height.
        finish: float32 [materials, 3]: gloss, shine and sheen.
    """

    colour: Field
    tilt: Field
    place: Field
    finish: Field

    def look(self, material: NDArray[np.int64], texture: Field) -> tuple[Field, Field]:
        """Colour [3, n] and tilt [2, n] of places [2, n] in materials [n]."""
        left, top, width, height = self.place[material].T
        x = left + texture[0] * (width - 1)
        y = top + texture[1] * (height - 1)
        count = len(x)
        rows = max(1, -(-count // REMAP_ROW))
        maps = np.zeros((2, rows * REMAP_ROW), np.float32)
        maps[0, :count], maps[1, :count] = x, y
        maps = maps.reshape(2, rows, REMAP_ROW)
        found = [cv2.remap(sheet, maps[0], maps[1], cv2.INTER_LINEAR) for sheet in (self.colour, self.tilt)]
        colour, tilt = (np.ascontiguousarray(each.reshape(rows * REMAP_ROW, -1)[:count].T) for each in found)
        return colour, tilt


def _tilts(swatch: Swatch) -> Field:
    height, width = swatch.relief.shape
    down, right = np.gradient(swatch.relief)
    tilts = np.stack([right * width / swatch.size_m[0], down * height / swatch.size_m[1]], axis=2)
    return np.asarray(tilts, np.float32)


@lru_cache(maxsize=2)
def atlas(materials: tuple[str, ...], scale: float) -> Atlas:
    """The sheet of some materials.

    Args:
        materials: their names, in the order of the numbers that `Atlas.look` gets.
        scale: size of the pictures; 1 suits a character of about 800 pixels, smaller ones need coarser
            pictures, because each pixel looks at one place.
    """
    painted = swatches() | {"face": face_swatch()}
    pictures = []
    for name in materials:
        swatch = painted[name]
        height, width = (max(4, round(side * scale)) for side in swatch.relief.shape)
        both = (swatch.colour, _tilts(swatch))
        pictures.append([cv2.resize(each, (width, height), interpolation=cv2.INTER_AREA) for each in both])
    order = sorted(range(len(materials)), key=lambda i: -pictures[i][0].shape[0])
    limit = round(WIDTH * scale) + 2 * MARGIN
    place = np.zeros((len(materials), 4), np.float32)
    x = y = shelf = 0
    for i in order:  # shelves of falling height
        height, width = pictures[i][0].shape[:2]
        if x + width + 2 * MARGIN > limit:
            x, y, shelf = 0, y + shelf, 0
        place[i] = x + MARGIN, y + MARGIN, width, height
        x, shelf = x + width + 2 * MARGIN, max(shelf, height + 2 * MARGIN)
    colour = np.zeros((y + shelf, limit, 3), np.float32)
    tilt = np.zeros((y + shelf, limit, 2), np.float32)
    for i, pair in enumerate(pictures):
        left, top, width, height = place[i].astype(int)
        window = np.s_[top - MARGIN : top + height + MARGIN, left - MARGIN : left + width + MARGIN]
        for sheet, each in zip((colour, tilt), pair, strict=True):
            sheet[window] = np.pad(each, ((MARGIN, MARGIN), (MARGIN, MARGIN), (0, 0)), "edge")
    finish = np.array([[painted[n].gloss, painted[n].shine, painted[n].sheen] for n in materials], np.float32)
    return Atlas(colour, tilt, place, finish)
