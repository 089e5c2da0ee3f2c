"""What the tests of this package share: the mean face, changed by hand and turned to any side."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from mirror_core.faces import Face, HeadPose, Roi
from mirror_core.geometry import quaternion_from_matrix
from mirror_tracking.procrustes import Placement
from mirror_tracking.shape_model import DISTORTIONS, POINTS, pose_terms, shared_shape_model

FACING = np.array([[0.0, 1, 0], [0, 0, -1], [-1, 0, 0]])
EYES = (33, 263)

Change = Callable[[np.ndarray, float], None]
MakeFace = Callable[..., Face]


def rotation(yaw: float, pitch: float, roll: float) -> np.ndarray:
    """How a head is turned in the picture (x right, y down, z away); radians, signs as in head_angles."""
    cy, sy, cp, sp, cr, sr = (f(a) for a in (yaw, pitch, roll) for f in (np.cos, np.sin))
    head = (
        np.array([[cy, -sy, 0], [sy, cy, 0], [0, 0, 1]])
        @ np.array([[cp, 0, -sp], [0, 1, 0], [sp, 0, cp]])
        @ np.array([[1, 0, 0], [0, cr, sr], [0, -sr, cr]])
    )
    return FACING @ head


@pytest.fixture(scope="session")
def make_face() -> MakeFace:
    """make_face(change, yaw=, pitch=, roll=, …): `change(points, e)` edits the upright mean face in place.

    `points` [478, 3] has x to the picture's right, y down, z away; e is the distance of the eyes' outer
    corners.
    """

    def make(
        change: Change | None = None,
        *,
        yaw: float = 0.0,
        pitch: float = 0.0,
        roll: float = 0.0,
        scale: float = 90.0,
        track_id: int = 1,
        posed: bool = True,
        place: tuple[float, float, float] = (0.0, 0.0, 0.7),
    ) -> Face:
        model = shared_shape_model()
        points = model.mean.astype(np.float64)
        points = np.concatenate(
            [points, np.repeat(points[[159, 386]], 5, axis=0)]
        )  # irises, which nobody asks
        if change is not None:
            change(points, float(np.linalg.norm(points[EYES[0]] - points[EYES[1]])))
        turn = rotation(yaw, pitch, roll)
        placement = Placement(turn @ FACING.T, scale, np.array([320.0, 240.0, 0.0]))
        seen = points.copy()  # the mesh distorts what is turned
        distortion = model.pose_distortion.reshape(DISTORTIONS, -1).astype(np.float64)
        seen[:POINTS] += (pose_terms(placement) @ distortion).reshape(POINTS, 3)
        landmarks = placement.to_image(seen)
        pose = HeadPose(quaternion_from_matrix(turn), place) if posed else None
        return Face(track_id, 0.9, Roi.around(landmarks), landmarks, pose)

    return make
