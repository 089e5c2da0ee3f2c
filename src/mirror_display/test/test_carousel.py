"""The carousel: steps from what is shown, chooses what somebody stays with or agrees to, else nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror_display.carousel import TURN_S, Carousel

NAMES = ("none", "mask", "swap", "film", "deform")


@pytest.fixture
def carousel() -> Carousel:
    carousel = Carousel(stay_s=1.0)
    carousel.set_effects(NAMES, "mask")
    return carousel


def test_a_step_opens_it_beside_the_shown_effect_with_its_neighbours(carousel):
    assert carousel.look(0.0) is None
    carousel.step(1, 0.0)
    assert carousel.look(TURN_S).names == ("none", "mask", "swap", "film", "deform")
    carousel.step(-1, 0.1)
    carousel.step(-1, 0.2)
    assert carousel.look(0.2 + TURN_S).names == ("film", "deform", "none", "mask", "swap")


def test_who_stays_with_an_effect_has_chosen_it_once(carousel):
    carousel.step(1, 0.0)
    assert carousel.stayed_with(0.99) is None
    assert carousel.stayed_with(1.0) == "swap"
    assert not carousel.is_open and carousel.stayed_with(5.0) is None


def test_a_further_step_begins_the_time_anew(carousel):
    carousel.step(1, 0.0)
    carousel.step(1, 0.9)
    assert carousel.stayed_with(1.5) is None
    assert carousel.stayed_with(2.0) == "film"


def test_agreeing_chooses_at_once_and_leaving_chooses_nothing(carousel):
    carousel.step(-1, 0.0)
    assert carousel.choose() == "none"
    carousel.step(1, 0.0)
    carousel.close()
    assert carousel.choose() is None and carousel.stayed_with(9.0) is None


def test_without_time_to_stay_each_step_chooses():
    carousel = Carousel(stay_s=0.0)
    carousel.set_effects(NAMES, "deform")
    carousel.step(1, 0.0)
    assert carousel.look(0.0).stayed == 1.0
    assert carousel.stayed_with(0.0) == "none"


def test_names_slide_to_their_places_unless_motion_is_reduced(carousel):
    carousel.step(1, 0.0)
    offsets = [carousel.look(share * TURN_S).offset for share in (0.0, 0.3, 0.6, 1.0)]
    assert offsets == sorted(offsets, reverse=True) and offsets[0] == 1.0 and offsets[-1] == 0.0
    carousel.step(1, 1.0)
    assert carousel.look(1.0, reduced_motion=True).offset == 0.0


def test_without_effects_there_is_nothing_to_choose():
    carousel = Carousel()
    carousel.step(1, 0.0)
    assert not carousel.is_open and not carousel.has_effects and carousel.choose() is None


def test_other_effects_close_it_and_an_unknown_one_begins_with_the_first(carousel):
    carousel.step(1, 0.0)
    carousel.set_effects(("none", "own"), "gone")
    assert not carousel.is_open
    carousel.step(1, 0.0)
    assert carousel.choose() == "own"


@given(st.lists(st.sampled_from([-1, 1]), min_size=1, max_size=40), st.sampled_from(NAMES))
def test_steps_add_up_round_and_round(steps, shown):
    carousel = Carousel()
    carousel.set_effects(NAMES, shown)
    for index, step in enumerate(steps):
        carousel.step(step, index * 0.01)
    assert abs(carousel.look(len(steps) * 0.01).offset) <= 1.0
    assert carousel.choose() == NAMES[(NAMES.index(shown) + sum(steps)) % len(NAMES)]
