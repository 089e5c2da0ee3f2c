"""The moods of the last minute, as they come: what the page's live lines are drawn from."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from mirror_core.moods import Mood, MoodSet

__all__ = ["LiveMoods", "LiveSample"]

KEPT_S = 60.0  # of samples
ASKED_S = 2.0  # for so long after the last question moods are wanted
SILENT_S = 3.0  # a mirror that says nothing for so long reads no moods
GONE_S = 1.5  # a face without a mood for so long has left
MOST_SAMPLES = 6000


@dataclass(frozen=True, slots=True)
class LiveSample:
    """The mood of one face at one moment.

    Attributes:
        time_s: when it came, UTC epoch seconds.
        mood: what was read.
    """

    time_s: float
    mood: Mood


class LiveMoods:
    """Remembers the moods of the last minute while somebody looks; any number of threads may use one.

    Args:
        clock: UTC epoch seconds.
        monotonic: seconds that never jump.
    """

    def __init__(
        self, clock: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._monotonic = monotonic
        self._lock = threading.Lock()  # guards all below
        self._samples: deque[LiveSample] = deque(maxlen=MOST_SAMPLES)
        self._asked_s = float("-inf")
        self._told_s = float("-inf")

    def watch(self) -> None:
        """Say that somebody looks; to be said again and again."""
        self._asked_s = self._monotonic()

    @property
    def is_watched(self) -> bool:
        """Whether somebody looks, so that moods are wanted."""
        return self._monotonic() - self._asked_s < ASKED_S

    @property
    def is_silent(self) -> bool:
        """Whether no moods come, not even of nobody."""
        return self._monotonic() - self._told_s > SILENT_S

    def on_moods(self, moods: MoodSet) -> None:
        """Take the moods of one frame."""
        now_s = self._clock()
        with self._lock:
            self._told_s = self._monotonic()
            if self._samples and self._samples[-1].time_s > now_s:
                self._samples.clear()  # the clock was put back
            self._samples.extend(LiveSample(now_s, mood) for mood in moods.moods)

    def present(self) -> tuple[Mood, ...]:
        """The newest mood of each face that is there, by track id."""
        now_s = self._clock()
        with self._lock:
            newest = {s.mood.track_id: s.mood for s in self._samples if now_s - s.time_s < GONE_S}
        return tuple(newest[track_id] for track_id in sorted(newest))

    def since(self, time_s: float, track_id: int) -> tuple[LiveSample, ...]:
        """The samples of one face that came after a moment, at most a minute ago."""
        oldest_s = max(time_s, self._clock() - KEPT_S)
        with self._lock:
            found = [s for s in self._samples if s.time_s > oldest_s and s.mood.track_id == track_id]
        return tuple(found)

    def now_s(self) -> float:
        """The present moment, UTC epoch seconds."""
        return self._clock()
