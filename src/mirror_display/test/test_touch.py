"""Fingers: tap, swipe, hold; what is neither does nothing; a second finger does not disturb."""

from __future__ import annotations

import pytest

from mirror_display.touch import HOLD_S, SWIPE_S, Touch, TouchKind, TouchReader


@pytest.mark.parametrize(
    ("to", "after_s", "kind"),
    [
        ((0.5, 0.5), 0.1, TouchKind.TAP),
        ((0.51, 0.49), 0.3, TouchKind.TAP),  # fingers never rest quite still
        ((0.3, 0.52), 0.3, TouchKind.SWIPE_LEFT),
        ((0.8, 0.4), 0.3, TouchKind.SWIPE_RIGHT),
        ((0.8, 0.5), SWIPE_S + 0.1, None),  # too slow
        ((0.62, 0.7), 0.3, None),  # downwards
        ((0.5, 0.9), 0.3, None),
        ((0.55, 0.5), 0.3, None),  # too short for a swipe, too far for a tap
    ],
)
def test_what_a_finger_does(to, after_s, kind):
    reader = TouchReader()
    reader.down(7, 0.5, 0.5, 10.0)
    reader.move(7, *to)
    touch = reader.up(7, *to, 10.0 + after_s)
    assert touch == (None if kind is None else Touch(kind, 0.5, 0.5))


def test_a_resting_finger_holds_once_until_it_leaves():
    reader = TouchReader()
    reader.down(1, 0.2, 0.3, 0.0)
    assert reader.look(HOLD_S - 0.01) is None
    assert reader.look(HOLD_S) == Touch(TouchKind.HOLD, 0.2, 0.3)
    assert reader.look(HOLD_S + 1.0) is None
    assert reader.up(1, 0.9, 0.3, 5.0) == Touch(TouchKind.HOLD_END, 0.2, 0.3)
    assert reader.look(9.0) is None


def test_a_moving_finger_does_not_hold():
    reader = TouchReader()
    reader.down(1, 0.2, 0.3, 0.0)
    reader.move(1, 0.3, 0.3)
    assert reader.look(HOLD_S + 1.0) is None


def test_a_second_finger_is_ignored():
    reader = TouchReader()
    reader.down(1, 0.2, 0.3, 0.0)
    reader.down(2, 0.9, 0.9, 0.1)
    reader.move(2, 0.1, 0.9)
    assert reader.up(2, 0.1, 0.9, 0.2) is None
    assert reader.up(1, 0.2, 0.3, 0.3) == Touch(TouchKind.TAP, 0.2, 0.3)
