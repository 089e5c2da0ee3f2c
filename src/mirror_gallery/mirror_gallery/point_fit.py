"""The whole mesh from a few points placed by hand: the mean head, turned to fit, then bent through them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import UsageError
from mirror_gallery.portrait import SURFACE_POINTS
from mirror_tracking.head_pose import mean_face
from mirror_tracking.topology import (
    LEFT_EYE_INNER,
    LEFT_EYE_OUTER,
    MESH_TRIANGLES,
    MOUTH_LEFT,
    MOUTH_RIGHT,
    NOSE_TIP,
    RIGHT_EYE_INNER,
    RIGHT_EYE_OUTER,
)

__all__ = ["FEWEST_POINTS", "NAMED_POINTS", "fit_mesh"]

FEWEST_POINTS = 6
NAMED_POINTS: dict[str, int] = {
    "right_eye_outer": RIGHT_EYE_OUTER,
    "right_eye_inner": RIGHT_EYE_INNER,
    "left_eye_inner": LEFT_EYE_INNER,
    "left_eye_outer": LEFT_EYE_OUTER,
    "nose_tip": NOSE_TIP,
    "mouth_right": MOUTH_RIGHT,
    "mouth_left": MOUTH_LEFT,
    "upper_lip": 0,
    "lower_lip": 17,
    "chin": 152,
    "forehead": 10,
    "right_cheek": 234,
    "left_cheek": 454,
    "right_jaw": 172,
    "left_jaw": 397,
    "right_brow": 105,
    "left_brow": 334,
}
"""Points that people can find on a face, by name; left and right are the shown person's own."""

DEPTH_DOUBT = 0.02  # how strongly points that hardly tell depth count as a frontal face's
MOST_FLIPPED = 0.15  # share of the mesh turned inside out from which on the points are no face; real: ≤ 0.06
LEAST_EXTENT_PX = 8.0
TO_PICTURE_AXES = np.array([[0, 1, 0], [0, 0, -1], [-1, 0, 0]], np.float64)  # head frame → right, down, away


def fit_mesh(points: Mapping[int, tuple[float, float]]) -> NDArray[np.float32]:
    """The mesh that goes through given points.

    First the mean head's turn, size and place (scaled orthography: the affine map by least squares, made a
    rotation as in POSIT, DeMenthon & Davis 1995), then a thin-plate spline over what is left (Bookstein
    1989), which passes exactly through each given point and is smooth between them.

    Args:
        points: index in the mesh, 0 … 467 → (x, y) in pixels; `FEWEST_POINTS` or more. Irises are ignored.

    Returns:
        float32 [468, 3]; z in the same scale, from the mean head.

    Raises:
        UsageError: on too few points, points in one place or on one line, or points that are not those of
            a face (left and right exchanged, for instance).
    """
    indices = np.array(sorted(index for index in points if 0 <= index < SURFACE_POINTS), np.intp)
    if len(indices) < FEWEST_POINTS:
        raise UsageError(f"{FEWEST_POINTS} points or more are needed, not {len(indices)}.")
    given = np.array([points[int(index)] for index in indices], np.float64)
    if not np.isfinite(given).all():
        raise UsageError("The points must be finite numbers.")
    spread = np.linalg.svd(given - given.mean(axis=0), compute_uv=False)
    if spread[1] < max(LEAST_EXTENT_PX, 0.05 * spread[0]):
        raise UsageError("The points lie in one place or on one line; place them all over the face.")
    head = mean_face()[:SURFACE_POINTS].astype(np.float64) @ TO_PICTURE_AXES.T
    placed = _placed(head, indices, given)
    from scipy.interpolate import RBFInterpolator  # takes half a second, which only this needs

    mesh = placed.copy()
    bend = RBFInterpolator(placed[indices, :2], given - placed[indices, :2], kernel="thin_plate_spline")
    mesh[:, :2] += bend(placed[:, :2])
    if not np.isfinite(mesh).all() or _flipped(mesh, placed) > MOST_FLIPPED:
        raise UsageError("The points do not make up a face; check their names or numbers.")
    return mesh.astype(np.float32)


def _placed(
    head: NDArray[np.float64], indices: NDArray[np.intp], given: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The mean head as the points show it, [468, 3] in pixels."""
    model = head[indices]
    centre, middle = model.mean(axis=0), given.mean(axis=0)
    a, b = model - centre, given - middle
    # Points near one plane say little about depth: then the head counts as seen from the front.
    doubt = np.diag([0.0, 0.0, DEPTH_DOUBT * float(np.sum(a[:, :2] ** 2))])
    affine = np.linalg.solve(a.T @ a + doubt, a.T @ b).T  # [2, 3]
    if np.linalg.det(affine[:, :2]) <= 0:
        raise UsageError("Left and right are exchanged: they mean the shown person's own left and right.")
    u, sizes, vt = np.linalg.svd(affine, full_matrices=False)
    rows, scale = u @ vt, float(sizes.mean())
    rotation = np.vstack([rows, np.cross(rows[0], rows[1])])
    placed = scale * (head - centre) @ rotation.T
    placed[:, :2] += middle
    return np.asarray(placed, np.float64)


def _flipped(mesh: NDArray[np.float64], placed: NDArray[np.float64]) -> float:
    """Share of the triangles that face the camera on the mean head and not on the bent one."""

    def areas(points: NDArray[np.float64]) -> NDArray[np.float64]:
        a, b, c = (points[MESH_TRIANGLES[:, corner], :2] for corner in range(3))
        first, second = b - a, c - a
        return np.asarray(first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0])

    before, after = areas(placed), areas(mesh)
    return float(np.mean(np.sign(before) != np.sign(after)))
