"""Brings photographs into one face's shape: eye lies on eye, mouth on mouth, and they can be averaged."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirror_core.frame import Image
from mirror_effects.mesh_warp import MeshWarper, WarpMap
from mirror_tracking.procrustes import Placement
from mirror_tracking.shape_model import POINTS, ShapeFit, ShapeModel, shared_shape_model
from mirror_tracking.symmetry import opposite_points
from mirror_tracking.topology import (
    FILLED_TRIANGLES,
    LEFT_EYE,
    LEFT_EYE_INNER,
    LEFT_EYE_OUTER,
    LEFT_IRIS,
    LEFT_IRIS_CENTRE,
    RIGHT_EYE,
    RIGHT_EYE_INNER,
    RIGHT_EYE_OUTER,
    RIGHT_IRIS,
    RIGHT_IRIS_CENTRE,
)
from mirror_training.opencv import cv2

__all__ = ["FACE_PX", "FRONT", "PortraitPhoto", "Target", "placed", "symmetric", "target_of", "texture"]

FACE_PX = 592  # height of the face
HEIGHT = 640  # of pictures; their width follows from the face's
ENLARGED = 4  # photographs are enlarged smoothly by this before they are looked up in
IRIS_HALF = 0.2  # half width of the iris in the target, as a share of the eye's width
LARGEST_GLANCE = 0.2  # eyes that look farther aside, as a share of the eye's width, are left as they are

Floats = NDArray[np.float32]


class Eye(NamedTuple):
    """Points of one eye: outline, corners on the picture's left and right, middle and rim of the iris."""

    outline: NDArray[np.int32]
    left: int
    right: int
    centre: int
    rim: NDArray[np.int32]


EYES = (
    Eye(RIGHT_EYE, RIGHT_EYE_OUTER, RIGHT_EYE_INNER, RIGHT_IRIS_CENTRE, RIGHT_IRIS),
    Eye(LEFT_EYE, LEFT_EYE_INNER, LEFT_EYE_OUTER, LEFT_IRIS_CENTRE, LEFT_IRIS),
)


@dataclass(frozen=True, slots=True, eq=False)
class PortraitPhoto:
    """One photograph.

    Attributes:
        name: its file name.
        image: uint8 [h, w, 3], BGR.
        landmarks: float32 [478, 3] in pixels (pixel i covers i … i+1).
        valid_box: (x0, y0, x1, y1), the part of the picture that is not padding.
        parameters: float32 [k] of the shape model.
        true_proportions: False where the collection has squeezed its pictures.
        sharpness: variance of the Laplacian over the variance of the face's brightness.
    """

    name: str
    image: Image
    landmarks: NDArray[np.float32]
    valid_box: tuple[float, float, float, float]
    parameters: NDArray[np.float32]
    true_proportions: bool
    sharpness: float


@dataclass(frozen=True)
class Target:
    """The face that photographs are brought into.

    Attributes:
        points: float32 [468, 3] in pixels.
        size: (width, height) of the picture in pixels.
        yaw_deg: how the head is turned.
    """

    points: Floats
    size: tuple[int, int]
    yaw_deg: float = 0.0

    @cached_property
    def coverage(self) -> NDArray[np.uint8]:
        """uint8 [h, w], 255 on the face, falling to 0 over its outermost pixel."""
        found = MeshWarper(self.points[:, :2], FILLED_TRIANGLES).map(self.points, self.size)
        full = np.zeros(self.size[::-1], np.uint8)
        height, width = found.coverage.shape
        full[found.y0 : found.y0 + height, found.x0 : found.x0 + width] = found.coverage
        return full


def symmetric(shape: NDArray[Any]) -> NDArray[np.float64]:
    """The mean of a shape [468, 3] and its mirror image."""
    points = np.asarray(shape, np.float64)
    return np.asarray((points + points[opposite_points()[:POINTS]] * (-1, 1, 1)) / 2)


def placed(model: ShapeModel, parameters: NDArray[Any], yaw_deg: float = 0.0) -> Target:
    """A symmetric face in the middle of a picture, turned to its left, as the mesh would find it there."""
    shape = symmetric(model.shape(parameters))
    scale = FACE_PX / float(np.ptp(shape[:, 1]))
    yaw = np.radians(yaw_deg)
    cos, sin = float(np.cos(yaw)), float(np.sin(yaw))
    rotation = np.array([[cos, 0.0, -sin], [0.0, 1.0, 0.0], [sin, 0.0, cos]])
    even = symmetric_parameters(model, parameters)
    points = model.seen(ShapeFit(even, Placement(rotation, scale, np.zeros(3))))
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    margin = (HEIGHT - FACE_PX) / 2
    width = 2 * round((float(high[0] - low[0]) + 2 * margin) / 2)
    points[:, :2] += (width / 2, HEIGHT / 2) - (low + high) / 2
    return Target(points, (width, HEIGHT), yaw_deg)


