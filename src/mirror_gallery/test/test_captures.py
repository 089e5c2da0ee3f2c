"""Several captures at once: none mixes with another."""

from __future__ import annotations

import pytest

from mirror_core.errors import UsageError
from mirror_core.frame import Frame
from mirror_core.testing import synthetic_faces
from mirror_gallery.capture import CaptureSettings, CaptureState
from mirror_gallery.captures import ANY_FACE, Capture, Captures
from mirror_gallery.testing import face_picture, posed_face

SETTINGS = CaptureSettings(turn_patience_s=0.5)
LEFT = posed_face(centre=(160, 170), height=170, track_id=4)
RIGHT = posed_face(yaw=5, centre=(480, 170), height=150, track_id=9)
BOTH = face_picture([LEFT, RIGHT])


def feed(captures: Captures, count: int, *faces: object, start: int = 0) -> None:
    for index in range(start, start + count):
        stamp_ns = 10**9 + index * 66_000_000
        captures.feed(Frame(BOTH, stamp_ns), synthetic_faces(stamp_ns, *faces, image_size=(640, 360)))  # type: ignore[arg-type]


def yaw_of(capture: Capture) -> float:
    return capture.session.views()[0].yaw


def test_two_people_are_captured_at_once_each_for_themselves() -> None:
    captures = Captures()
    one, other = captures.begin(4, "Ada", SETTINGS), captures.begin(9, "Bo", SETTINGS)
    feed(captures, 40, LEFT, RIGHT)
    assert (one.progress.state, other.progress.state) == (CaptureState.COMPLETE, CaptureState.COMPLETE)
    assert yaw_of(one) == pytest.approx(0, abs=0.01)
    assert yaw_of(other) == pytest.approx(5, abs=0.01)


def test_one_person_cannot_be_captured_twice_at_once() -> None:
    captures = Captures()
    first = captures.begin(4, "Ada", SETTINGS)
    with pytest.raises(UsageError, match="Face 4 is being captured already; wait until that is done"):
        captures.begin(4, "Ada again", SETTINGS)
    captures.end(first)
    captures.begin(4, "Ada again", SETTINGS)


def test_any_face_means_the_largest_that_is_free() -> None:
    captures = Captures()
    first, second, third = (captures.begin(ANY_FACE, name, SETTINGS) for name in "abc")
    assert first.track is None
    feed(captures, 1, LEFT, RIGHT)
    assert (first.track, second.track, third.track) == (4, 9, None)
    with pytest.raises(UsageError, match="Face 9 is being captured already"):
        captures.begin(9, "d", SETTINGS)


def test_a_capture_stays_with_its_person_when_another_becomes_the_largest() -> None:
    captures = Captures()
    capture = captures.begin(ANY_FACE, "Ada", SETTINGS)
    feed(captures, 2, LEFT, RIGHT)
    feed(captures, 2, RIGHT, LEFT, start=2)
    assert capture.track == 4


def test_who_is_not_there_is_waited_for_while_others_go_on() -> None:
    captures = Captures()
    absent, there = captures.begin(77, "Nobody", SETTINGS), captures.begin(4, "Ada", SETTINGS)
    feed(captures, 40, LEFT)
    assert there.progress.state is CaptureState.COMPLETE
    assert absent.progress.state is CaptureState.RUNNING
    assert absent.progress.hint == "come_back"
    assert absent.progress.progress == 0.0


def test_an_ended_capture_gets_no_pictures_any_more() -> None:
    captures = Captures()
    capture = captures.begin(4, "Ada", SETTINGS)
    feed(captures, 3, LEFT)
    captures.end(capture)
    captures.end(capture)
    before = capture.progress
    feed(captures, 10, LEFT, start=3)
    assert capture.progress is before
    assert len(captures) == 0


def test_time_passes_without_pictures() -> None:
    captures = Captures()
    capture = captures.begin(4, "Ada", CaptureSettings(timeout_s=5.0))
    for index in range(60):
        captures.pass_time(index * 100_000_000)
    assert capture.progress.state is CaptureState.FAILED
    assert "camera" in capture.progress.reason
