"""Darkness: told after a moment of dark pictures, over only when it is clearly brighter again."""

from __future__ import annotations

import numpy as np
import pytest

from mirror_camera.darkness import BRIGHT, DARK, PATIENCE, PERIOD_S, DarknessWatch, mean_brightness
from mirror_camera.reel import Reel


def picture(brightness: float) -> np.ndarray:
    return np.full((48, 64, 3), round(brightness), np.uint8)


def seen(watch: DarknessWatch, brightness: float, looks: int, from_s: float) -> list[bool]:
    return [watch.look(picture(brightness), from_s + index * PERIOD_S) for index in range(looks)]


def test_dark_pictures_are_told_once_after_a_moment():
    watch = DarknessWatch()
    assert seen(watch, DARK - 1, PATIENCE + 3, 0.0) == [False] * (PATIENCE - 1) + [True] + [False] * 3
    assert watch.is_dark and watch.brightness == DARK - 1


def test_a_hand_before_the_lens_is_no_darkness():
    watch = DarknessWatch()
    seen(watch, 0, PATIENCE - 1, 0.0)
    seen(watch, 90, 1, 100.0)
    assert not any(seen(watch, 0, PATIENCE - 1, 200.0)) and not watch.is_dark


@pytest.mark.parametrize(("brightness", "is_over"), [(BRIGHT - 2, False), (BRIGHT + 2, True)])
def test_it_is_over_only_when_it_is_clearly_brighter(brightness, is_over):
    watch = DarknessWatch()
    seen(watch, 5, PATIENCE, 0.0)
    assert any(seen(watch, brightness, 3 * PATIENCE, 100.0)) is is_over
    assert watch.is_dark is not is_over


def test_pictures_between_two_looks_are_not_looked_at():
    watch = DarknessWatch()
    assert not any(watch.look(picture(0), index * PERIOD_S / 100) for index in range(90 * PATIENCE // 10))


def test_the_demo_reel_is_not_dark():
    assert mean_brightness(Reel(320, 180).render(5.0)) > 2 * BRIGHT
