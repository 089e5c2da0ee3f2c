"""The seven moods, in the order of mirror_msgs/Mood, which is FER2013's and never changes."""

from __future__ import annotations

from enum import IntEnum, unique
from typing import Final

__all__ = ["COUNT", "MoodLabel"]


@unique
class MoodLabel(IntEnum):
    """A mood; the number is its place among the probabilities."""

    ANGRY = 0
    DISGUST = 1
    FEAR = 2
    HAPPY = 3
    SAD = 4
    SURPRISE = 5
    NEUTRAL = 6

    @property
    def word(self) -> str:
        """The mood as people read it and configurations name it: "happy"."""
        return self.name.lower()


COUNT: Final = len(MoodLabel)
