"""What the Mood page draws: values, gaps, colours, pairs of periods, live samples."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from mirror_core.errors import UsageError
from mirror_core.mood_colours import MOOD_COLOURS
from mirror_core.moods import Mood, MoodLabel, MoodSet
from mirror_core.testing import FakeClock
from mirror_mood.log.answers import Day, Total
from mirror_mood.log.queries import MoodQueries
from mirror_web.mood_choice import MoodChoice
from mirror_web.mood_colouring import contrast, css_colour, day_colours
from mirror_web.mood_curves import STACK, curves, legend, total_of
from mirror_web.mood_live import LiveMoods
from mirror_web.mood_pairs import PairChoice, own_start, pair
from mirror_web.mood_testing import ZONE, at, known_rows, write_rows

START_S = at(20, 9)


@pytest.fixture
def log(tmp_path: Path):
    path = str(tmp_path / "moods.sqlite")
    write_rows(
        path,
        known_rows(START_S, 60, MoodLabel.HAPPY, 0.7, feeling=(0.5, 0.25)),
        known_rows(START_S + 60, 30, MoodLabel.SAD, 0.64),
        known_rows(START_S + 300, 10, MoodLabel.ANGRY, 1.0),
    )
    with MoodQueries(path) as log:
        yield log


def test_curves_have_the_values_and_end_where_nobody_was_seen(log: MoodQueries) -> None:
    period = (START_S, START_S + 360)
    found = curves(log.series(*period, bucket_s=60), period, MoodChoice(), "words")
    minutes = [(time / 1000 - START_S) / 60 for time in found["times"]]
    assert minutes == [0, 1, 2, 2, 5, 6, 6]
    assert found["columns"]["happy"] == [0.7, 0.06, 0.06, None, 0.0, 0.0, None]
    assert found["columns"]["angry"] == [0.05, 0.06, 0.06, None, 1.0, 1.0, None]
    assert found["columns"]["valence"][0] == 0.5
    assert found["counts"] == [60, 30, 30, 0, 10, 10, 0]
    assert found["means"]["happy"] == pytest.approx((60 * 0.7 + 30 * 0.06) / 100, abs=1e-4)
    assert not found["isEmpty"]


def test_the_total_of_a_series_is_that_of_its_seconds(log: MoodQueries) -> None:
    period = (START_S, START_S + 360)
    found, due = total_of(log.series(*period, bucket_s=60), period), log.total(*period)
    np.testing.assert_allclose(found.means, due.means, atol=1e-12)
    assert (found.count, found.dominant) == (100, MoodLabel.HAPPY)
    assert found.valence == pytest.approx(due.valence)


def test_where_nobody_was_seen_there_is_no_curve(log: MoodQueries) -> None:
    period = (START_S + 1000, START_S + 1060)
    found = curves(log.series(*period), period, MoodChoice(), "")
    assert found["isEmpty"]
    assert found["times"] == []
    assert found["means"]["happy"] is None


def test_every_mood_is_drawn_in_the_windows_colour() -> None:
    assert sorted(STACK) == list(MoodLabel)
    colours = {mood["key"]: mood["colour"] for mood in legend()["moods"]}
    assert colours == {label.word: css_colour(MOOD_COLOURS[label]) for label in MoodLabel}


@pytest.mark.parametrize("mood", list(MoodLabel))
@pytest.mark.parametrize("confidence", [0.0, 0.2, 0.5, 1.0])
def test_days_can_be_read_on_any_colour(mood: MoodLabel, confidence: float) -> None:
    means = np.eye(len(MoodLabel))[mood]
    colours = day_colours(Day(date(2026, 3, 3), Total(0, 1, 9, means, 0.0, 0.0, confidence, 0.0)))
    assert colours is not None
    assert contrast(*colours) >= 4.5  # level AA of WCAG
    if confidence == 1.0:
        assert colours[0] == MOOD_COLOURS[mood]


NOW_S = at(20, 10)  # a Friday
SHOWN = (at(20, 8), at(20, 9))


@pytest.mark.parametrize(
    ("choice", "first", "second"),
    [
        (PairChoice.TODAY, (at(19, 0), at(20, 0)), (at(20, 0), at(21, 0))),
        (PairChoice.WEEK, (at(9, 0), at(16, 0)), (at(16, 0), at(23, 0))),
        (PairChoice.MONTH, (at(1, 0, month=2), at(1, 0)), (at(1, 0), at(1, 0, month=4))),
        (PairChoice.SHOWN, (at(20, 7), at(20, 8)), SHOWN),
    ],
)
def test_periods_that_are_compared_are_local_days(choice, first, second) -> None:
    found = pair(choice, NOW_S, SHOWN, {}, ZONE)
    assert (found.first, found.second) == (first, second)


def test_two_periods_of_ones_own() -> None:
    own = own_start(NOW_S, ZONE)
    found = pair(PairChoice.OWN, NOW_S, SHOWN, own, ZONE)
    assert (found.first, found.second) == ((at(9, 0), at(14, 0)), (at(16, 0), at(21, 0)))
    with pytest.raises(UsageError, match="end after it begins"):
        pair(PairChoice.OWN, NOW_S, SHOWN, {**own, "first_to": date(2026, 3, 1)}, ZONE)


def test_live_moods_are_kept_for_a_minute_and_wanted_while_somebody_looks() -> None:
    clock, monotonic = FakeClock(1000.0), FakeClock(5.0)
    live = LiveMoods(clock, monotonic)
    mood = Mood(4, np.eye(len(MoodLabel), dtype=np.float32)[MoodLabel.SAD])
    assert not live.is_watched
    assert live.is_silent
    live.watch()
    live.on_moods(MoodSet(0, "camera", (mood,)))
    assert live.is_watched
    assert not live.is_silent
    assert live.present() == (mood,)
    assert [sample.time_s for sample in live.since(0.0, 4)] == [1000.0]
    assert live.since(1000.0, 4) == live.since(0.0, 5) == ()
    clock.advance(61)
    monotonic.advance(61)
    assert live.since(0.0, 4) == live.present() == ()
    assert not live.is_watched
