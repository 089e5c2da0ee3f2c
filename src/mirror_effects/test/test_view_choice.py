"""Which view of a stored face is shown: the nearest, without jumping."""

from __future__ import annotations

import itertools

import pytest

from mirror_effects.face_turn import Turn
from mirror_effects.view_choice import FADE_S, MARGIN_DEG, ViewChoice

VIEWS = (Turn(0.0), Turn(30.0), Turn(-30.0))


def test_the_first_choice_is_the_nearest_view_at_once() -> None:
    assert ViewChoice().choose(VIEWS, Turn(-24.0, 3.0), 0) == (2, 2, 1.0)


def test_the_next_view_takes_over_only_when_it_is_nearer_by_a_margin() -> None:
    choice = ViewChoice()
    choice.choose(VIEWS, Turn(0.0), 0)
    middle = 15.0
    assert choice.choose(VIEWS, Turn(middle + MARGIN_DEG / 2 - 0.1), 1)[0] == 0
    assert choice.choose(VIEWS, Turn(middle + MARGIN_DEG / 2 + 0.1), 2)[0] == 1
    assert choice.choose(VIEWS, Turn(middle - MARGIN_DEG / 2 + 0.1), int(2e9))[0] == 1
    assert choice.choose(VIEWS, Turn(middle - MARGIN_DEG / 2 - 0.1), int(3e9))[0] == 0


def test_the_change_is_a_fade_that_nothing_interrupts() -> None:
    choice = ViewChoice()
    choice.choose(VIEWS, Turn(0.0), 0)
    shares = [
        choice.choose(VIEWS, Turn(30.0 if i < 3 else -30.0), int((1 + i * FADE_S / 6) * 1e9))
        for i in range(7)
    ]
    assert [current for current, _, _ in shares] == [1] * 6 + [2]
    assert [before for _, before, _ in shares] == [0] * 6 + [1]
    seen = [share for _, _, share in shares[:6]]
    assert seen[0] == 0
    assert seen == sorted(seen)
    assert max(later - earlier for earlier, later in itertools.pairwise(seen)) < 0.3
    assert shares[6][2] == 0


def test_when_time_goes_backwards_nothing_hangs() -> None:
    choice = ViewChoice()
    choice.choose(VIEWS, Turn(0.0), 10**9)
    choice.choose(VIEWS, Turn(30.0), 2 * 10**9)
    assert choice.choose(VIEWS, Turn(30.0), 10**9) == (1, 0, 1.0)


def test_a_face_with_fewer_views_than_before_starts_anew() -> None:
    choice = ViewChoice()
    choice.choose(VIEWS, Turn(-30.0), 0)
    assert choice.choose(VIEWS[:2], Turn(-30.0), 1) == (0, 0, 1.0)


@pytest.mark.parametrize(("one", "other", "degrees"), [((0, 0), (30, 40), 50), ((5, -5), (5, -5), 0)])
def test_distance_is_between_the_directions(
    one: tuple[int, int], other: tuple[int, int], degrees: float
) -> None:
    assert Turn(*one, roll=90.0).distance(Turn(*other)) == pytest.approx(degrees)
