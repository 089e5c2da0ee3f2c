"""Generated moods are plausible, repeatable and in the days that were asked for."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np

from mirror_core.moods import MoodLabel
from mirror_mood.log.generated import GeneratedPerson, generated_rows

PEOPLE = (GeneratedPerson("ada", temper=0.6), GeneratedPerson("ben", temper=-0.6))
FIRST, LAST = date(2026, 3, 9), date(2026, 3, 12)


def rows(seed: int = 3):
    visits = generated_rows(FIRST, LAST, PEOPLE, zone="Europe/Berlin", seed=seed)
    return [row for visit in visits for row in visit]


def test_the_same_seed_gives_the_same_weeks() -> None:
    assert rows(3) == rows(3)
    assert rows(3) != rows(4)


def test_people_come_on_the_days_asked_for_and_not_at_night() -> None:
    moments = [datetime.fromtimestamp(row.time_s, UTC) for row in rows()]
    assert {moment.date() for moment in moments} <= {date(2026, 3, day) for day in range(9, 13)}
    assert not [moment for moment in moments if 0 <= moment.hour < 4]
    keys = [(row.time_s, row.person, row.visit) for row in rows()]
    assert len(set(keys)) == len(keys)


def test_who_is_cheerful_is_happier_than_who_is_gloomy() -> None:
    def mean(person: str, mood: MoodLabel) -> float:
        return float(np.mean([row.probability(mood) for row in rows() if row.person == person]))

    assert mean("ada", MoodLabel.HAPPY) > mean("ben", MoodLabel.HAPPY) + 0.1
    assert mean("ben", MoodLabel.SAD) > mean("ada", MoodLabel.SAD)
