"""The demo source delivers the reel in time."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

from mirror_camera.demo import DemoSource
from mirror_camera.reel import Reel
from mirror_camera.source import SourceClosed, SourceSettings


def test_pictures_are_the_reels_at_the_set_size_and_rate(fake_clock: Any) -> None:
    source = DemoSource(SourceSettings(width=160, height=90, rate_hz=20.0, speed=2.0), fake_clock.as_clock())
    source.open()
    grabs = [source.read() for _ in range(4)]
    reel = Reel(160, 90)
    for number, grab in enumerate(grabs):
        assert np.array_equal(grab.image, reel.render(number / 10))
    assert np.diff([grab.acquired_ns for grab in grabs]) == pytest.approx(0.05e9)


def test_without_settings_it_is_720p_at_30() -> None:
    source = DemoSource()
    assert (source.size, source.rate_hz) == ((1280, 720), 30.0)


def test_late_pictures_are_left_out(fake_clock: Any) -> None:
    source = DemoSource(SourceSettings(width=64, height=36, rate_hz=10.0), fake_clock.as_clock())
    source.open()
    source.read()
    fake_clock.advance(0.55)
    assert np.array_equal(source.read().image, Reel(64, 36).render(0.5))
    source.read()
    assert fake_clock.now_s == pytest.approx(100.6)


def test_it_runs_past_its_loop(fake_clock: Any) -> None:
    source = DemoSource(SourceSettings(width=32, height=18, rate_hz=2.0), fake_clock.as_clock())
    source.open()
    images = [source.read().image for _ in range(165)]
    assert np.array_equal(images[160], images[0])
    assert not np.array_equal(images[160], images[20])


def test_close_from_another_thread_ends_a_waiting_read() -> None:
    source = DemoSource(SourceSettings(width=32, height=18, rate_hz=0.001))
    source.open()
    source.read()
    ended = threading.Event()

    def read() -> None:
        with pytest.raises(SourceClosed):
            source.read()
        ended.set()

    threading.Thread(target=read, daemon=True).start()
    source.close()
    assert ended.wait(5.0)
    source.open()
    assert source.read().image.shape == (18, 32, 3)
