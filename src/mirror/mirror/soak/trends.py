"""Whether a run grows or slows down: robust slopes over its readings, and their bars. No ROS in here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from mirror.soak.usage import Usage
from mirror_core.errors import ShapeError

__all__ = ["LONG_LIMITS", "SHORT_LIMITS", "Bar", "Limits", "Sample", "judged", "theil_sen"]

PER_FRAMES = 10_000  # a slope is told for so many frames
MOST_POINTS = 400  # of which every pair is compared
EDGE_SHARE = 0.2  # of the readings, at the beginning and at the end, that counts are compared over
FEWEST_ROUNDS = 3  # fewer tell no drift


@dataclass(frozen=True, slots=True)
class Sample:
    """One reading.

    Attributes:
        time_s: since the start of the soak.
        frames: that the window has shown since the mirror's start.
        usage: of the mirror's processes.
        p50_ms, p99_ms: age of the newest 600 frames when they were handed to the window; NaN where none came.
        round_number: how often all stacks have been on.
        stack: the effects that are on.
        restarts: of nodes, together.
    """

    time_s: float
    frames: int
    usage: Usage
    p50_ms: float
    p99_ms: float
    round_number: int
    stack: str
    restarts: int = 0


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run must hold.

    Attributes:
        memory_mb: growth of memory (anonymous, resident) in MB per 10,000 frames.
        descriptors, threads: growth of their typical count from the run's beginning to its end.
        latency_share: growth of the median latency over the run, as a share of it; None: it is not judged.
    """

    memory_mb: float
    descriptors: float
    threads: float
    latency_share: float | None


LONG_LIMITS = Limits(memory_mb=1.0, descriptors=2.0, threads=1.0, latency_share=0.10)
SHORT_LIMITS = Limits(memory_mb=500.0, descriptors=4.0, threads=3.0, latency_share=None)
"""For some 2,000 frames: pools and caches still fill then, and there are too few rounds to tell a drift."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A figure and the limit that it must not exceed."""

    what: str
    measured: float
    limit: float

    @property
    def is_held(self) -> bool:
        """Whether the limit is kept; a figure that is missing keeps none."""
        return bool(self.measured <= self.limit)


def theil_sen(x: Sequence[float], y: Sequence[float]) -> float:
    """The median of the slopes between all pairs of points: few outliers do not move it (Sen 1968).

    Args:
        x, y: as many numbers each; pairs with equal x, and points with a NaN, are left out.

    Returns:
        Units of y per unit of x; NaN with fewer than two different x.

    Raises:
        ShapeError: if the lengths differ.
    """
    at, values = np.asarray(x, np.float64), np.asarray(y, np.float64)
    if at.shape != values.shape or at.ndim != 1:
        raise ShapeError(f"x and y must be as long as each other, not {at.shape} and {values.shape}.")
    known = np.isfinite(at) & np.isfinite(values)
    at, values = _thinned(at[known]), _thinned(values[known])
    first, second = np.triu_indices(len(at), 1)
    run = at[second] - at[first]
    slopes = (values[second] - values[first])[run != 0] / run[run != 0]
    return float(np.median(slopes)) if slopes.size else float("nan")


def _thinned(values: NDArray[np.float64]) -> NDArray[np.float64]:
    step = -(-len(values) // MOST_POINTS) or 1
    return values[::step]


def _growth(values: Sequence[float]) -> float:
    """By how much the typical value at the end is above that at the beginning."""
    edge = max(int(len(values) * EDGE_SHARE), 1)
    return float(np.median(values[-edge:]) - np.median(values[:edge])) if values else float("nan")


def round_latencies(samples: Sequence[Sample]) -> tuple[list[float], list[float]]:
    """(frames at the middle, median latency in ms) of each whole round: in each the same stacks were on."""
    rounds = [list(group) for _, group in groupby(samples, key=lambda sample: sample.round_number)]
    whole = rounds[1:-1] if len(rounds) > FEWEST_ROUNDS + 1 else rounds
    return (
        [float(np.median([sample.frames for sample in each])) for each in whole],
        [float(np.nanmedian([sample.p50_ms for sample in each])) for each in whole],
    )


def _drift_share(samples: Sequence[Sample]) -> float:
    """Growth of the latency over the run as a share of its median; NaN where there are too few rounds."""
    at, latencies = round_latencies(samples)
    if len(at) < FEWEST_ROUNDS:
        return float("nan")
    return theil_sen(at, latencies) * (at[-1] - at[0]) / float(np.median(latencies))


def judged(samples: Sequence[Sample], limits: Limits) -> list[Bar]:
    """The bars of a run.

    Args:
        samples: those after the warm-up, in order.
        limits: what they must hold.
    """
    frames = [float(sample.frames) for sample in samples]

    def slope(values: list[float]) -> float:
        return theil_sen(frames, values) * PER_FRAMES

    share = limits.latency_share
    drift = [] if share is None else [Bar("latency p50, growth as a share", _drift_share(samples), share)]
    return [
        Bar(
            "memory of its own (anonymous), MB per 10,000 frames",
            slope([s.usage.anonymous_mb for s in samples]),
            limits.memory_mb,
        ),
        Bar(
            "resident memory (RSS), MB per 10,000 frames",
            slope([s.usage.rss_mb for s in samples]),
            limits.memory_mb,
        ),
        Bar(
            "descriptors, more at the end",
            _growth([float(s.usage.descriptors) for s in samples]),
            limits.descriptors,
        ),
        Bar("threads, more at the end", _growth([float(s.usage.threads) for s in samples]), limits.threads),
        *drift,
        Bar("restarts of nodes", float(max((s.restarts for s in samples), default=0)), 0.0),
    ]
