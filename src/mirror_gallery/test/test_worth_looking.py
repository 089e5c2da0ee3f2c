"""Which faces are good enough to be judged: turned to the mirror, large, lit, sharp and bare."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mirror_core.faces import Face
from mirror_gallery.recognition_loop import is_worth_looking
from mirror_gallery.testing import face_picture, posed_face

GOOD = posed_face()


@pytest.mark.parametrize("angles", [(0, 0, 0), (25, 0, 0), (-25, 10, 0), (0, 0, 30)])
def test_a_good_face_is_worth_a_look_also_somewhat_turned(angles: tuple[float, float, float]) -> None:
    face = posed_face(*angles)
    assert is_worth_looking(face_picture([face]), face)


@pytest.mark.parametrize(
    ("face", "picture"),
    [
        (posed_face(yaw=45.0), {}),
        (posed_face(yaw=-45.0), {}),
        (posed_face(pitch=40.0), {}),
        (replace(GOOD, head_pose=None), {}),
        (replace(GOOD, mask_probability=0.9), {}),
        (posed_face(height=70.0), {}),
        (posed_face(height=350.0), {}),
        (GOOD, {"brightness": 30.0}),
        (GOOD, {"brightness": 180.0, "right_brightness": 30.0}),
        (GOOD, {"blur_px": 8.0}),
    ],
    ids=["left", "right", "up", "no pose", "masked", "small", "cut off", "dark", "half dark", "blurred"],
)
def test_a_bad_one_is_not(face: Face, picture: dict[str, Any]) -> None:
    assert not is_worth_looking(face_picture([face], **picture), face)
