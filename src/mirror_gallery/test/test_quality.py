"""The measures of a face's picture: what they react to, and what they must not react to."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror_core.faces import Face
from mirror_gallery.quality import (
    Steadiness,
    eye_openness,
    face_height,
    face_patch,
    light_quality,
    mouth_openness,
    pose_quality,
    sharpness_quality,
    size_quality,
)
from mirror_gallery.testing import face_picture, posed_face

FACE = posed_face()


def sharpness(image: Any, face: Face = FACE) -> float:
    patch = face_patch(image, face.landmarks)
    assert patch is not None
    return sharpness_quality(patch)


def light(face: Face = FACE, **picture: Any) -> Any:
    patch = face_patch(face_picture([face], **picture), face.landmarks)
    assert patch is not None
    return light_quality(patch)


# ---- pose


@pytest.mark.parametrize(
    ("angles", "wanted", "quality"),
    [
        ((0, 0, 0), 0, 1.0),
        ((5, 10, 7), 0, 1.0),  # nobody looks more exactly, and no camera hangs exactly at eye level
        ((18, 0, 0), 0, 0.5),
        ((30, 0, 0), 0, 0.0),
        ((0, 12 + 30 / 0.8, 0), 0, 0.0),
        ((22, 0, 0), 22, 1.0),
        ((-22, 0, 0), 22, 0.0),
        ((float("nan"), 0, 0), 0, 0.0),
    ],
)
def test_pose_is_good_near_what_is_wanted(
    angles: tuple[float, float, float], wanted: float, quality: float
) -> None:
    assert pose_quality(*angles, wanted) == pytest.approx(quality, abs=1e-6)


@given(st.floats(-90, 90), st.floats(0, 1))
def test_pose_never_gets_better_by_turning_away(yaw: float, share: float) -> None:
    assert pose_quality(yaw, 0, 0) <= pose_quality(yaw * share, 0, 0)


# ---- light


def test_a_well_lit_face_is_good_in_every_respect() -> None:
    found = light()
    assert (found.bright, found.unburnt, found.contrast, found.even) == (1.0, 1.0, 1.0, 1.0)
    assert found.value == 1.0


@pytest.mark.parametrize(
    ("picture", "what"),
    [
        ({"brightness": 25.0}, "bright"),
        ({"brightness": 252.0}, "unburnt"),
        ({"brightness": 170.0, "right_brightness": 45.0}, "even"),
    ],
)
def test_bad_light_is_told_by_what_is_wrong_with_it(picture: dict[str, float], what: str) -> None:
    found = light(**picture)
    assert getattr(found, what) < 0.2
    assert found.value == getattr(found, what)


def test_fog_has_no_contrast() -> None:
    image = (200 + 0.05 * face_picture([FACE]).astype(np.float32)).astype(np.uint8)
    patch = face_patch(image, FACE.landmarks)
    assert patch is not None
    assert light_quality(patch).contrast == 0.0


def test_dark_skin_in_good_light_is_not_taken_for_little_light() -> None:
    found = light(brightness=70.0)  # its highlights are bright, though most of it is dark
    assert found.value == 1.0


# ---- sharpness


def test_sharpness_falls_with_blur() -> None:
    values = [sharpness(face_picture([FACE], blur_px=blur)) for blur in (0.0, 4.0, 6.0, 12.0)]
    assert values[0] == 1.0
    assert values == sorted(values, reverse=True)
    assert values[1] > 0.6
    assert values[2] < 0.5
    assert values[3] < 0.2


def test_sharpness_falls_with_motion_in_either_direction() -> None:
    image = face_picture([FACE])
    for size in ((29, 1), (1, 29)):
        assert 0.4 < sharpness(np.asarray(cv2.blur(image, size), np.uint8)) < 0.6


def test_sharpness_does_not_hang_on_size_or_light() -> None:
    blurred = face_picture([FACE], blur_px=5.0)
    expected = sharpness(blurred)
    assert 0.3 < expected < 0.9
    large = cv2.resize(blurred, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    assert sharpness(np.asarray(large, np.uint8), posed_face(centre=(640, 360), height=360)) == pytest.approx(
        expected, abs=0.12
    )
    dim = (blurred * 0.75).astype(np.uint8)
    assert sharpness(dim) == pytest.approx(expected, abs=0.1)


def test_a_face_outside_the_picture_has_no_patch() -> None:
    image = face_picture([])
    assert face_patch(image, posed_face(centre=(-300, 100)).landmarks) is None
    assert face_patch(image, posed_face(centre=(320, 180), height=5).landmarks) is None


# ---- size and expression


@pytest.mark.parametrize(
    ("height", "centre", "quality", "too_large"),
    [
        (60, (320, 180), 0.0, False),
        (110, (320, 180), 0.5, False),
        (180, (320, 160), 1.0, False),
        (300, (320, 140), 0.51, True),  # 83 % of the picture's height
        (180, (30, 180), 0.0, True),  # cut off at the left
    ],
)
def test_size_tells_small_from_large_and_cut_off(
    height: float, centre: tuple[float, float], quality: float, too_large: bool
) -> None:
    face = posed_face(centre=centre, height=height)
    assert size_quality(face.landmarks, (640, 360)) == (pytest.approx(quality, abs=0.05), too_large)


def test_a_nod_does_not_shorten_a_face() -> None:
    assert face_height(posed_face(0, 25, 0).landmarks) == pytest.approx(180.0, rel=0.01)


def test_closed_eyes_and_an_open_mouth_are_measured() -> None:
    landmarks = FACE.landmarks.copy()
    assert 0.2 < eye_openness(landmarks) < 0.5
    assert mouth_openness(landmarks) == pytest.approx(0.046, abs=0.01)  # the mean of many smiles
    for upper, lower in ((159, 145), (160, 144), (158, 153)):  # of the right eye alone: a wink
        landmarks[upper] = landmarks[lower]
    landmarks[14, 1] += 18
    assert eye_openness(landmarks) < 0.05
    assert mouth_openness(landmarks) == pytest.approx(0.15, abs=0.03)


# ---- motion


def steadiness(*faces: tuple[float, Face]) -> float:
    meter, value = Steadiness(), -1.0
    for time_s, face in faces:
        value = meter.update(time_s, face.landmarks)
    return value


def test_a_first_face_and_one_after_a_gap_count_as_moving() -> None:
    assert steadiness((1.0, FACE)) == 0.0
    assert steadiness((1.0, FACE), (1.1, FACE), (5.0, FACE)) == 0.0
    assert steadiness((1.0, FACE), (1.1, FACE), (0.5, FACE)) == 0.0


def test_a_still_face_is_steady_and_a_walking_or_turning_one_is_not() -> None:
    times = [i / 30 for i in range(12)]
    assert steadiness(*((t, FACE) for t in times)) == 1.0
    walking = ((t, posed_face(centre=(320 + 240 * t, 180))) for t in times)  # 1.33 face heights a second
    assert steadiness(*walking) == 0.0
    turning = ((t, posed_face(yaw=270 * t)) for t in times)  # on its place
    assert 0.3 < steadiness(*turning) < 0.6


def test_motion_long_ago_is_forgotten() -> None:
    jumped = [(0.0, posed_face(centre=(100, 180))), *((0.2 + i / 10, FACE) for i in range(8))]
    assert steadiness(*jumped) == 1.0
