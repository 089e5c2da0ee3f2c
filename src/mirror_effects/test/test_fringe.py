"""Hair on a forehead is found, brows and dark skin are not taken for it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mirror_core.faces import Face
from mirror_effects.fringe import fringe_share
from mirror_effects.testing import SKIN_COLOUR, filled, painted, room, wearer
from mirror_tracking.topology import FACE_OVAL

HAIR = (25, 30, 40)


def with_fringe(face: Face, depth: float, skin: tuple[int, int, int] = SKIN_COLOUR) -> np.ndarray:
    """A face whose hair reaches so far down its forehead, as a share of the face's height."""
    image = painted(room(), [face], skin=skin)
    image[: int(face.landmarks[10, 1] + depth * face.roi.height)] = HAIR
    return image


@pytest.mark.parametrize("skin", [(45, 62, 92), SKIN_COLOUR, (175, 195, 228)])
def test_a_bare_forehead_has_no_fringe_whatever_the_skin(skin: tuple[int, int, int]) -> None:
    face = wearer(height=300.0)
    share = fringe_share(painted(room(level=60), [face], skin=skin), face.landmarks)
    if share is not None:
        inner = cv2.erode(filled(face, FACE_OVAL).astype(np.uint8), np.ones((25, 25))) > 0
        assert share[inner].max() < 30


def test_a_fringe_is_found_down_to_its_edge() -> None:
    face = wearer(height=300.0)
    share = fringe_share(with_fringe(face, 0.1), face.landmarks)
    assert share is not None
    x, y = face.landmarks[10, :2].astype(int)
    assert share[y + 15, x] > 240
    assert share[y + 45, x] < 20


def test_it_is_found_in_the_direction_of_the_head() -> None:
    face = wearer(height=300.0)
    image = with_fringe(face, 0.1)
    turned = cv2.rotate(image, cv2.ROTATE_90_CLOCKWISE)
    points = face.landmarks.copy()
    points[:, 0], points[:, 1] = image.shape[0] - face.landmarks[:, 1], face.landmarks[:, 0]
    share = fringe_share(turned, points)
    assert share is not None
    x, y = points[10, :2].astype(int)
    assert share[y, x - 15] > 240
    assert share[y, x - 45] < 20


def test_what_lies_below_the_brows_is_never_a_fringe() -> None:
    face = wearer(height=300.0)
    image = with_fringe(face, 0.1)
    nose = int(face.landmarks[1, 1])
    image[nose - 20 : nose] = HAIR  # dark spectacles, for instance
    share = fringe_share(image, face.landmarks)
    assert share is not None
    assert share[nose - 20 : nose].max() == 0


def test_a_dark_room_says_nothing() -> None:
    face = wearer()
    assert fringe_share(np.zeros((480, 640, 3), np.uint8), face.landmarks) is None
