"""Where labels stand: inside the canvas, off rings and off each other, and they stay where they are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mirror_display.label_places import Side, _covered, _overlap, place_labels
from mirror_display.ring import Ring

CANVAS = (1280, 720)
LONG, SHORT = (280, 164), (280, 72)


def ring(x: float, y: float = 330.0, radius: float = 150.0) -> Ring:
    return Ring(x, y, radius * 0.9, radius, 7.0)


def placed(*rings: Ring, canvas: tuple[int, int] = CANVAS, kept=()):
    return place_labels(rings, [(LONG, SHORT)] * len(rings), canvas, kept)


def test_a_single_face_has_its_label_where_more_room_is():
    assert [placed(ring(x))[0].side for x in (400.0, 900.0)] == [Side.RIGHT, Side.LEFT]
    assert placed(ring(400.0))[0].rect[2:] == LONG


def test_two_people_have_their_labels_at_their_outer_sides():
    left, right = placed(ring(480.0), ring(800.0))
    assert (left.side, right.side) == (Side.LEFT, Side.RIGHT)


def test_where_both_sides_are_taken_a_label_goes_below_or_above():
    middle = placed(ring(300.0), ring(640.0), ring(980.0))[1]
    assert middle.side in (Side.BELOW, Side.ABOVE)


def test_a_ring_without_a_label_is_not_covered_either():
    place = place_labels([ring(500.0)], [(LONG, SHORT)], CANVAS, (), [ring(800.0)])[0]
    assert place.side is Side.LEFT
    assert placed(ring(500.0))[0].side is Side.RIGHT


def test_a_long_label_gives_way_to_a_short_one_where_it_would_cover_a_ring():
    place = place_labels([ring(200.0, 270.0, 190.0)], [(LONG, SHORT)], (400, 570))[0]
    assert place.rect[2:] == SHORT


def test_a_label_keeps_its_place_while_a_face_moves_past_the_middle():
    first = placed(ring(600.0))[0]
    assert placed(ring(680.0), kept=[first])[0].side == first.side != placed(ring(680.0))[0].side


def test_without_room_or_with_the_face_out_of_sight_there_is_no_label():
    assert placed(ring(50.0), canvas=(100, 60)) == [None]
    assert placed(ring(-200.0)) == [None]


rings = st.builds(ring, st.floats(-100, 1400), st.floats(-100, 800), st.floats(4, 400))


@given(st.lists(rings, max_size=4), st.tuples(st.integers(64, 1400), st.integers(64, 1400)))
def test_labels_always_lie_inside_the_canvas(several, canvas):
    for place in placed(*several, canvas=canvas):
        if place is not None:
            x, y, width, height = place.rect
            assert x >= 0 and y >= 0 and x + width <= canvas[0] and y + height <= canvas[1]


@given(st.floats(200, 460), st.floats(820, 1080), st.floats(250, 420), st.floats(80, 160))
def test_the_labels_of_two_people_side_by_side_cover_neither_faces_nor_each_other(x, other_x, y, radius):
    several = [ring(x, y, radius), ring(other_x, y + 20, radius)]
    left, right = placed(*several)
    assert _overlap(left.rect, right.rect) == 0
    assert all(_covered(place.rect, one) < 0.02 for place in (left, right) for one in several)
