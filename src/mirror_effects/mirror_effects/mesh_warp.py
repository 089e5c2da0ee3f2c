"""Warps a texture onto a face: one rasterised map of the whole mesh, then one `cv2.remap`.

Inside each triangle the map is affine, so the warp is exact (float32), not an approximation on a
grid. The map is made anew for every frame and depends on nothing but the points: a still face gets
the identical map, and nothing can lag or swim.

How the map is made was chosen by measuring on one core, a turned face of 300 px height, a texture of
1024² (best of several runs; deviation from the exact map in texture pixels, 99th percentile / largest):

    the inner loop compiled from C (native_fill.py)          0.5 ms   ≤ 0.01 (tested)
    spans of all triangles at once (where it is not)         1.2 ms   ≤ 0.01 (tested)
    cv2.fillConvexPoly per triangle, affine maps per pixel   1.0 + 0.6 ms   0.35 / 26
    the same spans on a grid of every 2nd pixel, enlarged    1.0 ms   0.44 / 8, the outline is lost
    … of every 3rd or 4th pixel                              0.65 ms   0.8 … 1.4 / 11
    cv2.warpAffine per triangle, without a map               15 ms

A map carried over from the last frame would be exact only while a face moves as a rigid plane.
"""

from __future__ import annotations

import math
from copy import copy
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ShapeError
from mirror_effects.mesh_canvas import MeshCanvas, doubled_areas, outline_distances, texture_affine
from mirror_effects.texture_pyramid import TexturePyramid

__all__ = ["MeshWarper", "WarpMap"]

Plane = NDArray[np.float32]

FLAT_AREA_PX = 1e-9  # triangles of less than this area (doubled, in px²) are seen from the side
LARGEST_COORDINATE = 1e9  # px; beyond it points are moved to it, so that products stay finite


@dataclass(frozen=True, slots=True, eq=False)
class WarpMap:
    """Where each pixel of a part of the picture looks into the texture.

    Attributes:
        x0, y0: column and row of the part's upper left pixel in the picture.
        map_x, map_y: float32 [h, w], texture position in cv2's terms (the centre of texture pixel i is
            i); -2 where no triangle is. h and w are 0 where the mesh is not in the picture.
        coverage: uint8 [h, w], 255 inside the mesh, falling to 0 over its outermost pixel.
        scale: texture pixels per picture pixel, in the mean over the mesh; 1 for an empty map.
    """

    x0: int
    y0: int
    map_x: Plane
    map_y: Plane
    coverage: NDArray[np.uint8]
    scale: float = 1.0

    @property
    def is_empty(self) -> bool:
        """True where the mesh covers no pixel of the picture's part."""
        return self.coverage.size == 0


