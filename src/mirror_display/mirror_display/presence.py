"""Whether somebody is there, and how the window rests while nobody is: clock, invitation, dark clock.

Told only of times, it needs neither a screen nor ROS. It also knows when it is worth looking for people:
while somebody was seen a moment ago a glance every few seconds is enough, and a window that never rests
does not look at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from mirror_core.errors import ParameterError

__all__ = ["GLANCE_S", "Presence", "Rest", "RestTimes"]

GLANCE_S = 5.0  # who was seen is not looked for again within so many seconds
GLANCE_SHARE = 0.25  # … or within this share of the time until the clock, if that is shorter


class Rest(IntEnum):
    """How deeply the window rests; a greater number is deeper."""

    AWAKE = 0
    CLOCK = 1
    ATTRACT = 2
    DARK = 3


@dataclass(frozen=True, slots=True)
class RestTimes:
    """After how many seconds without anybody each kind of rest begins; 0: never.

    Attributes:
        clock_s: the clock; with 0 there is no rest at all.
        attract_s: the moving invitation.
        dark_s: the very dark clock.
    """

    clock_s: float = 60.0
    attract_s: float = 90.0
    dark_s: float = 300.0

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if not getattr(self, name) >= 0:
                raise ParameterError(f"{name} = {getattr(self, name)} is refused: allowed is 0 s or more.")

    def rest_after(self, alone_s: float) -> Rest:
        """The rest that is due after so many seconds without anybody."""
        if not self.clock_s or alone_s < self.clock_s:
            return Rest.AWAKE
        if self.dark_s and alone_s >= self.dark_s:
            return Rest.DARK
        return Rest.ATTRACT if self.attract_s and alone_s >= self.attract_s else Rest.CLOCK


class Presence:
    """Follows whether somebody is there; times are monotonic seconds.

    Args:
        times: when rest begins.
        now_s: the start; the window begins awake.
    """

    def __init__(self, times: RestTimes, now_s: float) -> None:
        self.times = times
        self._seen_s = self._rest_since_s = now_s
        self._rest = Rest.AWAKE

    @property
    def rest(self) -> Rest:
        """How the window rests, as of the last `see` or `look`."""
        return self._rest

    @property
    def rest_since_s(self) -> float:
        """When this rest began."""
        return self._rest_since_s

    def see(self, now_s: float) -> bool:
        """Somebody is there: a face, a body, a key, a touch. Returns whether that woke the window."""
        self._seen_s = now_s
        woke = self._rest is not Rest.AWAKE
        self._enter(Rest.AWAKE, now_s)
        return woke

    def look(self, now_s: float) -> Rest:
        """How the window rests now."""
        self._enter(self.times.rest_after(now_s - self._seen_s), now_s)
        return self._rest

    def wants_faces(self, now_s: float) -> bool:
        """Whether to look for faces: at rest always, else when nobody was seen for a while."""
        return self._is_alone_for(now_s, 1)

    def wants_bodies(self, now_s: float) -> bool:
        """Whether to look for bodies too, which costs more: as soon as no face has come for longer."""
        return self._is_alone_for(now_s, 2)

    def _is_alone_for(self, now_s: float, glances: int) -> bool:
        if not self.times.clock_s:
            return False
        pause_s = min(GLANCE_S, GLANCE_SHARE * self.times.clock_s)
        return self._rest is not Rest.AWAKE or now_s - self._seen_s >= glances * pause_s

    def _enter(self, rest: Rest, now_s: float) -> None:
        if rest is not self._rest:
            self._rest, self._rest_since_s = rest, now_s
