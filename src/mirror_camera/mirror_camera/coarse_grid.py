"""Maps computed on a coarse grid over a picture and enlarged to pixels only where something is drawn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.frame import Image

__all__ = ["CELL", "CoarseGrid", "Window"]

CELL = 16  # px between the grid's points
WINDOW_CELLS = 4  # height of a window: low windows follow a figure's outline, each costs a few calls


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """A part of the picture with the grid points around it.

    Attributes:
        pixels: view into the picture, uint8 [h, w, 3].
        points: rows and columns of the grid that surround it, one cell more on each side.
    """

    pixels: Image
    points: tuple[slice, slice]

    def enlarged(self, values: NDArray[Any]) -> NDArray[Any]:
        """Values on the whole grid [r, c, k], interpolated at this window's pixels [h, w, k]."""
        part = np.ascontiguousarray(values[self.points])
        size = (part.shape[1] * CELL, part.shape[0] * CELL)
        full = cv2.resize(part, size, interpolation=cv2.INTER_LINEAR)
        rows, columns = self.pixels.shape[:2]
        return np.asarray(full[CELL : CELL + rows, CELL : CELL + columns])


class CoarseGrid:
    """Points in the middle of cells of `CELL` × `CELL` pixels over `picture`, and one cell around it.

    Args:
        picture: uint8 [h ≥ 1, w ≥ 1, 3], may be a view.

    Attributes:
        x, y: float32 [⌈h / CELL⌉ + 2, ⌈w / CELL⌉ + 2], the points' pixel coordinates.
    """

    def __init__(self, picture: Image) -> None:
        self._picture = picture
        self.rows, self.columns = (-(-length // CELL) for length in picture.shape[:2])
        across = (np.arange(-1, self.columns + 1, dtype=np.float32) + 0.5) * CELL - 0.5
        down = (np.arange(-1, self.rows + 1, dtype=np.float32) + 0.5) * CELL - 0.5
        self.x, self.y = np.meshgrid(across, down)

    def windows(self, needed: NDArray[np.bool_]) -> Iterator[Window]:
        """Windows that together contain every pixel within one cell of a point where `needed` is True."""
        grown = cv2.dilate(needed.astype(np.uint8), np.ones((3, 3), np.uint8))
        for top in range(0, self.rows, WINDOW_CELLS):
            bottom = min(top + WINDOW_CELLS, self.rows)
            columns = np.flatnonzero(grown[top + 1 : bottom + 1, 1:-1].any(axis=0))
            if columns.size:
                left, right = int(columns[0]), int(columns[-1]) + 1
                pixels = self._picture[top * CELL : bottom * CELL, left * CELL : right * CELL]
                yield Window(pixels, (slice(top, bottom + 2), slice(left, right + 2)))
