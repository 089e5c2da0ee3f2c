"""Draws a shape as a face of clay: shaded skin, tinted lips and brows, eyes that look at the viewer.

A drawing only has to show where the points are, so it needs no picture of anybody. Triangles are drawn from
back to front, each cut into smaller ones with the light interpolated between its corners (Gouraud 1971).
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ShapeError
from mirror_core.frame import Image
from mirror_tracking.head_pose import mean_face
from mirror_tracking.topology import (
    FILLED_TRIANGLES,
    HOLE_TRIANGLES,
    INNER_LIPS,
    LEFT_BROW,
    LEFT_EYE,
    MESH_EDGES,
    OUTER_LIPS,
    RIGHT_BROW,
    RIGHT_EYE,
)

__all__ = ["BACKGROUND", "draw_shape", "turned"]

BACKGROUND = (34, 30, 28)  # BGR
SKIN, LIPS, BROWS = (168, 190, 214), (122, 120, 188), (104, 120, 140)
EYE_WHITE, IRIS, PUPIL, MOUTH = (232, 236, 238), (110, 92, 70), (24, 20, 18), (52, 44, 84)
WIRE = (210, 196, 120)
LIGHT = np.array([-0.35, -0.55, -0.76])  # towards the light: from the left, above and the viewer's side
AMBIENT, DIFFUSE = 0.42, 0.66
SAMPLES = 2  # per pixel and direction, averaged at the end
LARGE_PX = 256  # pictures from this size on are drawn more finely
PARTS = (2, 4)  # parts that each edge of a triangle is cut into, in small and in large pictures
SUBPIXEL_BITS = 4
HALF_EXTENT = 1.75  # model units from the centre to the edge of the picture
IRIS_SHARE = 0.23  # radius of the iris over the width of the eye

Array = NDArray[np.float64]


def turned(shape: NDArray[np.floating[Any]], yaw_deg: float, pitch_deg: float = 0.0) -> Array:
    """A shape [n, 3] turned to the person's left by yaw and up by pitch."""
    yaw, pitch = math.radians(yaw_deg), math.radians(pitch_deg)
    cos, sin = math.cos(yaw), math.sin(yaw)
    aside = np.array([[cos, 0, -sin], [0, 1, 0], [sin, 0, cos]])
    cos, sin = math.cos(pitch), math.sin(pitch)
    up = np.array([[1, 0, 0], [0, cos, sin], [0, -sin, cos]])
    return np.asarray(np.asarray(shape, np.float64) @ (aside @ up).T)


def draw_shape(
    shape: NDArray[np.floating[Any]],
    size: int,
    *,
    yaw_deg: float = 0.0,
    wires: bool = False,
    background: tuple[int, int, int] = BACKGROUND,
) -> Image:
    """A picture of a shape.

    Args:
        shape: [468, 3] in the shape model's units.
        size: width and height in pixels, 16 or more.
        yaw_deg: turn to the person's left.
        wires: draw the edges of the mesh on it.
        background: B, G, R.

    Returns:
        uint8 [size, size, 3], BGR.

    Raises:
        ShapeError: on another shape or size.
    """
    if shape.shape != (468, 3) or not np.isfinite(shape).all() or size < 16:
        raise ShapeError(
            f"A drawing needs a finite shape [468, 3] and 16 pixels or more, not {list(shape.shape)}, {size}."
        )
    points = turned(shape, yaw_deg)
    extent = size * SAMPLES
    scale = extent / (2 * HALF_EXTENT)
    places = points[:, :2] * scale + extent / 2
    places[:, 0] += (
        extent / 2 - (places[:, 0].min() + places[:, 0].max()) / 2
    )  # a turned face stays in the middle
    canvas = np.empty((extent, extent, 3), np.uint8)
    canvas[:] = background
    skin = len(FILLED_TRIANGLES) - len(HOLE_TRIANGLES)
    parts = PARTS[size >= LARGE_PX]
    corners = _small_triangles(places[FILLED_TRIANGLES], parts)
    light = _small_triangles(_light(points)[FILLED_TRIANGLES][..., None], parts).mean(axis=2)
    shades = np.clip(light * _tints()[:, None], 0, 255)
    shades[skin:] = _hole_colours()[:, None]
    eyes = _eye_masks(places, extent)
    seen_from_front = _doubled_areas(places[FILLED_TRIANGLES]) < 0
    depth = points[FILLED_TRIANGLES, 2].mean(axis=1)
    fixed = np.rint((corners - 0.5) * (1 << SUBPIXEL_BITS)).astype(np.int32)
    for triangle in np.argsort(-depth, kind="stable"):
        if not seen_from_front[triangle]:
            continue
        for corner, shade in zip(fixed[triangle], shades[triangle].tolist(), strict=True):
            cv2.fillConvexPoly(canvas, corner, shade, cv2.LINE_8, SUBPIXEL_BITS)
    for mask, centre, radius in eyes:
        _draw_iris(canvas, mask, centre, radius)
    if wires:
        _draw_wires(canvas, places, seen_from_front)
    return np.asarray(cv2.resize(canvas, (size, size), interpolation=cv2.INTER_AREA), np.uint8)


