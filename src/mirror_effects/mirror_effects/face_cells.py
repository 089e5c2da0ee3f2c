"""A drawn face and its surroundings on a coarse grid: what light and seam are worked out on.

Skin, light and the sheet along a border are smooth. On some 48 cells a face they cost a tenth of what they
would cost in pixels, and only the final correction is applied at full size.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.frame import Image
from mirror_tracking.topology import FACE_OVAL

__all__ = ["CELLS", "TERMS", "FaceCells", "enlarged", "shrunk"]

CELLS = 48  # along the longer side of the drawn part
TERMS = 6  # of a surface of second order: 1, u, v, u², uv, v²
FOREHEAD, CHIN = 0, 18  # places in FACE_OVAL
WIDTH_OVER_HEIGHT = 0.75  # of a face


@dataclass(frozen=True, slots=True, eq=False)
class FaceCells:
    """One face's grid.

    Attributes:
        step: pixels per cell.
        target: uint8 [rows, columns, 3], BGR: the picture under the face.
        drawn: uint8 [rows, columns, 3], BGR: the face to be drawn.
        opacity: uint8 [rows, columns].
        points: float32 [n, 2], the wearer's landmarks in cells (cell i covers i … i+1).
        terms: float64 [rows · columns, TERMS]: the terms of a surface of second order in the face's own axes,
            u across and v down, both about −1 … 1 over the face.
    """

    step: int
    target: Image
    drawn: Image
    opacity: NDArray[np.uint8]
    points: NDArray[np.float32]
    terms: NDArray[np.float64]

    @classmethod
    def of(
        cls, target: Image, drawn: Image, opacity: NDArray[np.uint8], points: NDArray[np.floating[Any]]
    ) -> FaceCells:
        """The grid of a drawn part.

        Args:
            target, drawn: uint8 [h, w, 3], BGR.
            opacity: uint8 [h, w].
            points: [468 or more, 2 or more], the wearer's landmarks in pixels of the part.
        """
        step = max(2, math.ceil(max(opacity.shape) / CELLS))
        cells = shrunk(opacity, step)
        places = np.asarray(points[:, :2], np.float32) * np.float32(1 / step)
        return cls(
            step, shrunk(target, step), shrunk(drawn, step), cells, places, _terms(places, cells.shape)
        )

    def surface(self, coefficients: NDArray[np.float64]) -> NDArray[np.float32]:
        """The values of a surface with coefficients [TERMS, 3]: float32 [rows, columns, 3]."""
        return np.asarray((self.terms @ coefficients).reshape(*self.opacity.shape, 3), np.float32)


def _terms(points: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.float64]:
    oval = points[FACE_OVAL].astype(np.float64)
    centre = oval.mean(axis=0)
    down = (oval[CHIN] - oval[FOREHEAD]) / 2
    length = max(float(down @ down), 1.0)
    x = np.arange(shape[1]) + (0.5 - centre[0])
    y = (np.arange(shape[0]) + (0.5 - centre[1]))[:, None]
    v = ((x * down[0] + y * down[1]) / length).clip(-1.2, 1.2).ravel()
    u = ((x * down[1] - y * down[0]) / (WIDTH_OVER_HEIGHT * length)).clip(-1.2, 1.2).ravel()
    terms = np.empty((u.size, TERMS))
    for column, term in enumerate((1.0, u, v, u * u, u * v, v * v)):
        terms[:, column] = term
    return terms


def shrunk(picture: NDArray[np.uint8], step: int) -> NDArray[np.uint8]:
    """The means of blocks of step × step pixels; the last ones are filled up with the picture's border."""
    height, width = picture.shape[:2]
    below, right = -height % step, -width % step
    if below or right:
        picture = np.asarray(cv2.copyMakeBorder(picture, 0, below, 0, right, cv2.BORDER_REPLICATE), np.uint8)
    size = (picture.shape[1] // step, picture.shape[0] // step)
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def enlarged(cells: NDArray[np.uint8], step: int, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Values on the grid, interpolated for the pixels of `shape` (rows, columns, …)."""
    full = cv2.resize(cells, None, fx=step, fy=step, interpolation=cv2.INTER_LINEAR)
    return np.asarray(full[: shape[0], : shape[1]], np.uint8)
