"""What happens in the demo reel: who stands where, turns how, in which light, at each moment.

The reel is a loop of `REEL_DURATION_S` seconds made of key moments with smooth movement between
them. It ends as it begins, so that it can run for ever without a jump.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["REEL_DURATION_S", "Light", "Phase", "Stance", "light_at", "reel_schedule", "stances_at"]

REEL_DURATION_S = 80.0  # length of the loop
SWAY_X = 0.008  # share of the frame width by which a standing person sways to either side
SWAY_ROLL_DEG = 1.2  # lean of the body while swaying
SWAYS_PER_LOOP = (11, 14)  # of the first and the second person; whole numbers keep the loop closed
GLANCE_DEG = 3.0  # small head turns that never stop
GLANCES_PER_LOOP = (17, 13)


@dataclass(frozen=True, slots=True)
class Phase:
    """A named stretch of the reel.

    Attributes:
        name: what happens.
        start_s, end_s: position in the loop in seconds.
        people: the most people in view at once.
    """

    name: str
    start_s: float
    end_s: float
    people: int


@dataclass(frozen=True, slots=True)
class Stance:
    """How one person stands at one moment.

    Attributes:
        person: 0 is the first, 1 the second person.
        x: 0 … 1 is the face's centre across the frame; −1 and 2 are just outside on the left and right.
        face_height: forehead to chin as a share of the frame height (at 16:9).
        yaw_deg: turn of the head, positive towards the picture's right.
        pitch_deg: positive looks down.
        roll_deg: tilt of the head, positive clockwise in the picture.
        lean_deg: tilt of the whole body, positive clockwise.
    """

    person: int
    x: float
    face_height: float
    yaw_deg: float
    pitch_deg: float
    roll_deg: float
    lean_deg: float


@dataclass(frozen=True, slots=True)
class Light:
    """The light at one moment.

    Attributes:
        azimuth: −1 from the picture's left … 1 from its right.
        level: 1 is normal brightness.
        warmth: −1 bluish … 1 orange.
    """

    azimuth: float
    level: float
    warmth: float


_PHASES = (
    Phase("stands and looks", 0.0, 8.0, 1),
    Phase("turns the head", 8.0, 18.0, 1),
    Phase("nods and tilts", 18.0, 26.0, 1),
    Phase("comes nearer and steps back", 26.0, 36.0, 1),
    Phase("the light changes", 36.0, 48.0, 1),
    Phase("two people, who cross", 48.0, 62.0, 2),
    Phase("one leaves, the other stays", 62.0, 71.8, 2),
    Phase("nobody", 71.8, 74.4, 0),
    Phase("somebody comes", 74.4, REEL_DURATION_S, 1),
)

_Keys = Sequence[tuple[float, ...]]

# (second, x, face height)
_PLACES: tuple[_Keys, _Keys] = (
    (
        (0.0, 0.50, 0.36), (26.0, 0.50, 0.36), (29.0, 0.49, 0.45), (30.5, 0.49, 0.45), (34.0, 0.52, 0.27),
        (36.0, 0.50, 0.36), (48.0, 0.50, 0.36), (51.0, 0.30, 0.29), (54.5, 0.30, 0.28), (59.0, 0.70, 0.28),
        (62.0, 0.71, 0.29), (65.5, 2.00, 0.31), (70.0, 2.00, 0.31), (70.0, -1.00, 0.33), (72.4, -1.00, 0.33),
        (77.5, 0.50, 0.35), (80.0, 0.50, 0.36),
    ),
    (
        (0.0, 2.00, 0.31), (48.0, 2.00, 0.31), (51.5, 0.71, 0.31), (54.5, 0.70, 0.32), (59.0, 0.29, 0.33),
        (63.0, 0.30, 0.33), (66.5, 0.50, 0.38), (67.6, 0.50, 0.38), (72.2, -1.00, 0.34), (75.0, -1.00, 0.34),
        (75.0, 2.00, 0.31), (80.0, 2.00, 0.31),
    ),
)  # fmt: skip

# (second, yaw, pitch, roll), degrees
_TURNS: tuple[_Keys, _Keys] = (
    (
        (0.0, 0, 0, 0), (3.0, 6, 1, 2), (6.0, -5, -1, -2), (8.0, 0, 0, 0), (9.8, 25, 0, 0), (10.6, 25, 0, 0),
        (12.8, -25, 0, 0), (13.6, -25, 0, 0), (15.0, 0, -12, 0), (16.5, 12, 12, 0), (18.0, 0, 0, 0),
        (18.5, 0, 11, 0), (19.0, 0, -3, 0), (19.5, 0, 11, 0), (20.0, 0, -3, 0), (20.6, 0, 0, 0),
        (22.0, 4, 0, 12), (22.6, 4, 0, 12), (24.4, -4, 0, -12), (25.0, -4, 0, -12), (26.0, 0, 0, 0),
        (29.0, 0, 4, 3), (30.5, -8, 0, -2), (34.0, 7, 0, 2), (36.0, 0, 0, 0), (40.0, -12, 0, 0),
        (45.0, 12, 0, 2), (48.0, 8, 0, 0), (50.0, 18, 0, 3), (53.0, 16, 2, 3), (55.0, 10, 0, 0),
        (58.0, 0, 0, 0), (60.5, -16, 0, -3), (62.0, -10, 0, 0), (63.5, 20, 0, 2), (66.0, 15, 0, 0),
        (75.0, 15, 0, 0), (77.5, 10, 0, 0), (79.2, 0, 0, 0), (80.0, 0, 0, 0),
    ),
    (
        (0.0, -12, 0, 0), (48.0, -15, 0, 0), (51.0, -18, 0, -3), (53.0, -15, 2, -2), (54.5, -12, 0, 0),
        (57.5, 0, 0, 0), (60.5, 16, 0, 4), (62.5, 10, 0, 0), (65.0, 5, 0, 0), (66.8, 0, 0, 0),
        (67.6, 0, 9, 0), (68.2, 0, -2, 0), (68.6, 0, 0, 0), (70.4, -20, 0, -2), (75.5, -15, 0, 0),
        (80.0, -12, 0, 0),
    ),
)  # fmt: skip

# (second, azimuth, level, warmth)
_LIGHTS: _Keys = (
    (0.0, -0.30, 1.00, 0.10), (20.0, 0.25, 1.02, 0.00), (36.0, -0.20, 1.00, 0.10), (38.5, -1.00, 0.95, 0.55),
    (41.5, 0.20, 0.66, 0.90), (44.0, 1.00, 0.92, -0.75), (46.0, 0.60, 1.12, -0.40), (48.5, -0.20, 1.02, 0.05),
    (60.0, 0.30, 0.98, 0.20), (70.0, -0.20, 0.96, 0.15), (73.5, 0.00, 0.90, 0.25), (80.0, -0.30, 1.00, 0.10),
)  # fmt: skip


def reel_schedule() -> tuple[Phase, ...]:
    """The phases of the loop, in order and without gaps."""
    return _PHASES


def stances_at(time_s: float) -> tuple[Stance, ...]:
    """The people in the room at `time_s` (any finite number of seconds), the one farther away first."""
    moment = time_s % REEL_DURATION_S
    stances = []
    for person in (0, 1):
        x, face_height = _at(_PLACES[person], moment)
        if x in (-1.0, 2.0):
            continue
        yaw, pitch, roll = _at(_TURNS[person], moment)
        sway = _wave(moment, SWAYS_PER_LOOP[person])
        glance = _wave(moment, GLANCES_PER_LOOP[person])
        stances.append(
            Stance(
                person=person,
                x=x + SWAY_X * sway,
                face_height=face_height,
                yaw_deg=yaw + GLANCE_DEG * glance * max(0.0, 1.0 - abs(yaw) / 20.0),
                pitch_deg=pitch + 0.4 * GLANCE_DEG * _wave(moment, GLANCES_PER_LOOP[person] + 6),
                roll_deg=roll,
                lean_deg=SWAY_ROLL_DEG * sway + 0.18 * roll,
            )
        )
    return tuple(sorted(stances, key=lambda stance: stance.face_height))


def light_at(time_s: float) -> Light:
    """The light at `time_s` (any finite number of seconds)."""
    return Light(*_at(_LIGHTS, time_s % REEL_DURATION_S))


def _wave(moment: float, cycles: int) -> float:
    return math.sin(2 * math.pi * cycles * moment / REEL_DURATION_S)


def _at(keys: _Keys, moment: float) -> tuple[float, ...]:
    """Values at `moment`, easing in and out between the key moments; two keys at one moment make a jump."""
    for before, after in itertools.pairwise(keys):
        if moment <= after[0]:
            share = (moment - before[0]) / (after[0] - before[0])
            eased = share * share * (3.0 - 2.0 * share)
            return tuple(a + (b - a) * eased for a, b in zip(before[1:], after[1:], strict=True))
    return tuple(float(value) for value in keys[-1][1:])
