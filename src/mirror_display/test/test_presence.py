"""Presence: rest deepens with time alone, ends at once, and people are looked for only when it matters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror_core.errors import ParameterError
from mirror_display.presence import GLANCE_S, Presence, Rest, RestTimes

TIMES = RestTimes(60.0, 90.0, 300.0)


@pytest.mark.parametrize(
    ("alone_s", "rest"),
    [
        (59.9, Rest.AWAKE),
        (60.0, Rest.CLOCK),
        (89.9, Rest.CLOCK),
        (90.0, Rest.ATTRACT),
        (299.0, Rest.ATTRACT),
        (300.0, Rest.DARK),
        (1e6, Rest.DARK),
    ],
)
def test_rest_deepens_the_longer_nobody_is_there(alone_s, rest):
    presence = Presence(TIMES, 1000.0)
    assert presence.look(1000.0 + alone_s) is rest


@pytest.mark.parametrize("alone_s", [61.0, 100.0, 1000.0])
def test_a_person_wakes_the_window_at_once_from_any_rest(alone_s):
    presence = Presence(TIMES, 0.0)
    assert presence.look(alone_s) is not Rest.AWAKE
    assert presence.see(alone_s)
    assert presence.rest is Rest.AWAKE and presence.look(alone_s) is Rest.AWAKE
    assert not presence.see(alone_s + 1.0)


def test_who_stays_keeps_it_awake_for_ever():
    presence = Presence(TIMES, 0.0)
    for second in range(0, 5000, 50):
        assert presence.look(float(second)) is Rest.AWAKE
        presence.see(float(second))


@pytest.mark.parametrize(
    ("times", "alone_s", "rest"),
    [
        (RestTimes(0.0, 1.0, 2.0), 1e6, Rest.AWAKE),  # no rest at all
        (RestTimes(60.0, 0.0, 300.0), 200.0, Rest.CLOCK),  # no invitation
        (RestTimes(60.0, 90.0, 0.0), 1e6, Rest.ATTRACT),  # never dark
        (RestTimes(60.0, 30.0, 0.0), 61.0, Rest.ATTRACT),  # the invitation at once
    ],
)
def test_each_kind_of_rest_can_be_left_out(times, alone_s, rest):
    assert Presence(times, 0.0).look(alone_s) is rest


def test_times_below_zero_are_refused():
    with pytest.raises(ParameterError, match=r"dark_s = -1 is refused"):
        RestTimes(dark_s=-1)


def test_people_are_looked_for_now_and_then_while_one_was_seen_and_always_at_rest():
    presence = Presence(TIMES, 0.0)
    presence.see(10.0)
    assert not presence.wants_faces(10.0 + GLANCE_S - 0.1)
    assert presence.wants_faces(10.0 + GLANCE_S) and not presence.wants_bodies(10.0 + GLANCE_S)
    assert presence.wants_bodies(10.0 + 2 * GLANCE_S)
    presence.look(80.0)
    assert presence.wants_faces(80.0) and presence.wants_bodies(80.0)
    presence.see(80.0)
    assert not presence.wants_faces(80.0) and not presence.wants_bodies(80.0)


def test_a_window_that_never_rests_looks_for_nobody():
    presence = Presence(RestTimes(0.0), 0.0)
    assert not presence.wants_faces(1e6) and not presence.wants_bodies(1e6)


@given(st.lists(st.tuples(st.booleans(), st.floats(0.0, 400.0)), max_size=30))
def test_rest_never_becomes_lighter_without_a_person(steps):
    presence, now_s, rest = Presence(TIMES, 0.0), 0.0, Rest.AWAKE
    for is_seen, passed_s in steps:
        now_s += passed_s
        if is_seen:
            presence.see(now_s)
            rest = Rest.AWAKE
        assert presence.look(now_s) >= rest
        rest = presence.rest
