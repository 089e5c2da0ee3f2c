"""What a nod, a shake and a tilt look like in the angles of one head over the last seconds.

- A **nod** is a quick way down and up again, once or several times.
- A **shake** is three or more quick turns to alternating sides, going to both sides of where it began.
- A **tilt** is a quick lean of the head to a shoulder that is held for a moment.

What tells nods and shakes from looking somewhere is the rest between the turns: who looks at something stays
there for half a second or more. Everything is measured in seconds and degrees.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from mirror_core.parameters import parameter
from mirror_tracking.swings import Swing, find_swings

__all__ = [
    "WINDOW_S",
    "GestureKind",
    "GestureParameters",
    "Past",
    "is_calm",
    "match_nod_or_shake",
    "match_tilt",
]

WINDOW_S = 3.0  # how far back is looked
MAX_TURN_S = 0.3  # a quick swing takes at most so long for its middle half (0.19 s in a sine of 0.9 Hz)
MAX_REST_S = 0.42  # and rests at most so long before the next (a third of the period in a sine)
REACH_S = 0.35  # a swing is what lies so near to the middle of the way (0.28 s in a sine of 0.9 Hz)
ENDED_S = 0.25  # a movement has ended when its last swing arrived so long ago; …
STALE_S = 0.75  # … and one that ended so long ago was no gesture
MIN_NOD_S = 0.16  # from leaving to arriving: shorter is a glitch of the tracker (a nod of 3.5 Hz: 0.19 s)
MIN_SHAKE_S = 0.25
OUTER_SHARE = 0.5  # first and last turn of a shake go from and to the middle: half as far as those between
MAX_UNRETURNED = 0.5  # share of a nod's height that may be missing at its end
MIN_OTHER_SIDE = 0.35  # a shake goes to its smaller side at least by this share of the larger one
MANY_NOD_SWINGS, MANY_SHAKE_SWINGS = 4, 6  # so many need no end to be sure
DOMINANCE = 1.5  # the gesture's own angle changes at least so much more than each of the others
TILT_DOMINANCE = 1.3
TILT_HOLD_S = 0.25  # a tilt is held for so long, …
LEAN_SHARE = 0.8  # after a lean of at least this share of it within twice …
LEAN_REACH_S = 0.5  # … whose middle half took at most …
MAX_LEAN_S = 0.3
LEAST_LEAN = 0.5  # share of `tilt_degrees` by which it then leans from upright; else it only came back
MIN_HISTORY_S = 0.8  # time before a tilt in which the head's usual lean is seen
CALM_S, CALM_SHARE = 0.6, 0.5  # calm: so long no angle changed by more than this share of a gesture
MAX_TURNED = 50.0  # degrees of yaw or pitch beyond which the pose of a head is not exact enough
YAW, PITCH, ROLL = 0, 1, 2


class GestureKind(IntEnum):
    """Head gestures, with the numbers of mirror_msgs/Gesture; left and right are the person's own."""

    NOD = 1
    SHAKE = 2
    TILT_LEFT = 3
    TILT_RIGHT = 4


@dataclass(frozen=True)
class GestureParameters:
    """How large a gesture must be, and how often one may come."""

    nod_degrees: float = parameter(5.0, "Smallest nod, in degrees.", minimum=2.0, maximum=45.0)
    shake_degrees: float = parameter(
        8.0, "Smallest shake from side to side, in degrees.", minimum=2.0, maximum=90.0
    )
    tilt_degrees: float = parameter(
        11.0, "Smallest lean of the head to a shoulder, in degrees.", minimum=4.0, maximum=60.0
    )
    refractory_s: float = parameter(
        1.0, "Seconds after a gesture in which the same face makes no other.", minimum=0.0, maximum=30.0
    )


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """The last `WINDOW_S` seconds of one head.

    Attributes:
        times_s: float64 [n ≥ 1], ascending; the last is now.
        angles: float64 [n, 3]: yaw, pitch and roll in degrees.
        since_s: a movement that began before is part of an earlier one.
    """

    times_s: NDArray[np.float64]
    angles: NDArray[np.float64]
    since_s: float

    @property
    def now_s(self) -> float:
        """The newest time."""
        return float(self.times_s[-1])


Match = tuple[GestureKind, float]
"""A gesture and how sure it is, 0 … 1; 0.4 where it is only just large and clear enough."""


def is_calm(past: Past, parameters: GestureParameters) -> bool:
    """Whether no angle has changed much for a while; False where too little is known."""
    if past.now_s - past.times_s[0] < CALM_S:
        return False
    ranges = np.ptp(past.angles[past.times_s >= past.now_s - CALM_S], axis=0)
    smallest = (parameters.shake_degrees, parameters.nod_degrees, parameters.tilt_degrees)
    return bool((ranges < np.multiply(smallest, CALM_SHARE)).all())


def match_nod_or_shake(past: Past, parameters: GestureParameters) -> Match | None:
    """The nod or shake that has just ended, or gone on for long enough."""
    return _nod(past, parameters.nod_degrees) or _shake(past, parameters.shake_degrees)


