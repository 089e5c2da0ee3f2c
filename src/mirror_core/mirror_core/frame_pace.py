"""Takes at most so many frames a second, evenly, by the frames' own stamps."""

from __future__ import annotations

__all__ = ["FramePace"]

EARLY_NS = 4_000_000  # by so much a frame may come early and count as on time: cameras tremble


class FramePace:
    """Says which frames are taken where not all can be.

    Frames are due on a fixed beat, so that 10 of 60 frames a second are every sixth one. After a pause, or
    when stamps go backwards, the beat begins anew.
    """

    def __init__(self) -> None:
        self._due_ns: int | None = None
        self._taken_ns = 0

    def is_due(self, stamp_ns: int, rate: float) -> bool:
        """Whether the frame of this stamp may be taken at `rate` frames a second."""
        if self._due_ns is None or stamp_ns < self._taken_ns:
            return True
        # A rate that was raised meanwhile counts at once.
        return stamp_ns >= min(self._due_ns, self._taken_ns + round(1e9 / rate)) - EARLY_NS

    def take(self, stamp_ns: int, rate: float) -> None:
        """Take the frame of this stamp."""
        period_ns = round(1e9 / rate)
        due_ns = self._due_ns
        is_on_beat = due_ns is not None and abs(stamp_ns - due_ns) < period_ns
        self._due_ns = (due_ns if is_on_beat and due_ns is not None else stamp_ns) + period_ns
        self._taken_ns = stamp_ns
