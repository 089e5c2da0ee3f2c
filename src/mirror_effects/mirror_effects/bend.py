"""Bends the picture smoothly so that a face's points come to lie elsewhere, without folds or edges.

Each pixel of the result looks up where it came from. That displacement is known at the face's points and 0
at some distance from the face; between them the smoothest sheet is taken (`membrane`), on a coarse grid of
about 40 cells a face, which is then enlarged: one `cv2.remap` of the affected rectangle is all that works on
pixels. Where the sheet would fold the picture (a Jacobian determinant near 0 or below) it is smoothed until
it does not, so that nothing is ever seen twice or the wrong way round.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_effects.membrane import membrane
from mirror_tracking.topology import FACE_OVAL

__all__ = ["CELLS", "Bend", "bend_face"]

Floats = NDArray[np.float32]

CELLS = 40  # along the height of a face
SMOOTHING_CELLS = 1.2  # standard deviation of the final smoothing, which rounds the sheet's creases
BORDER_CELLS = 5  # of rest around the affected region, so that the smoothing ends inside
LEAST_AREA = 0.25  # of the picture's area that may be left of any spot, and 1 / it at most made of it
MENDINGS = 40  # smoothings of spots that would fold, at most
INVERSION_STEPS, INVERSION_CELLS = 20, 0.002  # of the search for the place that a point moves to
LONGEST_STEP_CELLS = 1.0
RIM_SHARE = 0.12  # of the face's height, inside a fixed rim, over which the movement begins


@dataclass(frozen=True, slots=True)
class Grid:
    """The coarse grid: its corner in the picture, pixels per cell, size in cells."""

    x0: int
    y0: int
    cell: int
    columns: int
    rows: int

    def places(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Points in cells; cell i covers i … i+1."""
        return (points - (self.x0, self.y0)) / self.cell

    def drawn(self, outline: NDArray[np.float64]) -> NDArray[np.uint8]:
        """uint8 [rows, columns], 1 inside a closed outline."""
        plane = np.zeros((self.rows, self.columns), np.uint8)
        hull = cv2.convexHull(np.rint((self.places(outline) - 0.5) * 16).astype(np.int32))
        cv2.fillPoly(plane, [hull], (1,), shift=4)
        return plane

    def sheet(
        self, points: NDArray[np.float64], values: NDArray[np.float64], rest: NDArray[np.bool_]
    ) -> Floats:
        """The smoothest sheet with these values at these points, 0 at rest: float32 [rows, columns, 2]."""
        place = self.places(points) - 0.5
        first = np.floor(place).astype(np.int64)
        share = place - first
        total = np.zeros((self.rows * self.columns, 3))
        for dx, dy in ((0, 0), (1, 0), (0, 1), (1, 1)):
            x, y = first[:, 0] + dx, first[:, 1] + dy
            weight = np.abs(1 - dx - share[:, 0]) * np.abs(1 - dy - share[:, 1])
            weight *= (x >= 0) & (x < self.columns) & (y >= 0) & (y < self.rows)
            index = y.clip(0, self.rows - 1) * self.columns + x.clip(0, self.columns - 1)
            for channel, amount in enumerate((weight * values[:, 0], weight * values[:, 1], weight)):
                total[:, channel] += np.bincount(index, amount, len(total))
        total = total.reshape(self.rows, self.columns, 3)
        known = (total[..., 2] > 0.2) & ~rest
        given = np.zeros((self.rows, self.columns, 3), np.float32)
        given[known, :2] = total[known, :2] / total[known, 2:]
        sheet = membrane(given, known | rest)[..., :2]
        smooth = cv2.GaussianBlur(sheet, (0, 0), SMOOTHING_CELLS, borderType=cv2.BORDER_REPLICATE)
        return np.asarray(smooth, np.float32)

    def bend(self, sheet: Floats, image_size: tuple[int, int]) -> Bend:
        """The displacements [rows, columns, 2] in pixels as positions of the picture's pixels."""
        cell = self.cell
        # A ring of cells around makes the enlargement of the positions exact up to the edge.
        padded: Any = cv2.copyMakeBorder(sheet, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=(0, 0))
        padded[..., 0] += (np.arange(-1, self.columns + 1, dtype=np.float32) + 0.5) * cell + (self.x0 - 0.5)
        padded[..., 1] += ((np.arange(-1, self.rows + 1, dtype=np.float32) + 0.5) * cell + (self.y0 - 0.5))[
            :, None
        ]
        left, top = max(0, -self.x0), max(0, -self.y0)
        right = min(self.columns * cell, image_size[0] - self.x0)
        bottom = min(self.rows * cell, image_size[1] - self.y0)
        # Only the cells that reach into the picture are enlarged.
        c0, r0, c1, r1 = left // cell, top // cell, -(-right // cell) + 2, -(-bottom // cell) + 2
        full = cv2.resize(padded[r0:r1, c0:c1], None, fx=cell, fy=cell, interpolation=cv2.INTER_LINEAR)
        rows = slice(top - r0 * cell + cell, bottom - r0 * cell + cell)
        columns = slice(left - c0 * cell + cell, right - c0 * cell + cell)
        position = np.asarray(full[rows, columns], np.float32)
        return Bend(self.x0 + left, self.y0 + top, position, sheet, self)


