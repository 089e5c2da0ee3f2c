"""What the window writes for moods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mirror_core.moods import MoodLabel
from mirror_display.window_texts import WindowTexts, window_texts

__all__ = ["ENGLISH", "MoodWords", "words_of"]


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


def words_of(texts: WindowTexts) -> MoodWords:
    """The words of a language."""
    return MoodWords(
        {mood: texts[f"moods.{mood.name.lower()}"] for mood in MoodLabel},
        texts["moods.unsure"],
        texts["moods.share"],
    )


ENGLISH = words_of(window_texts())
