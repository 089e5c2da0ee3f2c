"""The Mood page's words for periods, durations, days and differences."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from mirror_core.moods import MOOD_COUNT, MoodLabel
from mirror_mood.log.answers import Comparison, Day, Series, Total
from mirror_web.mood_testing import ZONE, at
from mirror_web.mood_texts import (
    day_words,
    difference_words,
    duration_words,
    period_words,
    points_words,
    signed_points,
)

NOTHING = Series(60, *[np.zeros(0, np.int64)], np.zeros((0, 7)), *[np.zeros(0)] * 4, np.zeros(0, np.int64))


def total(valence: float = 0.0, arousal: float = 0.0, count: int = 100, **shares: float) -> Total:
    means = np.array([shares.get(label.word, 0.0) for label in MoodLabel])
    if not count:
        means = np.full(MOOD_COUNT, np.nan)
    return Total(0, 86400, count, means, valence, arousal, 0.6, 0.0)


def compared(first: Total, second: Total) -> tuple[str, ...]:
    return difference_words(Comparison(first, second, NOTHING, NOTHING), "Last week", "This week")


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (59, "59 s"), (60, "1 min"), (7500, "2 h 5 min"), (3600, "1 h")]
)
def test_durations(seconds: int, words: str) -> None:
    assert duration_words(seconds) == words


@pytest.mark.parametrize(
    ("bucket_s", "words"),
    [
        (1, "a second"),
        (10, "10 seconds"),
        (600, "10 minutes"),
        (3600, "an hour"),
        (21600, "6 hours"),
        (604800, "a week"),
    ],
)
def test_what_a_point_stands_for(bucket_s: int, words: str) -> None:
    assert points_words(bucket_s) == words


@pytest.mark.parametrize(
    ("start_s", "end_s", "words"),
    [
        (at(9, 14), at(9, 15), "9 March 2026, 14:00 – 15:00"),
        (at(9, 0), at(10, 0), "9 March 2026"),
        (at(9, 0), at(16, 0), "9 – 15 March 2026"),
        (at(30, 0), at(6, 0, month=4), "30 March – 5 April 2026"),
        (at(28, 12), at(30, 12), "28 March, 12:00 – 30 March 2026, 12:00"),  # clocks go forward between
    ],
)
def test_periods_are_local(start_s: int, end_s: int, words: str) -> None:
    assert period_words(start_s, end_s, ZONE) == words


def test_differences_are_said_from_the_largest_on() -> None:
    lines = compared(
        total(happy=0.30, neutral=0.5, sad=0.2, valence=0.1),
        total(happy=0.46, neutral=0.45, sad=0.09, valence=0.3),
    )
    assert lines == (
        "This week was mostly happy, last week mostly neutral.",
        "More happy (46 % instead of 30 %).",
        "Less sad (9 % instead of 20 %) and neutral (45 % instead of 50 %).",
        "More pleasant on the whole (valence +0.30 instead of +0.10).",
    )


def test_small_differences_are_none() -> None:
    assert compared(total(happy=0.50, neutral=0.50), total(happy=0.51, neutral=0.49)) == (
        "Both are much alike.",
    )


def test_a_period_without_anybody_is_said_to_be_one() -> None:
    assert compared(total(count=0), total(happy=1.0)) == ("Nobody was seen: last week.",)


def test_a_day_in_words() -> None:
    assert day_words(Day(date(2026, 3, 3), total(happy=0.46, neutral=0.4, count=7500))) == (
        "Tuesday 3 March: mostly happy (46 %), seen for 2 h 5 min"
    )
    assert day_words(Day(date(2026, 3, 4), total(count=0))) == "Wednesday 4 March: nobody was seen"


@pytest.mark.parametrize(("share", "words"), [(0.084, "+8"), (-0.031, "−3"), (0.001, "0"), (np.nan, "–")])
def test_differences_of_shares_have_a_sign(share: float, words: str) -> None:
    assert signed_points(share) == words
