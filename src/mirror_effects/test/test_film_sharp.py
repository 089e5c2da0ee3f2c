"""The figure enlarged over its background."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mirror_effects.film.composer import composed
from mirror_effects.film.sharp import SharpPicture
from mirror_effects.film.testing_stage import FIGURE_COLOUR, still_background

SIDE = 64


def figure(x0: int, y0: int, x1: int, y1: int):
    colour = np.full((SIDE, SIDE, 3), np.array(FIGURE_COLOUR, np.float32) / 255, np.float32)
    alpha = np.zeros((SIDE, SIDE), np.float32)
    alpha[y0:y1, x0:x1] = 1
    return colour, alpha


def test_at_its_own_size_it_is_what_the_composer_makes():
    background = still_background(SIDE)
    colour, alpha = figure(20, 10, 44, 60)
    alpha = cv2.GaussianBlur(alpha, (5, 5), 0)
    out = np.empty_like(background)
    SharpPicture(background).of(colour, alpha, out)
    difference = np.abs(out.astype(int) - composed(background, colour, alpha))
    assert difference.max() <= 1


@pytest.mark.parametrize("size", [(360, 360), (720, 720), (200, 150), (48, 48)])
def test_enlarged_the_figure_is_where_it_was_and_the_background_keeps_its_bytes(size):
    width, height = size
    background = still_background(SIDE)
    sharp = SharpPicture(background)
    bare, out = (np.empty((height, width, 3), np.uint8) for _ in range(2))
    empty = np.zeros((SIDE, SIDE), np.float32)
    sharp.of(np.zeros((SIDE, SIDE, 3), np.float32), empty, bare)
    colour, alpha = figure(20, 10, 44, 60)
    sharp.of(colour, alpha, out)
    seen = cv2.resize(alpha, (width, height), interpolation=cv2.INTER_LINEAR)
    inside, outside = seen > 0.99, cv2.dilate(seen, np.ones((9, 9))) == 0
    assert np.abs(out[inside].astype(int) - FIGURE_COLOUR).max() <= 1
    np.testing.assert_array_equal(out[outside], bare[outside])
    assert inside.mean() > 0.2


def test_a_figure_at_the_edge_and_an_empty_one():
    background = still_background(SIDE)
    sharp = SharpPicture(background)
    out = np.empty((128, 128, 3), np.uint8)
    sharp.of(*figure(0, 0, SIDE, SIDE), out)
    assert np.abs(out.astype(int) - FIGURE_COLOUR).max() <= 1
    sharp.of(*figure(0, 0, 0, 0), out)
    assert out.max() < 110


def test_a_background_larger_than_the_network_stays_sharper_than_it():
    large = still_background(4 * SIDE)
    out = np.empty_like(large)
    SharpPicture(large).of(*figure(10, 10, 12, 12), out)
    np.testing.assert_array_equal(out[3 * SIDE :], large[3 * SIDE :])
