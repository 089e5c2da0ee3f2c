"""Smoothing: the half-life is what it says at any rate, and a sure answer does not flicker."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror_core.moods import MOOD_COUNT, MoodLabel
from mirror_mood.smoothing import MoodSmoother

HAPPY, SAD = (np.eye(MOOD_COUNT, dtype=np.float32)[label] for label in (MoodLabel.HAPPY, MoodLabel.SAD))


def mixture(happy: float) -> np.ndarray:
    return np.float32(happy) * HAPPY + np.float32(1 - happy) * SAD


def ns(seconds: float) -> int:
    return round(seconds * 1e9)


def test_before_the_first_reading_nothing_is_known() -> None:
    latest = MoodSmoother(1.0, 0.5).latest
    assert latest.unsure
    np.testing.assert_allclose(latest.probabilities, 1 / 7, rtol=1e-6)


def test_the_first_reading_counts_at_once() -> None:
    steady = MoodSmoother(1.0, 0.5).add(ns(5), HAPPY)
    assert steady.probabilities[MoodLabel.HAPPY] == 1
    assert not steady.unsure


@pytest.mark.parametrize("rate_hz", [2, 10, 30])
def test_after_a_half_life_half_of_the_change_is_seen_at_any_rate(rate_hz: int) -> None:
    smoother = MoodSmoother(half_life_s=0.5, threshold=0.5)
    smoother.add(ns(10), HAPPY)
    for step in range(1, rate_hz // 2 + 1):
        steady = smoother.add(ns(10 + step / rate_hz), SAD)
    assert steady.probabilities[MoodLabel.SAD] == pytest.approx(0.5, abs=1e-4)


def test_a_half_life_of_0_takes_each_reading_as_it_is() -> None:
    smoother = MoodSmoother(0.0, 0.5)
    smoother.add(ns(1), HAPPY)
    np.testing.assert_array_equal(smoother.add(ns(1.1), SAD).probabilities, SAD)


@pytest.mark.parametrize("then_s", [12.5, 9.0])
def test_after_a_pause_or_a_jump_back_it_begins_anew(then_s: float) -> None:
    smoother = MoodSmoother(1.0, 0.5)
    smoother.add(ns(10), HAPPY)
    np.testing.assert_array_equal(smoother.add(ns(then_s), SAD).probabilities, SAD)


def test_an_answer_becomes_sure_at_the_threshold_and_stays_so_a_little_below() -> None:
    smoother = MoodSmoother(0.0, 0.6)
    shares = [0.59, 0.61, 0.56, 0.53, 0.58, 0.61]
    unsure = [smoother.add(ns(step), mixture(share)).unsure for step, share in enumerate(shares)]
    assert unsure == [True, False, False, True, True, False]


@given(st.lists(st.tuples(st.floats(0, 3), st.lists(st.floats(0, 1), min_size=7, max_size=7)), min_size=1))
def test_the_result_is_always_a_distribution(readings: list[tuple[float, list[float]]]) -> None:
    smoother, at_s = MoodSmoother(0.7, 0.5), 0.0
    for pause_s, values in readings:
        at_s += pause_s
        new = np.array(values, np.float32) + np.float32(0.01)
        steady = smoother.add(ns(at_s), new / new.sum())
        assert steady.probabilities.min() >= 0
        assert float(steady.probabilities.sum()) == pytest.approx(1, abs=1e-5)
