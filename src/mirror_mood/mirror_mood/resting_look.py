"""How a person at rest looks to the appearance network, whom it may take for sad or angry.

Learned from the same frames as the neutral face (`baseline`): the mean of the logarithms of what the network
said of them, drawn towards people in general while there are few frames.
"""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ModelError
from mirror_core.moods import MOOD_COUNT

__all__ = ["RestingLook"]

MAGIC = b"MRL1"  # Mirror, resting look, version 1
LAYOUT = struct.Struct(f"<4sf{MOOD_COUNT}f")
MOST_FRAMES = 200.0  # more count no more, so that it follows a person through the months
SHRINK_FRAMES = 20.0  # frames that people in general count as
LOWEST = -20.0  # logarithm of a probability; nothing the network says is lower

Array = NDArray[np.float64]


class RestingLook:
    """What the network says of one person at rest, so far.

    Attributes:
        frames: how many were learned from, at most 200.
    """

    def __init__(self, typical: Array) -> None:
        """Begin with what it says of people in general.

        Args:
            typical: float64 [MOOD_COUNT], mean logarithms of probabilities.
        """
        self._typical = typical
        self._mean = np.zeros(MOOD_COUNT)
        self.frames = 0.0

    def learn(self, appearance: Array) -> None:
        """Take a frame in which the person is at rest: float64 [MOOD_COUNT], logarithms of probabilities."""
        self.frames = min(self.frames + 1, MOST_FRAMES)
        self._mean = self._mean + (appearance - self._mean) / self.frames

    @property
    def values(self) -> Array:
        """float64 [MOOD_COUNT], between people in general and this person."""
        trust = self.frames / (self.frames + SHRINK_FRAMES)
        return np.asarray(self._typical + trust * (self._mean - self._typical))

    def to_bytes(self) -> bytes:
        """What is stored of it."""
        return LAYOUT.pack(MAGIC, self.frames, *self._mean)

    @classmethod
    def size(cls) -> int:
        """Number of bytes that `to_bytes` gives."""
        return LAYOUT.size

    @classmethod
    def from_bytes(cls, data: bytes, typical: Array) -> RestingLook:
        """Read what `to_bytes` has written.

        Raises:
            ModelError: where it is damaged or of another version.
        """
        if len(data) != LAYOUT.size or data[: len(MAGIC)] != MAGIC:
            raise ModelError("The stored resting look is none that this version reads: learn it again.")
        _, frames, *mean = LAYOUT.unpack(data)
        sound = np.isfinite(mean).all() and min(mean) >= LOWEST and max(mean) <= 0
        if not (sound and 0 <= frames <= MOST_FRAMES):
            raise ModelError("The stored resting look holds impossible values: learn it again.")
        look = cls(typical)
        look._mean, look.frames = np.array(mean, np.float64), float(frames)
        return look