@dataclass(frozen=True, slots=True, eq=False)
class Bend:
    """A bent rectangle of the picture.

    Attributes:
        x0, y0: its upper left pixel.
        position: float32 [h, w, 2], where each pixel comes from, in cv2's terms (the centre of pixel i is i).
        sheet: float32 [rows, columns, 2], the same coarsely: how far from where it lies each cell's centre
            comes from, in pixels; it may reach beyond the picture.
        grid: where those cells lie.
    """

    x0: int
    y0: int
    position: Floats
    sheet: Floats
    grid: Grid

    @property
    def rows(self) -> slice:
        """The rectangle's rows."""
        return slice(self.y0, self.y0 + self.position.shape[0])

    @property
    def columns(self) -> slice:
        """The rectangle's columns."""
        return slice(self.x0, self.x0 + self.position.shape[1])

    def looked_up(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The bent rectangle of a picture [height, width] or [height, width, 3]."""
        no_second: Any = None  # both coordinates are in the first map
        bent = cv2.remap(image, self.position, no_second, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
        return np.asarray(bent, np.uint8)

    def moved(self, points: NDArray[np.floating[Any]], guess: NDArray[np.floating[Any]]) -> Floats:
        """Where points of the picture come to lie.

        Args:
            points: float [n, 2], continuous pixels (pixel i covers i … i+1).
            guess: [n, 2], about where they should.

        Returns:
            float32 [n, 2]; outside the rectangle points stay.
        """
        before = self.grid.places(np.asarray(points, np.float64))
        place = self.grid.places(np.asarray(guess, np.float64))
        sheet = self.sheet.astype(np.float64) / self.grid.cell
        for _ in range(INVERSION_STEPS):  # Newton's method
            there, along_x, along_y = _looked_up(sheet, place)
            missing = before - place - there
            if float(np.abs(missing).max()) < INVERSION_CELLS:
                break
            along_x[:, 0] += 1
            along_y[:, 1] += 1
            area = along_x[:, 0] * along_y[:, 1] - along_x[:, 1] * along_y[:, 0]
            area = np.maximum(area, LEAST_AREA / 2)
            step = np.empty_like(place)
            step[:, 0] = (missing[:, 0] * along_y[:, 1] - missing[:, 1] * along_y[:, 0]) / area
            step[:, 1] = (missing[:, 1] * along_x[:, 0] - missing[:, 0] * along_x[:, 1]) / area
            length = np.hypot(step[:, 0], step[:, 1])
            place = place + step * np.minimum(1, LONGEST_STEP_CELLS / np.maximum(length, 1e-6))[:, None]
        return np.asarray(place * self.grid.cell + (self.grid.x0, self.grid.y0), np.float32)


def _looked_up(
    sheet: NDArray[np.float64], place: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Bilinear values of a sheet at places [n, 2] in cells, and their derivatives: float64 [n, 2] each.

    Beyond the sheet's edge, where all is at rest, the values are those at the edge.
    """
    rows, columns = sheet.shape[:2]
    inside = (place - 0.5).clip(0, (columns - 1.001, rows - 1.001))
    first = inside.astype(np.int64)
    x, y = (inside - first).T[..., None]
    i, j = first[:, 1], first[:, 0]
    upper_left, upper_right, lower_left, lower_right = (
        sheet[i, j],
        sheet[i, j + 1],
        sheet[i + 1, j],
        sheet[i + 1, j + 1],
    )
    upper, lower = upper_left + x * (upper_right - upper_left), lower_left + x * (lower_right - lower_left)
    left, right = upper_left + y * (lower_left - upper_left), upper_right + y * (lower_right - upper_right)
    return upper + y * (lower - upper), right - left, lower - upper


def bend_face(
    landmarks: NDArray[np.floating[Any]],
    wanted: NDArray[np.floating[Any]],
    image_size: tuple[int, int],
    *,
    reach: float,
    rim_stays: bool = False,
    cells: int = CELLS,
) -> Bend | None:
    """The bend that moves a face's surface.

    Args:
        landmarks: [468 or more, 2 or more], pixels.
        wanted: [468, 2 or more], where the surface points shall lie. Where that would fold the picture they
            end up nearer to where they were.
        image_size: (width, height) of the picture.
        reach: how far around the face the picture is bent, in face heights.
        rim_stays: keep the face's outline and everything around it as it is; `reach` is then not used.
        cells: of the coarse grid along the height of the face; more follow small movements better.

    Returns:
        None where the face lies outside the picture.
    """
    before = np.asarray(landmarks[:468, :2], np.float64)
    after = np.asarray(wanted[:468, :2], np.float64)
    low, high = before[FACE_OVAL].min(axis=0), before[FACE_OVAL].max(axis=0)
    height = max(float((high - low).max()), 8.0)
    cell = max(2, round(height / cells))
    margin = (0.0 if rim_stays else reach * height) + BORDER_CELLS * cell
    x0, y0 = (math.floor(v - margin) for v in low)
    columns, rows = (math.ceil((v - o + margin) / cell) for v, o in zip(high, (x0, y0), strict=True))
    grid = Grid(x0, y0, cell, columns, rows)
    if x0 >= image_size[0] or y0 >= image_size[1] or x0 + columns * cell <= 0 or y0 + rows * cell <= 0:
        return None
    outline = grid.drawn(before[FACE_OVAL])
    if rim_stays:
        outline = np.asarray(cv2.erode(outline, np.ones((3, 3), np.uint8)), np.uint8)  # whole cells inside
        depth = cv2.distanceTransform(outline, cv2.DIST_L2, cv2.DIST_MASK_PRECISE) * (
            cell / (RIM_SHARE * height)
        )
        window = _eased(depth)
        rest = outline == 0
    else:
        distance = cv2.distanceTransform(1 - outline, cv2.DIST_L2, cv2.DIST_MASK_PRECISE) * cell
        window = _eased(1 - (distance / (reach * height) - 0.6) / 0.4)
        rest = distance >= reach * height
    sheet = grid.sheet(after, before - after, rest)
    sheet *= window[..., None]
    sheet = _unfolded(sheet, cell, rest)
    return grid.bend(sheet, image_size)


def _eased(share: NDArray[Any]) -> Floats:
    t = np.clip(share, 0, 1).astype(np.float32)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def _unfolded(sheet: Floats, cell: int, rest: NDArray[np.bool_]) -> Floats:
    """The sheet, smoothed where it would fold the picture or nearly so; what is at rest stays there."""
    for _ in range(MENDINGS):
        bad = _areas(sheet, cell) < LEAST_AREA
        if not bad.any():
            return sheet
        spots = np.zeros(sheet.shape[:2], np.uint8)
        for dy, dx in ((0, 0), (0, 1), (1, 0), (1, 1)):
            spots[dy : dy + bad.shape[0], dx : dx + bad.shape[1]] |= bad.view(np.uint8)
        share = cv2.GaussianBlur(cv2.dilate(spots, np.ones((3, 3), np.uint8)).astype(np.float32), (0, 0), 1.0)
        smooth = cv2.GaussianBlur(sheet, (0, 0), 1.5, borderType=cv2.BORDER_REPLICATE)
        sheet = np.asarray(sheet + share[..., None] * (smooth - sheet), np.float32)
        sheet[rest] = 0
    while (_areas(sheet, cell) < LEAST_AREA).any():
        sheet = sheet * np.float32(0.9)
    return sheet


def _areas(sheet: Floats, cell: int) -> Floats:
    """What is left of each cell's area, at each of its corners' pairs of edges: the smallest of the four."""
    along_x, along_y = np.diff(sheet, axis=1) / cell, np.diff(sheet, axis=0) / cell
    xx, xy = along_x[..., 0] + 1, along_x[..., 1]
    yx, yy = along_y[..., 0], along_y[..., 1] + 1
    corners = [
        xx[r, :] * yy[:, c] - xy[r, :] * yx[:, c]
        for r in (slice(None, -1), slice(1, None))
        for c in (slice(None, -1), slice(1, None))
    ]
    return np.asarray(np.minimum.reduce(corners), np.float32)
