"""Swings: turning points by height, times between samples, drift that is no part of a swing."""

import numpy as np
import pytest

from mirror_core.errors import ShapeError
from mirror_tracking.swings import find_swings


def sine(rate_hz, frequency_hz=1.0, height=10.0, seconds=3.0):
    """Rests for a second, swings up and down for so many whole periods, rests again."""
    times = np.arange(0.0, seconds + 2.0, 1.0 / rate_hz)
    phase = np.clip((times - 1.0) * frequency_hz, 0.0, round(seconds * frequency_hz))
    return times, height * (1.0 - np.cos(2 * np.pi * phase)) / 2


@pytest.mark.parametrize("rate_hz", [10.0, 24.0, 60.0, 200.0])
def test_a_sine_has_its_swings_at_any_rate(rate_hz):
    swings = find_swings(*sine(rate_hz), height=3.0, reach_s=1.0)
    assert [swing.rises for swing in swings] == [True, False] * 3
    for index, swing in enumerate(swings):
        assert swing.height == pytest.approx(10.0, rel=0.1)
        # A quarter of the way at a third of the half period, three quarters at two thirds.
        assert swing.leave_s == pytest.approx(1.0 + index / 2 + 1 / 6, abs=0.02)
        assert swing.arrive_s == pytest.approx(1.0 + index / 2 + 1 / 3, abs=0.02)


def test_what_is_lower_than_asked_for_makes_no_turning_point():
    times, values = sine(60.0)
    noisy = values + np.random.default_rng(0).uniform(-1.0, 1.0, len(values))
    assert len(find_swings(times, noisy, height=3.0, reach_s=1.0)) == 6
    assert find_swings(times, noisy * 0.2, height=3.0, reach_s=1.0) == []


def test_a_rest_before_or_after_a_swing_is_no_part_of_it():
    times = np.arange(0.0, 6.0, 0.02)
    values = np.interp(times, [2.0, 2.4, 4.0, 4.4], [0.0, 8.0, 8.0, 0.0])
    up, down = find_swings(times, values, height=3.0, reach_s=0.5)
    assert (up.leave_s, up.arrive_s) == pytest.approx((2.1, 2.3), abs=1e-6)
    assert (down.leave_s, down.arrive_s) == pytest.approx((4.1, 4.3), abs=1e-6)


def test_drift_beyond_the_reach_does_not_count():
    times = np.arange(0.0, 4.0, 0.02)
    values = np.interp(times, [0.0, 2.0, 2.3, 4.0], [0.0, 4.0, 12.0, 16.0])  # drift, a quick way, drift
    (swing,) = find_swings(times, values, height=3.0, reach_s=0.35)
    assert swing.height == pytest.approx(8.0 + 2 * 0.4, abs=0.3)
    assert swing.arrive_s - swing.leave_s == pytest.approx(0.165, abs=0.02)
    (whole,) = find_swings(times, values, height=3.0, reach_s=10.0)
    assert whole.height == pytest.approx(16.0, abs=0.1)


def test_a_swing_hidden_in_a_gap_is_known_by_its_ends():
    times = np.array([0.0, 0.1, 0.2, 1.4, 1.5, 1.6])
    values = np.array([0.0, 0.0, 0.0, 9.0, 9.0, 9.0])
    (swing,) = find_swings(times, values, height=3.0, reach_s=0.1)
    assert (swing.start, swing.end) == (0.0, 9.0)
    assert swing.leave_s == pytest.approx(0.5)
    assert swing.arrive_s == pytest.approx(1.1)


@pytest.mark.parametrize("values", [[], [1.0], [1.0, 1.0, 1.0]])
def test_too_little_to_swing_gives_nothing(values):
    times = np.arange(len(values), dtype=np.float64)
    assert find_swings(times, np.array(values), height=0.5, reach_s=1.0) == []


def test_wrong_arguments_are_told():
    with pytest.raises(ShapeError, match=r"times \[n\] and values \[n\], not \[3\] and \[2\]"):
        find_swings(np.arange(3.0), np.arange(2.0), 1.0, 1.0)
    with pytest.raises(ShapeError, match="height above 0, not 0"):
        find_swings(np.arange(3.0), np.arange(3.0), 0.0, 1.0)
