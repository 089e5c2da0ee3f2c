"""What fingers (or the mouse) do on the screen: tap, swipe to a side, hold.

Points are shares of the upright canvas, 0 … 1 from its upper left corner; times are monotonic seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Touch", "TouchKind", "TouchReader"]

HOLD_S = 0.5  # a finger that rests for so long holds
SWIPE = 0.1  # share of the width that a finger goes at least, to swipe
SWIPE_S = 0.9  # longest swipe
SLOPE = 1.5  # a swipe goes so much further across than up or down
STILL = 0.03  # share within which a finger rests


class TouchKind(StrEnum):
    """What a finger did."""

    TAP = "tap"
    SWIPE_LEFT = "swipe_left"
    SWIPE_RIGHT = "swipe_right"
    HOLD = "hold"
    HOLD_END = "hold_end"


@dataclass(frozen=True, slots=True)
class Touch:
    """Something that a finger did, and where it began."""

    kind: TouchKind
    x: float
    y: float


@dataclass(slots=True)
class _Finger:
    x: float
    y: float
    since_s: float
    has_moved: bool = False
    holds: bool = False


class TouchReader:
    """Follows the first finger; others that come while it is down are ignored."""

    def __init__(self) -> None:
        self._id: int | None = None
        self._finger = _Finger(0.0, 0.0, 0.0)

    def down(self, finger_id: int, x: float, y: float, now_s: float) -> None:
        """A finger touches the screen."""
        if self._id is None:
            self._id, self._finger = finger_id, _Finger(x, y, now_s)

    def move(self, finger_id: int, x: float, y: float) -> None:
        """A finger moves."""
        finger = self._finger
        if finger_id == self._id and max(abs(x - finger.x), abs(y - finger.y)) > STILL:
            finger.has_moved = True

    def up(self, finger_id: int, x: float, y: float, now_s: float) -> Touch | None:
        """A finger leaves the screen; returns what it did."""
        if finger_id != self._id:
            return None
        self.move(finger_id, x, y)
        finger, self._id = self._finger, None
        if finger.holds:
            return Touch(TouchKind.HOLD_END, finger.x, finger.y)
        across, down = x - finger.x, y - finger.y
        if abs(across) >= SWIPE and abs(across) >= SLOPE * abs(down) and now_s - finger.since_s <= SWIPE_S:
            kind = TouchKind.SWIPE_LEFT if across < 0 else TouchKind.SWIPE_RIGHT
            return Touch(kind, finger.x, finger.y)
        return None if finger.has_moved else Touch(TouchKind.TAP, finger.x, finger.y)

    def look(self, now_s: float) -> Touch | None:
        """Whether a finger has begun to hold since the last look."""
        finger = self._finger
        if self._id is None or finger.holds or finger.has_moved or now_s - finger.since_s < HOLD_S:
            return None
        finger.holds = True
        return Touch(TouchKind.HOLD, finger.x, finger.y)
