"""When a lost source is tried again."""

from __future__ import annotations

import pytest

from mirror_camera.reconnection import Policy, Reconnection, SourceState
from mirror_core.errors import ParameterError


def _streaming(now_s: float = 0.0) -> Reconnection:
    track = Reconnection(Policy())
    track.opening(now_s)
    track.opened(now_s)
    track.delivered(now_s)
    return track


def test_waits_double_up_to_the_cap() -> None:
    track = Reconnection(Policy(first_delay_s=0.5, longest_delay_s=8.0))
    now, waits = 0.0, []
    for _ in range(7):
        track.opening(now)
        track.lost("gone", now)
        waits.append(track.status().next_attempt_s - now)
        assert not track.attempt_is_due(track.status().next_attempt_s - 0.01)
        now = track.status().next_attempt_s
        assert track.attempt_is_due(now)
    assert waits == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0]
    assert track.status().attempts == 7


def test_a_picture_resets_the_wait_and_counts_a_restart() -> None:
    track = _streaming()
    for _ in range(4):
        track.lost("gone", 1.0)
        track.opening(1.0)
    track.delivered(20.0)
    status = track.status()
    assert (status.state, status.reason, status.since_s) == (SourceState.STREAMING, "", 20.0)
    assert (status.frames, status.restarts, status.attempts) == (2, 1, 0)
    track.lost("gone", 21.0)
    assert track.status().next_attempt_s == 21.5


def test_failing_before_the_first_picture_is_no_restart() -> None:
    track = Reconnection(Policy())
    track.opening(0.0)
    track.lost("busy", 0.0)
    track.opening(1.0)
    track.delivered(1.0)
    assert track.status().restarts == 0


def test_silence_is_a_freeze_after_its_time_only() -> None:
    track = _streaming(10.0)
    assert not track.is_frozen(12.9)
    assert track.is_frozen(13.0)
    track.delivered(12.9)
    assert not track.is_frozen(15.8)


def test_a_pause_on_purpose_is_no_silence() -> None:
    track = _streaming(10.0)
    track.pausing(12.9)
    assert not track.is_frozen(15.8)
    assert track.is_frozen(15.9)
    track.lost("gone", 16.0)
    track.pausing(16.0)
    assert track.attempt_is_due(17.0)  # nor does it keep a lost source from coming back


def test_time_in_which_nobody_could_look_is_no_silence() -> None:
    track = _streaming(10.0)
    track.held_up(60.0)
    assert not track.is_frozen(72.9)
    assert track.is_frozen(73.0)
    track.lost("gone", 73.0)
    track.held_up(60.0)
    assert track.attempt_is_due(74.0)  # nor does it keep a lost source from coming back


def test_opening_has_its_own_longer_patience() -> None:
    track = Reconnection(Policy())
    track.opening(0.0)
    assert not track.is_frozen(14.9)
    assert track.is_frozen(15.0)
    track.opened(10.0)
    assert track.is_frozen(13.0)


def test_nothing_is_due_at_the_end_or_when_closed() -> None:
    track = _streaming()
    track.ended("over", 1.0)
    assert track.status().reason == "over"
    assert not track.attempt_is_due(1e9)
    assert not track.is_frozen(1e9)
    track.closed(2.0)
    assert not track.attempt_is_due(1e9)


@pytest.mark.parametrize(
    ("values", "message"),
    [({"freeze_s": 0.0}, "freeze_s = 0.0"), ({"longest_delay_s": 0.1}, "longest_delay_s = 0.1")],
)
def test_an_impossible_policy_is_refused(values: dict[str, float], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        Policy(**values)
