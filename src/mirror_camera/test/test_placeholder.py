"""The placeholder says its sentence legibly at any size."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirror_camera.placeholder import placeholder, wrap
from mirror_core.errors import ShapeError
from mirror_core.lettering import font_file


def _ink(picture: np.ndarray) -> np.ndarray:
    return picture.max(axis=2) > 90


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 700), st.integers(1, 500))
def test_any_size_is_met(width: int, height: int) -> None:
    picture = placeholder(width, height, "No picture", "The camera was unplugged.", "Connect it again.")
    assert picture.shape == (height, width, 3)
    assert picture.dtype == np.uint8


@pytest.mark.parametrize("size", [(160, 120), (640, 360), (1280, 720), (720, 1280), (1920, 1080)])
def test_text_stays_inside_the_margins(size: tuple[int, int]) -> None:
    reason = "/dev/video0 (a camera with a very long name indeed) delivers no pictures " * 2
    ink = _ink(placeholder(*size, "No picture", reason, "Connect it again, or choose another camera."))
    rows, columns = np.nonzero(ink.any(axis=1))[0], np.nonzero(ink.any(axis=0))[0]
    assert columns[0] >= 0.05 * size[0]
    assert columns[-1] <= 0.95 * size[0]
    assert rows[0] > 0
    assert rows[-1] < size[1] - 1


def test_the_title_is_legible_in_the_mirror_across_the_room() -> None:
    ink = _ink(placeholder(1280, 720, "HHHH", ""))
    text_rows = np.nonzero(ink.sum(axis=1) > 20)[0]
    assert text_rows[-1] - text_rows[0] > 35


@pytest.mark.skipif(font_file() is None, reason="no font with umlauts on this machine")
@pytest.mark.parametrize(("letter", "base"), [("ä", "a"), ("Ü", "U"), ("ß", "s"), ("é", "e")])
def test_letters_beyond_ascii_are_drawn_not_boxed(letter: str, base: str) -> None:
    box = placeholder(400, 300, "\U0010fffd" * 3, "")
    drawn = placeholder(400, 300, letter * 3, "")
    assert not np.array_equal(drawn, box)
    assert not np.array_equal(drawn, placeholder(400, 300, base * 3, ""))


def test_the_look_is_dark_and_the_advice_differs_in_colour() -> None:
    picture = placeholder(640, 360, "No picture", "It is gone.", "Connect it.")
    assert np.median(picture) < 40
    warm = (picture[..., 2].astype(int) - picture[..., 0]) > 90
    assert warm.sum() > 100


def test_no_size_is_refused() -> None:
    with pytest.raises(ShapeError, match="not 0 × 5"):
        placeholder(0, 5, "a", "b")


@given(st.text("abc öü", max_size=80), st.integers(1, 20))
def test_wrapped_lines_fit_and_lose_no_letter(text: str, width: int) -> None:
    lines = wrap(text, width, len)
    assert all(len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_words_are_broken_only_when_too_long() -> None:
    assert wrap("one two three", 7, len) == ["one two", "three"]
    assert wrap("a verylongword", 5, len) == ["a", "veryl", "ongwo", "rd"]
