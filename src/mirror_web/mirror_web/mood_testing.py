"""Moods without a mirror, for tests, pictures and work on the Mood page without ROS."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from mirror_core.errors import StoreError
from mirror_core.moods import MOOD_COUNT, MoodLabel
from mirror_mood.log.queries import MoodQueries
from mirror_mood.log.rows import MoodRow
from mirror_mood.log.store import MoodStore
from mirror_web.mood_erasure import erase_log
from mirror_web.mood_live import LiveMoods
from mirror_web.mood_reader import MoodReader

__all__ = ["BATH", "HALL", "ZONE", "FakeMoods", "at", "known_rows", "write_rows"]

ZONE = "Europe/Berlin"
HALL, BATH = "hall", "bath"


class FakeMoods:
    """A `MoodsControl` over a log in a file, with a clock of its own.

    Args:
        database: of the log; it need not be there.
        now_s: the present moment, UTC epoch seconds; None for the real one.

    Attributes:
        now: the present moment if it stands still.
        is_on: whether moods are kept; None where nobody answers.
        refusal: the sentence with which the log's switch is refused, None to accept.
        broken: the sentence with which the log cannot be read, None to read it.
    """

    def __init__(self, database: Path | str, now_s: float | None = None) -> None:
        self.database = str(database)
        self.now = now_s
        self.is_on: bool | None = True
        self.refusal: str | None = None
        self.broken: str | None = None
        self.live = LiveMoods()
        self.log = MoodReader(self._open)

    def _open(self) -> MoodQueries:
        if self.broken is not None:
            raise StoreError(self.broken)
        return MoodQueries(self.database)

    def break_with(self, sentence: str | None) -> None:
        """Let the log be unreadable from now on, or readable again."""
        self.broken = sentence
        self.log.close()

    def now_s(self) -> float:
        """See `MoodsControl`."""
        return time.time() if self.now is None else self.now

    def log_is_on(self) -> bool | None:
        """See `MoodsControl`."""
        return self.is_on

    def switch_log(self, on: bool) -> str | None:
        """See `MoodsControl`."""
        if self.refusal is None:
            self.is_on = on
        return self.refusal

    def erase_log(self) -> int:
        """See `MoodsControl`."""
        if self.refusal is not None:
            raise StoreError(self.refusal)
        return erase_log(self.database)


def at(day: int, hour: int, minute: int = 0, month: int = 3) -> int:
    """A moment of 2026 in ZONE, UTC epoch seconds."""
    return int(datetime(2026, month, day, hour, minute, tzinfo=ZoneInfo(ZONE)).timestamp())


def known_rows(
    start_s: int,
    count: int,
    mood: MoodLabel,
    share: float,
    *,
    person: str = "",
    mirror: str = HALL,
    feeling: tuple[float, float] = (0.0, 0.0),
) -> list[MoodRow]:
    """Seconds in each of which one mood has this share, and the others the rest in equal parts."""
    rest = (1 - share) / (MOOD_COUNT - 1)
    probabilities = tuple(share if label is mood else rest for label in MoodLabel)
    return [
        MoodRow(start_s + second, mirror, person, 1, probabilities, *feeling, confidence=share)
        for second in range(count)
    ]


def write_rows(database: str, *parts: list[MoodRow]) -> None:
    """Add rows to a log, which is made if it is not there."""
    with MoodStore(database) as store:
        for part in parts:
            store.add(part)
