"""Drawing: where lines, axes and labels fall, and that labels read right in a mirror."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror_effects.overlay import AXIS_COLOURS, draw_axes, draw_label, draw_polylines

WHITE = (255, 255, 255)


def canvas(value: int = 0, height: int = 120, width: int = 200) -> np.ndarray:
    return np.full((height, width, 3), value, np.uint8)


def changed_box(image: np.ndarray, background: int) -> tuple[int, int, int, int]:
    """Left, upper, right and lower edge (exclusive) of what differs from the background."""
    rows, columns = np.nonzero((image != background).any(axis=2))
    return int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1


def test_a_line_covers_the_pixels_that_its_points_lie_in() -> None:
    image = canvas()
    draw_polylines(image, [np.array([[10.5, 20.5], [30.5, 20.5]])], WHITE, smooth=False)
    assert changed_box(image, 0) == (10, 20, 31, 21)


def test_the_centre_of_a_smooth_line_lies_where_its_points_say() -> None:
    image = canvas()
    draw_polylines(image, [np.array([[20.0, 40.25], [180.0, 40.25]])], WHITE, thickness=3)
    weights = image[:, 100, 0].astype(float)
    centre = float((weights * (np.arange(120) + 0.5)).sum() / weights.sum())
    assert centre == pytest.approx(40.25, abs=0.15)


def test_a_closed_line_returns_to_its_first_point() -> None:
    corner = np.array([[20.5, 20.5], [80.5, 20.5], [80.5, 80.5], [20.5, 80.5]])
    open_line, closed = canvas(), canvas()
    draw_polylines(open_line, [corner], WHITE, smooth=False)
    draw_polylines(closed, [corner], WHITE, smooth=False, closed=True)
    assert not open_line[50, 20].any()
    assert closed[50, 20].all()


def test_lines_in_one_array_are_drawn_like_lines_in_a_list() -> None:
    lines = np.random.default_rng(2).uniform(0, 120, (30, 2, 2))
    one, many = canvas(), canvas()
    draw_polylines(one, lines, WHITE)
    draw_polylines(many, list(lines), WHITE)
    assert np.array_equal(one, many)
    draw_polylines(one, [], WHITE)
    draw_polylines(one, lines[:0], WHITE)
    assert np.array_equal(one, many)


@given(st.lists(st.tuples(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9)), min_size=2, max_size=5))
def test_points_far_outside_do_no_harm(points: list[tuple[float, float]]) -> None:
    draw_polylines(canvas(), [np.array(points)], WHITE)


def test_axes_point_where_the_rotations_columns_say() -> None:
    image = canvas()
    rotation = np.array(
        [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [-1.0, 0.0, 0.0]]
    )  # x at the viewer, y right, z down
    draw_axes(image, (60.5, 40.5), rotation, 50.0, 1)
    assert image[40, 100].tolist() == pytest.approx(AXIS_COLOURS[1], abs=40)
    assert image[80, 60].tolist() == pytest.approx(AXIS_COLOURS[2], abs=40)
    assert not image[40, 20].any()
    assert not image[10, 60].any()


def test_the_axis_that_points_at_the_viewer_is_drawn_on_top() -> None:
    for towards in (-1.0, 1.0):
        image = canvas()
        # x and y fall on the same line; x points at the viewer or away.
        rotation = np.array([[0.8, 0.8, 0.0], [0.0, 0.0, 1.0], [0.6 * towards, -0.6 * towards, 0.0]])
        draw_axes(image, (60.5, 40.5), rotation, 50.0, 3)
        top = AXIS_COLOURS[0] if towards < 0 else AXIS_COLOURS[1]
        assert image[40, 80].tolist() == list(top)


def test_a_label_stands_on_a_darkened_plate_at_its_place() -> None:
    image = canvas(200)
    draw_label(image, "#12", (100.0, 80.0), WHITE, 30.0, mirrored=False)
    left, upper, right, lower = changed_box(image, 200)
    assert (upper, lower) == (50, 80)
    assert (left + right) / 2 == pytest.approx(100, abs=1)
    assert image[upper, left].tolist() == [70, 70, 70]
    assert (image == 255).all(axis=2).any()


@given(
    text=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=6),
    x=st.floats(-50, 250),
    y=st.floats(-50, 200),
    height=st.floats(1, 40),
)
def test_a_mirrored_label_is_the_flip_of_a_plain_one_at_the_same_place(
    text: str, x: float, y: float, height: float
) -> None:
    plain, mirrored = canvas(200), canvas(200)
    draw_label(plain, text, (x, y), WHITE, height, mirrored=False)
    draw_label(mirrored, text, (x, y), WHITE, height, mirrored=True)
    left, upper, right, lower = box = changed_box(plain, 200)
    assert changed_box(mirrored, 200) == box
    assert np.array_equal(mirrored[upper:lower, left:right], plain[upper:lower, left:right][:, ::-1])


def test_a_plain_label_does_not_read_the_same_from_both_sides() -> None:
    plain, mirrored = canvas(200), canvas(200)
    draw_label(plain, "#7", (100, 80), WHITE, 30.0, mirrored=False)
    draw_label(mirrored, "#7", (100, 80), WHITE, 30.0, mirrored=True)
    assert not np.array_equal(plain, mirrored)


@given(st.floats(-500, 500), st.floats(-500, 500))
def test_a_label_is_moved_so_that_its_whole_plate_is_inside(x: float, y: float) -> None:
    image, middle = canvas(200), canvas(200)
    draw_label(image, "#12", (x, y), WHITE, 30.0, mirrored=True)
    draw_label(middle, "#12", (100, 80), WHITE, 30.0, mirrored=True)
    left, upper, right, lower = changed_box(image, 200)
    expected = changed_box(middle, 200)
    assert (right - left, lower - upper) == (expected[2] - expected[0], expected[3] - expected[1])


def test_a_label_larger_than_the_picture_is_left_out() -> None:
    image = canvas(200, 20, 30)
    draw_label(image, "a very long label", (15, 10), WHITE, 40.0, mirrored=False)
    assert (image == 200).all()
