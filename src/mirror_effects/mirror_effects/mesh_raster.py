"""Turns triangles into pixels: every row of every triangle is one span, all spans made at once.

A pixel belongs to the triangle that its centre lies in. The crossing of a row with an edge is computed
from the edge's upper end, so that two triangles with a common edge get the same number: a closed mesh
is covered without cracks, and no pixel is drawn twice.

Source: scan conversion by edge functions with the top-left rule (Pineda, "A Parallel Algorithm for
Polygon Rasterization", 1988), with rows for its inner loop, because rows are what numpy can expand.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Pixels", "Spans", "rasterise"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

SMALLEST_BATCH_PX = 1 << 18  # pixels of bounding boxes drawn at once, however small the picture
LEVEL_PX = 1e-12  # edges that rise less are level: between rows, or met by one in a point


@dataclass(frozen=True, slots=True, eq=False)
class Pixels:
    """The pixels of some spans, one after the other.

    Attributes:
        index: int64 [n], position in the picture read row by row.
        step: float32 [n], 0 for the first pixel of its span, 1 for the second, and so on.
        lengths: int64 [spans], pixels of each span; `np.repeat(values, lengths)` carries a span's
            value to its pixels.
    """

    index: Ints
    step: NDArray[np.float32]
    lengths: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Spans:
    """Runs of pixels in one row of one triangle, in the order of the triangles.

    Attributes:
        triangle: int64 [n], which triangle.
        row, start: int64 [n], row and first column.
        length: int64 [n], 1 or more.
        width: columns of the picture.
    """

    triangle: Ints
    row: Ints
    start: Ints
    length: Ints
    width: int

    def of(self, chosen: NDArray[np.bool_]) -> Spans:
        """The spans of the triangles that `chosen` [triangles] is True for."""
        keep = np.flatnonzero(chosen[self.triangle])
        return Spans(self.triangle[keep], self.row[keep], self.start[keep], self.length[keep], self.width)

    def pixels(self) -> Pixels:
        """All pixels, span after span."""
        ends = np.cumsum(self.length)
        count = int(ends[-1]) if ends.size else 0
        step = np.arange(count) - np.repeat(ends - self.length, self.length)
        index = step + np.repeat(self.row * self.width + self.start, self.length)
        return Pixels(index, step.astype(np.float32), self.length)


def rasterise(x: Floats, y: Floats, width: int, height: int) -> Iterator[Spans]:
    """The spans of triangles inside a picture, in the order of the triangles.

    They come in batches that together never need more memory than a few pictures: one batch for a
    mesh that does not overlap itself, more where broken points cover the picture many times.

    Args:
        x, y: float64 [t, 3], corners in continuous pixels (pixel i covers i … i+1), finite.
        width, height: size of the picture, 1 or more.
    """
    order = np.argsort(y, axis=1) + 3 * np.arange(len(y))[:, None]
    x, y = x.ravel()[order], y.ravel()[order]
    first = _first_centre(y[:, 0], height)
    rows = _first_centre(y[:, 2], height) - first
    columns = _first_centre(x.max(axis=1), width) - _first_centre(x.min(axis=1), width)
    drawn = np.flatnonzero((rows > 0) & (columns > 0))
    sizes = np.cumsum(rows[drawn] * columns[drawn])
    limit = max(4 * width * height, SMALLEST_BATCH_PX)
    begin = 0
    while begin < len(drawn):
        done = sizes[begin - 1] if begin else 0
        end = max(int(np.searchsorted(sizes, done + limit, side="right")), begin + 1)
        batch = drawn[begin:end]
        yield _spans(batch, x, y, first=first[batch], rows=rows[batch], width=width)
        begin = end


def _first_centre(position: Floats, end: int) -> Ints:
    """Index of the first pixel whose centre is at `position` or after it, within 0 … end."""
    centre: Ints = np.clip(np.ceil(position - 0.5), 0, end).astype(np.int64)
    return centre


def _spans(triangles: Ints, x: Floats, y: Floats, *, first: Ints, rows: Ints, width: int) -> Spans:
    """The rows of `triangles`, whose corners are sorted from top to bottom."""
    ends = np.cumsum(rows)
    which = np.repeat(np.arange(len(triangles)), rows)
    row = np.arange(int(ends[-1])) - np.repeat(ends - rows - first, rows)
    centre = row + 0.5
    left_x, left_y, left_slope = _edges(x, y, triangles, 0, 2)
    ones_x, ones_y, ones_slope = (
        np.concatenate(pair)
        for pair in zip(_edges(x, y, triangles, 0, 1), _edges(x, y, triangles, 1, 2), strict=True)
    )
    short = which + len(triangles) * (centre >= y[triangles, 1][which])
    along = left_x[which] + (centre - left_y[which]) * left_slope[which]
    across = ones_x[short] + (centre - ones_y[short]) * ones_slope[short]
    start = _first_centre(np.minimum(along, across), width)
    length = _first_centre(np.maximum(along, across), width) - start
    keep = np.flatnonzero(length)
    return Spans(triangles[which[keep]], row[keep], start[keep], length[keep], width)


def _edges(x: Floats, y: Floats, triangles: Ints, upper: int, lower: int) -> tuple[Any, Any, Any]:
    """Upper end and Δx per row of one edge of each triangle; level edges, which no row meets, get 0."""
    top_x, top_y = x[triangles, upper], y[triangles, upper]
    rise = y[triangles, lower] - top_y
    level = rise < LEVEL_PX
    return top_x, top_y, np.where(level, 0.0, (x[triangles, lower] - top_x) / np.where(level, 1.0, rise))
