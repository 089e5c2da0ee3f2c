"""The latency governor: when it lowers work and takes it back, in which order, and what each level lowers."""

from __future__ import annotations

import itertools
import math

import pytest

from mirror_core.errors import ShapeError
from mirror_core.governor import (
    FALL_AFTER,
    LONGEST_FALL_AFTER,
    RISE_AFTER,
    EverySecond,
    Governor,
    GovernorParameters,
    Load,
    Step,
    film_rate,
    lowered_words,
    unmask_rate,
)

ALL = frozenset(Step) - {Step.NONE}
LATE = Load(0.2, 30.0, 30.0)
FEW = Load(0.03, 12.0, 30.0)
FAIR = Load(0.07, 30.0, 30.0)  # in time, with nothing to spare
EASY = Load(0.01, 30.0, 30.0)
NOBODY = Load(math.nan, 0.0, 0.0)


def levels(governor: Governor, load: Load, windows: int, steps=ALL) -> list[int]:
    return [int(governor.observe(load, steps)) for _ in range(windows)]


def raised(steps=ALL) -> Governor:
    governor = Governor()
    levels(governor, LATE, RISE_AFTER * len(steps), steps)
    return governor


@pytest.mark.parametrize("load", [LATE, FEW, Load(math.nan, 0.0, 30.0)], ids=["late", "few", "none"])
def test_work_is_lowered_step_by_step_in_the_stated_order(load: Load) -> None:
    assert levels(Governor(), load, 10) == [0, 1, 1, 2, 2, 3, 3, 4, 4, 4]


def test_one_bad_window_does_nothing() -> None:
    governor = Governor()
    for _ in range(20):
        assert levels(governor, LATE, 1) == [0]
        assert levels(governor, EASY, 1) == [0]


@pytest.mark.parametrize("load", [EASY, NOBODY], ids=["easy", "nobody looks"])
def test_with_time_to_spare_it_is_taken_back_in_the_opposite_order(load: Load) -> None:
    governor = raised()
    heights = levels(governor, load, 4 * FALL_AFTER)
    assert [heights[FALL_AFTER * n - 1] for n in (1, 2, 3, 4)] == [3, 2, 1, 0]
    assert heights.count(4) == FALL_AFTER - 1
    assert governor.reason == ""


def test_between_too_little_time_and_time_to_spare_the_level_stays() -> None:
    governor = raised()
    assert levels(governor, FAIR, 100) == [4] * 100
    assert levels(Governor(), FAIR, 100) == [0] * 100


def test_frames_are_few_only_beside_those_that_come_and_those_that_are_wanted() -> None:
    target = GovernorParameters(rate=25.0)
    assert not Load(0.01, 30.0, 60.0).is_short_of_time(target)  # half are dropped, and 30 are enough
    assert not Load(0.01, 15.0, 15.0).is_short_of_time(target)  # a slow camera is no slow processor
    assert Load(0.01, 22.0, 30.0).is_short_of_time(target)
    assert not Load(0.01, 22.6, 30.0).is_short_of_time(target)


def test_steps_that_would_lower_nothing_are_passed_over() -> None:
    steps = frozenset({Step.UNMASK, Step.RESOLUTION})
    governor = Governor()
    assert levels(governor, LATE, 6, steps) == [0, 2, 2, 4, 4, 4]
    assert levels(governor, EASY, 2 * FALL_AFTER, steps)[FALL_AFTER - 1 :: FALL_AFTER] == [2, 0]
    assert levels(Governor(), LATE, 6, frozenset()) == [0] * 6


def test_it_does_not_swing_where_a_step_back_is_too_much() -> None:
    steps = frozenset({Step.FILM})
    governor = Governor()
    waited = []
    for _ in range(7):
        while governor.level < Step.FILM:
            governor.observe(LATE, steps)
        windows = 0
        while governor.level:
            governor.observe(EASY, steps)
            windows += 1
        waited.append(windows)
    assert waited == [5, 10, 20, 40, 80, 80, 80]
    levels(governor, EASY, LONGEST_FALL_AFTER, steps)  # it has been quiet for long
    levels(governor, LATE, RISE_AFTER, steps)
    assert levels(governor, EASY, FALL_AFTER, steps)[-1] == 0


def test_it_says_what_it_has_seen_and_what_is_lowered() -> None:
    governor = Governor()
    levels(governor, Load(0.123, 18.4, 30.0), RISE_AFTER)
    assert governor.reason == "18 of 30 frames a second shown, 123 ms old"
    assert lowered_words(3, ALL) == (
        "the film plays at half its rate, mask removal looks a third as often, every second frame is tracked"
    )
    assert lowered_words(4, {Step.RESOLUTION}) == "effects draw at half the resolution"
    assert lowered_words(0, ALL) == ""


def test_switched_off_nothing_is_lowered() -> None:
    governor = raised()
    governor.target = GovernorParameters(on=False)
    assert levels(governor, LATE, 10) == [0] * 10


def test_impossible_figures_are_refused() -> None:
    with pytest.raises(ShapeError, match="rates of 0 or more"):
        Load(0.1, -1.0, 30.0)


@pytest.mark.parametrize(
    ("level", "film", "unmask", "left_out"),
    [(0, 30, 30, 0), (1, 15, 30, 0), (2, 15, 10, 0), (3, 15, 10, 5), (4, 15, 10, 5)],
)
def test_each_level_lowers_its_own_and_all_before_it(
    level: int, film: float, unmask: float, left_out: int
) -> None:
    assert film_rate(30.0, level) == film
    assert unmask_rate(30.0, level) == pytest.approx(unmask)
    every_second = EverySecond()
    left = [every_second.leaves_out(level) for _ in range(10)]
    assert sum(left) == left_out
    assert not any(a and b for a, b in itertools.pairwise(left))
