"""Who plays a film's characters."""

from __future__ import annotations

from mirror_effects.film.casting import Casting
from mirror_effects.film.testing import standing
from mirror_effects.film.testing_stage import body_of


def body(track_id: int, x: float = 320.0, height: float = 300.0):
    return body_of(standing(height, (x, 80.0)), track_id)


def ids(cast) -> list[int | None]:
    return [each.track_id if each is not None else None for each in cast]


def test_the_largest_plays_and_keeps_the_character_while_seen():
    casting = Casting()
    assert ids(casting.cast([body(1, height=200.0), body(2, height=300.0)], 10.0)) == [2]
    assert ids(casting.cast([body(1, height=400.0), body(2, height=100.0)], 10.1)) == [2]
    assert ids(casting.cast([body(1)], 10.2)) == [None]  # for a moment out of sight
    assert ids(casting.cast([body(1), body(2)], 10.3)) == [2]
    assert ids(casting.cast([body(1)], 10.9)) == [None]
    assert ids(casting.cast([body(1)], 11.4)) == [1]
    assert ids(casting.cast([], 11.5)) == [None]


def test_two_stand_as_the_mirror_shows_them_and_keep_their_sides():
    casting = Casting(2)
    # The one on the right of the camera's picture is on the left in the mirror.
    assert ids(casting.cast([body(1, x=200.0), body(2, x=450.0)], 10.0)) == [2, 1]
    assert ids(casting.cast([body(1, x=500.0), body(2, x=100.0)], 10.1)) == [2, 1]
    assert ids(casting.cast([body(1)], 10.2)) == [None, 1]
    assert ids(casting.cast([body(1), body(3)], 10.3)) == [None, 1]
    assert ids(casting.cast([body(1), body(3)], 11.5)) == [3, 1]


def test_alone_somebody_has_the_first_character_and_the_next_gets_the_second():
    casting = Casting(2)
    assert ids(casting.cast([body(7)], 10.0)) == [7, None]
    assert ids(casting.cast([body(7), body(8, x=600.0)], 10.1)) == [7, 8]


def test_in_turn_who_waits_longest_is_next():
    casting = Casting(1, turn_s=5.0)
    people = [body(1, height=300.0), body(2, height=200.0), body(3, height=100.0)]
    played = []
    for tick in range(200):
        (player,) = ids(casting.cast(people, 10.0 + 0.1 * tick))
        if not played or played[-1] != player:
            played.append(player)
    assert played == [1, 2, 3, 1]
    alone = Casting(1, turn_s=5.0)
    assert {tuple(ids(alone.cast(people[:1], 10.0 + 0.1 * tick))) for tick in range(120)} == {(1,)}


def test_a_long_gap_and_a_step_back_in_time_begin_anew():
    casting = Casting()
    assert ids(casting.cast([body(1), body(2, height=100.0)], 10.0)) == [1]
    assert ids(casting.cast([body(1, height=100.0), body(2)], 9.0)) == [2]
    assert ids(casting.cast([body(1), body(2, height=100.0)], 20.0)) == [1]
