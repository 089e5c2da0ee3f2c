"""The light on a wearer's face: which side is lit is kept, the colour of the skin is not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror_effects.face_light import UNITY, light_on_face, scene_exposure

FULL = np.full((120, 100), 255, np.uint8)


def lit_from_left(skin: float) -> np.ndarray:
    light = np.linspace(1.4, 0.6, 100)
    return np.repeat(np.broadcast_to(skin * light, (120, 100))[..., None], 3, axis=2).astype(np.uint8)


@given(st.integers(5, 250))
def test_even_light_changes_nothing(level: int) -> None:
    gain = light_on_face(np.full((120, 100, 3), level, np.uint8), FULL, 1.0)
    assert np.abs(gain.astype(int) - UNITY).max() <= 1


def test_the_lit_side_stays_the_lit_side() -> None:
    gain = light_on_face(lit_from_left(120), FULL, 1.0) / UNITY
    assert gain[60, 15] > 1.2
    assert gain[60, 85] < 0.8


def test_light_and_dark_skin_give_the_same_gain() -> None:
    light, dark = light_on_face(lit_from_left(170), FULL, 1.0), light_on_face(lit_from_left(60), FULL, 1.0)
    assert np.abs(light.astype(int) - dark).max() <= 4


def test_strength_scales_the_effect() -> None:
    spreads = [float(np.ptp(light_on_face(lit_from_left(120), FULL, s).astype(int))) for s in (0.0, 0.5, 1.0)]
    assert spreads[0] == 0
    assert 0 < spreads[1] < spreads[2]


def test_what_lies_outside_the_face_does_not_count() -> None:
    part = lit_from_left(120)
    coverage = np.zeros_like(FULL)
    coverage[20:100, 20:80] = 255
    glaring = part.copy()
    glaring[coverage == 0] = 255
    inner = (slice(40, 80), slice(40, 60))
    before, after = (light_on_face(p, coverage, 1.0)[inner].astype(int) for p in (part, glaring))
    assert np.abs(before - after).max() <= 4


def test_wrinkles_show_through_by_parameter() -> None:
    part = np.full((120, 100, 3), 150, np.uint8)
    part[60:62] = 90
    without, with_detail = (light_on_face(part, FULL, 1.0, detail).astype(int) for detail in (0.0, 1.0))
    assert with_detail[60, 50] < with_detail[45, 50] - 30
    assert abs(without[60, 50] - without[45, 50]) < 12


def test_a_dark_picture_darkens_the_mask() -> None:
    bright, dark = np.full((480, 640, 3), 190, np.uint8), np.full((480, 640, 3), 70, np.uint8)
    assert scene_exposure(bright) == pytest.approx(1.0)
    assert scene_exposure(dark) < 0.45
    assert light_on_face(dark[:120, :100], FULL, 1.0, exposure=scene_exposure(dark)).mean() < 0.75 * UNITY
    assert scene_exposure(np.zeros((4, 4, 3), np.uint8)) == 1.0  # too small to judge


def test_a_face_that_covers_nothing_gives_no_light() -> None:
    gain = light_on_face(lit_from_left(120), np.zeros_like(FULL), 1.0)
    assert (gain == UNITY).all()
