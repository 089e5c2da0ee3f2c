"""Moods over time: a moving average with a stated half-life, and a decision that does not flicker."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mirror_core.moods import MOOD_COUNT

__all__ = ["MoodSmoother", "Steady"]

NEW_AFTER_NS = 2_000_000_000  # a face that was not read for so long begins anew
STICKY = 0.06  # by how much the probability may fall below the threshold until a sure answer becomes unsure


@dataclass(frozen=True, slots=True, eq=False)
class Steady:
    """A smoothed answer.

    Attributes:
        probabilities: float32 [MOOD_COUNT], sum 1.
        unsure: whether the dominant probability is too small.
    """

    probabilities: NDArray[np.float32]
    unsure: bool


@dataclass(slots=True)
class MoodSmoother:
    """The moving average of one person's probabilities.

    After `half_life_s` an earlier reading counts half as much as a new one, however often it is read.

    Attributes:
        half_life_s: in seconds; 0 takes each reading as it is.
        threshold: dominant probability from which on an answer is sure; once it is, it stays so down to
            0.06 less.
    """

    half_life_s: float
    threshold: float
    _mean: NDArray[np.float64] = field(default_factory=lambda: np.full(MOOD_COUNT, 1 / MOOD_COUNT))
    _last_ns: int | None = None
    _is_sure: bool = False

    @property
    def latest(self) -> Steady:
        """The newest answer; all moods alike and unsure before the first."""
        return Steady(self._mean.astype(np.float32), not self._is_sure)

    def add(self, stamp_ns: int, probabilities: NDArray[np.float32]) -> Steady:
        """Take a reading.

        Args:
            stamp_ns: of the frame, nanoseconds; one that is older than the last begins anew.
            probabilities: float32 [MOOD_COUNT], sum 1.
        """
        new = np.asarray(probabilities, np.float64)
        passed_ns = stamp_ns - self._last_ns if self._last_ns is not None else -1
        if not 0 <= passed_ns <= NEW_AFTER_NS:
            self._mean, self._is_sure = new, False
        else:
            keep = 0.5 ** (passed_ns / 1e9 / self.half_life_s) if self.half_life_s > 0 else 0.0
            self._mean = keep * self._mean + (1 - keep) * new
        self._mean = self._mean / self._mean.sum()
        self._last_ns = stamp_ns
        least = self.threshold - STICKY if self._is_sure else self.threshold
        self._is_sure = bool(self._mean.max() >= least)
        return self.latest
