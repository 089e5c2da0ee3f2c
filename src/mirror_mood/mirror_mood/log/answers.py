"""What the mood log answers: a series over time, a total, a comparison, a day, a presence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from mirror_core.moods import MoodLabel

__all__ = ["Comparison", "Day", "LogState", "Presence", "Series", "Total"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Moods over time, one point for each bucket that touches the asked period, without holes.

    Where nothing was seen, `count` is 0 and everything else NaN, so that a drawn line breaks there.

    Attributes:
        bucket_s: length of a bucket in seconds, one of `buckets.LADDER_S`; days and weeks are as long as
            their local days are, also when the clock is changed.
        time_s: int64 [n], beginning of each bucket, UTC epoch seconds, rising.
        means: float64 [n, MOOD_COUNT], mean probability of each mood, in MoodLabel's order.
        valence, arousal: float64 [n], means, −1 … 1.
        confidence: float64 [n], mean of the seconds' confidence, 0 … 1.
        unsure: float64 [n], share of the seconds in which the mirror was unsure, 0 … 1.
        count: int64 [n], seconds in which a person was seen; two people in one second count twice.
    """

    bucket_s: int
    time_s: NDArray[np.int64]
    means: Floats
    valence: Floats
    arousal: Floats
    confidence: Floats
    unsure: Floats
    count: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.time_s)

    def of(self, label: MoodLabel) -> Floats:
        """float64 [n], the mean probability of one mood."""
        mean: Floats = self.means[:, label]
        return mean


@dataclass(frozen=True, slots=True, eq=False)
class Total:
    """The moods of a whole period.

    Attributes:
        start_s, end_s: the period, UTC epoch seconds, the end not included.
        count: seconds in which a person was seen.
        means: float64 [MOOD_COUNT] in MoodLabel's order; NaN where nobody was seen, as are those below.
        valence, arousal: means, −1 … 1.
        confidence: mean, 0 … 1.
        unsure: share, 0 … 1.
    """

    start_s: int
    end_s: int
    count: int
    means: Floats
    valence: float
    arousal: float
    confidence: float
    unsure: float

    @property
    def dominant(self) -> MoodLabel | None:
        """The mood of the highest mean; None where nobody was seen."""
        return MoodLabel(int(self.means.argmax())) if self.count else None


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Two periods beside each other.

    Attributes:
        first, second: their totals.
        first_series, second_series: with buckets of one length, each from the beginning of its period on.
    """

    first: Total
    second: Total
    first_series: Series
    second_series: Series

    @property
    def difference(self) -> Floats:
        """float64 [MOOD_COUNT], second − first mean probability; NaN where one of them saw nobody."""
        return self.second.means - self.first.means

    @property
    def valence_difference(self) -> float:
        """Second − first mean valence; NaN where one of them saw nobody."""
        return self.second.valence - self.first.valence

    @property
    def arousal_difference(self) -> float:
        """Second − first mean arousal; NaN where one of them saw nobody."""
        return self.second.arousal - self.first.arousal


@dataclass(frozen=True, slots=True, eq=False)
class Day:
    """One day of the calendar.

    Attributes:
        day: in the asked time zone.
        total: from local midnight to local midnight: 23, 24 or 25 hours.
    """

    day: date
    total: Total

    @property
    def dominant(self) -> MoodLabel | None:
        """The day's mood; None where nobody was seen."""
        return self.total.dominant


@dataclass(frozen=True, slots=True)
class Presence:
    """A person or a mirror in the log.

    Attributes:
        name: gallery id of the person, empty for everybody unknown; or the mirror's id.
        first_s, last_s: first and last second with a row, UTC epoch seconds.
        count: seconds in which a person was seen, as far as they are still kept.
    """

    name: str
    first_s: int
    last_s: int
    count: int


@dataclass(frozen=True, slots=True)
class LogState:
    """By which a page sees that there is something new.

    Attributes:
        revision: grows with every change of the log, by whichever mirror or program, erasing included.
        first_s, latest_s: first and last second with a row, UTC epoch seconds; None where the log is empty.
    """

    revision: int
    first_s: int | None
    latest_s: int | None