def _nod(past: Past, smallest: float) -> Match | None:
    swings = _quick_end(past, PITCH, smallest)
    if swings and swings[0].rises:  # lifting the head a little first is no part of it
        swings = swings[1:]
    is_over = _is_over(swings, past.now_s)
    if swings and not swings[-1].rises:  # still down, or went down again after coming up
        swings = swings[:-1]
    if len(swings) < 2 or not (is_over or len(swings) >= MANY_NOD_SWINGS):
        return None
    start_s, end_s = swings[0].leave_s, swings[-1].arrive_s
    height = float(np.median([swing.height for swing in swings]))
    unreturned = abs(swings[-1].end - swings[0].start)
    purity = _purity(past, PITCH, start_s, end_s)
    if end_s - start_s < MIN_NOD_S or unreturned > MAX_UNRETURNED * height or purity < DOMINANCE:
        return None
    return GestureKind.NOD, _confidence(height / smallest, purity / DOMINANCE, (len(swings) - 2) / 2)


def _shake(past: Past, smallest: float) -> Match | None:
    swings = _quick_end(past, YAW, OUTER_SHARE * smallest)
    if len(swings) < 3 or not (_is_over(swings, past.now_s) or len(swings) >= MANY_SHAKE_SWINGS):
        return None
    start_s, end_s = swings[0].leave_s, swings[-1].arrive_s
    height = max(swing.height for swing in swings)
    sides = sorted(abs(extreme(s.end for s in swings) - swings[0].start) for extreme in (min, max))
    purity = _purity(past, YAW, start_s, end_s)
    if (
        end_s - start_s < MIN_SHAKE_S
        or height < smallest
        or sides[0] < MIN_OTHER_SIDE * sides[1]
        or purity < DOMINANCE
    ):
        return None
    return GestureKind.SHAKE, _confidence(height / smallest, purity / DOMINANCE, (len(swings) - 3) / 2)


def match_tilt(past: Past, parameters: GestureParameters) -> Match | None:
    """The tilt that the head is held in, if it was reached just now."""
    smallest, roll = parameters.tilt_degrees, past.angles[:, ROLL]
    if abs(roll[-1]) < LEAST_LEAN * smallest:
        return None
    side = 1.0 if roll[-1] > 0 else -1.0
    lean = side * (roll - np.median(roll))
    held = lean[past.times_s >= past.now_s - TILT_HOLD_S]
    if float(held.min()) < smallest:
        return None
    swings = find_swings(past.times_s, lean, OUTER_SHARE * smallest, LEAN_REACH_S)
    leans = [swing for swing in swings if swing.rises]  # a small sway back at its end does not matter
    if not _is_over(leans, past.now_s):
        return None
    last = leans[-1]
    purity = _purity(past, ROLL, last.leave_s, past.now_s)
    if (
        last.height < LEAN_SHARE * smallest
        or last.arrive_s - last.leave_s > MAX_LEAN_S
        or last.leave_s < max(past.since_s, past.times_s[0] + MIN_HISTORY_S)
        or purity < TILT_DOMINANCE
    ):
        return None
    kind = GestureKind.TILT_LEFT if side > 0 else GestureKind.TILT_RIGHT
    return kind, _confidence(float(np.median(held)) / smallest, purity / TILT_DOMINANCE, 0.5)


def _quick_end(past: Past, axis: int, smallest: float) -> list[Swing]:
    """The quick swings, without long rests between them, that the movement ends with."""
    swings = find_swings(past.times_s, past.angles[:, axis], smallest, REACH_S)
    first = len(swings)
    while first > 0:
        swing = swings[first - 1]
        is_quick = swing.height >= smallest and swing.arrive_s - swing.leave_s <= MAX_TURN_S
        if not is_quick or swing.leave_s < past.since_s:
            break
        if first < len(swings) and swings[first].leave_s - swing.arrive_s > MAX_REST_S:
            break
        first -= 1
    return swings[first:]


def _is_over(swings: list[Swing], now_s: float) -> bool:
    return bool(swings) and ENDED_S <= now_s - swings[-1].arrive_s <= STALE_S


def _purity(past: Past, axis: int, start_s: float, end_s: float) -> float:
    """How much more an angle changed from start to end than the one of the others that changed most.

    0 where the head was turned so far away that its pose is not exact.
    """
    during = past.angles[(past.times_s >= start_s) & (past.times_s <= end_s)]
    if not len(during) or np.abs(during[:, [YAW, PITCH]]).max() > MAX_TURNED:
        return 0.0
    ranges = np.ptp(during, axis=0)
    return float(ranges[axis] / max(np.delete(ranges, axis).max(), 1e-3))


def _confidence(size: float, purity: float, repeats: float) -> float:
    """How far a gesture is above what is asked for: its size and purity as multiples, and its repeats."""
    size, purity, repeats = (min(1.0, max(0.0, v)) for v in (size - 1.0, purity - 1.0, repeats))
    return 0.4 + 0.3 * size + 0.15 * purity + 0.15 * repeats
