"""What the Mood page asks of the mirror: live moods, the log, and the log's switch. It knows no ROS."""

from __future__ import annotations

import time
from typing import Protocol

from mirror_web.catalogue import Texts
from mirror_web.mood_live import LiveMoods
from mirror_web.mood_reader import MoodReader

__all__ = ["MoodsControl", "UnansweredMoods", "no_mood_log"]


def no_mood_log() -> str:
    """The sentence that says that the mood log does not answer."""
    return Texts("mood")["no_answer"]


class MoodsControl(Protocol):
    """Moods as the page sees them. Calls may block for a moment, except where it says so."""

    @property
    def live(self) -> LiveMoods:
        """Moods as they come; does not block."""
        ...

    @property
    def log(self) -> MoodReader:
        """The moods that are kept; getting it does not block."""
        ...

    def now_s(self) -> float:
        """The present moment, UTC epoch seconds; does not block."""
        ...

    def log_is_on(self) -> bool | None:
        """Whether moods are kept now; None where nobody answers."""
        ...

    def switch_log(self, on: bool) -> str | None:
        """Begin or cease to keep moods; return None or one sentence that says why not."""
        ...

    def erase_log(self) -> int:
        """Erase all moods that are kept, of everybody; return how many seconds they were.

        Raises:
            MirrorError: if they cannot be erased.
        """
        ...


class UnansweredMoods:
    """A `MoodsControl` for a mirror whose mood nodes do not run; a log that is there can be read."""

    def __init__(self) -> None:
        self.live = LiveMoods()
        self.log = MoodReader()

    def now_s(self) -> float:
        """The present moment."""
        return time.time()

    def log_is_on(self) -> bool | None:
        """Nobody knows."""
        return None

    def switch_log(self, on: bool) -> str | None:
        """Refused."""
        return no_mood_log()

    def erase_log(self) -> int:
        """There is nothing to erase."""
        return 0
