"""The points that a person places by hand on a photo, and the whole mesh through them."""

from __future__ import annotations

from collections.abc import Mapping
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

__all__ = ["KEY_POINTS", "KeyPoint", "mesh_lines", "mesh_of_file", "start_points"]

FACE_SHARE = 0.6  # of the picture's shorter side that the mesh covers at the start

KEY_POINTS: Mapping[int, str] = {
    10: "Forehead, at the hairline",
    234: "Left edge of the face, at the ear",
    454: "Right edge of the face, at the ear",
    172: "Left corner of the jaw",
    397: "Right corner of the jaw",
    152: "Chin",
    105: "Left eyebrow, highest place",
    334: "Right eyebrow, highest place",
    33: "Left eye, outer corner",
    133: "Left eye, inner corner",
    159: "Left eye, upper lid",
    145: "Left eye, lower lid",
    362: "Right eye, inner corner",
    263: "Right eye, outer corner",
    386: "Right eye, upper lid",
    374: "Right eye, lower lid",
    1: "Tip of the nose",
    129: "Left wing of the nose",
    358: "Right wing of the nose",
    61: "Left corner of the mouth",
    291: "Right corner of the mouth",
    0: "Upper lip, upper edge",
    17: "Lower lip, lower edge",
}
"""Point of the mesh → what it is called; left and right as they are seen in the picture."""


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
        KeyPoint(index, label, round(float(placed[index, 0]), 1), round(float(placed[index, 1]), 1))
        for index, label in KEY_POINTS.items()
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
