"""What a mask has beside its surface: round parts, bands, and the bare nose that hides cloth behind it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from mirror_effects.medical.atlas import BAND_CELLS, CAP, CREASE, NOWHERE, Cell
from mirror_effects.medical.head import MIDDLE, SURFACE_POINTS, directions, places, surface
from mirror_effects.medical.kinds import Disc, Kind
from mirror_tracking.head_pose import mean_face
from mirror_tracking.topology import FILLED_TRIANGLES

__all__ = ["Part", "SurfaceGrid", "band_parts", "disc_part", "grid_part", "nose_part", "valve_of"]

Array = NDArray[np.float64]
Triangles = NDArray[np.int64]

INSET = 0.006  # share of the texture's side kept between a mesh's edge and its cell's, against bleeding
ANGLES = 32  # around a round part
DISC_SUNK_M = 0.005  # that a round part reaches into the mask
VALVE_LENGTH_M, VALVE_TAPER = 0.006, 1.12
LOW_EDGE_DEG = 25.0  # elevation of the upper edge's middle below which a mask hangs low
BAND_STEPS = 8
BAND_OFF_M = 0.0015  # that bands lie above the skin
BAND_TAUT = 0.4
BAND_INSET = 2  # columns of the surface over which a band is sewn on
# Where bands end, (azimuth, elevation) at the person's left: roots of the ear, above it, at the neck.
EAR = ((107.0, 33.0), (101.0, 6.0))
HEAD = ((112.0, 48.0), (108.0, -14.0))
HEAD_ROWS = (0.30, 0.62)  # share of a mask's height at which bands around the head leave it
NOSE_ELEVATION = 2.0  # degrees: where its underside ends
NOSE_AZIMUTH = 17.0  # degrees: how far the nose reaches to a side
NOSE_BEHIND_M = 0.002  # the bare nose counts as so much deeper, so that it never breaks through cloth on it


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A piece of a mesh.

    Attributes:
        points: float64 [n, 3], metres in the head frame.
        triangles: int64 [t, 3], of these points.
        texture: float64 [n, 2], shares of the texture's side.
    """

    points: Array
    triangles: Triangles
    texture: Array


@dataclass(frozen=True, slots=True, eq=False)
class SurfaceGrid:
    """A mask's surface: columns run to the person's left, rows down.

    Attributes:
        azimuth, elevation: float64 [rows, columns], degrees.
        points: float64 [rows, columns, 3], metres in the head frame.
    """

    azimuth: Array
    elevation: Array
    points: Array


def grid_part(points: Array, cell: Cell) -> Part:
    """A grid of points [rows, columns, 3] as a part that fills a cell of the texture."""
    rows, columns = points.shape[:2]
    return Part(points.reshape(-1, 3), _grid_triangles(rows, columns), _grid_texture(rows, columns, cell))


@cache
def _grid_triangles(rows: int, columns: int) -> Triangles:
    number = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = (
        number[i : rows - 1 + i, j : columns - 1 + j].ravel() for i, j in ((0, 0), (0, 1), (1, 1), (1, 0))
    )
    both = np.concatenate([np.stack([a, b, c], axis=1), np.stack([a, c, d], axis=1)])
    return np.asarray(both, np.int64)


@cache
def _grid_texture(rows: int, columns: int, cell: Cell) -> Array:
    low_x, high_x = cell.x + INSET, cell.x + cell.width - INSET
    low_y, high_y = cell.y + INSET, cell.y + cell.height - INSET
    u, v = np.meshgrid(np.linspace(low_x, high_x, columns), np.linspace(low_y, high_y, rows))
    return np.stack([u.ravel(), v.ravel()], axis=1)


def valve_of(kind: Kind, surface_grid: SurfaceGrid) -> Disc | None:
    """The valve that a kind may have, on its surface; None where it never has one."""
    if kind.valve_at is None:
        return None
    s, t, radius = kind.valve_at
    rows, columns = surface_grid.azimuth.shape
    row, column = round(t * (rows - 1)), round((s + 1) / 2 * (columns - 1))
    at = (float(surface_grid.azimuth[row, column]), float(surface_grid.elevation[row, column]))
    return Disc(*at, at, radius, VALVE_LENGTH_M, VALVE_TAPER, "valve")


