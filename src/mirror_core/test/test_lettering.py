"""Texts as pixels: letters of other languages are there, lines of one size are as high."""

from __future__ import annotations

import numpy as np
import pytest

from mirror_core.lettering import font_file, letters


def test_a_line_is_as_high_as_any_other_of_its_size_and_as_wide_as_its_text() -> None:
    one, other = letters("ace", 24), letters("Ägypten, gejagt", 24)
    assert one.dtype == np.uint8
    assert one.shape[0] == other.shape[0]
    assert 24 <= one.shape[0] <= 36
    assert other.shape[1] > 3 * one.shape[1]
    assert letters("ace", 48).shape[1] == pytest.approx(2 * one.shape[1], rel=0.05)


def test_letters_stand_on_one_line() -> None:
    flat, with_tail = letters("ace", 40), letters("g", 40)
    foot = np.flatnonzero(flat.max(axis=1) > 128).max()
    assert np.flatnonzero(with_tail.max(axis=1) > 128).max() > foot + 4


@pytest.mark.skipif(font_file() is None, reason="no font with umlauts on this machine")
def test_an_umlaut_has_its_dots() -> None:
    plain, dotted = letters("a", 60), letters("ä", 60)
    assert plain.shape == dotted.shape
    above = np.flatnonzero(plain.max(axis=1) > 128).min()
    assert dotted[: above - 2].max() > 128
    assert not plain[: above - 2].max() > 128


@pytest.mark.parametrize("text", ["", " ", "\n\t"])
def test_what_cannot_be_printed_is_empty_room(text: str) -> None:
    line = letters(text, 24)
    assert line.shape[1] >= 1
    assert not line.any()
