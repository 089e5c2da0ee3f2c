"""The square of the unmasking network: where faces lie in it, and what comes back to the picture."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirror_core.errors import ModelError, ShapeError
from mirror_tracking.head_pose import mean_face
from mirror_tracking.unmask_input import (
    ALPHA_LOW,
    LAYOUT,
    SIDE,
    aligned_face,
    composed,
    face_similarity,
    in_square,
    network_input,
    paste_back,
    split_output,
)
from mirror_tracking.unmask_model import UnmaskModel


def face(eyes_px: float = 90.0, turn: float = 0.0, middle: tuple[float, float] = (160.0, 150.0)):
    """Landmarks of the mean face in a picture, float32 [478, 2]."""
    head = mean_face().astype(np.float64)
    plane = np.column_stack([head[:, 1], -head[:, 2]])
    plane = (plane - plane.mean(axis=0)) * eyes_px / abs(plane[33, 0] - plane[263, 0])
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return (plane @ rotation.T + middle).astype(np.float32)


def spot(image: np.ndarray) -> np.ndarray:
    """The middle of what is bright, in continuous pixels."""
    weight = np.maximum(image[..., 0].astype(float) - 60, 0)
    rows, columns = np.mgrid[: image.shape[0], : image.shape[1]] + 0.5
    return np.array([(weight * columns).sum(), (weight * rows).sum()]) / weight.sum()


@settings(max_examples=40, deadline=None)
@given(
    st.floats(30, 400),
    st.floats(-1.2, 1.2),
    st.floats(-50, 900),
    st.floats(-50, 700),
    st.sampled_from([96, 192]),
)
def test_steady_points_lie_at_the_layout_however_the_face_is_placed(eyes_px, turn, x, y, side):
    landmarks = face(eyes_px, turn, (x, y))
    square = in_square(landmarks, face_similarity(landmarks, side))
    apart = [np.linalg.norm(square[point] - np.array(place) * side) for point, place in LAYOUT.items()]
    assert max(apart) < 0.05 * side
    assert abs(square[33, 1] - square[263, 1]) < 0.01 * side
    chin, forehead = square[152], square[10]
    assert 0.8 * side < chin[1] < side
    assert 0 < forehead[1] < 0.2 * side


@pytest.mark.parametrize("eyes_px", [40, 90, 300, 700])
@pytest.mark.parametrize("turn", [0.0, 0.3])
def test_a_spot_is_where_the_similarity_says_and_comes_back_to_its_place(eyes_px, turn):
    size = int(eyes_px * 4)
    landmarks = face(eyes_px, turn, (size / 2 + 3.3, size / 2 - 2.1))
    similarity = face_similarity(landmarks)
    place = landmarks[1].astype(float)  # the tip of the nose
    image = np.full((size, size, 3), 50, np.uint8)
    rows, columns = np.mgrid[:size, :size] + 0.5
    near = np.exp(-(((columns - place[0]) ** 2 + (rows - place[1]) ** 2) / (2 * (eyes_px / 14) ** 2)))
    image[:] = np.clip(50 + 200 * near, 0, 255).astype(np.uint8)[..., None]
    square = aligned_face(image, similarity)
    expected = in_square(landmarks[1:2], similarity)[0]
    assert np.linalg.norm(spot(square) - expected) < 0.5
    colour = network_input(square)[0]
    back = paste_back(np.full_like(image, 50), similarity, colour, np.ones((SIDE, SIDE), np.float32))
    scale = np.hypot(similarity[0, 0], similarity[0, 1])
    assert np.linalg.norm(spot(back) - place) * min(1.0, scale) < 0.5


def test_beside_the_mask_pictures_stay_as_they_are_byte_by_byte():
    rng = np.random.default_rng(3)
    image = rng.integers(0, 256, (300, 320, 3), np.uint8)
    similarity = face_similarity(face())
    square = aligned_face(image, similarity)
    colour = rng.random((SIDE, SIDE, 3), np.float32)
    alpha = rng.random((SIDE, SIDE), np.float32) * np.float32(ALPHA_LOW)
    assert np.array_equal(composed(square, colour, alpha), square)
    assert np.array_equal(paste_back(image, similarity, colour, alpha), image)
    alpha[80:150, 60:130] = 1.0
    laid_in = composed(square, colour, alpha)
    inside = np.zeros((SIDE, SIDE), bool)
    inside[80:150, 60:130] = True
    assert np.array_equal(laid_in[~inside], square[~inside])
    assert np.array_equal(laid_in[inside], np.rint(colour[inside] * 255).astype(np.uint8))
    back = paste_back(image, similarity, colour, alpha)
    touched = cv2.warpAffine(
        inside.astype(np.float32), similarity, (320, 300), flags=cv2.WARP_INVERSE_MAP | cv2.INTER_LINEAR
    )
    near = cv2.dilate((touched > 0).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    assert np.array_equal(back[~near], image[~near])
    assert (back != image).any()


def test_a_face_outside_the_picture_changes_nothing():
    image = np.full((100, 100, 3), 90, np.uint8)
    similarity = face_similarity(face(middle=(5000.0, 5000.0)))
    everywhere = np.ones((SIDE, SIDE), np.float32)
    result = paste_back(image, similarity, np.zeros((SIDE, SIDE, 3), np.float32), everywhere)
    assert np.array_equal(result, image)
    assert aligned_face(image, similarity).shape == (SIDE, SIDE, 3)


def test_other_shapes_are_refused(tmp_path):
    with pytest.raises(ShapeError, match="468"):
        face_similarity(np.zeros((10, 2), np.float32))
    with pytest.raises(ShapeError, match="finite"):
        face_similarity(np.full((468, 2), np.nan, np.float32))
    with pytest.raises(ShapeError, match="side, side, 4"):
        split_output(np.zeros((5, 5, 3), np.float32))
    with pytest.raises(ModelError, match="missing"):
        UnmaskModel(tmp_path / "unmask.tflite")
    assert face_similarity(np.zeros((468, 2), np.float32)).shape == (2, 3)
