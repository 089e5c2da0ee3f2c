"""The light of the skin around a mask, carried over to what was found beneath it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mirror_effects.unmask_light import lit_like_the_skin_around

SIDE = 192
SKIN = np.array((120, 150, 200), np.float32)


def mask_alpha() -> np.ndarray:
    alpha = np.zeros((SIDE, SIDE), np.float32)
    cv2.ellipse(alpha, (96, 125), (55, 42), 0, 0, 360, 1.0, -1)
    return alpha


def flat(colour: np.ndarray) -> np.ndarray:
    return np.full((SIDE, SIDE, 3), colour, np.float32)


def off(found: np.ndarray, truth: np.ndarray, alpha: np.ndarray) -> float:
    """Mean error beneath the mask in grey levels."""
    return float(np.abs(found * 255 - truth)[alpha > 0.5].mean())


@pytest.mark.parametrize("tint", [(-15, -15, -15), (10, 0, -10), (15, 12, 8)])
def test_a_guess_in_another_light_gets_the_light_around(tint):
    alpha = mask_alpha()
    square = flat(SKIN).astype(np.uint8)
    guess = flat(SKIN + tint) / 255
    lit = lit_like_the_skin_around(square, guess, alpha)
    assert off(guess, SKIN, alpha) > 6
    assert off(lit, SKIN, alpha) < 1.5
    assert lit.dtype == np.float32


def test_light_that_falls_from_one_side_is_followed():
    alpha = mask_alpha()
    slope = np.linspace(-18, 18, SIDE, dtype=np.float32)[None, :, None]
    truth = flat(SKIN) + slope
    lit = lit_like_the_skin_around(np.rint(truth).astype(np.uint8), flat(SKIN) / 255, alpha)
    before = np.abs(flat(SKIN) - truth)[alpha > 0.5].mean()
    assert off(lit, truth, alpha) < 0.6 * before


def test_what_the_guess_shows_stays_in_it():
    alpha = mask_alpha()
    guess = flat(SKIN - 15) / 255
    cv2.ellipse(guess, (96, 130), (20, 8), 0, 0, 360, (0.3, 0.3, 0.55), -1)  # a mouth, far from the border
    lit = lit_like_the_skin_around(flat(SKIN).astype(np.uint8), guess, alpha)
    contrast = guess[130, 96] - guess[105, 96]
    assert lit[130, 96] - lit[105, 96] == pytest.approx(contrast, abs=0.01)


def test_another_thing_at_the_border_is_no_light():
    alpha = mask_alpha()
    square = flat(SKIN).astype(np.uint8)
    square[125:] = (40, 40, 40)  # a dark collar along the lower half
    lit = lit_like_the_skin_around(square, flat(SKIN) / 255, alpha)
    assert off(lit, SKIN, alpha) < 3  # of 110


def test_in_a_grey_picture_nothing_gets_a_colour():
    alpha = mask_alpha()
    lit = lit_like_the_skin_around(flat(np.full(3, 150.0)).astype(np.uint8), flat(SKIN) / 255, alpha)
    spread = (lit.max(axis=2) - lit.min(axis=2))[alpha > 0.5]
    assert spread.max() < 0.01
    assert lit[alpha > 0.5].mean() * 255 == pytest.approx(150, abs=12)


def test_without_a_border_nothing_is_changed():
    guess = flat(SKIN) / 255
    square = flat(SKIN - 30).astype(np.uint8)
    for alpha in (np.zeros((SIDE, SIDE), np.float32), np.ones((SIDE, SIDE), np.float32)):
        assert lit_like_the_skin_around(square, guess, alpha) is guess
