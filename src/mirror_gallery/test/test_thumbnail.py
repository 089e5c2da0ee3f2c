"""Thumbnails: the face, cut out and centred, whatever the picture is like."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mirror_gallery.portrait import FaceView
from mirror_gallery.thumbnail import FACE_PX, GROUND, SIDE_PX, thumbnail, thumbnail_jpeg


def view(width: int, height: int, box: tuple[int, int, int, int]) -> FaceView:
    """A green face in a box (left, top, width, height) of a red picture."""
    image = np.full((height, width, 3), (0, 0, 255), np.uint8)
    opacity = np.zeros((height, width), np.uint8)
    left, top, across, down = box
    image[top : top + down, left : left + across] = (0, 200, 0)
    opacity[top : top + down, left : left + across] = 255
    return FaceView(image, opacity, np.zeros((468, 3), np.float32))


@pytest.mark.parametrize(
    ("size", "box"),
    [
        ((400, 300), (100, 20, 90, 120)),  # upright
        ((400, 300), (300, 200, 100, 50)),  # wide, in the corner
        ((40, 40), (10, 10, 9, 12)),  # enlarged
        ((3000, 2000), (5, 5, 1000, 1900)),
        ((300, 300), (0, 0, 1, 300)),  # as thin as can be
    ],
)
def test_the_face_fills_the_middle_and_nothing_else_is_seen(
    size: tuple[int, int], box: tuple[int, int, int, int]
) -> None:
    picture = thumbnail(view(*size, box))
    assert picture.shape == (SIDE_PX, SIDE_PX, 3)
    is_face = np.abs(picture.astype(int) - (0, 200, 0)).max(axis=2) <= 1
    is_ground = (picture == GROUND).all(axis=2)
    assert (is_face | is_ground).all()  # no red of the background
    left, top, width, height = cv2.boundingRect(is_face.astype(np.uint8))
    assert max(width, height) == FACE_PX
    assert min(width, height) == max(round(FACE_PX * min(box[2:]) / max(box[2:])), 1)
    assert abs(left + width / 2 - SIDE_PX / 2) <= 0.5
    assert abs(top + height / 2 - SIDE_PX / 2) <= 0.5


def test_a_view_without_a_face_gives_an_empty_picture() -> None:
    image = np.full((30, 30, 3), 255, np.uint8)
    nothing = FaceView(image, np.zeros((30, 30), np.uint8), np.zeros((468, 3), np.float32))
    assert (thumbnail(nothing) == GROUND).all()


def test_the_file_is_a_small_jpeg_of_the_same() -> None:
    face = view(400, 300, (100, 20, 90, 120))
    data = thumbnail_jpeg(face)
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert data.startswith(b"\xff\xd8")
    assert len(data) < 10_000
    assert np.abs(decoded.astype(int) - thumbnail(face)).mean() < 3
