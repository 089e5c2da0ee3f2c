"""How many pictures a second reach the window, and how old they are then."""

from __future__ import annotations

from collections import deque
from statistics import median

__all__ = ["ShownStatistics"]

WINDOW_S = 2.0  # span of the figures
UPDATE_INTERVAL_S = 0.5  # a line that changes more often cannot be read


class ShownStatistics:
    """Rate and median latency of the pictures shown in the last two seconds."""

    def __init__(self) -> None:
        self._shown: deque[tuple[float, float]] = deque()
        self._line = ""
        self._line_time_s = float("-inf")

    def add(self, now_s: float, latency_s: float) -> None:
        """Note a picture shown at `now_s` (any monotonic clock), `latency_s` after it was taken."""
        self._shown.append((now_s, latency_s))
        self._forget(now_s)

    def rate_hz(self, now_s: float) -> float:
        """Pictures a second."""
        self._forget(now_s)
        if len(self._shown) < 2:
            return 0.0
        span = self._shown[-1][0] - self._shown[0][0]
        return (len(self._shown) - 1) / span if span > 0 else 0.0

    def latency_ms(self, now_s: float) -> float | None:
        """Median time from acquisition to the screen in milliseconds, None without pictures."""
        self._forget(now_s)
        return median(latency for _, latency in self._shown) * 1e3 if self._shown else None

    def line(self, now_s: float) -> str:
        """Both figures as a line that changes at most twice a second."""
        if now_s - self._line_time_s >= UPDATE_INTERVAL_S:
            latency = self.latency_ms(now_s)
            self._line = (
                "no picture" if latency is None else f"{self.rate_hz(now_s):.0f} fps   {latency:.0f} ms"
            )
            self._line_time_s = now_s
        return self._line

    def _forget(self, now_s: float) -> None:
        while self._shown and self._shown[0][0] < now_s - WINDOW_S:
            self._shown.popleft()
