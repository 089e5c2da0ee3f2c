"""REP-155: identifiers, regions, the order of the landmarks, expressions, frames, the docs' tables."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mirror_core.errors import ShapeError
from mirror_core.faces import HeadPose, Roi
from mirror_core.geometry import matrix_from_quaternion
from mirror_core.moods import Mood, MoodLabel
from mirror_effects.testing import wearer
from mirror_robot.rep155 import (
    EXPRESSIONS,
    LANDMARK_POINTS,
    Expression,
    NormalizedRegion,
    cropped_face,
    expression_of,
    face_frame,
    gaze_frame,
    gaze_pose,
    identifier,
    landmarks_of,
    region_of,
)
from mirror_tracking import topology
from mirror_tracking.symmetry import opposite_points

SIZE = (640, 480)
RIGHT_SIDE = [*range(8), *range(17, 22), 31, 32, *range(36, 42), 48, 49, 50, 58, 59, 60, 61, 67, 68]
# dlib's landmark on the other side; those of the middle line name themselves
OPPOSITE = {
    **{i: 16 - i for i in range(17)},
    **{i: 43 - i for i in range(17, 27)},
    **{i: i for i in range(27, 31)},
    **{i: 66 - i for i in range(31, 36)},
    **dict(zip((36, 37, 38, 39, 40, 41), (45, 44, 43, 42, 47, 46), strict=True)),
    **dict(zip((42, 43, 44, 45, 46, 47), (39, 38, 37, 36, 41, 40), strict=True)),
    **{i: 102 - i for i in range(48, 55)},
    **{i: 114 - i for i in range(55, 60)},
    **{i: 124 - i for i in range(60, 65)},
    **{i: 132 - i for i in range(65, 68)},
    68: 69,
    69: 68,
}
DOCS = Path(__file__).resolve().parents[3] / "docs" / "robot.md"


@pytest.fixture(scope="module")
def points():
    """The 70 landmarks of a face that looks into the camera, in pixels."""
    return landmarks_of(wearer(height=300.0), SIZE).points[:, :2] * np.array(SIZE)


def test_named_points_are_where_dlib_has_them():
    assert LANDMARK_POINTS[30] == topology.NOSE_TIP
    assert LANDMARK_POINTS[8] == 152  # the chin's lowest point
    assert (LANDMARK_POINTS[36], LANDMARK_POINTS[39]) == (topology.RIGHT_EYE_OUTER, topology.RIGHT_EYE_INNER)
    assert (LANDMARK_POINTS[42], LANDMARK_POINTS[45]) == (topology.LEFT_EYE_INNER, topology.LEFT_EYE_OUTER)
    assert (LANDMARK_POINTS[48], LANDMARK_POINTS[54]) == (topology.MOUTH_RIGHT, topology.MOUTH_LEFT)
    assert LANDMARK_POINTS[68:] == (topology.RIGHT_IRIS_CENTRE, topology.LEFT_IRIS_CENTRE)
    for numbers, loop in (
        (range(17), topology.FACE_OVAL),
        (range(17, 22), topology.RIGHT_BROW),
        (range(22, 27), topology.LEFT_BROW),
        (range(36, 42), topology.RIGHT_EYE),
        (range(42, 48), topology.LEFT_EYE),
        (range(48, 60), topology.OUTER_LIPS),
        (range(60, 68), topology.INNER_LIPS),
    ):
        assert {LANDMARK_POINTS[number] for number in numbers} <= set(loop.tolist())


def test_there_are_seventy_different_ones_and_each_has_its_counterpart():
    assert len(LANDMARK_POINTS) == len(set(LANDMARK_POINTS)) == 70
    opposite = opposite_points()
    for number, point in enumerate(LANDMARK_POINTS):
        assert opposite[point] == LANDMARK_POINTS[OPPOSITE[number]], number


def test_the_persons_right_is_on_the_pictures_left(points):
    middle = points[30, 0]
    assert (points[RIGHT_SIDE, 0] < middle).all()
    assert (points[[OPPOSITE[number] for number in RIGHT_SIDE], 0] > middle).all()


def test_each_part_runs_in_dlibs_direction(points):
    x, y = points.T
    assert (np.diff(x[:17]) > -1).all()  # the outline from ear to ear, upright at first
    assert np.argmax(y[:17]) == 8
    for first, last in ((17, 21), (22, 26), (31, 35), (36, 39), (42, 45), (48, 54), (60, 64)):
        assert (np.diff(x[first : last + 1]) > 0).all(), first
    assert (np.diff(y[27:31]) > 0).all()  # down the nose
    for upper, lower in (((37, 38), (41, 40)), ((43, 44), (47, 46))):
        assert (y[list(upper)] < y[list(lower)]).all()
        assert x[list(upper)] == pytest.approx(x[list(lower)], abs=5)
    assert (np.diff(x[55:60]) < 0).all()
    assert y[55:60].min() > y[48:55].max()  # the lower lip is below
    assert (np.diff(x[65:68]) < 0).all()
    steps = np.linalg.norm(np.diff(points[:17], axis=0), axis=1)
    assert steps.max() < 2.5 * steps.min()  # spread along the outline


def test_landmarks_are_shares_of_the_picture_with_a_confidence():
    face = wearer((320.0, 240.0), 240.0)
    found = landmarks_of(face, SIZE)
    assert (found.width, found.height) == SIZE
    assert found.points[30, :2] == pytest.approx(face.landmarks[1, :2] / np.array(SIZE), abs=1e-6)
    assert (found.points[:, 2] == np.float32(0.9)).all()


def test_what_lies_outside_of_the_picture_is_on_its_edge_without_confidence():
    found = landmarks_of(wearer((10.0, 240.0), 240.0), SIZE).points
    outside = found[:, 2] == 0
    assert outside[0]
    assert not outside[16]
    assert (found[outside, 0] == 0).all()
    region = region_of(wearer((10.0, 240.0), 240.0), SIZE)
    assert region.xmin == 0
    assert 0 < region.xmax < 0.3


def test_a_region_has_two_corners_and_the_faces_confidence():
    face = replace(wearer(), roi=Roi(64.0, 48.0, 320.0, 240.0))
    assert region_of(face, SIZE) == NormalizedRegion(0.1, 0.1, 0.6, 0.6, 0.9)
    with pytest.raises(ShapeError, match="ordered corners"):
        NormalizedRegion(0.5, 0.1, 0.4, 0.6, 0.9)


@pytest.mark.parametrize("label", MoodLabel)
def test_every_mood_has_its_word(label):
    probabilities = np.full(7, 0.05, np.float32)
    probabilities[label] = 0.7
    found = expression_of(Mood(1, probabilities, valence=-0.4, arousal=0.2))
    assert found == Expression(EXPRESSIONS[label], -0.4, 0.2, pytest.approx(0.7))
    assert expression_of(Mood(1, probabilities, unsure=True)) is None


def test_words_are_those_of_the_standard():
    assert set(EXPRESSIONS.values()) == {
        *("angry", "disgusted", "scared", "happy", "sad", "surprised", "neutral")
    }
    with pytest.raises(ShapeError, match="not 'glad'"):
        Expression("glad", 0.0, 0.0, 1.0)


def test_identifiers_may_stand_in_topics_and_frames():
    assert re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", identifier(12))
    assert (face_frame(identifier(12)), gaze_frame(identifier(12))) == ("face_f12", "gaze_f12")


def test_the_gaze_looks_out_of_the_face():
    pose = HeadPose((0.5, 0.5, -0.5, 0.5), (0.1, 0.2, 0.6))
    head, gaze = matrix_from_quaternion(pose.quaternion), matrix_from_quaternion(gaze_pose(pose).quaternion)
    assert gaze[:, 2] == pytest.approx(head[:, 0])  # z along the gaze is x out of the face
    assert gaze[:, 0] == pytest.approx(-head[:, 1])  # x to the right
    assert gaze[:, 1] == pytest.approx(-head[:, 2])  # y down
    assert gaze_pose(pose).position_m == pose.position_m


def test_a_cropped_face_is_scaled_centred_and_padded_with_black():
    image = np.full((100, 200, 3), 90, np.uint8)
    image[20:60, 50:70] = (10, 200, 30)
    found = cropped_face(image, Roi(50, 20, 20, 40), (128, 128))
    assert found.shape == (128, 128, 3)
    assert (found[:, 32:96] == (10, 200, 30)).all()
    assert not found[:, :32].any()
    assert not found[:, 96:].any()


def test_a_face_over_the_edge_keeps_its_place_in_the_crop():
    image = np.full((100, 100, 3), 90, np.uint8)
    found = cropped_face(image, Roi(-20, 30, 40, 40), (64, 64))
    assert not found[:, :31].any()
    assert (found[:, 33:] == 90).all()
    assert not cropped_face(image, Roi(300, 300, 40, 40), (64, 64)).any()
    assert not cropped_face(image, Roi(10, 10, 0, 0), (64, 64)).any()


def test_the_docs_have_the_same_tables():
    text = DOCS.read_text("utf-8")
    rows = dict(re.findall(r"^\| (\d+) \| \w+ \| (\d+) \|$", text, re.MULTILINE))
    assert {int(k): int(v) for k, v in rows.items()} == dict(enumerate(LANDMARK_POINTS))
    words = dict(re.findall(r"^\| (\w+) \| `(\w+)` \|$", text, re.MULTILINE))
    assert words == {label.word: word for label, word in EXPRESSIONS.items()}
