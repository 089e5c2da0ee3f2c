"""A live face is cut out as the training pictures are, and normalised once and the same everywhere."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror_core.errors import ShapeError
from mirror_mood.face_input import LAYOUT, SIDE, STEADY_POINTS, face_picture, face_similarity, normalised


def landmarks(angle: float = 0.0, scale: float = 1.0, shift: tuple[float, float] = (0.0, 0.0)) -> np.ndarray:
    """478 points whose steady ones are LAYOUT, turned, scaled and moved."""
    turn = scale * np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    points = np.zeros((478, 3), np.float32)
    points[list(STEADY_POINTS), :2] = np.array(list(LAYOUT.values())) @ turn.T + shift
    return points


@given(
    st.floats(-math.pi, math.pi),
    st.floats(0.3, 20.0),
    st.tuples(st.floats(-500, 500), st.floats(-500, 500)),
)
def test_the_similarity_undoes_any_turn_scale_and_place(angle, scale, shift):
    points = landmarks(angle, scale, shift)[list(STEADY_POINTS), :2].astype(np.float64)
    found = face_similarity(landmarks(angle, scale, shift))
    assert np.allclose(points @ found[:, :2].T + found[:, 2], list(LAYOUT.values()), atol=0.02)


def test_points_that_coincide_give_a_finite_similarity():
    assert np.isfinite(face_similarity(np.zeros((468, 2), np.float32))).all()


def training_picture() -> np.ndarray:
    """A smooth grey picture [SIDE, SIDE] with a mark in each corner, so that flips and shifts show."""
    rng = np.random.default_rng(3)
    picture = cv2.resize(
        rng.uniform(40, 210, (8, 8)).astype(np.float32), (SIDE, SIDE), interpolation=cv2.INTER_CUBIC
    )
    return np.clip(picture, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("scale", [1, 2, 5, 9])
def test_an_enlarged_training_picture_is_cut_out_as_it_was(scale):
    picture = training_picture()
    large = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)
    found = face_picture(cv2.cvtColor(large, cv2.COLOR_GRAY2BGR), landmarks(scale=scale))
    assert found.shape == (SIDE, SIDE)
    assert found.dtype == np.uint8
    assert np.abs(found.astype(int) - picture).mean() < 1.5


def test_a_turned_face_becomes_upright():
    picture = training_picture()
    middle = (120.0, 90.0)
    to_image = cv2.getRotationMatrix2D((SIDE / 2 - 0.5, SIDE / 2 - 0.5), -30.0, 3.0)
    to_image[:, 2] += np.array(middle) - (SIDE / 2 - 0.5)
    image = cv2.warpAffine(picture, to_image, (240, 200), borderMode=cv2.BORDER_REPLICATE)
    points = landmarks()
    # from OpenCV's pixel middles to ours and back
    points[:, :2] = (points[:, :2] - 0.5) @ to_image[:, :2].T + to_image[:, 2] + 0.5
    found = face_picture(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR), points.astype(np.float32))
    assert np.abs(found.astype(int) - picture)[2:-2, 2:-2].mean() < 3.0


def test_fine_stripes_are_averaged_not_skipped():
    image = np.zeros((480, 480, 3), np.uint8)
    image[:, ::2] = 200
    found = face_picture(image, landmarks(scale=10.0))
    assert np.abs(found.astype(int) - 100).max() <= 8


def test_a_face_half_outside_the_image_repeats_the_border():
    image = np.full((60, 60, 3), 90, np.uint8)
    assert (face_picture(image, landmarks(scale=2.0, shift=(-60.0, 20.0))) == 90).all()


@given(st.floats(0.7, 1.5), st.floats(-30, 30))
def test_brightness_and_contrast_do_not_matter(contrast, brightness):
    picture = training_picture().astype(np.float32)[None] * 0.5 + 60
    other = picture * contrast + brightness
    assert np.allclose(normalised(picture), normalised(other), atol=2e-3)


def test_normalised_pictures_have_mean_zero_and_spread_one():
    result = normalised(np.stack([training_picture(), 255 - training_picture()]))
    assert result.shape == (2, SIDE, SIDE, 1)
    assert result.dtype == np.float32
    assert np.allclose(result.mean((1, 2, 3)), 0, atol=1e-5)
    assert np.allclose(result.std((1, 2, 3)), 1, atol=1e-4)


def test_noise_of_an_even_picture_is_not_blown_up():
    picture = np.full((1, SIDE, SIDE), 100, np.uint8)
    picture[0, ::2] = 101
    assert np.abs(normalised(picture)).max() < 0.1


def test_wrong_shapes_are_refused():
    with pytest.raises(ShapeError, match="height, width"):
        normalised(np.zeros((SIDE, SIDE), np.uint8))
    with pytest.raises(ShapeError, match="468 or more"):
        face_similarity(np.zeros((467, 2), np.float32))
    with pytest.raises(ShapeError):
        face_picture(np.zeros((10, 10), np.uint8), np.zeros((468, 2), np.float32))
