"""The mean head as a mask meets it: directions from its middle, the taut surface around it, its skin.

A mask is a cloth or a shell over a round thing, so its places are given as directions from a point in
the middle of the head, behind the mouth: an azimuth (0 to the front, positive to the person's left) and an
elevation (positive up). How far away the surface lies in a direction is looked up in two tables: the skin
itself, and the convex hull of the lower face, which is what stiff cloth stretched from the nose to the chin
and the cheeks comes to lie on.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull

from mirror_tracking.head_pose import mean_face
from mirror_tracking.topology import (
    FILLED_TRIANGLES,
    LEFT_BROW,
    LEFT_EYE,
    OUTER_LIPS,
    RIGHT_BROW,
    RIGHT_EYE,
)

__all__ = [
    "MIDDLE",
    "SURFACE_POINTS",
    "directions",
    "grid_normals",
    "places",
    "point_normals",
    "skin_points",
    "surface",
]

Array = NDArray[np.float64]
Plane = NDArray[np.float32]

MIDDLE = np.array([-0.050, 0.0, -0.055])  # metres in the head frame: forward, to the person's left, up
SURFACE_POINTS = 468  # landmarks of the face's surface; irises follow
AZIMUTHS, ELEVATIONS = (-128.0, 128.0), (-80.0, 64.0)  # degrees that the tables cover
TABLE_STEP = 2.0  # degrees between two entries
TAUT_BLUR = 5.0  # degrees, standard deviation: cloth has no creases where the hull has edges
SKIN_BLUR = 2.0
NO_TAUT_POINT_ABOVE = 0.0  # m: eyes and forehead carry no mask
NOSE = np.array([1, 2, 4, 5, 19, 44, 45, 94, 195, 197, 274, 275, 220, 440, 237, 457, 218, 438, 48, 278])
BEHIND = np.array(  # m: what the mesh lacks: beneath the jaw, at the ears, behind; in the head frame
    [
        [-0.010, 0.0, -0.116],
        [-0.045, 0.0, -0.120],
        [-0.045, 0.040, -0.104],
        [-0.045, -0.040, -0.104],
        [-0.070, 0.062, -0.080],
        [-0.070, -0.062, -0.080],
        [-0.075, 0.074, 0.008],
        [-0.075, -0.074, 0.008],
        [-0.075, 0.074, -0.040],
        [-0.075, -0.074, -0.040],
        [-0.130, 0.070, 0.030],
        [-0.130, -0.070, 0.030],
        [-0.130, 0.055, -0.090],
        [-0.130, -0.055, -0.090],
        [-0.060, 0.0, 0.090],
    ]
)


def places(azimuth: Array, elevation: Array, distance: Array) -> Array:
    """Points of the head frame in metres, float64 [..., 3], from degrees and distances in metres."""
    away: Array = directions(azimuth, elevation) * np.asarray(distance, np.float64)[..., None]
    return np.asarray(away + MIDDLE, np.float64)


def directions(azimuth: Array, elevation: Array) -> Array:
    """Unit vectors of the head frame, float64 [..., 3], from angles in degrees."""
    around, up = np.radians(azimuth), np.radians(elevation)
    flat = np.cos(up)
    return np.stack([flat * np.cos(around), flat * np.sin(around), np.sin(up)], axis=-1)


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """Distances in metres for directions, float32 [elevations, azimuths]."""

    distances: Plane

    def at(self, azimuth: Array, elevation: Array) -> Array:
        """Distances float64 in the shape of the angles (degrees)."""
        shape = np.shape(azimuth)
        x = ((np.asarray(azimuth) - AZIMUTHS[0]) / TABLE_STEP).astype(np.float32).reshape(1, -1)
        y = ((np.asarray(elevation) - ELEVATIONS[0]) / TABLE_STEP).astype(np.float32).reshape(1, -1)
        read = cv2.remap(self.distances, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(read, np.float64).reshape(shape)


def surface(azimuth: Array, elevation: Array, taut: float | Array = 1.0, *, over_nose: bool = True) -> Array:
    """How far away from the middle a mask's inner side lies.

    Args:
        azimuth, elevation: degrees, of one shape.
        taut: 0 lies on the skin … 1 is stretched over it.
        over_nose: whether the nose holds the mask up.

    Returns:
        Metres, float64 in the shape of the angles.
    """
    stretched = _taut(over_nose).at(azimuth, elevation)
    skin = np.minimum(_skin().at(azimuth, elevation), stretched)
    distance: Array = skin + (stretched - skin) * taut
    return distance


@cache
def _taut(over_nose: bool) -> _Table:
    points = mean_face()[:SURFACE_POINTS].astype(np.float64)
    kept = points[:, 2] < NO_TAUT_POINT_ABOVE
    if not over_nose:
        kept[NOSE] = False
        kept &= ~((points[:, 0] > 0.026) & (points[:, 2] > -0.05))
    hull = ConvexHull(np.concatenate([points[kept], BEHIND]) - MIDDLE)
    planes = np.unique(np.round(hull.equations, 6), axis=0)
    across = _grid_directions() @ planes[:, :3].T
    with np.errstate(divide="ignore"):
        distances = np.where(across > 1e-6, -planes[:, 3] / across, np.inf).min(axis=-1)
    return _Table(_smoothed(distances.astype(np.float32), TAUT_BLUR))


@cache
def _skin() -> _Table:
    """The mean face itself; where its mesh ends, the hull."""
    points = mean_face()[:SURFACE_POINTS].astype(np.float64) - MIDDLE
    a, b, c = (points[FILLED_TRIANGLES[:, i]] for i in range(3))
    rays = _grid_directions()
    flat = rays.reshape(-1, 3)
    # Möller and Trumbore 1997, from one origin: the ray's weights of the corners are triple products.
    weights = np.stack([flat @ np.cross(b, c).T, flat @ np.cross(c, a).T, flat @ np.cross(a, b).T])
    total = weights.sum(axis=0)
    volume = np.einsum("ij,ij->i", a, np.cross(b, c))
    hit = (np.sign(weights) == np.sign(total)).all(axis=0) & (np.abs(total) > 1e-12)
    distances = np.where(
        hit & (volume / np.where(hit, total, 1.0) > 0), volume / np.where(hit, total, 1.0), 0
    )
    nearest = distances.max(axis=1).reshape(rays.shape[:2]).astype(np.float32)
    hull = _taut(True).distances
    return _Table(_smoothed(np.where(nearest > 0, np.minimum(nearest, hull), hull), SKIN_BLUR))


def _grid_directions() -> Array:
    azimuths = np.arange(AZIMUTHS[0], AZIMUTHS[1] + 1e-6, TABLE_STEP)
    elevations = np.arange(ELEVATIONS[0], ELEVATIONS[1] + 1e-6, TABLE_STEP)
    return directions(*np.meshgrid(azimuths, elevations))


def _smoothed(distances: Plane, blur: float) -> Plane:
    sigma = blur / TABLE_STEP
    return np.asarray(cv2.GaussianBlur(distances, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE), np.float32)


def grid_normals(grid: NDArray[np.floating[Any]]) -> Array:
    """Outward unit normals float64 [rows, columns, 3] of a grid of points whose columns run to the left
    of the person and whose rows run down."""
    across, down = np.gradient(grid, axis=1), np.gradient(grid, axis=0)
    normals = np.cross(down, across)
    units: Array = normals / np.maximum(np.linalg.norm(normals, axis=-1, keepdims=True), 1e-12)
    return units


@cache
def point_normals() -> Array:
    """Outward unit normals of the mean face's points, float64 [468, 3], in the head frame. Read-only."""
    points = mean_face()[:SURFACE_POINTS].astype(np.float64)
    a, b, c = (points[FILLED_TRIANGLES[:, i]] for i in range(3))
    faces = np.cross(b - a, c - a)
    normals = np.zeros_like(points)
    for corner in range(3):
        np.add.at(normals, FILLED_TRIANGLES[:, corner], faces)
    normals *= np.sign((normals * (points - MIDDLE)).sum())
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    normals.flags.writeable = False
    return normals


@cache
def skin_points() -> NDArray[np.intp]:
    """Points that lie on plain skin: not on eyes, brows or lips. Read-only."""
    features = np.concatenate([RIGHT_EYE, LEFT_EYE, RIGHT_BROW, LEFT_BROW, OUTER_LIPS])
    points = mean_face()[:SURFACE_POINTS, 1:]
    near = np.linalg.norm(points[:, None] - points[features][None], axis=-1).min(axis=1)
    found = np.flatnonzero(near > 0.004)
    found.flags.writeable = False
    return found