def symmetric_parameters(model: ShapeModel, parameters: NDArray[Any]) -> Floats:
    """The parameters of the symmetric face nearest to one with these."""
    return model.fit(symmetric(model.shape(parameters)).astype(np.float32)).parameters


def target_of(photos: list[PortraitPhoto], model: ShapeModel | None = None) -> Target:
    """The mean face of those photographs whose proportions are true."""
    chosen = model or shared_shape_model()
    true = [photo.parameters for photo in photos if photo.true_proportions]
    return placed(chosen, np.mean(true, axis=0) if true else np.zeros(1))


FRONT = placed(shared_shape_model(), np.zeros(1))
"""The model's mean face from the front."""


def texture(photo: PortraitPhoto, points: Floats, size: tuple[int, int]) -> tuple[Image, NDArray[np.bool_]]:
    """A photograph in another face's shape, its eyes looking straight ahead.

    Args:
        photo: the photograph.
        points: float32 [468, 2 or 3], the target in pixels.
        size: (width, height) of the result.

    Returns:
        uint8 [h, w, 3], BGR, and bool [h, w]: which pixels show the photograph and not padding.
    """
    width, height = size
    found = MeshWarper(photo.landmarks[:POINTS, :2], FILLED_TRIANGLES).map(points, size)
    x, y = found.map_x, found.map_y
    covered = found.coverage > 0
    for eye in EYES:
        _look_ahead(photo, points, eye, found)
    left, top, right, bottom = photo.valid_box
    shown = covered & (x >= left) & (x <= right - 1) & (y >= top) & (y <= bottom - 1)
    enlarged = cv2.resize(photo.image, None, fx=ENLARGED, fy=ENLARGED, interpolation=cv2.INTER_CUBIC)
    places = [(plane + 0.5) * ENLARGED - 0.5 for plane in (x, y)]
    part = cv2.remap(enlarged, *places, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    picture, valid = np.zeros((height, width, 3), np.uint8), np.zeros((height, width), np.bool_)
    rows = slice(found.y0, found.y0 + x.shape[0])
    columns = slice(found.x0, found.x0 + x.shape[1])
    picture[rows, columns][covered] = part[covered]
    valid[rows, columns] = shown
    return picture, valid


def _look_ahead(photo: PortraitPhoto, points: Floats, eye: Eye, warp_map: WarpMap) -> None:
    """Change the map within one eye so that the iris comes to its middle, in place.

    Between the corners of the eye and the edges of the iris the white is stretched or pressed together.
    """
    found, origin = photo.landmarks[:, :2], np.array([warp_map.x0, warp_map.y0])
    across = found[eye.right] - found[eye.left]
    length = float(across @ across)
    if length <= 0:
        return
    middle = float((found[eye.centre] - found[eye.left]) @ across) / length
    half = float(np.linalg.norm(found[eye.rim] - found[eye.centre], axis=1).mean()) / np.sqrt(length)
    if abs(middle - 0.5) > LARGEST_GLANCE or not 0.05 < half < 0.3:
        return
    mask = np.zeros(warp_map.coverage.shape, np.uint8)
    outline = np.rint((points[eye.outline, :2] - origin - 0.5) * 16).astype(np.int32)
    cv2.fillPoly(mask, [outline], (255,), cv2.LINE_8, 4)
    rows, columns = np.nonzero(mask)
    wanted = points[eye.right, :2] - points[eye.left, :2]
    offsets = np.stack([columns, rows], axis=1) + origin + 0.5 - points[eye.left, :2]
    place = offsets @ wanted / float(wanted @ wanted)
    edges = (0.0, 0.5 - IRIS_HALF, 0.5 + IRIS_HALF, 1.0)
    there = np.interp(place, edges, (0.0, middle - half, middle + half, 1.0))
    shift = (there - place)[:, None] * across
    warp_map.map_x[rows, columns] += shift[:, 0].astype(np.float32)
    warp_map.map_y[rows, columns] += shift[:, 1].astype(np.float32)
