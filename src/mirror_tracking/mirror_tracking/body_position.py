"""Where a body stands: its points in metres in the camera's optical frame."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mirror_core.bodies import Body
from mirror_core.geometry import CameraIntrinsics

__all__ = ["body_points_m"]

NEAREST_M = 0.1  # a body nearer than this is not believed


def body_points_m(body: Body, camera: CameraIntrinsics) -> NDArray[np.float64] | None:
    """The landmarks in metres in the camera's optical frame (x right, y down, z forward; REP-103).

    The model gives points (x, y, z) in metres around the hips. The shift (X, Y, Z) that lets them appear
    where the picture has them is linear in the pinhole equations, u (Z + z) = X + x with u in focal lengths
    from the principal point, and is solved by least squares, points weighted by their visibility. Lens
    distortion is left out.

    Args:
        body: with `world_landmarks`.
        camera: intrinsics for the picture's size.

    Returns:
        float64 [33, 3]; None where the body has no points in metres or is not in front of the camera.
    """
    if body.world_landmarks is None:
        return None
    world = body.world_landmarks.astype(np.float64)
    u = (body.landmarks[:, 0].astype(np.float64) - 0.5 - camera.cx) / camera.fx
    v = (body.landmarks[:, 1].astype(np.float64) - 0.5 - camera.cy) / camera.fy
    weight = body.visibility.astype(np.float64) + 1e-3
    zero, one = np.zeros_like(u), np.ones_like(u)
    rows = np.concatenate([np.stack([one, zero, -u], axis=1), np.stack([zero, one, -v], axis=1)])
    right = np.concatenate([u * world[:, 2] - world[:, 0], v * world[:, 2] - world[:, 1]])
    weights = np.concatenate([weight, weight])
    shift, *_ = np.linalg.lstsq(rows * weights[:, None], right * weights, rcond=None)
    return world + shift if shift[2] > NEAREST_M else None
