"""The sheets of the window: the states that the documentation speaks of, each with its privacy light."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mirror.window_sheets import LINK, TILE, carousel_sheet, first_start_sheet, idle_sheet
from mirror_display.panels import BAD, GOOD

CORNER = (slice(5, 30), slice(-60, None))  # of a tile, in which the light stands


def tiles_of(sheet: np.ndarray) -> list[np.ndarray]:
    assert sheet.shape == (2 * TILE[1], 2 * TILE[0], 3)
    return [half for row in np.vsplit(sheet, 2) for half in np.hsplit(row, 2)]


def has(tile: np.ndarray, colour: tuple[int, int, int]) -> bool:
    """Whether the light's corner has a colour, which scaling down has mixed with its ground."""
    return bool((np.abs(tile[CORNER].astype(int) - colour[::-1]).max(axis=2) < 40).sum() > 8)


def test_the_first_start_is_told_over_the_dimmed_picture():
    tiles = tiles_of(first_start_sheet())
    assert all(has(tile, GOOD) for tile in tiles)
    assert len({tile.tobytes() for tile in tiles}) == 4
    assert all(np.median(tile) < 60 for tile in tiles)


def test_rest_is_dark_and_the_closed_shutter_has_its_sign():
    clock, invitation, dark, closed = tiles_of(idle_sheet())
    assert [has(tile, GOOD) for tile in (clock, invitation, dark, closed)] == [True, True, True, False]
    assert has(closed, BAD)
    assert clock.max() > 200 and invitation.max() > 200
    dark[CORNER] = 0
    assert 20 < dark.max() < 60


def test_the_code_on_the_sheet_can_be_scanned():
    pytest.importorskip("segno")
    *others, link = tiles_of(carousel_sheet())
    larger = cv2.resize(link, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    assert cv2.QRCodeDetector().detectAndDecode(larger)[0] == LINK
    assert all(has(tile, GOOD) for tile in (*others, link))
