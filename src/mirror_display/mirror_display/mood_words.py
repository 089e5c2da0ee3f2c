"""What the window writes for moods; another language is another `MoodWords`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mirror_core.moods import MoodLabel

__all__ = ["ENGLISH", "MoodWords"]


@dataclass(frozen=True)
class MoodWords:
    """The words of one language.

    Attributes:
        moods: how somebody is with this mood.
        unsure: said where the mirror does not know.
        share: how a word and its percentage are written, with {word} and {percent}.
    """

    moods: Mapping[MoodLabel, str]
    unsure: str
    share: str = "{word} {percent} %"

    def line(self, mood: MoodLabel, percent: int) -> str:
        """A mood with its percentage: "happy 83 %"."""
        return self.share.format(word=self.moods[mood], percent=percent)


ENGLISH = MoodWords(
    {
        MoodLabel.ANGRY: "angry",
        MoodLabel.DISGUST: "disgusted",
        MoodLabel.FEAR: "afraid",
        MoodLabel.HAPPY: "happy",
        MoodLabel.SAD: "sad",
        MoodLabel.SURPRISE: "surprised",
        MoodLabel.NEUTRAL: "neutral",
    },
    "unsure",
)
