"""What a browser chooses of the mood log: periods, steps through time, addresses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror_core.errors import UsageError
from mirror_mood.log.answers import LogState
from mirror_web.mood_choice import SCALES, MoodChoice, View

EMPTY = LogState(0, None, None)
NOW_S = 1_773_997_215.4  # 2026-03-20 10:00:15 in Berlin


@pytest.mark.parametrize(
    ("scale", "step_s"),
    [("minute", 1), ("ten_minutes", 10), ("hour", 60), ("day", 3600), ("week", 3600), ("year", 3600)],
)
def test_a_scale_ends_with_the_bucket_that_has_begun_now(scale: str, step_s: int) -> None:
    start_s, end_s = MoodChoice(scale=scale).period(EMPTY, NOW_S)
    assert end_s - start_s == SCALES[scale]
    assert end_s % step_s == 0
    assert 0 < end_s - NOW_S <= step_s + 1


def test_a_period_stays_the_same_until_its_bucket_is_full() -> None:
    choice = MoodChoice(scale="hour")
    assert choice.period(EMPTY, NOW_S) == choice.period(EMPTY, NOW_S + 44)
    assert choice.period(EMPTY, NOW_S) != choice.period(EMPTY, NOW_S + 45)


def test_all_begins_with_the_first_second_of_the_log() -> None:
    first_s = int(NOW_S) - 40 * 86400
    start_s, end_s = MoodChoice(scale="all").period(LogState(3, first_s, first_s + 5), NOW_S)
    assert start_s <= first_s < start_s + 3600
    assert end_s > NOW_S


def test_a_fixed_period_stays_where_it_is() -> None:
    choice = MoodChoice().between(1000, 2000)
    assert not choice.follows
    assert choice.period(EMPTY, NOW_S) == (1000, 2000)


def test_steps_move_by_the_whole_length_but_not_into_the_future() -> None:
    now = int(NOW_S)
    earlier = MoodChoice().moved((now - 600, now), -1, now)
    assert earlier.fixed == (now - 1200, now - 600)
    assert earlier.moved(earlier.fixed, 1, now).fixed == (now - 600, now)
    assert earlier.moved((now - 700, now - 100), 1, now).fixed == (now - 600, now)


@given(
    scale=st.sampled_from([*SCALES, "fixed"]),
    fixed=st.tuples(st.integers(0, 10**9), st.integers(5, 10**9)),
    points=st.integers(2, 5000),
    person=st.none() | st.text(max_size=12),
    mirror=st.none() | st.text(max_size=12),
    view=st.sampled_from(View),
)
def test_a_choice_outlives_its_address(scale, fixed, **chosen) -> None:
    period = (fixed[0], fixed[0] + fixed[1]) if scale == "fixed" else (0, 5)
    choice = MoodChoice(scale, period, **chosen)
    assert MoodChoice.of_query(choice.query()) == choice


@pytest.mark.parametrize(
    "query",
    [{"scale": "aeon"}, {"points": "many"}, {"scale": "fixed", "from": "9", "to": "3"}, {"view": "x"}],
)
def test_an_address_that_is_not_understood_gives_the_default(query: dict[str, str]) -> None:
    assert MoodChoice.of_query(query) == MoodChoice()


@pytest.mark.parametrize("points", [1, 5001])
def test_points_out_of_range_are_refused(points: int) -> None:
    with pytest.raises(UsageError, match=f"Points = {points} is refused"):
        MoodChoice(points=points)
