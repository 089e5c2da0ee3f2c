"""Carries affine functions of triangles to their pixels: texture positions and the outline's softness."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_effects.mesh_raster import Pixels, Spans, rasterise
from mirror_effects.native_fill import native_fill

__all__ = ["Affine", "MeshCanvas", "doubled_areas", "outline_distances", "texture_affine"]

Floats = NDArray[np.float64]

OUTSIDE = np.complex64(-2 - 2j)  # texture position where no triangle is: beyond the texture's edge
NEIGHBOURS = np.ones((3, 3), np.uint8)
FAR_PX = 1e3  # a distance that stands for "not an edge of the outline"


@dataclass(frozen=True, slots=True, eq=False)
class Affine:
    """A function value + (x − x0) · along_x + (y − y0) · along_y for each triangle.

    Attributes:
        x0, y0: float64 [t], a corner of each triangle.
        value, along_x, along_y: [t], real or complex.
    """

    x0: Floats
    y0: Floats
    value: NDArray[Any]
    along_x: NDArray[Any]
    along_y: NDArray[Any]

    def at(self, spans: Spans, pixels: Pixels, dtype: type[np.number[Any]]) -> NDArray[Any]:
        """The function at the centre of each pixel, as `dtype`."""
        which = spans.triangle
        from_left, from_top = spans.start + 0.5 - self.x0[which], spans.row + 0.5 - self.y0[which]
        along = self.along_x[which]
        first = self.value[which] + along * from_left + self.along_y[which] * from_top
        values = np.repeat(along.astype(dtype), pixels.lengths)
        values *= pixels.step
        values += np.repeat(first.astype(dtype), pixels.lengths)
        return values


def doubled_areas(x: Floats, y: Floats) -> Floats:
    """Twice the signed area of triangles [t, 3]."""
    ax, ay, bx, by = x[:, 1] - x[:, 0], y[:, 1] - y[:, 0], x[:, 2] - x[:, 0], y[:, 2] - y[:, 0]
    areas: Floats = ax * by - ay * bx
    return areas


def texture_affine(x: Floats, y: Floats, texture: NDArray[np.complex128]) -> Affine:
    """Texture position (x + iy) as a function of the picture's.

    Args:
        x, y: float64 [t, 3], corners of triangles with an area other than 0.
        texture: complex128 [t, 3], their texture positions.
    """
    ax, ay, bx, by = x[:, 1] - x[:, 0], y[:, 1] - y[:, 0], x[:, 2] - x[:, 0], y[:, 2] - y[:, 0]
    a, b = texture[:, 1] - texture[:, 0], texture[:, 2] - texture[:, 0]
    area: Floats = ax * by - ay * bx
    return Affine(x[:, 0], y[:, 0], texture[:, 0], (a * by - b * ay) / area, (b * ax - a * bx) / area)


def outline_distances(x: Floats, y: Floats, is_open: NDArray[np.bool_], winding: float) -> list[Affine]:
    """Distance in pixels, positive inside, from each triangle's edge i → i+1 where that is open, else far.

    Args:
        x, y: float64 [t, 3], corners.
        is_open: bool [t, 3], whether edge i → i+1 has no visible neighbour.
        winding: 1 or -1, sign of the triangles' areas.
    """
    distances = []
    for i, j in ((0, 1), (1, 2), (2, 0)):
        dx, dy = x[:, j] - x[:, i], y[:, j] - y[:, i]
        factor = np.where(is_open[:, i], winding / np.maximum(np.hypot(dx, dy), 1e-12), 0.0)
        far = np.where(is_open[:, i], 0.0, FAR_PX)
        distances.append(Affine(x[:, i], y[:, i], far, -dy * factor, dx * factor))
    return distances


class MeshCanvas:
    """The map and the coverage of one part of a picture, drawn from far to near.

    Args:
        width, height: size of the part in pixels, 1 or more.
    """

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.positions = np.full(height * width, OUTSIDE)
        self.coverage = np.zeros(height * width, np.uint8)

    def fill(
        self,
        x: Floats,
        y: Floats,
        texture: Affine,
        outline: list[Affine],
        at_outline: NDArray[np.bool_],
    ) -> None:
        """Draw triangles, the later over the earlier.

        Args:
            x, y: float64 [t, 3], corners in continuous pixels of the part.
            texture: texture position in each triangle.
            outline: distances to each triangle's three edges, far where the edge is not of the outline.
            at_outline: bool [t], which triangles have such an edge.
        """
        native = native_fill()
        if native is None:
            for spans in rasterise(x, y, self.width, self.height):
                self.draw(spans, texture, outline, at_outline)
            return
        planes = (texture.value, texture.along_x, texture.along_y)
        parts = [part for plane in planes for part in (plane.real, plane.imag)]
        native(
            len(x),
            np.ascontiguousarray(x),
            np.ascontiguousarray(y),
            np.stack([texture.x0, texture.y0, *parts], axis=1),
            np.stack([[d.x0, d.y0, d.value, d.along_x, d.along_y] for d in outline])
            .transpose(0, 2, 1)
            .copy(),
            at_outline.view(np.uint8),
            self.width,
            self.height,
            self.positions,
            self.coverage,
        )

    def draw(
        self, spans: Spans, texture: Affine, outline: list[Affine], at_outline: NDArray[np.bool_]
    ) -> None:
        """Draw triangles over what is there.

        Args:
            spans: their pixels.
            texture: texture position in each triangle.
            outline: distances to each triangle's edges of the outline.
            at_outline: bool [t], which triangles have such an edge.
        """
        pixels = spans.pixels()
        self.positions[pixels.index] = texture.at(spans, pixels, np.complex64)
        self.coverage[pixels.index] = 255
        edge_spans = spans.of(at_outline)
        edge = edge_spans.pixels()
        if edge.index.size:
            distance = np.minimum.reduce([line.at(edge_spans, edge, np.float32) for line in outline])
            self.coverage[edge.index] = (np.clip(distance, 0, 1) * 254 + 1.5).astype(np.uint8)

    def finished_coverage(self) -> NDArray[np.uint8]:
        """uint8 [height, width], the coverage after all triangles are drawn.

        Where the mesh folds, the edge of one part lies before another part: only pixels that have an
        uncovered neighbour are at the edge of the face.
        """
        plane = self.coverage.reshape(self.height, self.width)
        covered = np.where(plane > 0, np.uint8(255), np.uint8(0))
        inner = cv2.erode(covered, NEIGHBOURS, borderType=cv2.BORDER_CONSTANT, borderValue=(0,))
        return np.maximum(plane, np.asarray(inner, np.uint8))
