"""The points that a person places by hand on a photo, and the whole mesh through them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import UsageError
from mirror_gallery.point_fit import fit_mesh
from mirror_gallery.points_file import parse_points
from mirror_gallery.portrait import SURFACE_POINTS
from mirror_tracking.shape_model import shared_shape_model
from mirror_tracking.topology import CONTOURS
from mirror_web.catalogue import Texts

__all__ = ["KEY_POINTS", "KeyPoint", "mesh_lines", "mesh_of_file", "point_name", "start_points"]

FACE_SHARE = 0.6  # of the picture's shorter side that the mesh covers at the start

KEY_POINTS = (
    10,
    234,
    454,
    172,
    397,
    152,
    105,
    334,
    33,
    133,
    159,
    145,
    362,
    263,
    386,
    374,
    1,
    129,
    358,
    61,
    291,
    0,
    17,
)
"""Points of the mesh that a person places."""
_NAMES = Texts("faces_points")


def point_name(index: int) -> str:
    """What a key point is called; left and right as they are seen in the picture."""
    return _NAMES[str(index)]


@dataclass(frozen=True, slots=True)
class KeyPoint:
    """A point to place: of the mesh, what it is called, and where it is, in pixels of the picture."""

    index: int
    label: str
    x: float
    y: float


def start_points(size: tuple[int, int]) -> tuple[KeyPoint, ...]:
    """All key points on a mean face in the middle of a picture of this (width, height)."""
    mean = shared_shape_model().mean[:, :2]
    low, high = mean.min(axis=0), mean.max(axis=0)
    scale = FACE_SHARE * min(size) / float((high - low).max())
    placed = (mean - (low + high) / 2) * scale + np.array(size, np.float32) / 2
    return tuple(
        KeyPoint(
            index, point_name(index), round(float(placed[index, 0]), 1), round(float(placed[index, 1]), 1)
        )
        for index in KEY_POINTS
    )


def mesh_lines(mesh: NDArray[np.floating[Any]]) -> list[list[list[float]]]:
    """The mesh's outlines as closed lines of [x, y], rounded to a tenth of a pixel.

    Args:
        mesh: [468, 2 or more], pixels.
    """
    return [np.round(mesh[loop, :2], 1).tolist() for loop in CONTOURS.values() if loop.max() < len(mesh)]


def mesh_of_file(
    text: str, name: str, original: tuple[int, int], sent: tuple[int, int]
) -> NDArray[np.float32]:
    """The mesh that a file of points describes.

    Args:
        text: its content, JSON or CSV as `mirror_gallery.points_file` reads them.
        name: of the file.
        original: (width, height) of the photo as it was chosen, in whose pixels the points are.
        sent: (width, height) of the photo as it is sent.

    Returns:
        float32 [468, 2], pixels of the photo as it is sent.

    Raises:
        UsageError: if the file holds something else; says where.
    """
    try:
        points = parse_points(text, name.lower().endswith(".csv"), original)
        whole = all(index in points for index in range(SURFACE_POINTS))
        mesh = (
            np.array([points[index] for index in range(SURFACE_POINTS)], np.float32)
            if whole
            else fit_mesh(points)[:, :2]
        )
    except UsageError as error:
        raise UsageError(f"The points file {name}: {error}") from None
    return np.asarray(mesh * (np.array(sent) / np.array(original)), np.float32)
