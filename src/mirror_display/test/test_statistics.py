"""Rate and latency as the head-up display states them."""

from __future__ import annotations

import pytest

from mirror_display.statistics import ShownStatistics


def test_rate_and_latency_of_a_steady_stream():
    statistics = ShownStatistics()
    for i in range(200):
        statistics.add(i / 50, 0.007)
    assert statistics.rate_hz(199 / 50) == pytest.approx(50)
    assert statistics.latency_ms(199 / 50) == pytest.approx(7)
    assert statistics.line(199 / 50) == "50 fps   7 ms"


def test_old_pictures_do_not_count():
    statistics = ShownStatistics()
    statistics.add(0.0, 0.005)
    statistics.add(0.1, 0.005)
    assert statistics.rate_hz(10.0) == 0 and statistics.latency_ms(10.0) is None
    assert statistics.line(10.0) == "no picture"


def test_the_line_stands_long_enough_to_be_read():
    statistics = ShownStatistics()
    statistics.add(0.0, 0.005)
    first = statistics.line(0.0)
    for i in range(1, 10):
        statistics.add(i / 100, 0.5)
    assert statistics.line(0.2) == first
    assert statistics.line(0.6) != first
