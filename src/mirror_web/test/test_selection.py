"""What a tap on an effect asks for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror_web.selection import chosen, moved, shown_name, toggled

ALL = ("none", "a", "b", "c")
STACK = st.lists(st.sampled_from("abc"), unique=True, min_size=1).map(tuple)


def test_choosing_takes_this_one_only():
    assert chosen("b") == ("b",)


@pytest.mark.parametrize(
    ("active", "name", "expected"),
    [
        (("none",), "a", ("a",)),  # the effect that changes nothing makes room
        (("a",), "b", ("a", "b")),  # a new one is applied last
        (("a", "b"), "a", ("b",)),
        (("a",), "a", ("none",)),  # the last one leaves nothing
    ],
)
def test_combining_adds_at_the_end_and_takes_out(active, name, expected):
    assert toggled(ALL, active, name) == expected


def test_without_the_neutral_effect_nothing_is_left():
    assert toggled(("a",), ("a",), "a") == ()


@given(STACK, st.sampled_from("abc"))
def test_toggling_twice_leaves_the_same_effects(stack, name):
    twice = toggled(ALL, toggled(ALL, stack, name), name)
    assert set(twice) == (set(stack) if stack != (name,) else {name})


@given(STACK, st.integers(-4, 4))
def test_moving_changes_the_order_only(stack, by):
    result = moved(stack, stack[0], by)
    assert sorted(result) == sorted(stack)
    assert result.index(stack[0]) == min(max(by, 0), len(stack) - 1)


@pytest.mark.parametrize(
    ("name", "shown"), [("landmarks", "Landmarks"), ("face_swap", "Face swap"), ("", "")]
)
def test_names_read_well(name, shown):
    assert shown_name(name) == shown
