"""Results of a replay frame by frame: what is written, and what counts as a difference."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mirror.replay_results import FrameResult, Tolerances, differences, read_results, write_results
from mirror_core.bodies import BodySet
from mirror_core.errors import StoreError, UsageError
from mirror_core.faces import HeadPose
from mirror_core.frame import Frame
from mirror_core.moods import Mood, MoodSet
from mirror_core.testing import moving_square, synthetic_body, synthetic_face, synthetic_faces

STAMP_NS = 1_700_000_000_000_000_000
PROBABILITIES = np.array([0.6, 0.2, 0.1, 0.04, 0.03, 0.02, 0.01], np.float32)


def result() -> dict[str, Any]:
    frame = Frame(moving_square(1), STAMP_NS)
    shown = Frame(np.full((80, 120, 3), (10, 20, 30), np.uint8), STAMP_NS)
    moods = MoodSet(STAMP_NS, "camera_optical", (Mood(7, PROBABILITIES),))
    bodies = BodySet(STAMP_NS, "camera_optical", 640, 480, (synthetic_body(),))
    faces = synthetic_faces(STAMP_NS, synthetic_face(track_id=7))
    return FrameResult(frame, faces, moods, bodies, shown).as_json()


@pytest.fixture
def expected() -> dict[str, Any]:
    return result()


def test_what_is_written_is_what_was_found(expected: dict[str, Any]) -> None:
    face = synthetic_face(track_id=7)
    assert expected["stamp_ns"] == STAMP_NS
    assert expected["faces"][0]["id"] == 7
    points = np.array(expected["faces"][0]["landmarks"]).reshape(-1, 2)
    assert np.abs(points - face.landmarks[:, :2]).max() <= 0.00501
    assert isinstance(face.head_pose, HeadPose)
    assert expected["faces"][0]["position_m"] == pytest.approx(face.head_pose.position_m, abs=1e-4)
    assert expected["moods"] == [
        {"id": 7, "probabilities": pytest.approx(PROBABILITIES, abs=1e-5), "unsure": False}
    ]
    assert len(expected["bodies"][0]["points"]) == 2 * 33
    grey = 0.114 * 10 + 0.587 * 20 + 0.299 * 30
    assert expected["image"]["grey"] == pytest.approx([grey] * 24, abs=0.5)
    assert len(expected["image"]["sha256"]) == 64


def test_what_nothing_looked_for_is_left_out() -> None:
    frame = Frame(moving_square(1), STAMP_NS, is_placeholder=True)
    assert FrameResult(frame, None, None, None, None).as_json() == {
        "stamp_ns": STAMP_NS,
        "is_placeholder": True,
    }


def test_the_same_is_no_difference_and_hashes_are_not_compared(expected: dict[str, Any]) -> None:
    found = result()
    found["image"]["sha256"] = "another"
    assert differences([found], [expected], Tolerances()) == []


@pytest.mark.parametrize("point", [0, 477])
@pytest.mark.parametrize(("pixels", "is_told"), [(1.5, False), (3.0, True)])
def test_a_single_landmark_that_moves_by_three_pixels_is_told(
    expected: dict[str, Any], point: int, pixels: float, *, is_told: bool
) -> None:
    found = copy.deepcopy(expected)
    found["faces"][0]["landmarks"][2 * point] += pixels
    said = differences([found], [expected], Tolerances())
    assert said == (["Frame 0: faces 7: a landmark lies 3.00 px off."] if is_told else [])


def turned(found: dict[str, Any]) -> None:
    x, y, z, w = found["faces"][0]["quaternion"]
    half = np.radians(5) / 2  # about the optical axis
    a, b = np.cos(half), np.sin(half)
    found["faces"][0]["quaternion"] = [a * x - b * y, a * y + b * x, a * z + b * w, a * w - b * z]


def shifted(found: dict[str, Any]) -> None:
    found["bodies"][0]["points"] = [value + 9 for value in found["bodies"][0]["points"]]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (turned, "faces 7: the head is turned by 5.00° more or less."),
        (shifted, "bodies 1: its points lie 12.73 px off on average."),
        (
            lambda found: found["moods"][0]["probabilities"].__setitem__(0, 0.4),
            "moods 7: a probability is 0.200 off.",
        ),
        (lambda found: found["image"]["grey"].__setitem__(5, 90.0), "grey levels off."),
        (lambda found: found["faces"][0].update(id=8), "faces are 8 in place of 7."),
        (lambda found: found["faces"].clear(), "faces are none in place of 7."),
        (lambda found: found.pop("moods"), "moods are not there in place of 7."),
        (lambda found: found["faces"][0].pop("quaternion"), "only one of the two has quaternion."),
        (lambda found: found.pop("image"), "only one of the two has a picture."),
        (lambda found: found.update(stamp_ns=5), f"its stamp is 5 in place of {STAMP_NS}."),
        (lambda found: found["faces"][0].update(landmarks=[1.0, 2.0]), "a landmark lies nan px off."),
    ],
)
def test_every_other_difference_is_told(expected: dict[str, Any], change: Any, sentence: str) -> None:
    found = copy.deepcopy(expected)
    change(found)
    (said,) = differences([found], [expected], Tolerances())
    assert said.startswith("Frame 0: ")
    assert said.endswith(sentence)


def test_frames_that_are_missing_are_told_and_many_differences_are_counted(expected: dict[str, Any]) -> None:
    assert differences([expected], [expected] * 2, Tolerances()) == ["There are 1 frames in place of 2."]
    other = {**expected, "stamp_ns": 5}
    said = differences([other] * 30, [expected] * 30, Tolerances())
    assert len(said) == 21
    assert said[-1] == "And 10 more."


def test_results_are_read_as_they_were_written(expected: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    write_results(file, [expected, expected], {"bag": "hall"}, Tolerances(landmarks_px=1.0))
    content = read_results(file)
    assert content["bag"] == "hall"
    assert content["frames"] == [expected, expected]
    assert Tolerances(**content["tolerances"]) == Tolerances(landmarks_px=1.0)
    assert len(file.read_text("utf-8").splitlines()) == 8  # a line for each frame: git shows what has changed


def test_what_is_no_result_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(
        UsageError, match=r"cannot be read \(No such file or directory\): make them with --out"
    ):
        read_results(tmp_path / "nothing.json")
    (tmp_path / "broken.json").write_text("{", "utf-8")
    with pytest.raises(StoreError, match="are damaged"):
        read_results(tmp_path / "broken.json")
    (tmp_path / "other.json").write_text(json.dumps({"a": 1}), "utf-8")
    with pytest.raises(StoreError, match="holds no results"):
        read_results(tmp_path / "other.json")
    with pytest.raises(UsageError, match="cannot be written"):
        write_results(tmp_path / "no" / "folder.json", [], {})
