"""Which captures the window shows, and for how long."""

from __future__ import annotations

from itertools import pairwise

import pytest

from mirror_core.testing import synthetic_face, synthetic_faces
from mirror_display.captures import ANY_FACE, LOST_S, SHOWN_S, SILENT_S, Captures, CaptureState, CaptureView

RUNNING = CaptureView(7, CaptureState.RUNNING, 0.5, "Hold still.")


def faces(*places: tuple[int, float]):
    return synthetic_faces(0, *(synthetic_face((x, 100.0), 60.0, track_id=track) for track, x in places))


def test_a_running_capture_is_shown_around_its_face():
    captures = Captures()
    captures.tell(RUNNING, 0.0)
    seen = faces((7, 200.0), (8, 400.0))
    captures.see(seen, 0.0)
    (view,) = captures.views(0.0)
    assert (view.track_id, view.hint, view.box) == (7, "Hold still.", seen.faces[0].roi)


def test_the_ring_follows_the_progress_smoothly():
    captures = Captures()
    captures.tell(RUNNING, 0.0)
    progress = [captures.views(step * 0.05)[0].progress for step in range(30)]
    assert progress[0] == 0.0
    assert progress == sorted(progress)
    assert all(later - earlier < 0.2 for earlier, later in pairwise(progress))
    assert progress[-1] == pytest.approx(0.5, abs=0.01)


def test_a_finished_ring_fills_to_the_end():
    captures = Captures()
    captures.tell(RUNNING, 0.0)
    captures.tell(CaptureView(7, CaptureState.DONE, 0.5, "Done."), 0.1)
    for step in range(20):
        view = captures.views(0.1 + step * 0.1)[0]
    assert (view.state, view.progress) == (CaptureState.DONE, 1.0)


@pytest.mark.parametrize("state", [CaptureState.DONE, CaptureState.FAILED, CaptureState.CANCELLED])
def test_an_end_is_shown_for_a_moment(state):
    captures = Captures()
    captures.tell(CaptureView(7, state, 1.0, "It is over."), 10.0)
    assert captures.is_any(10.0 + SHOWN_S[state] - 0.1)
    assert not captures.is_any(10.0 + SHOWN_S[state] + 0.1)
    assert captures.views(10.0 + SHOWN_S[state] + 0.1) == ()


def test_a_capture_that_nobody_speaks_of_any_more_goes():
    captures = Captures()
    captures.tell(RUNNING, 0.0)
    assert captures.is_any(SILENT_S - 0.1) and not captures.is_any(SILENT_S + 0.1)


def test_a_face_that_is_lost_keeps_its_ring_for_a_moment():
    captures = Captures()
    captures.tell(RUNNING, 0.0)
    captures.see(faces((7, 200.0)), 0.0)
    assert captures.views(LOST_S - 0.1)[0].box is not None
    assert captures.views(LOST_S + 0.1)[0].box is None


def test_another_capture_of_the_same_person_begins_with_an_empty_ring():
    captures = Captures()
    captures.tell(CaptureView(7, CaptureState.DONE, 1.0), 0.0)
    assert captures.views(1.0)[0].progress == pytest.approx(1.0, abs=0.01)
    captures.tell(CaptureView(7, CaptureState.RUNNING, 0.0), 1.0)
    assert captures.views(1.0)[0].progress == 0.0


def test_captures_stand_from_left_to_right():
    captures = Captures()
    for track in (7, 8, 9):
        captures.tell(CaptureView(track), 0.0)
    captures.see(faces((7, 500.0), (8, 100.0), (9, 300.0)), 0.0)
    assert [view.track_id for view in captures.views(0.0)] == [8, 9, 7]


def test_a_capture_of_whoever_comes_first_becomes_that_persons():
    captures = Captures()
    captures.tell(CaptureView(ANY_FACE, hint="Step in front of the mirror."), 0.0)
    assert [view.box for view in captures.views(0.0)] == [None]
    captures.tell(RUNNING, 0.1)
    assert [view.track_id for view in captures.views(0.1)] == [7]
