"""Placements: what was turned, scaled and moved is brought back, and angles have the promised signs."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror_core.errors import ShapeError
from mirror_tracking.head_pose import mean_face
from mirror_tracking.procrustes import Placement, place, place_all

HEAD = mean_face()[:468].astype(np.float64) @ np.array([[0, 0, -1], [1, 0, 0], [0, -1, 0]])  # mesh axes


def rotation(yaw: float, pitch: float, roll: float):
    """Roll after pitch after yaw; each positive to the person's left, up, to the person's left shoulder."""
    c, s = np.cos, np.sin
    aside = np.array([[c(yaw), 0, -s(yaw)], [0, 1, 0], [s(yaw), 0, c(yaw)]])
    up = np.array([[1, 0, 0], [0, c(pitch), s(pitch)], [0, -s(pitch), c(pitch)]])
    lean = np.array([[c(roll), -s(roll), 0], [s(roll), c(roll), 0], [0, 0, 1]])
    return lean @ aside @ up


@given(
    st.floats(-1.2, 1.2),
    st.floats(-1.2, 1.2),
    st.floats(-3, 3),
    st.floats(0.1, 1000),
    st.tuples(*[st.floats(-500, 500)] * 3),
)
def test_a_placement_is_found_again(yaw, pitch, roll, scale, shift):
    truth = Placement(rotation(yaw, pitch, roll), scale, np.array(shift))
    points = HEAD @ (truth.rotation.T * scale) + shift
    found = place(HEAD, points)
    assert np.allclose(found.rotation, truth.rotation, atol=1e-6)
    assert found.scale == pytest.approx(scale)
    assert np.allclose(found.translation, shift, atol=1e-4 * scale + 1e-6)
    assert np.allclose(found.to_model(points), HEAD, atol=1e-6)
    assert np.allclose(found.to_image(HEAD), points, atol=1e-3 + 1e-5 * scale)


def test_points_without_weight_do_not_matter():
    points = HEAD * 100
    points[:50] += 30
    weights = np.ones(468)
    weights[:50] = 0
    assert place(HEAD, points, weights).scale == pytest.approx(100)
    assert np.allclose(place(HEAD, points, weights).rotation, np.eye(3), atol=1e-9)
    assert not np.allclose(place(HEAD, points).rotation, np.eye(3), atol=1e-3)


def test_a_mirror_image_is_turned_and_never_reflected():
    found = place(HEAD, HEAD * (1, 1, -1))
    assert np.linalg.det(found.rotation) == pytest.approx(1)


def test_angles_are_positive_to_the_left_up_and_to_the_left_shoulder():
    left = Placement(rotation(0.3, 0, 0), 1.0, np.zeros(3))
    assert left.yaw == pytest.approx(0.3)
    # A head that turns to its own left shows its nose farther right in the picture.
    assert left.to_image(HEAD)[1, 0] > HEAD[1, 0] + 0.01
    up = Placement(rotation(0, 0.3, 0), 1.0, np.zeros(3))
    assert up.pitch == pytest.approx(0.3)
    assert up.to_image(HEAD)[1, 1] < HEAD[1, 1] - 0.01
    lean = Placement(rotation(0, 0, 0.3), 1.0, np.zeros(3))
    assert lean.roll == pytest.approx(0.3)
    assert lean.to_image(HEAD)[10, 0] > HEAD[10, 0] + 0.01  # the forehead goes to the picture's right


def test_many_sets_are_placed_like_each_alone():
    sets = np.stack([HEAD * 3 + 5, HEAD @ rotation(0.2, -0.1, 0.4).T])
    rotations, scales, translations = place_all(HEAD, sets)
    for number, points in enumerate(sets):
        alone = place(HEAD, points)
        assert np.allclose(rotations[number], alone.rotation)
        assert scales[number] == pytest.approx(alone.scale)
        assert np.allclose(translations[number], alone.translation)


def test_points_that_are_all_in_one_place_have_a_finite_placement():
    found = place(HEAD, np.full((468, 3), 7.0))
    assert np.isfinite(found.rotation).all()
    assert found.scale > 0
    assert np.isfinite(found.to_model(np.full((468, 3), 7.0))).all()


@pytest.mark.parametrize(
    ("shape", "points"),
    [(HEAD, HEAD[:100]), (HEAD[:, :2], HEAD[:, :2]), (HEAD[:2], HEAD[:2])],
)
def test_other_layouts_are_refused(shape, points):
    with pytest.raises(ShapeError, match="as many points"):
        place(shape, points)


def test_points_that_are_not_finite_are_refused():
    points = HEAD.copy()
    points[3, 1] = math.nan
    with pytest.raises(ShapeError, match="finite numbers"):
        place(HEAD, points)
