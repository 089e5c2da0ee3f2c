"""How a head is turned as the camera sees it, with the signs of stored views."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from mirror_core.faces import HeadPose
from mirror_effects.face_turn import FRONTAL, turn_of_face, turn_of_landmarks, turn_of_view
from mirror_effects.testing import wearer
from mirror_gallery.portrait import FaceView


def view(landmarks: np.ndarray, **angles: float) -> FaceView:
    return FaceView(np.zeros((8, 8, 3), np.uint8), np.zeros((8, 8), np.uint8), landmarks, **angles)


@pytest.mark.parametrize("degrees", [-35.0, 0.0, 20.0])
def test_landmarks_tell_the_turn_to_the_persons_left(degrees: float) -> None:
    turn = turn_of_landmarks(wearer(yaw=math.radians(degrees)).landmarks)
    assert turn.yaw == pytest.approx(degrees, abs=0.5)
    assert turn.pitch == pytest.approx(0.0, abs=0.5)


def test_a_head_pose_counts_before_the_landmarks() -> None:
    half = math.radians(15.0)
    # Forward is −z, left is x, up is −y, then 30° about the vertical axis.
    facing = np.array([[0, 1, 0], [0, 0, -1], [-1, 0, 0]], float)
    turned = np.array(
        [[math.cos(2 * half), 0, -math.sin(2 * half)], [0, 1, 0], [math.sin(2 * half), 0, math.cos(2 * half)]]
    )
    from mirror_core.geometry import quaternion_from_matrix

    pose = HeadPose(quaternion_from_matrix(turned @ facing), (0.0, 0.0, 1.0))
    face = replace(wearer(), head_pose=pose)
    assert turn_of_face(face).yaw == pytest.approx(30.0, abs=0.1)
    assert turn_of_face(wearer()).yaw == pytest.approx(0.0, abs=0.5)


def test_a_view_says_its_turn_or_its_landmarks_do() -> None:
    landmarks = wearer(yaw=0.4).landmarks
    assert turn_of_view(view(landmarks.copy(), yaw=-12.0, pitch=3.0)).yaw == -12.0
    assert turn_of_view(view(landmarks.copy())).yaw == pytest.approx(math.degrees(0.4), abs=0.5)


def test_landmarks_without_depth_are_taken_for_frontal() -> None:
    flat = wearer(yaw=0.4).landmarks.copy()
    flat[:, 2] = 0
    assert turn_of_landmarks(flat) == FRONTAL
