"""Layout: pixels and points agree for every mirroring, rotation and fit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirror_core.errors import ShapeError
from mirror_display.layout import ROTATIONS, canvas_size, compose, place

SIZES = st.tuples(st.integers(1, 60), st.integers(1, 60))
ROTATION = st.sampled_from(ROTATIONS)
FIT = st.sampled_from(["letterbox", "fill"])


def noise(width: int, height: int) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8)


@given(size=SIZES, mirrored=st.booleans(), rotation=ROTATION, fit=FIT)
def test_at_original_size_every_pixel_is_the_one_that_mirroring_and_turning_give(
    size, mirrored, rotation, fit
):
    image = noise(*size)
    expected = np.rot90(image[:, ::-1] if mirrored else image, -rotation // 90)
    window = canvas_size(size, rotation)
    assert np.array_equal(compose(image, window, mirrored, rotation, fit), expected)


@given(size=SIZES, window=SIZES, mirrored=st.booleans(), rotation=ROTATION, fit=FIT)
@settings(max_examples=200)
def test_the_window_is_always_filled_with_picture_and_background_only(size, window, mirrored, rotation, fit):
    image = np.full((size[1], size[0], 3), 200, np.uint8)
    pixels = compose(image, window, mirrored, rotation, fit, background_bgr=(1, 2, 3))
    assert pixels.shape == (window[1], window[0], 3) and pixels.dtype == np.uint8
    is_picture = (pixels == 200).all(axis=2)
    is_background = (pixels == (1, 2, 3)).all(axis=2)
    assert (is_picture | is_background).all()
    x, y, width, height = place(size, window, mirrored, rotation, fit).window_target
    assert is_picture[y : y + height, x : x + width].all() and is_picture.sum() == width * height
    if fit == "fill":
        assert is_picture.all()


@given(size=SIZES, window=SIZES, mirrored=st.booleans(), rotation=ROTATION, fit=FIT)
def test_a_window_point_leads_back_to_the_image_point_that_it_shows(size, window, mirrored, rotation, fit):
    placement = place(size, window, mirrored, rotation, fit)
    x, y, width, height = placement.source
    for u, v in [(0.5, 0.5), (0.25, 0.75), (0.9, 0.1)]:
        point = (x + u * width, y + v * height)
        back = placement.image_point(*placement.window_point(*point))
        assert back is not None and np.allclose(back, point, atol=1e-6)


@pytest.mark.parametrize("rotation", ROTATIONS)
@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("fit", ["letterbox", "fill"])
def test_a_bright_spot_appears_where_the_point_mapping_says(rotation, mirrored, fit):
    image = np.zeros((90, 160, 3), np.uint8)
    image[30:34, 60:64] = 255
    window = (300, 200)
    pixels = compose(image, window, mirrored, rotation, fit)
    rows, columns = np.nonzero(pixels[:, :, 0] > 127)
    seen = columns.mean() + 0.5, rows.mean() + 0.5
    expected = place((160, 90), window, mirrored, rotation, fit).window_point(62.0, 32.0)
    assert np.allclose(seen, expected, atol=1.0)


def test_letterbox_keeps_the_shape_and_centres_the_picture():
    assert place((160, 90), (100, 100), False, 0, "letterbox").target == (0, 22, 100, 56)
    assert place((90, 160), (100, 100), False, 0, "letterbox").target == (22, 0, 56, 100)


def test_fill_cuts_equally_on_both_sides():
    placement = place((160, 90), (90, 90), False, 0, "fill")
    assert placement.source == (35, 0, 90, 90) and placement.target == (0, 0, 90, 90)


def test_a_screen_turned_sideways_shows_the_upright_picture_on_its_long_side():
    placement = place((1280, 720), (480, 800), True, 90, "letterbox")
    assert placement.target == (0, 15, 800, 450)
    assert placement.window_target == (15, 0, 450, 800)


def test_a_point_on_the_bars_belongs_to_no_pixel():
    placement = place((160, 90), (100, 100), True, 0, "letterbox")
    assert placement.image_point(50, 10) is None
    assert placement.image_point(50, 50) is not None


def test_the_identity_costs_no_copy():
    image = noise(32, 18)
    assert np.shares_memory(compose(image, (32, 18), mirrored=False), image)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (((0, 5), (10, 10), True, 0, "fill"), "1 × 1 or more"),
        (((5, 5), (10, 10), True, 45, "fill"), "not 45"),
        (((5, 5), (10, 10), True, 0, "stretch"), "'stretch'"),
    ],
)
def test_wrong_layouts_are_refused_with_what_is_allowed(arguments, complaint):
    with pytest.raises(ShapeError, match=complaint):
        place(*arguments)


def test_a_grey_image_is_refused():
    with pytest.raises(ShapeError, match="BGR"):
        compose(np.zeros((5, 5), np.uint8), (5, 5))
