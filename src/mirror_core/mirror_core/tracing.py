"""Rates, durations and their quantiles over a recent window; what diagnostics and the bench show."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

__all__ = ["Quantiles", "RateMeter", "StageTimes"]

WINDOW = 600  # samples kept: 10 s at 60 Hz


class Quantiles:
    """The newest `window` durations, in seconds. Adding is cheap and thread-safe."""

    def __init__(self, window: int = WINDOW) -> None:
        self._samples: deque[float] = deque(maxlen=window)
        self.count = 0

    def add(self, seconds: float) -> None:
        """Add one duration in seconds."""
        self._samples.append(seconds)
        self.count += 1

    @contextmanager
    def measure(self) -> Iterator[None]:
        """Add how long the block takes, also when it raises."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.add(time.perf_counter() - start)

    def quantile(self, q: float) -> float:
        """The q-quantile (0 … 1) in seconds; NaN before the first sample."""
        samples = list(self._samples)
        return float(np.quantile(samples, q)) if samples else float("nan")

    @property
    def p50(self) -> float:
        """Median in seconds."""
        return self.quantile(0.5)

    @property
    def p99(self) -> float:
        """99th percentile in seconds."""
        return self.quantile(0.99)

    def clear(self) -> None:
        """Forget the samples; `count` goes on."""
        self._samples.clear()

    def __len__(self) -> int:
        return len(self._samples)


class RateMeter:
    """How many events a second, over the last `span_s` seconds."""

    def __init__(self, span_s: float = 2.0) -> None:
        self._span_s = span_s
        self._times: deque[float] = deque(maxlen=1000)

    def tick(self, now_s: float | None = None) -> None:
        """Count one event now (seconds on the monotonic clock)."""
        self._times.append(time.monotonic() if now_s is None else now_s)

    def rate(self, now_s: float | None = None) -> float:
        """Events a second; 0 when there were fewer than two in the span."""
        now = time.monotonic() if now_s is None else now_s
        recent = [t for t in list(self._times) if now - t <= self._span_s]
        if len(recent) < 2 or recent[-1] <= recent[0]:
            return 0.0
        # A source that has stopped must not keep its old rate: the silence since counts too.
        elapsed = max(recent[-1] - recent[0], now - recent[0] - self._span_s / 4)
        return (len(recent) - 1) / elapsed


class StageTimes:
    """Durations by stage name, in the order in which stages first ran."""

    def __init__(self) -> None:
        self._stages: dict[str, Quantiles] = {}

    def __getitem__(self, stage: str) -> Quantiles:
        return self._stages.setdefault(stage, Quantiles())

    def items(self) -> list[tuple[str, Quantiles]]:
        """All stages with their durations."""
        return list(self._stages.items())
