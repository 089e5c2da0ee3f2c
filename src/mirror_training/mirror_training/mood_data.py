"""Face pictures with an emotion each: what every loader makes, and training and evaluation take."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mirror_mood.face_input import SIDE

__all__ = ["EMOTIONS", "VOTES", "MoodData", "group_numbers", "hold_out"]

EMOTIONS: Final = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")  # FER2013's numbers
VOTES: Final = (
    "neutral",
    "happiness",
    "surprise",
    "sadness",
    "anger",
    "disgust",
    "fear",
    "contempt",
    "unknown",
    "no face",
)  # FER+'s columns


@dataclass(frozen=True, slots=True)
class MoodData:
    """Face pictures of one split.

    Attributes:
        images: uint8 [n, SIDE, SIDE], grey.
        labels: uint8 [n], numbers into EMOTIONS.
        votes: uint8 [n, len(VOTES)], how many of FER+'s ten people chose what; all 0 where nobody was asked.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    votes: NDArray[np.uint8]

    def __post_init__(self) -> None:
        count = len(self.images)
        for name, shape in (("images", (SIDE, SIDE)), ("labels", ()), ("votes", (len(VOTES),))):
            array = getattr(self, name)
            if array.dtype != np.uint8 or array.shape != (count, *shape):
                raise ValueError(
                    f"{name} has to be uint8 {[count, *shape]}, got {array.dtype} {list(array.shape)}."
                )
        if count and self.labels.max() >= len(EMOTIONS):
            raise ValueError(f"labels have to be below {len(EMOTIONS)}, got {self.labels.max()}.")

    def __len__(self) -> int:
        return len(self.images)

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_] | Sequence[int]) -> MoodData:
        """The pictures of some rows."""
        return MoodData(self.images[rows], self.labels[rows], self.votes[rows])


def group_numbers(images: NDArray[np.uint8]) -> NDArray[np.int64]:
    """A number for each picture; pixel-identical pictures have the same one.

    Args:
        images: uint8 [n, h, w].

    Returns:
        int64 [n], the row of the first copy.
    """
    first: dict[bytes, int] = {}
    keys = [hashlib.sha256(np.ascontiguousarray(image).tobytes()).digest() for image in images]
    return np.array([first.setdefault(key, row) for row, key in enumerate(keys)], np.int64)


def hold_out(data: MoodData, share: float, seed: int) -> tuple[MoodData, MoodData]:
    """Cut a validation part off; copies of a picture stay on the same side.

    Args:
        data: pictures to divide.
        share: part to hold out, 0 … 1.
        seed: of the choice.

    Returns:
        what is left to train with, and the part held out.
    """
    groups = group_numbers(data.images)
    names = np.unique(groups)
    chosen = np.random.default_rng(seed).permutation(names)[: round(share * len(names))]
    held = np.isin(groups, chosen)
    return data.take(~held), data.take(held)
