"""Fitting pictures into sizes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror_camera.letterbox import letterbox
from mirror_core.errors import ShapeError

_side = st.integers(1, 90)


@given(_side, _side, _side, _side)
def test_the_size_is_met_and_the_picture_touches_two_sides(w: int, h: int, width: int, height: int) -> None:
    result = letterbox(np.full((h, w, 3), 255, np.uint8), width, height)
    assert result.shape == (height, width, 3)
    lit = result[..., 0] == 255
    assert lit.any(axis=0).all() or lit.any(axis=1).all()


def test_the_picture_keeps_its_proportions_in_the_middle() -> None:
    result = letterbox(np.full((10, 10, 3), 255, np.uint8), 40, 20)
    assert (result[:, 10:30] == 255).all()
    assert not result[:, :10].any()
    assert not result[:, 30:].any()


def test_a_picture_of_the_right_size_is_not_copied() -> None:
    image = np.zeros((4, 6, 3), np.uint8)
    assert letterbox(image, 6, 4) is image


def test_no_size_is_refused() -> None:
    with pytest.raises(ShapeError, match="not 0 × 4"):
        letterbox(np.zeros((4, 6, 3), np.uint8), 0, 4)
