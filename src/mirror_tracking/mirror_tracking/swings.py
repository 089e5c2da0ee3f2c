"""Swings of an angle over time: where it turns, how far it goes, and how long it rests in between.

A swing is the way from one turning point to the next. Turning points are those of the zigzag with a
hysteresis: the angle must have come back by a given height before a turn counts, so that noise below that
height makes none. Only what lies near the middle of the way counts, so that a slow drift before or after a
quick swing is no part of it. Times between samples are interpolated; the sampling rate hardly matters.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ShapeError

__all__ = ["LEAVING", "Swing", "find_swings"]

LEAVING = 0.25  # share of its height after which a swing has left its start; at 1 − LEAVING it has arrived


@dataclass(frozen=True, slots=True)
class Swing:
    """The way from one turning point to the next.

    Attributes:
        start, end: the angle at the two turning points, or so near to the middle of the way as asked for.
        leave_s: when it was a quarter of the way.
        arrive_s: when it was three quarters of the way; not before `leave_s`.
    """

    start: float
    end: float
    leave_s: float
    arrive_s: float

    @property
    def height(self) -> float:
        """Size of the swing, above 0."""
        return abs(self.end - self.start)

    @property
    def rises(self) -> bool:
        """Whether the angle grew."""
        return self.end > self.start


def find_swings(
    times_s: NDArray[np.float64], values: NDArray[Any], height: float, reach_s: float
) -> list[Swing]:
    """The ways between turning points at least `height` apart, in order; the last one may still go on.

    Args:
        times_s: [n] in seconds, ascending.
        values: [n], finite.
        height: above 0, in the unit of the values.
        reach_s: a swing begins and ends at most so long before and after it was half way.

    Returns:
        Swings in turning directions; one that was shortened to `reach_s` may be lower than `height`.

    Raises:
        ShapeError: if the arrays do not fit each other or the height is not above 0.
    """
    if times_s.ndim != 1 or times_s.shape != values.shape:
        raise ShapeError(
            f"find_swings needs times [n] and values [n], not {list(times_s.shape)} and {list(values.shape)}."
        )
    if not height > 0:
        raise ShapeError(f"find_swings needs a height above 0, not {height}.")
    if not len(values) or np.ptp(values) < height:
        return []
    samples = values.tolist()
    turns = _turning_points(samples, height)
    return [_swing(times_s, samples, pair, reach_s) for pair in itertools.pairwise(turns)]


def _turning_points(values: list[float], height: float) -> list[int]:
    """Indices of the turning points; empty or with one index more than there are swings."""
    turns: list[int] = []
    low = high = extreme = 0
    direction = 0
    for index, value in enumerate(values):
        if direction == 0:
            low = index if value <= values[low] else low
            high = index if value >= values[high] else high
            if value - values[low] >= height:
                turns, direction, extreme = [low], 1, index
            elif values[high] - value >= height:
                turns, direction, extreme = [high], -1, index
        elif direction * (value - values[extreme]) > 0:
            extreme = index
        elif direction * (values[extreme] - value) >= height:
            turns.append(extreme)
            direction, extreme = -direction, index
    return [*turns, extreme] if turns else []


def _swing(
    times_s: NDArray[np.float64], values: list[float], turns: tuple[int, int], reach_s: float
) -> Swing:
    start, end = turns
    middle_s = _passes(times_s, values, start, end, 0.5)[0]
    start = max(start, int(np.searchsorted(times_s, middle_s - reach_s)))
    end = min(end, int(np.searchsorted(times_s, middle_s + reach_s, side="right")) - 1)
    if end <= start:  # a gap in the samples hides the swing: all that is known are its two ends
        start, end = turns
    leave_s = _passes(times_s, values, start, end, LEAVING)[1]
    arrive_s = _passes(times_s, values, start, end, 1.0 - LEAVING)[0]
    return Swing(values[start], values[end], min(leave_s, arrive_s), max(leave_s, arrive_s))


def _passes(
    times_s: NDArray[np.float64], values: list[float], start: int, end: int, share: float
) -> tuple[float, float]:
    """When a swing passes a share of its height for the first and for the last time."""
    level = values[start] + share * (values[end] - values[start])
    sign = 1.0 if values[end] >= values[start] else -1.0
    first = next(i for i in range(start, end + 1) if sign * (values[i] - level) >= 0.0)
    last = next(i for i in range(end, start - 1, -1) if sign * (values[i] - level) <= 0.0)
    before = _crossing(times_s, values, max(first - 1, start), level)
    return before, max(before, _crossing(times_s, values, min(last, end - 1), level))


def _crossing(times_s: NDArray[np.float64], values: list[float], index: int, level: float) -> float:
    """When the straight line between sample `index` and the next one crosses a level between them."""
    before, after = values[index], values[index + 1]
    share = 0.0 if after == before else min(1.0, max(0.0, (level - before) / (after - before)))
    return float(times_s[index] + share * (times_s[index + 1] - times_s[index]))