@cache
def _cut(parts: int) -> Array:
    """float64 [parts², 3, 3]: the corners of the small triangles as mixtures of the large one's corners."""
    small = []
    for row in range(parts):
        for column in range(parts - row):
            a, b, c = (row, column), (row + 1, column), (row, column + 1)
            small.append((a, b, c))
            if row + column < parts - 1:
                small.append((b, (row + 1, column + 1), c))
    steps = np.array(small, np.float64) / parts
    return np.concatenate([1 - steps.sum(axis=2, keepdims=True), steps], axis=2)


def _small_triangles(values: Array, parts: int) -> Array:
    """Values at corners [t, 3, d] → at the corners of the small triangles, [t, parts², 3, d]."""
    return np.asarray(np.einsum("skc,tcd->tskd", _cut(parts), values))


def _doubled_areas(corners: Array) -> Array:
    a, b = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    return np.asarray(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])


def _light(points: Array) -> Array:
    """How brightly each point is lit, float64 [468]."""
    corners = points[FILLED_TRIANGLES]
    faces = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals = np.zeros_like(points)
    for corner in range(3):
        np.add.at(normals, FILLED_TRIANGLES[:, corner], faces)
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    return np.asarray(AMBIENT + DIFFUSE * np.clip(normals @ LIGHT, 0, 1))


@cache
def _tints() -> Array:
    """B, G, R of each triangle, float64 [898, 3]."""
    tints = np.tile(np.array(SKIN, np.float64), (len(FILLED_TRIANGLES), 1))
    for points, tint in ((RIGHT_BROW, BROWS), (LEFT_BROW, BROWS), (_lip_points(), LIPS)):
        tints[np.isin(FILLED_TRIANGLES, points).all(axis=1)] = tint
    return tints


def _lip_points() -> NDArray[np.intp]:
    """The points on and within the lips' outline on the mean head, seen from the front."""
    front = (mean_face()[:468, 1:] * 1000).astype(np.float32)
    outline = front[OUTER_LIPS]
    within = [cv2.pointPolygonTest(outline, tuple(map(float, point)), False) >= 0 for point in front]
    return np.union1d(np.flatnonzero(within), OUTER_LIPS).astype(np.intp)


@cache
def _hole_colours() -> Array:
    mouth = np.isin(HOLE_TRIANGLES, INNER_LIPS).all(axis=1)
    return np.where(mouth[:, None], np.array(MOUTH, np.float64), np.array(EYE_WHITE, np.float64))


def _eye_masks(places: Array, extent: int) -> list[tuple[NDArray[np.uint8], Array, float]]:
    """For each eye where it is open, the middle of its iris and the iris's radius in pixels."""
    found = []
    for loop in (RIGHT_EYE, LEFT_EYE):
        outline = places[loop]
        mask = np.zeros((extent, extent), np.uint8)
        fixed = np.rint((outline - 0.5) * (1 << SUBPIXEL_BITS)).astype(np.int32)
        cv2.fillPoly(mask, [fixed], (255,), cv2.LINE_8, SUBPIXEL_BITS)
        first, last = outline[0], outline[len(loop) // 2]  # the corners of the eye
        centre = np.array([(first[0] + last[0]) / 2, outline[:, 1].mean()])
        found.append((mask, centre, IRIS_SHARE * float(np.linalg.norm(first - last))))
    return found


def _draw_iris(canvas: Image, mask: NDArray[np.uint8], centre: Array, radius: float) -> None:
    eye = canvas.copy()
    middle = (round(float(centre[0])), round(float(centre[1])))
    cv2.circle(eye, middle, max(1, round(radius)), IRIS, -1)
    cv2.circle(eye, middle, max(1, round(radius * 0.45)), PUPIL, -1)
    canvas[mask > 0] = eye[mask > 0]


def _draw_wires(canvas: Image, places: Array, seen_from_front: NDArray[np.bool_]) -> None:
    visible = np.zeros(468, np.bool_)
    visible[FILLED_TRIANGLES[seen_from_front]] = True
    fixed = np.rint((places - 0.5) * (1 << SUBPIXEL_BITS)).astype(int)
    lines = canvas.copy()
    for first, second in MESH_EDGES:
        if visible[first] and visible[second]:
            cv2.line(lines, tuple(fixed[first]), tuple(fixed[second]), WIRE, 1, cv2.LINE_AA, SUBPIXEL_BITS)
    cv2.addWeighted(lines, 0.45, canvas, 0.55, 0, canvas)
