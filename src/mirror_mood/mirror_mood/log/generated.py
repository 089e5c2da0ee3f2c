"""Generated moods: plausible weeks of invented people, for pictures, measurements and tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from mirror_core.moods import MOOD_COUNT, MoodLabel
from mirror_mood.circumplex import valence_arousal
from mirror_mood.log.buckets import day_starts, zone_named
from mirror_mood.log.rows import MoodRow

__all__ = ["GeneratedPerson", "generated_rows"]

HOUR_S = 3600
WEEKEND = 5  # number of its first weekday
SURE_FROM = 0.42  # probability of the likeliest mood from which on a second counts as sure
# When people stand before a mirror: hour of the day, how likely on a working day and on a weekend, minutes.
VISITS = (
    (7.2, 0.95, 0.35, 18),
    (9.5, 0.15, 0.8, 25),
    (13.0, 0.25, 0.6, 12),
    (18.6, 0.85, 0.7, 30),
    (21.8, 0.8, 0.8, 20),
)


@dataclass(frozen=True, slots=True)
class GeneratedPerson:
    """Somebody invented.

    Attributes:
        person: gallery id, empty for somebody unknown.
        mirror: before which they stand.
        temper: how much of a mood they have by nature, −1 (gloomy) … 1 (cheerful).
        share: of the visits of a regular person that they make, 0 … 1.
    """

    person: str
    mirror: str = "hall"
    temper: float = 0.2
    share: float = 1.0


def generated_rows(
    first: date,
    last: date,
    people: tuple[GeneratedPerson, ...],
    *,
    zone: str = "",
    seed: int = 0,
) -> Iterator[list[MoodRow]]:
    """The rows of some days, visit by visit; the same arguments give the same rows.

    Moods wander slowly, are brighter in the evening and at weekends, darker on Mondays, and break into a
    smile or a surprise now and then.

    Args:
        first, last: days, both included.
        people: who comes.
        zone: time zone of the days, "" for this host's.
        seed: of what is random.
    """
    starts = day_starts(first, last, zone_named(zone))
    rng = np.random.default_rng(seed)
    visit = 0
    for index in range((last - first).days + 1):
        day = first + timedelta(index)
        for person in people:
            climate = rng.normal(0, 0.7)
            for hour, on_workdays, on_weekends, minutes in VISITS:
                likely = on_weekends if day.weekday() >= WEEKEND else on_workdays
                comes, late, longer = rng.random(), rng.normal(0, 0.35), rng.lognormal(0, 0.3)
                if comes > likely * person.share:
                    continue
                visit += 1
                begin = int(starts[index]) + int((hour + late) * HOUR_S)
                length = int(minutes * 60 * longer)
                brightness = person.temper + climate + _brightness(day, hour)
                yield _visit(begin, length, person, visit=visit, brightness=brightness, rng=rng)


def _brightness(day: date, hour: float) -> float:
    """How much brighter moods are at a time of the week."""
    found = 0.03 * (hour - 13.0)
    if day.weekday() >= WEEKEND:
        found += 0.6
    return found - 0.6 * (day.weekday() == 0)


def _visit(
    begin: int,
    length: int,
    person: GeneratedPerson,
    *,
    visit: int,
    brightness: float,
    rng: np.random.Generator,
) -> list[MoodRow]:
    """The rows of one visit of `length` seconds."""
    base = np.full(MOOD_COUNT, -1.6)
    base[MoodLabel.NEUTRAL] = 1.0
    base[MoodLabel.HAPPY] = 0.2 + 0.9 * brightness
    base[MoodLabel.SAD] = -0.7 - 0.7 * brightness
    base[MoodLabel.ANGRY] = -1.2 - 0.6 * brightness
    scores = base + _wandering(length, rng)
    for mood, strength in ((MoodLabel.HAPPY, 2.6), (MoodLabel.SURPRISE, 3.0)):
        scores[:, mood] += strength * _moments(length, rng)
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    moods = weights / weights.sum(axis=1, keepdims=True)
    rows = []
    for second, probabilities in enumerate(moods):
        valence, arousal = valence_arousal(probabilities.astype(np.float32))
        likeliest = float(probabilities.max())
        rows.append(
            MoodRow(
                time_s=begin + second,
                mirror=person.mirror,
                person=person.person,
                visit=visit,
                probabilities=tuple(probabilities.tolist()),
                valence=valence,
                arousal=arousal,
                confidence=likeliest,
                unsure=likeliest < SURE_FROM,
            )
        )
    return rows


def _wandering(length: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """float64 [length, MOOD_COUNT]: slow waves of several lengths, and a little noise."""
    time = np.arange(length)[:, None, None]
    periods = np.array([900.0, 240.0, 70.0])[None, None, :]
    phases = rng.uniform(0, 2 * np.pi, (1, MOOD_COUNT, 3))
    sizes = rng.uniform(0.2, 0.6, (1, MOOD_COUNT, 3))
    waves = (sizes * np.sin(2 * np.pi * time / periods + phases)).sum(axis=2)
    found: NDArray[np.float64] = waves + rng.normal(0, 0.15, (length, MOOD_COUNT))
    return found


def _moments(length: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """float64 [length]: short bumps of height 1, about one in three minutes."""
    time = np.arange(length)
    found = np.zeros(length)
    for centre in rng.uniform(0, length, rng.poisson(length / 180)):
        found += np.exp(-0.5 * ((time - centre) / rng.uniform(2, 6)) ** 2)
    return np.minimum(found, 1.0)
