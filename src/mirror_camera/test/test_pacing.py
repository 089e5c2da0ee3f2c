"""Pictures come when they are due, and never in bursts."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror_camera.pacing import MAXIMUM_LAG_S, Pacer
from mirror_camera.source import Clock


def test_positions_are_waited_for_at_their_times(fake_clock: Any) -> None:
    pacer = Pacer(fake_clock.as_clock(), threading.Event())
    moments = []
    for position in (2.0, 2.1, 2.5):  # a clip need not start at 0
        assert pacer.wait(position)
        moments.append(fake_clock.now_s)
    assert moments == pytest.approx([100.0, 100.1, 100.5])


def test_speed_shortens_the_waits(fake_clock: Any) -> None:
    pacer = Pacer(fake_clock.as_clock(), threading.Event(), speed=2.0)
    pacer.wait(0.0)
    pacer.wait(1.0)
    assert fake_clock.now_s == pytest.approx(100.5)


def test_a_short_lag_is_reported_and_kept(fake_clock: Any) -> None:
    pacer = Pacer(fake_clock.as_clock(), threading.Event())
    pacer.wait(0.0)
    fake_clock.advance(0.4)
    assert pacer.lag_s(0.1) == pytest.approx(0.3)
    assert pacer.lag_s(0.4) == pytest.approx(0.0)


def test_after_a_long_stall_the_clip_goes_on_from_where_it_is(fake_clock: Any) -> None:
    pacer = Pacer(fake_clock.as_clock(), threading.Event())
    pacer.wait(0.0)
    fake_clock.advance(60.0)
    assert pacer.lag_s(0.1) == 0.0
    pacer.wait(0.2)
    assert fake_clock.now_s == pytest.approx(160.1)


def test_close_ends_a_wait_from_another_thread() -> None:
    closed = threading.Event()
    pacer = Pacer(Clock(), closed)
    pacer.wait(0.0)
    results: list[bool] = []
    reader = threading.Thread(target=lambda: results.append(pacer.wait(1000.0)))
    reader.start()
    closed.set()
    reader.join(5.0)
    assert results == [False]


@given(st.lists(st.floats(0.0, 3.0), min_size=1, max_size=20))
def test_no_stall_makes_pictures_come_early(make_clock: Any, stalls: list[float]) -> None:
    clock = make_clock()
    pacer = Pacer(clock.as_clock(), threading.Event())
    pacer.wait(0.0)
    earliest = clock.now_s
    for number, stall in enumerate(stalls, 1):
        clock.advance(stall)
        pacer.wait(number * 0.1)
        earliest += 0.1
        assert clock.now_s >= earliest - 1e-6
        assert pacer.lag_s(number * 0.1) <= MAXIMUM_LAG_S + 1e-6
