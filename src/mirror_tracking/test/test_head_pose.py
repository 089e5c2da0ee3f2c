"""Head pose: known poses come back, and signs mean what the head frame's definition says."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from mirror_core.errors import ShapeError
from mirror_core.geometry import CameraIntrinsics, matrix_from_quaternion
from mirror_tracking.head_pose import mean_face, solve_head_pose

CAMERA = CameraIntrinsics.from_field_of_view(1280, 720, 60)
# A head that looks straight into the camera: forward is −z, its left is +x (the picture's right), up is −y.
FACING = np.array([[0.0, 1, 0], [0, 0, -1], [-1, 0, 0]])


def turned(yaw=0.0, pitch=0.0, roll=0.0):
    """Head to optical frame; degrees: yaw to the person's left, pitch up, roll to the person's right."""
    head = Rotation.from_euler("ZYX", [yaw, -pitch, roll], degrees=True).as_matrix()
    return FACING @ head


def seen(rotation, position, camera=CAMERA):
    points = camera.project(mean_face() @ rotation.T + position)
    return np.hstack([points + 0.5, np.zeros((478, 1))])


def angle_between(a, b):
    return math.degrees(Rotation.from_matrix(a @ b.T).magnitude())


@settings(deadline=None, max_examples=60)
@given(
    st.floats(-55, 55),
    st.floats(-35, 35),
    st.floats(-60, 60),
    st.tuples(st.floats(-0.3, 0.3), st.floats(-0.15, 0.15), st.floats(0.4, 2.5)),
)
def test_a_known_pose_comes_back(yaw, pitch, roll, place):
    x, y, z = place
    rotation, position = turned(yaw, pitch, roll), np.array([x, y, 1.0]) * (z, z, z)
    pose = solve_head_pose(seen(rotation, position), CAMERA)
    if rotation[:, 0] @ position >= 0:
        assert pose is None  # the face is turned away from this camera
        return
    assert pose is not None
    assert angle_between(matrix_from_quaternion(pose.quaternion), rotation) < 0.3
    assert np.allclose(pose.position_m, position, atol=0.005 * z)


def test_half_a_pixel_of_noise_turns_the_head_by_less_than_two_degrees():
    rng = np.random.default_rng(0)
    rotation, position = turned(15, -5, 8), np.array([0.1, 0.0, 0.7])
    errors = []
    for _ in range(50):
        points = seen(rotation, position) + rng.normal(0, 0.5, (478, 3))
        pose = solve_head_pose(points, CAMERA)
        errors.append(angle_between(matrix_from_quaternion(pose.quaternion), rotation))
    assert max(errors) < 2.0
    assert np.median(errors) < 1.0


def test_a_face_in_the_middle_looks_back_at_the_camera():
    pose = solve_head_pose(seen(FACING, np.array([0.0, 0.0, 1.0])), CAMERA)
    matrix = matrix_from_quaternion(pose.quaternion)
    assert np.allclose(matrix[:, 0], [0, 0, -1], atol=1e-3)  # out of the face, towards the camera
    assert np.allclose(matrix[:, 1], [1, 0, 0], atol=1e-3)  # the person's left is the picture's right
    assert np.allclose(matrix[:, 2], [0, -1, 0], atol=1e-3)  # up
    assert pose.position_m[2] == pytest.approx(1.0, abs=0.01)


def test_turning_to_the_persons_left_points_the_nose_to_the_pictures_right():
    pose = solve_head_pose(seen(turned(yaw=25), np.array([0.0, 0.0, 1.0])), CAMERA)
    assert matrix_from_quaternion(pose.quaternion)[0, 0] == pytest.approx(
        math.sin(math.radians(25)), abs=0.01
    )


def test_looking_up_points_the_nose_up():
    pose = solve_head_pose(seen(turned(pitch=20), np.array([0.0, 0.0, 1.0])), CAMERA)
    assert matrix_from_quaternion(pose.quaternion)[1, 0] == pytest.approx(
        -math.sin(math.radians(20)), abs=0.01
    )


def test_lens_distortion_is_taken_into_account():
    import cv2

    bent = CameraIntrinsics(1280, 720, 900.0, 900.0, 639.5, 359.5, (-0.25, 0.08, 0.001, -0.001, 0.0))
    rotation, position = turned(10, 5, 0), np.array([0.25, 0.1, 0.8])
    pixels, _ = cv2.projectPoints(
        mean_face().astype(float),
        cv2.Rodrigues(rotation)[0],
        position,
        bent.matrix,
        np.array(bent.distortion),
    )
    pose = solve_head_pose(np.hstack([pixels[:, 0] + 0.5, np.zeros((478, 1))]), bent)
    assert angle_between(matrix_from_quaternion(pose.quaternion), rotation) < 0.3
    assert np.allclose(pose.position_m, position, atol=0.005)


def test_points_that_form_no_head_have_no_pose():
    rng = np.random.default_rng(1)
    assert solve_head_pose(rng.uniform(0, 700, (478, 3)), CAMERA) is None
    assert solve_head_pose(np.full((478, 3), 5.0), CAMERA) is None
    assert solve_head_pose(np.full((478, 3), np.nan), CAMERA) is None
    line = np.linspace(0, 500, 478)
    assert solve_head_pose(np.stack([line, line, line], axis=1), CAMERA) is None


def test_landmarks_of_another_shape_are_refused():
    with pytest.raises(ShapeError, match="478"):
        solve_head_pose(np.zeros((468, 3)), CAMERA)


def test_the_mean_head_is_of_human_size_and_symmetric():
    head = mean_face()
    assert head[473, 1] - head[468, 1] == pytest.approx(0.063, abs=1e-4)
    assert 0.08 < np.linalg.norm(head[33] - head[263]) < 0.10
    assert 0.14 < head[10, 2] - head[152, 2] < 0.19
    mirrored = head * (1, -1, 1)
    nearest = np.linalg.norm(head[:, None] - mirrored[None], axis=2).min(axis=1)
    assert nearest.max() < 1e-3
