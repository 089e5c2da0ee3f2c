"""Durations and rates: what is counted, and that a stopped source shows."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror_core.tracing import Quantiles, RateMeter, StageTimes


@given(st.lists(st.floats(0, 10), min_size=1, max_size=50), st.floats(0, 1))
def test_a_quantile_is_that_of_the_newest_samples(samples: list[float], q: float) -> None:
    durations = Quantiles(window=20)
    for sample in samples:
        durations.add(sample)
    assert durations.quantile(q) == pytest.approx(float(np.quantile(samples[-20:], q)))
    assert durations.count == len(samples)
    assert len(durations) == min(len(samples), 20)


def test_the_median_and_the_tail_differ() -> None:
    durations = Quantiles()
    for _ in range(98):
        durations.add(0.001)
    durations.add(0.5)
    durations.add(0.5)
    assert durations.p50 == 0.001
    assert durations.p99 == pytest.approx(0.5)


def test_without_samples_there_is_no_quantile() -> None:
    assert math.isnan(Quantiles().p50)


def test_clearing_forgets_the_samples_but_not_their_number() -> None:
    durations = Quantiles()
    durations.add(1.0)
    durations.clear()
    assert math.isnan(durations.p99)
    assert (durations.count, len(durations)) == (1, 0)


def test_a_block_that_raises_is_measured_too(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([10.0, 10.25])
    monkeypatch.setattr("mirror_core.tracing.time.perf_counter", lambda: next(times))
    durations = Quantiles()
    with pytest.raises(KeyError), durations.measure():
        raise KeyError
    assert durations.p50 == pytest.approx(0.25)


@given(st.integers(2, 100))
def test_a_steady_source_shows_its_rate(hertz: int) -> None:
    meter = RateMeter(span_s=2.0)
    for index in range(hertz * 4):
        meter.tick(100 + index / hertz)
    assert meter.rate(100 + (hertz * 4 - 1) / hertz) == pytest.approx(hertz, rel=0.02)


def test_the_rate_falls_to_nothing_after_the_source_has_stopped() -> None:
    meter = RateMeter(span_s=2.0)
    for index in range(61):
        meter.tick(index / 30)
    rates = [meter.rate(2.0 + silence) for silence in (0.0, 0.5, 1.0, 1.5, 1.9, 2.5)]
    assert rates[0] == pytest.approx(30.0)
    assert rates == sorted(rates, reverse=True)
    assert rates[-2] < 10
    assert rates[-1] == 0.0


def test_one_event_has_no_rate() -> None:
    meter = RateMeter()
    assert meter.rate(5.0) == 0.0
    meter.tick(5.0)
    assert meter.rate(5.0) == 0.0
    meter.tick(5.0)
    assert meter.rate(5.0) == 0.0


def test_stages_stand_in_the_order_of_their_first_run() -> None:
    stages = StageTimes()
    stages["warp"].add(0.1)
    stages["blend"].add(0.2)
    stages["warp"].add(0.3)
    assert [(name, durations.count) for name, durations in stages.items()] == [("warp", 2), ("blend", 1)]
