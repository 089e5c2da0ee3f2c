"""Yaw, pitch and roll: the signs of a person's own left and up, seen from wherever the camera is."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from mirror_core.faces import HeadPose
from mirror_core.geometry import CameraIntrinsics, matrix_from_quaternion, quaternion_from_matrix
from mirror_tracking.head_angles import head_angles
from mirror_tracking.head_pose import mean_face, solve_head_pose

FACING = np.array([[0.0, 1, 0], [0, 0, -1], [-1, 0, 0]])
CAMERA = CameraIntrinsics.from_field_of_view(1280, 720, 60)
ANGLE = st.floats(-60, 60)


def pose(yaw=0.0, pitch=0.0, roll=0.0, place=(0.0, 0.0, 1.0)):
    """A head before the camera: yaw to its left, pitch up, roll to its left shoulder, in degrees."""
    turn = FACING @ Rotation.from_euler("ZYX", [yaw, -pitch, -roll], degrees=True).as_matrix()
    return HeadPose(quaternion_from_matrix(turn), place)


@settings(deadline=None)
@given(ANGLE, ANGLE, ANGLE, st.floats(0.3, 3.0))
def test_a_head_on_the_axis_has_the_angles_it_was_turned_by(yaw, pitch, roll, distance):
    angles = head_angles(pose(yaw, pitch, roll, (0.0, 0.0, distance)))
    assert (angles.yaw, angles.pitch, angles.roll) == pytest.approx((yaw, pitch, roll), abs=1e-6)


@settings(deadline=None)
@given(st.floats(-1.0, 1.0), st.floats(-0.7, 0.7))
def test_a_head_that_looks_into_the_camera_has_yaw_and_pitch_zero_wherever_it_is(x, y):
    aside, below = math.degrees(math.atan(x)), math.degrees(math.atan2(y, math.hypot(1.0, x)))
    angles = head_angles(pose(yaw=-aside, pitch=below, place=(x, y, 1.0)))
    assert (angles.yaw, angles.pitch, angles.roll) == pytest.approx((0.0, 0.0, 0.0), abs=1e-6)


def pixels_of(**turned):
    """Where the camera sees the mean head's landmarks."""
    head = pose(**turned)
    return CAMERA.project(mean_face() @ matrix_from_quaternion(head.quaternion).T + head.position_m)


def test_signs_are_those_of_what_a_camera_sees():
    nose, right_eye, left_eye = 1, 33, 263
    level = pixels_of()
    assert pixels_of(yaw=20)[nose, 0] > level[nose, 0] + 5  # to the picture's right, the person's left
    assert pixels_of(pitch=20)[nose, 1] < level[nose, 1] - 5  # up
    leaning = pixels_of(roll=20)
    assert leaning[left_eye, 1] > leaning[right_eye, 1] + 5  # the left eye is the lower one


@pytest.mark.parametrize("turned", [{"yaw": 20}, {"pitch": 20}, {"roll": 20}])
def test_a_solved_pose_has_the_same_angles(turned):
    solved = solve_head_pose(np.hstack([pixels_of(**turned) + 0.5, np.zeros((478, 1))]), CAMERA)
    angles = head_angles(solved)
    expected = tuple(turned.get(name, 0.0) for name in ("yaw", "pitch", "roll"))
    assert (angles.yaw, angles.pitch, angles.roll) == pytest.approx(expected, abs=0.2)
