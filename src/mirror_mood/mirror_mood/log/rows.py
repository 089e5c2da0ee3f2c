"""One row of the mood log: one second of one person."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from mirror_core.errors import ShapeError
from mirror_core.moods import MOOD_COUNT, MoodLabel

__all__ = ["LATEST_S", "MIRROR_LENGTH", "MOODS", "PERSON_LENGTH", "VALUES", "MoodRow"]

MOODS: Final = tuple(label.word for label in MoodLabel)  # columns of probabilities, in MoodLabel's order
VALUES: Final = (
    *MOODS,
    "valence",
    "arousal",
    "confidence",
    "unsure",
)  # what is averaged; columns of both tables
MIRROR_LENGTH = 128
PERSON_LENGTH = 64
LATEST_S = 253_402_300_799  # the last second of the year 9999


@dataclass(frozen=True, slots=True)
class MoodRow:
    """What was seen of one person in one second.

    Attributes:
        time_s: the second, UTC epoch seconds.
        mirror: id of the mirror.
        person: gallery id; empty where nobody knows who it is.
        visit: the track id: tells those apart who are not known, and one visit from the next.
        probabilities: means over the second, MOOD_COUNT in MoodLabel's order.
        valence, arousal: means over the second.
        confidence: the highest of `probabilities`.
        unsure: whether the mirror was unsure for half of the second or more.
    """

    time_s: int
    mirror: str
    person: str
    visit: int
    probabilities: tuple[float, ...]
    valence: float = 0.0
    arousal: float = 0.0
    confidence: float = 0.0
    unsure: bool = False

    def __post_init__(self) -> None:
        if len(self.probabilities) != MOOD_COUNT:
            raise ShapeError(
                f"MoodRow.probabilities must be {MOOD_COUNT} numbers, not {len(self.probabilities)}."
            )
        if not 0 <= self.time_s <= LATEST_S:
            raise ShapeError(f"MoodRow.time_s must be 0 … {LATEST_S}, not {self.time_s}.")
        if not self.mirror or len(self.mirror) > MIRROR_LENGTH or len(self.person) > PERSON_LENGTH:
            raise ShapeError(
                f"MoodRow.mirror must have 1 … {MIRROR_LENGTH} characters, and person up to {PERSON_LENGTH}, "
                f"not {len(self.mirror)} and {len(self.person)}."
            )
        if not (_is_text(self.mirror) and _is_text(self.person)):
            raise ShapeError(
                f"MoodRow.mirror and person must be plain texts, not {self.mirror!r}, {self.person!r}."
            )
        numbers = (*self.probabilities, self.valence, self.arousal, self.confidence)
        if not all(math.isfinite(number) for number in numbers):
            raise ShapeError(f"MoodRow's numbers must be finite, not {numbers}.")

    def probability(self, label: MoodLabel) -> float:
        """The probability of one mood."""
        return self.probabilities[label]

    @property
    def dominant(self) -> MoodLabel:
        """The most probable mood."""
        return MoodLabel(max(range(MOOD_COUNT), key=self.probabilities.__getitem__))

    @property
    def values(self) -> tuple[float, ...]:
        """The numbers in the order of VALUES."""
        return (*self.probabilities, self.valence, self.arousal, self.confidence, float(self.unsure))


def _is_text(text: str) -> bool:
    """Whether every database can keep it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text
