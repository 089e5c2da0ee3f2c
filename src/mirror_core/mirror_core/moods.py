"""What the graph knows about the moods of the people in one frame."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum, unique
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ShapeError

__all__ = ["MOOD_COUNT", "SOURCES", "Mood", "MoodLabel", "MoodSet"]

SOURCES: Final = ("appearance", "shape", "fused")  # what can have judged a mood
SUM_TOLERANCE = 1e-3  # by which probabilities may miss the sum 1


@unique
class MoodLabel(IntEnum):
    """A mood; the number is its place among the probabilities: mirror_msgs/Mood's and FER2013's order."""

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


MOOD_COUNT: Final = len(MoodLabel)


@dataclass(frozen=True, slots=True, eq=False)
class Mood:
    """The mood read from one face.

    Attributes:
        track_id: of the face.
        probabilities: float32 [MOOD_COUNT] in MoodLabel's order, sum 1.
        unsure: the mirror does not know; nothing should be done because of `dominant`.
        valence: −1 (unpleasant) … 1 (pleasant).
        arousal: −1 (calm) … 1 (excited).
        source: one of SOURCES.
        person: gallery id of who it is; empty where nobody knows.
    """

    track_id: int
    probabilities: NDArray[np.float32]
    unsure: bool = False
    valence: float = 0.0
    arousal: float = 0.0
    source: str = "fused"
    person: str = ""

    def __post_init__(self) -> None:
        values = self.probabilities
        if values.shape != (MOOD_COUNT,) or values.dtype != np.float32:
            raise ShapeError(
                f"Mood.probabilities must be float32 [{MOOD_COUNT}], not {values.dtype} {list(values.shape)}."
            )
        if not ((values >= 0).all() and abs(float(values.sum()) - 1) <= SUM_TOLERANCE):
            raise ShapeError(f"Mood.probabilities must be 0 or more with the sum 1, not {values.tolist()}.")
        for name, value in (("valence", self.valence), ("arousal", self.arousal)):
            if not (math.isfinite(value) and -1 <= value <= 1):
                raise ShapeError(f"Mood.{name} must be -1 … 1, not {value}.")
        if self.source not in SOURCES:
            raise ShapeError(f"Mood.source must be {', '.join(SOURCES)}, not {self.source!r}.")
        if not 0 <= self.track_id < 2**32:
            raise ShapeError(f"Mood.track_id must be 0 … 2³²−1, not {self.track_id}.")

    @property
    def dominant(self) -> MoodLabel:
        """The most probable mood."""
        return MoodLabel(int(self.probabilities.argmax()))

    @property
    def confidence(self) -> float:
        """Probability of the dominant mood."""
        return float(self.probabilities.max())


@dataclass(frozen=True, slots=True, eq=False)
class MoodSet:
    """The moods of the faces of one frame.

    Attributes:
        stamp_ns: stamp of the frame, nanoseconds.
        frame_id: coordinate frame of that frame.
        moods: in the order of the frame's faces.
    """

    stamp_ns: int
    frame_id: str
    moods: tuple[Mood, ...] = ()

    def __post_init__(self) -> None:
        ids = [mood.track_id for mood in self.moods]
        if len(set(ids)) != len(ids):
            raise ShapeError(f"MoodSet.moods must have different track ids, not {ids}.")