def disc_part(disc: Disc, cell: Cell, surface_grid: SurfaceGrid) -> tuple[Part, Array]:
    """A round part on a surface, and its axes across, down and out, float64 [3, 3]."""
    out = directions(np.array(disc.axis[0]), np.array(disc.axis[1]))
    across = np.cross([0.0, 0.0, 1.0], out)
    across /= np.linalg.norm(across)
    down = np.cross(across, out)
    azimuth, elevation = surface_grid.azimuth, surface_grid.elevation
    rows, columns = azimuth.shape
    away = (azimuth - disc.azimuth) ** 2 + (elevation - disc.elevation) ** 2
    row, column = divmod(int(away.argmin()), columns)
    # A mask that hangs low has its parts lower, too: never above its middle.
    row = max(row, rows // 2 if elevation[0, columns // 2] < LOW_EDGE_DEG else 0)
    base = surface_grid.points[row, column]
    face = base + out * disc.length_m
    angles = np.linspace(0, 2 * np.pi, ANGLES, endpoint=False)
    ring = np.cos(angles)[:, None] * across + np.sin(angles)[:, None] * down
    radii = np.array([0.5, 1.0, 1.0, disc.taper]) * disc.radius_m
    centres = np.stack([face, face, face, base - out * DISC_SUNK_M])
    points = [face[None]] + [centre + radius * ring for centre, radius in zip(centres, radii, strict=True)]
    flat = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    middle = np.array([cell.x + cell.width / 2, cell.y + cell.height / 2])
    texture = [middle[None]] + [
        middle + flat * (share * cell.width / 2) for share in (CAP / 2, CAP, CREASE, 0.98)
    ]
    numbers = 1 + np.arange(4 * ANGLES).reshape(4, ANGLES)
    following = np.roll(numbers, -1, axis=1)
    triangles = [np.stack([np.zeros(ANGLES, int), numbers[0], following[0]], axis=1)]
    for inner in range(3):
        a, b = numbers[inner], following[inner]
        c, d = following[inner + 1], numbers[inner + 1]
        triangles += [np.stack([a, d, c], axis=1), np.stack([a, c, b], axis=1)]
    every = np.asarray(np.concatenate(triangles), np.int64)
    part = Part(np.concatenate(points), every, np.concatenate(texture))
    return part, np.stack([across, down, out])


def band_parts(kind: Kind, surface_grid: SurfaceGrid) -> tuple[list[Part], Array]:
    """Strips from the mask to the ears or around the head, over the skin; the person's right ones first.

    Returns:
        Four parts, and the mean direction of each one's outer side, float64 [4, 3].
    """
    azimuth, elevation, grid = surface_grid.azimuth, surface_grid.elevation, surface_grid.points
    row_count, column_count = azimuth.shape
    on_ears = kind.fastening == "ears"
    leave = (1, row_count - 2) if on_ears else tuple(round(share * row_count) for share in HEAD_ROWS)
    rows = np.array(leave * 2)
    left = column_count - 1 - BAND_INSET
    columns = np.array([BAND_INSET, BAND_INSET, left, left])
    sides = np.array([-1.0, -1.0, 1.0, 1.0])
    ends = np.array((EAR if on_ears else HEAD) * 2) * np.stack([sides, np.ones(4)], axis=1)
    starts = np.stack([azimuth[rows, columns], elevation[rows, columns]], axis=1)
    share = np.linspace(0, 1, BAND_STEPS)
    line = starts[:, None] + (ends - starts)[:, None] * share[None, :, None]  # [4, steps, 2]
    distance = surface(line[..., 0], line[..., 1], BAND_TAUT) + BAND_OFF_M
    # Stretched, it bridges hollows: never lower than the straight line between its ends.
    first = grid[rows, columns]
    last = places(ends[:, 0], ends[:, 1], distance[:, -1])
    straight = first[:, None] + (last - first)[:, None] * share[None, :, None] - MIDDLE
    distance = np.maximum(distance, np.linalg.norm(straight, axis=-1))
    middle = places(line[..., 0], line[..., 1], distance)
    out = directions(line[..., 0], line[..., 1])
    across = np.cross(out, np.gradient(middle, axis=1))
    across *= kind.band_m / 2 / np.maximum(np.linalg.norm(across, axis=-1, keepdims=True), 1e-12)
    across *= np.sign(across[..., 2].sum(axis=1))[:, None, None]
    strips = np.stack([middle + across, middle - across], axis=1)  # the first row is the upper one
    strips[:2] = strips[:2, :, ::-1]  # columns run to the person's left, as in the surface
    normals = out.mean(axis=1)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    return [grid_part(strip, cell) for strip, cell in zip(strips, BAND_CELLS, strict=True)], normals


@cache
def _nose_triangles() -> tuple[NDArray[np.intp], NDArray[np.int64]]:
    """The nose's points and its triangles among them."""
    away = mean_face()[:SURFACE_POINTS].astype(np.float64) - MIDDLE
    across = np.degrees(np.arctan2(away[:, 1], away[:, 0]))
    nose = np.abs(across) < NOSE_AZIMUTH
    nose &= _elevation_of(away) > NOSE_ELEVATION
    triangles = FILLED_TRIANGLES[nose[FILLED_TRIANGLES].all(axis=1)]
    used, numbers = np.unique(triangles, return_inverse=True)
    return used, numbers.reshape(-1, 3).astype(np.int64)


def _elevation_of(away: Array) -> Array:
    up: Array = np.degrees(np.arcsin(away[:, 2] / np.linalg.norm(away, axis=1)))
    return up


def nose_part(surface_grid: SurfaceGrid) -> tuple[Part, NDArray[np.bool_]]:
    """The nose, which hides cloth behind it on a turned head, and which of its triangles are covered.

    Only what lies above the mask's upper edge is bare.
    """
    used, triangles = _nose_triangles()
    points = mean_face()[used].astype(np.float64)
    away = points - MIDDLE
    across = np.degrees(np.arctan2(away[:, 1], away[:, 0]))
    edge = np.interp(across, surface_grid.azimuth[0], surface_grid.elevation[0])
    bare = _elevation_of(away) > edge + 1.0
    moved = points - np.array([NOSE_BEHIND_M, 0, 0])
    part = Part(moved, triangles, np.full((len(used), 2), NOWHERE))
    return part, ~bare[triangles].all(axis=1)
