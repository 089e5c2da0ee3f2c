"""Posed heads: turned as they were asked to be, with the signs of `FaceView`."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror_core.faces import HeadPose
from mirror_core.geometry import CameraIntrinsics, quaternion_from_matrix
from mirror_gallery.testing import posed_face, rotation
from mirror_tracking.head_angles import head_angles
from mirror_tracking.head_pose import solve_head_pose


@given(st.floats(-80, 80), st.floats(-60, 60), st.floats(-90, 90))
def test_angles_are_those_that_a_head_was_turned_by(yaw: float, pitch: float, roll: float) -> None:
    pose = posed_face(yaw, pitch, roll).head_pose
    assert pose is not None
    assert head_angles(pose) == pytest.approx((yaw, pitch, roll), abs=1e-6)


@pytest.mark.parametrize(
    ("angles", "point", "goes"),
    [
        ((20, 0, 0), 1, (1, 0)),  # to the person's left: the nose moves to the picture's right
        ((0, 20, 0), 1, (0, -1)),  # up: the nose rises
        ((0, 0, 20), 10, (1, 0)),  # leaning to the left shoulder: the forehead moves to the picture's right
    ],
)
def test_the_signs_are_those_that_a_person_sees(
    angles: tuple[float, float, float], point: int, goes: tuple[int, int]
) -> None:
    moved = posed_face(*angles).landmarks[point, :2] - posed_face().landmarks[point, :2]
    along = np.array(goes, float)
    assert moved @ along > 10
    assert abs(moved @ along[::-1]) < 0.5 * (moved @ along)


def test_somebody_at_the_side_who_looks_into_the_camera_is_seen_from_the_front() -> None:
    aside = np.array([0.4, -0.1, 0.8])
    away = aside / np.linalg.norm(aside)
    right = np.cross([0, 1, 0], away)
    right /= np.linalg.norm(right)
    towards_camera = np.stack([-away, right, -np.cross(away, right)], axis=1)
    pose = HeadPose(quaternion_from_matrix(towards_camera), (0.4, -0.1, 0.8))
    assert head_angles(pose) == pytest.approx((0.0, 0.0, 0.0), abs=1e-6)


@pytest.mark.parametrize("angles", [(0.0, 0.0, 0.0), (25.0, 5.0, -10.0), (-30.0, -10.0, 15.0)])
def test_a_solved_pose_gives_the_same_angles(angles: tuple[float, float, float]) -> None:
    camera = CameraIntrinsics.from_field_of_view(640, 360, 12.0)  # far away: hardly any perspective
    pose = solve_head_pose(posed_face(*angles, centre=(320, 180), height=120).landmarks, camera)
    assert pose is not None
    assert head_angles(pose) == pytest.approx(angles, abs=2.0)


def test_the_axes_of_a_head_are_a_rotation() -> None:
    axes = rotation(30, -20, 50)
    assert axes.T @ axes == pytest.approx(np.eye(3), abs=1e-9)
    assert np.linalg.det(axes) == pytest.approx(1.0)
