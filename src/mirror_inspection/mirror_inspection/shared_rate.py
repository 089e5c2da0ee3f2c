"""Chooses some frames of several streams so that the streams show the same ones."""

from __future__ import annotations

from collections import deque

__all__ = ["SharedRate"]

STAMPS_KEPT = 30  # chosen frames that a slow stream may still come with
EARLIEST = 0.9  # of a period: frames come in the camera's steps, and half a step early is not too early
NANOSECONDS = 1e9


class SharedRate:
    """At most so many frames a second, of all streams the same where they can.

    The first stream that comes with a frame chooses it for all. A stream that misses chosen frames (a
    tracker that skips every other one) chooses for itself after two periods.

    Args:
        rate_hz: frames a second.
    """

    def __init__(self, rate_hz: float) -> None:
        self.rate_hz = rate_hz
        self._chosen: deque[int] = deque(maxlen=STAMPS_KEPT)
        self._sent: dict[str, int] = {}  # the newest frame of each stream; before that, its first
        self._begun: set[str] = set()

    def wants(self, stream: str, stamp_ns: int) -> bool:
        """Whether this stream should send what belongs to the frame with this stamp.

        Args:
            stream: any name.
            stamp_ns: nanoseconds; a step backwards (a recording that begins again) begins anew.
        """
        period_ns = NANOSECONDS / self.rate_hz
        newest_ns = self._chosen[-1] if self._chosen else None
        sent_ns = self._sent.setdefault(stream, stamp_ns)
        if stamp_ns < sent_ns - 2 * period_ns:
            self._chosen.clear()
            self._sent = {stream: stamp_ns}
            newest_ns, sent_ns = None, stamp_ns
        if stamp_ns not in self._chosen:
            is_due = newest_ns is None or stamp_ns - newest_ns >= EARLIEST * period_ns
            if not is_due and stamp_ns - sent_ns < 2 * period_ns:
                return False
            self._chosen.append(stamp_ns)
        elif stamp_ns == sent_ns and stream in self._begun:
            return False
        self._begun.add(stream)
        self._sent[stream] = stamp_ns
        return True
