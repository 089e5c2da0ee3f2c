"""The page's picture: its size, its mirroring, its placeholder."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror_core.frame import Frame
from mirror_web.encoding import encode_frame, fitted_size, placeholder_jpeg
from mirror_web.parameters import WebParameters


def decoded(jpeg: bytes) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)


def left_bright(width: int = 1280, height: int = 720) -> np.ndarray:
    image = np.zeros((height, width, 3), np.uint8)
    image[:, : width // 2] = 255
    return image


@given(st.integers(1, 4000), st.integers(1, 4000), st.integers(16, 2000), st.integers(16, 2000))
def test_a_picture_fits_its_box_undistorted_and_is_never_enlarged(width, height, box_width, box_height):
    small_width, small_height = fitted_size(width, height, box_width, box_height)
    assert 1 <= small_width <= min(width, box_width)
    assert 1 <= small_height <= min(height, box_height)
    scale = min(box_width / width, box_height / height, 1.0)
    assert abs(small_width - width * scale) <= 1 and abs(small_height - height * scale) <= 1


@pytest.mark.parametrize(
    ("size", "expected"),
    [((1280, 720), (360, 640, 3)), ((640, 480), (360, 480, 3)), ((320, 180), (180, 320, 3))],
)
def test_the_picture_is_shrunk_to_the_streams_size(size, expected):
    frame = Frame(left_bright(*size), 0)
    assert decoded(encode_frame(frame, WebParameters())).shape == expected


def test_the_picture_is_mirrored_where_wanted():
    frame = Frame(left_bright(), 0)
    mirrored = decoded(encode_frame(frame, WebParameters(mirrored=True)))
    plain = decoded(encode_frame(frame, WebParameters(mirrored=False)))
    assert mirrored[:, :300].max() < 30 and mirrored[:, 340:].min() > 225
    assert plain[:, :300].min() > 225 and plain[:, 340:].max() < 30


def test_a_sentence_from_the_camera_is_not_mirrored():
    frame = Frame(left_bright(), 0, is_placeholder=True)
    assert decoded(encode_frame(frame, WebParameters(mirrored=True)))[:, :300].min() > 225


def test_the_placeholder_has_the_streams_size_and_a_sentence_within_it():
    image = decoded(placeholder_jpeg("No picture at the moment.", WebParameters()))
    assert image.shape == (360, 640, 3)
    columns = np.nonzero((image.max(axis=2) > 90).any(axis=0))[0]
    assert columns.min() > 60 and columns.max() < 580 and len(columns) > 100
