"""Delivers pictures at the times they are due: never early, and never in a burst after a stall."""

from __future__ import annotations

import threading

from mirror_camera.source import Clock

__all__ = ["MAXIMUM_LAG_S", "Pacer"]

MAXIMUM_LAG_S = 1.0  # behind by more than this, the clip goes on from here instead of catching up


class Pacer:
    """Maps positions in a clip to moments of the clock.

    Args:
        clock: the time to follow.
        closed: ends every wait.
        speed: seconds of clip per second of clock.
    """

    def __init__(self, clock: Clock, closed: threading.Event, speed: float = 1.0) -> None:
        self._clock, self._closed, self._speed = clock, closed, speed
        self._anchor_ns: int | None = None
        self._delay_ns = 0
        self._is_waiting = False

    @property
    def is_waiting(self) -> bool:
        """Whether a position is waited for now."""
        return self._is_waiting

    def restart(self, delay_s: float = 0.0) -> None:
        """Let the next position asked for be due `delay_s` seconds after that, and count from there."""
        self._anchor_ns = None
        self._delay_ns = round(delay_s * 1e9)

    def lag_s(self, position_s: float) -> float:
        """Seconds of clock by which `position_s` is late; negative when it is not due yet.

        The first position asked for is due now, or as `restart` said. After a lag of more than
        `MAXIMUM_LAG_S` the position is due now, too.
        """
        now = self._clock.now_ns()
        offset_ns = round(position_s / self._speed * 1e9)
        if self._anchor_ns is None:
            self._anchor_ns = now - offset_ns + self._delay_ns
        lag = (now - self._anchor_ns - offset_ns) * 1e-9
        if lag > MAXIMUM_LAG_S:
            self._anchor_ns = now - offset_ns
            return 0.0
        return lag

    def wait(self, position_s: float) -> bool:
        """Wait until `position_s` is due; returns False if the source was closed meanwhile."""
        self._is_waiting = True
        try:
            while (lag := self.lag_s(position_s)) < 0:
                if self._clock.wait(self._closed, -lag):
                    return False
            return not self._closed.is_set()
        finally:
            self._is_waiting = False