class MeshWarper:
    """Draws a texture on moving points.

    Args:
        texture_points: float32 [n, 2], the mesh's points in the texture, continuous pixels.
        triangles: int [t, 3], indices of points; all wound the same way in the texture.

    Raises:
        ShapeError: on other shapes, on points that are not finite, on indices outside the points.
    """

    def __init__(self, texture_points: NDArray[np.floating[Any]], triangles: NDArray[Any]) -> None:
        points, corners = np.asarray(texture_points), np.asarray(triangles)
        if points.ndim != 2 or points.shape[1] != 2 or not np.isfinite(points).all():
            raise ShapeError(f"texture_points must be finite [n, 2], not {list(points.shape)}.")
        if corners.ndim != 2 or corners.shape[1] != 3 or corners.dtype.kind not in "iu":
            raise ShapeError(f"triangles must be integers [t, 3], not {corners.dtype} {list(corners.shape)}.")
        if corners.size and not 0 <= corners.min() <= corners.max() < len(points):
            raise ShapeError(f"triangles must name points 0 … {len(points) - 1}, not {corners.max()}.")
        self.triangles = corners.astype(np.int64)
        self.point_count = len(points)
        texture = points.astype(np.float64)[self.triangles]
        doubled = doubled_areas(texture[..., 0], texture[..., 1])
        self._winding = -1.0 if doubled.sum() < 0 else 1.0
        self._texture_area = np.abs(doubled)
        self._texture = (texture[..., 0] - 0.5) + 1j * (texture[..., 1] - 0.5)
        self._neighbours = _neighbours(self.triangles)

    def with_texture(self, corners: NDArray[np.floating[Any]]) -> MeshWarper:
        """The same mesh on another texture, at next to no cost: for textures that change in every frame.

        Args:
            corners: [t, 3, 2], where each triangle's corners lie in that texture, continuous pixels.

        Raises:
            ShapeError: on another shape or points that are not finite.
        """
        texture = np.asarray(corners, np.float64)
        if texture.shape != (*self.triangles.shape, 2) or not np.isfinite(texture).all():
            raise ShapeError(
                f"corners must be finite {[*self.triangles.shape, 2]}, not {list(texture.shape)}."
            )
        other = copy(self)
        other._texture_area = np.abs(doubled_areas(texture[..., 0], texture[..., 1]))
        other._texture = (texture[..., 0] - 0.5) + 1j * (texture[..., 1] - 0.5)
        return other

    def map(
        self,
        points: NDArray[np.floating[Any]],
        image_size: tuple[int, int],
        *,
        hidden: NDArray[np.bool_] | None = None,
    ) -> WarpMap:
        """The map for one picture.

        Triangles that turn their back to the camera are left out. Where the mesh folds in front of
        itself (a nose before the far cheek), the nearer triangle wins if `points` has a depth.

        Args:
            points: float [n or more, 2 or 3], continuous pixels; the third column is depth, smaller is
                nearer. Points beyond the texture's n (irises) are not used.
            image_size: (width, height) of the picture.
            hidden: bool [t], triangles that shall not be drawn.

        Raises:
            ShapeError: on other shapes or points that are not finite.
        """
        self._check(points, image_size, hidden)
        width, height = image_size
        x, y = (_corners(points[:, axis], self.triangles) for axis in (0, 1))
        area = self._winding * doubled_areas(x, y)
        visible = area > FLAT_AREA_PX
        if hidden is not None:
            visible &= ~hidden
        drawn = np.flatnonzero(visible)
        if points.shape[1] > 2:
            depth = _corners(points[:, 2], self.triangles[drawn]).sum(axis=1)
            drawn = drawn[np.argsort(-depth, kind="stable")]
        x, y = x[drawn], y[drawn]
        left, right = _extent(x, width)
        top, bottom = _extent(y, height)
        if right <= left or bottom <= top:
            return _empty_map()
        x, y = x - left, y - top
        outline = self._neighbours[drawn]
        is_open = (outline < 0) | ~visible[outline]
        canvas = MeshCanvas(right - left, bottom - top)
        texture = texture_affine(x, y, self._texture[drawn])
        distances = outline_distances(x, y, is_open, self._winding)
        canvas.fill(x, y, texture, distances, is_open.any(axis=1))
        shape = (canvas.height, canvas.width)
        positions = canvas.positions.view(np.float32).reshape(*shape, 2)
        scale = float(np.sqrt(self._texture_area[drawn].sum() / area[drawn].sum()))
        return WarpMap(left, top, positions[..., 0], positions[..., 1], canvas.finished_coverage(), scale)

    def warp(self, texture: NDArray[np.uint8] | TexturePyramid, warp_map: WarpMap) -> NDArray[np.uint8]:
        """The texture as the map shows it.

        Args:
            texture: uint8 [H, W, 3 or 4], or a pyramid of one, which does not flicker where the face is
                smaller than its texture.
            warp_map: from `map`.

        Returns:
            uint8 [h, w, 3 or 4]; 0 outside the mesh. A fourth channel (opacity) includes the coverage.

        Raises:
            ShapeError: if the texture is not uint8 [H, W, 3 or 4].
        """
        pyramid = texture if isinstance(texture, TexturePyramid) else TexturePyramid(texture, levels=1)
        level, shrink = pyramid.level_for(warp_map.scale)
        channels = level.shape[2]
        if warp_map.is_empty:
            return np.zeros((*warp_map.coverage.shape, channels), np.uint8)
        map_x, map_y = warp_map.map_x, warp_map.map_y
        if shrink != 1:  # pixel centres, not corners, lie at whole numbers
            factor = np.float32(1 / shrink)
            map_x, map_y = ((plane + 0.5) * factor - np.float32(0.5) for plane in (map_x, map_y))
        warped = cv2.remap(
            level, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(0, 0, 0, 0)
        )
        if channels == 4:
            opacity = cv2.multiply(cv2.extractChannel(warped, 3), warp_map.coverage, scale=1 / 255)
            cv2.insertChannel(opacity, warped, 3)
        return np.asarray(warped, np.uint8)

    def _check(
        self,
        points: NDArray[np.floating[Any]],
        image_size: tuple[int, int],
        hidden: NDArray[np.bool_] | None,
    ) -> None:
        if points.ndim != 2 or points.shape[0] < self.point_count or points.shape[1] not in (2, 3):
            raise ShapeError(
                f"points must be [{self.point_count} or more, 2 or 3], not {list(points.shape)}."
            )
        if not np.isfinite(points).all():
            raise ShapeError("points must be finite numbers, but some are NaN or infinite.")
        if min(image_size) < 1:
            raise ShapeError(f"image_size must be 1 × 1 or more, not {image_size[0]} × {image_size[1]}.")
        if hidden is not None and (hidden.shape != (len(self.triangles),) or hidden.dtype != np.bool_):
            raise ShapeError(
                f"hidden must be bool [{len(self.triangles)}], not {hidden.dtype} {list(hidden.shape)}."
            )


def _corners(values: NDArray[Any], triangles: NDArray[np.int64]) -> NDArray[np.float64]:
    """float64 [t, 3], the value at each corner."""
    bounded: NDArray[np.float64] = np.clip(values.astype(np.float64), -LARGEST_COORDINATE, LARGEST_COORDINATE)
    return bounded[triangles]


def _extent(values: NDArray[np.float64], end: int) -> tuple[int, int]:
    """First pixel and the one after the last that values [t, 3] reach, within 0 … end."""
    if not values.size:
        return 0, 0
    return max(0, math.floor(values.min())), min(end, math.ceil(values.max()))


def _neighbours(triangles: NDArray[np.int64]) -> NDArray[np.int64]:
    """int64 [t, 3]: the triangle beyond edge i → i+1, -1 where there is none."""
    owners: dict[tuple[int, int], int] = {}
    corners = triangles.tolist()
    for number, (a, b, c) in enumerate(corners):
        owners.update({(a, b): number, (b, c): number, (c, a): number})
    beyond = [[owners.get(edge, -1) for edge in ((b, a), (c, b), (a, c))] for a, b, c in corners]
    return np.array(beyond, np.int64).reshape(-1, 3)


def _empty_map() -> WarpMap:
    nothing = np.zeros((0, 0), np.float32)
    return WarpMap(0, 0, nothing, nothing, np.zeros((0, 0), np.uint8))
