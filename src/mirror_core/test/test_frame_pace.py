"""At most so many frames a second, evenly."""

from __future__ import annotations

import numpy as np
import pytest

from mirror_core.frame_pace import FramePace

SECONDS = 10


def taken(camera_hz: float, rate: float, jitter_s: float = 0.0, pace: FramePace | None = None) -> list[float]:
    """The times of the frames that are taken, in seconds."""
    pace = pace or FramePace()
    noise = np.random.default_rng(1)
    times = []
    for index in range(int(SECONDS * camera_hz)):
        time_s = index / camera_hz + noise.uniform(-jitter_s, jitter_s)
        stamp_ns = round(1e9 * (100 + time_s))
        if pace.is_due(stamp_ns, rate):
            pace.take(stamp_ns, rate)
            times.append(time_s)
    return times


@pytest.mark.parametrize(
    ("camera_hz", "rate", "expected"),
    [(60, 30, 30), (60, 10, 10), (30, 30, 30), (30, 10, 10), (25, 30, 25), (50, 30, 30), (59, 30, 30)],
)
@pytest.mark.parametrize("jitter_s", [0.0, 0.001])
def test_so_many_are_taken(camera_hz: float, rate: float, expected: float, jitter_s: float) -> None:
    assert len(taken(camera_hz, rate, jitter_s)) / SECONDS == pytest.approx(expected, rel=0.03)


def test_where_the_rate_divides_the_cameras_frames_are_even() -> None:
    assert np.diff(taken(60, 10)) == pytest.approx(0.1, abs=0.002)


def test_a_pause_is_not_made_up_for_and_a_jump_back_begins_anew() -> None:
    pace = FramePace()
    taken(60, 30, pace=pace)
    later_ns = round(200e9)
    assert pace.is_due(later_ns, 30.0)
    pace.take(later_ns, 30.0)
    assert not pace.is_due(later_ns + 16_000_000, 30.0)
    assert pace.is_due(round(50e9), 30.0)


def test_a_higher_rate_counts_at_once() -> None:
    pace = FramePace()
    pace.take(10**12, 1.0)
    assert not pace.is_due(10**12 + 50_000_000, 1.0)
    assert pace.is_due(10**12 + 50_000_000, 30.0)
