"""Movements over time: every one goes its way on the minimum-jerk profile, and overlapping ones add up."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

__all__ = ["Timeline", "minimum_jerk"]

Floats = NDArray[np.float64]


def minimum_jerk(share: Floats) -> Floats:
    """The way at a share 0 … 1 of the time of a movement whose jerk is least.

    Source: T. Flash, N. Hogan, "The coordination of arm movements", 1985.
    """
    s = np.clip(share, 0.0, 1.0)
    return np.asarray(s**3 * (10.0 - 15.0 * s + 6.0 * s**2))


class Timeline:
    """Named quantities that move from value to value.

    A movement that begins before the last one of its quantity has ended is added to it, as hands do when
    their goal changes (E. Henis, T. Flash, "Mechanisms underlying the generation of averaged modified
    trajectories", 1995). Movements are entered in the order of their ends.

    Args:
        start: the quantities and their values at the beginning.
    """

    def __init__(self, start: Mapping[str, float]) -> None:
        self.names = tuple(start)
        self._index = {name: i for i, name in enumerate(self.names)}
        self._start = np.array(list(start.values()), np.float64)
        self._goals = self._start.copy()
        self._ends = np.zeros(len(self.names))
        self._moves: list[tuple[int, float, float, float]] = []
        self._table: Floats | None = None

    def goal(self, name: str) -> float:
        """Where a quantity is after all movements entered so far."""
        return float(self._goals[self._index[name]])

    def end(self, name: str) -> float:
        """When the last movement of a quantity ends."""
        return float(self._ends[self._index[name]])

    def move(self, name: str, at_s: float, seconds: float, goal: float) -> None:
        """Enter a movement to a goal; one that would end before the last one is made to end with it."""
        index = self._index[name]
        end = max(at_s + seconds, float(self._ends[index]))
        change = goal - float(self._goals[index])
        self._ends[index], self._goals[index] = end, goal
        if abs(change) > 1e-9:
            self._moves.append((index, at_s, end - at_s, change))
            self._table = None

    def values(self, time_s: float) -> dict[str, float]:
        """All quantities at a time."""
        if self._table is None:
            self._table = np.array(self._moves, np.float64).reshape(-1, 4)
        index, start, seconds, change = self._table.T
        ways = change * minimum_jerk((time_s - start) / np.maximum(seconds, 1e-6))
        now = self._start + np.bincount(index.astype(np.int64), ways, minlength=len(self.names))
        return dict(zip(self.names, now.tolist(), strict=True))
