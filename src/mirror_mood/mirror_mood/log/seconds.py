"""From moods many times a second to one row a second and person: the averages."""

from __future__ import annotations

import threading
from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mirror_core.moods import MOOD_COUNT, MoodSet
from mirror_mood.log.rows import LATEST_S, MoodRow

__all__ = ["SecondAverager"]

NANOSECONDS = 1_000_000_000
Key = tuple[str, int]  # the person, or the track of somebody unknown


@dataclass
class _Sum:
    """What was seen of one person in one second so far."""

    visit: int
    count: int = 0
    unsure: int = 0
    probabilities: NDArray[np.float64] = field(default_factory=lambda: np.zeros(MOOD_COUNT))
    valence: float = 0.0
    arousal: float = 0.0


class SecondAverager:
    """Averages moods over each second of their stamps.

    A known person is one person in a second, whatever tracks they had in it; who is unknown is told
    apart by the track.

    Args:
        mirror: id of this mirror, written into each row.
    """

    def __init__(self, mirror: str) -> None:
        self.mirror = mirror
        self._second: int | None = None
        self._sums: dict[Key, _Sum] = {}
        self._lock = threading.Lock()

    def add(self, moods: MoodSet) -> list[MoodRow]:
        """Take the moods of one frame.

        Returns:
            The rows of the second before, if these are the first moods of another second.
        """
        second = moods.stamp_ns // NANOSECONDS
        if not 0 <= second <= LATEST_S:
            return []
        with self._lock:
            rows = self._close() if second != self._second else []
            self._second = second
            for mood in moods.moods:
                key = (mood.person, 0) if mood.person else ("", mood.track_id)
                total = self._sums.setdefault(key, _Sum(mood.track_id))
                total.count += 1
                total.unsure += mood.unsure
                total.probabilities += mood.probabilities
                total.valence += mood.valence
                total.arousal += mood.arousal
        return rows

    def close(self) -> list[MoodRow]:
        """The rows of the second in progress: when no moods come any more."""
        with self._lock:
            return self._close()

    def forget(self, people: Collection[str]) -> None:
        """Drop what is known of some people in the second in progress."""
        with self._lock:
            self._sums = {key: total for key, total in self._sums.items() if key[0] not in people}

    def _close(self) -> list[MoodRow]:
        second, sums = self._second, self._sums
        self._second, self._sums = None, {}
        if second is None:
            return []
        rows = []
        for (person, _), total in sums.items():
            means = total.probabilities / total.count
            rows.append(
                MoodRow(
                    time_s=second,
                    mirror=self.mirror,
                    person=person,
                    visit=total.visit,
                    probabilities=tuple(means.tolist()),
                    valence=total.valence / total.count,
                    arousal=total.arousal / total.count,
                    confidence=float(means.max()),
                    unsure=2 * total.unsure >= total.count,
                )
            )
        return rows
