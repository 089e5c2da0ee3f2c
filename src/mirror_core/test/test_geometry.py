"""Camera intrinsics and rotations keep the conventions that their docstrings state."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror_core.errors import ShapeError
from mirror_core.geometry import CameraIntrinsics, matrix_from_quaternion, quaternion_from_matrix

components = st.floats(-1.0, 1.0)
quaternions = st.tuples(components, components, components, components).filter(
    lambda q: np.linalg.norm(q) > 1e-3
)


@given(quaternions)
def test_a_quaternion_survives_the_way_through_a_matrix(q):
    unit = np.array(q) / np.linalg.norm(q)
    back = np.array(quaternion_from_matrix(matrix_from_quaternion(q)))
    assert back[3] >= 0
    assert min(np.abs(back - unit).max(), np.abs(back + unit).max()) < 1e-7


@given(quaternions)
def test_the_matrix_of_a_quaternion_is_a_rotation(q):
    m = matrix_from_quaternion(q)
    assert np.allclose(m @ m.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(m) == pytest.approx(1.0)


def test_a_quarter_turn_about_z_takes_x_to_y():
    half = math.sqrt(0.5)
    assert np.allclose(matrix_from_quaternion((0, 0, half, half)) @ [1, 0, 0], [0, 1, 0])
    assert quaternion_from_matrix(np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]])) == pytest.approx(
        (0, 0, half, half)
    )


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_half_turns_where_w_vanishes_are_exact(axis):
    diagonal = -np.ones(3)
    diagonal[axis] = 1
    q = quaternion_from_matrix(np.diag(diagonal))
    assert abs(q[axis]) == pytest.approx(1.0)


@pytest.mark.parametrize("matrix", [np.diag([1.0, 1, -1]), np.eye(3) * 2, np.zeros((3, 3)), np.eye(4)])
def test_what_is_no_rotation_is_refused(matrix):
    with pytest.raises(ShapeError, match="orthonormal"):
        quaternion_from_matrix(matrix)


def test_a_quaternion_without_length_is_refused():
    with pytest.raises(ShapeError, match="not all 0"):
        matrix_from_quaternion((0.0, 0.0, 0.0, 0.0))


@given(st.integers(1, 4000), st.integers(1, 4000), st.floats(1.0, 179.0))
def test_the_field_of_view_spans_the_picture_from_edge_to_edge(width, height, degrees):
    camera = CameraIntrinsics.from_field_of_view(width, height, degrees)
    left = (-0.5 - camera.cx) / camera.fx  # pixel 0 begins half a pixel before its centre
    right = (width - 0.5 - camera.cx) / camera.fx
    assert math.degrees(math.atan(right) - math.atan(left)) == pytest.approx(degrees)
    assert camera.fx == camera.fy


def test_a_point_on_the_axis_is_seen_in_the_middle_and_one_to_the_right_further_right():
    camera = CameraIntrinsics.from_field_of_view(1280, 720, 60)
    middle, right, below = camera.project(np.array([[0, 0, 2.0], [0.5, 0, 2.0], [0, 0.5, 2.0]]))
    assert middle == pytest.approx([639.5, 359.5])
    assert right[0] > middle[0] and right[1] == middle[1]
    assert below[1] > middle[1] and below[0] == middle[0]


@pytest.mark.parametrize(
    "change",
    [{"width": 0}, {"fx": 0.0}, {"fy": -1.0}, {"cx": math.nan}, {"distortion": (0.1,)}],
)
def test_an_impossible_camera_is_refused(change):
    values = {"width": 640, "height": 480, "fx": 500.0, "fy": 500.0, "cx": 320.0, "cy": 240.0, **change}
    with pytest.raises(ShapeError):
        CameraIntrinsics(**values)


@pytest.mark.parametrize("degrees", [0.0, 180.0, -10.0, math.nan])
def test_an_impossible_field_of_view_is_refused(degrees):
    with pytest.raises(ShapeError, match="field of view"):
        CameraIntrinsics.from_field_of_view(640, 480, degrees)
