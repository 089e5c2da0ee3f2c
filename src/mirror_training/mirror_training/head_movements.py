"""Heads that move: synthetic trajectories with and without gestures, for measuring gesture recognition.

Every trajectory is a person's posture, plus the small movements of talking, plus one gesture or one movement
that is none, plus drift, seen by a tracker with noise, glitches, irregular stamps and lost frames. Heads go
from one place to another on the minimum-jerk profile (T. Flash, N. Hogan, "The coordination of arm
movements", 1985). Noise and talking are as measured on a clip of a talking person: see `NOISE_DEGREES` and
`TALKING_STEPS`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from mirror_tracking.gestures import GestureKind

__all__ = ["NEGATIVES", "NOISE_DEGREES", "POSITIVES", "TALKING_STEPS", "Trajectory", "trajectory"]

Angles = NDArray[np.float64]
YAW, PITCH, ROLL = 0, 1, 2

NOISE_DEGREES = (0.085, 0.085, 0.05)
"""Standard deviation of the noise on yaw, pitch and roll that the tracker leaves on a face 166 px high.

Without smoothing it is 0.15, 0.18 and 0.09. A face 80 px high under sensor noise of 4 grey levels has 0.12,
0.13 and 0.07, and 0.26, 0.28 and 0.13. The trajectories have 0.7 to 4 times as much as stated here.
"""

TALKING_STEPS = {0.25: (0.9, 0.6, 0.9), 1.0: (1.6, 0.9, 2.2), 4.0: (2.3, 1.3, 2.9)}
"""Seconds → root mean square change of yaw, pitch and roll over such a time in talking, in degrees."""

LENGTH_S = 8.0
FINE_S = 1.0 / 480.0  # step in which movements are made, before a camera sees them
RATES_HZ = (10.0, 15.0, 24.0, 30.0, 60.0)
EARLIEST_S = 2.0  # the movement begins between this …
LATEST_S = 3.0  # … and this


@dataclass(frozen=True, slots=True, eq=False)
class Trajectory:
    """What a tracker says of one head.

    Attributes:
        name: the kind of movement, a key of `POSITIVES` or `NEGATIVES`.
        kind: the gesture in it, None for none.
        times_s: float64 [n], ascending.
        angles: float64 [n, 3]: yaw, pitch and roll in degrees, with noise.
        start_s, end_s: when the movement begins and ends.
        rate_hz: of the camera.
    """

    name: str
    kind: GestureKind | None
    times_s: NDArray[np.float64]
    angles: Angles
    start_s: float
    end_s: float
    rate_hz: float


@dataclass(frozen=True, slots=True)
class _Movement:
    """Angles over the fine times, when they end, and when the face cannot be seen."""

    angles: Angles
    end_s: float
    unseen: tuple[float, float] | None = None


Maker = Callable[[np.random.Generator, NDArray[np.float64], float], _Movement]


def _between(rng: np.random.Generator, low: float, high: float) -> float:
    return float(rng.uniform(low, high))


def _log_between(rng: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def _step(times: NDArray[np.float64], start_s: float, seconds: float) -> NDArray[np.float64]:
    """0 before, 1 after, the minimum-jerk way in between."""
    s = np.clip((times - start_s) / seconds, 0.0, 1.0)
    return np.asarray(s**3 * (10.0 - 15.0 * s + 6.0 * s**2))


def _there_and_back(
    times: NDArray[np.float64], start_s: float, out_s: float, stay_s: float, back_s: float
) -> tuple[NDArray[np.float64], float]:
    """A way to 1, a stay and the way back, with its end."""
    back = start_s + out_s + stay_s
    return _step(times, start_s, out_s) - _step(times, back, back_s), back + back_s


def _spread(rng: np.random.Generator, axis: int, values: NDArray[np.float64]) -> Angles:
    """A movement of one angle that takes the others along a little."""
    coupling = rng.uniform(-0.25, 0.25, 3)
    coupling[axis] = 1.0
    return values[:, None] * coupling


# ---- gestures


def _nod(rng: np.random.Generator, times: NDArray[np.float64], start: float) -> _Movement:
    height, frequency = _log_between(rng, 8.0, 25.0), _between(rng, 1.0, 3.0)
    frequency = min(frequency, 180.0 / (math.pi * height))  # necks turn at up to 180° a second here
    cycles = int(rng.choice([1, 2, 3], p=[0.35, 0.4, 0.25]))
    phase = np.clip((times - start) * frequency, 0.0, cycles)
    fading = _between(rng, 0.75, 1.0) ** np.minimum(np.floor(phase), cycles - 1)
    pitch = -height * fading * (1.0 - np.cos(2 * math.pi * phase)) / 2
    end = start + cycles / frequency
    if rng.random() < 0.2:  # the head is lifted a little first
        lift = 0.3 * height * (_step(times, start - 0.3, 0.25) - _step(times, start, 0.3))
        pitch = pitch + lift
    return _Movement(_spread(rng, PITCH, pitch), end)


def _shake(rng: np.random.Generator, times: NDArray[np.float64], start: float) -> _Movement:
    height, frequency = _log_between(rng, 12.0, 50.0), _between(rng, 0.9, 2.5)
    frequency = min(frequency, 300.0 / (math.pi * height))
    cycles = float(rng.choice([1.0, 1.5, 2.0, 3.0]))
    phase = np.clip((times - start) * frequency, 0.0, cycles)
    fading = _between(rng, 0.75, 1.0) ** np.minimum(np.floor(phase), math.ceil(cycles) - 1)
    yaw = rng.choice([-1.0, 1.0]) * height / 2 * fading * np.sin(2 * math.pi * phase)
    return _Movement(_spread(rng, YAW, yaw), start + cycles / frequency)


def _tilt(rng: np.random.Generator, times: NDArray[np.float64], start: float, side: float) -> _Movement:
    degrees, out = _log_between(rng, 14.0, 35.0), _between(rng, 0.25, 0.8)
    stay = _between(rng, 0.4, 2.0) if rng.random() < 0.8 else LENGTH_S
    values, _ = _there_and_back(times, start, out, stay, _between(rng, 0.3, 0.8))
    return _Movement(_spread(rng, ROLL, side * degrees * values), start + out + min(stay, 0.5))


def _tilt_left(rng: np.random.Generator, times: NDArray[np.float64], start: float) -> _Movement:
    return _tilt(rng, times, start, 1.0)


def _tilt_right(rng: np.random.Generator, times: NDArray[np.float64], start: float) -> _Movement:
    return _tilt(rng, times, start, -1.0)


# ---- movements that are no gesture


def _talking(rng: np.random.Generator, times: NDArray[np.float64], start: float) -> _Movement:
    return _Movement(np.zeros((len(times), 3)), start)


def _glance_aside(rng: np.random.Generator, times: NDArray[np.float64], start: float) -> _Movement:
    out, stay, back = _between(rng, 0.15, 0.4), _between(rng, 0.1, 2.0), _between(rng, 0.15, 0.5)
    values, end = _there_and_back(times, start, out, stay, back)
    return _Movement(_spread(rng, YAW, rng.choice([-1, 1]) * _log_between(rng, 8, 45) * values), end)


def _glance_up(rng: np.random.Generator, times: NDArray[np.float64], start: float) -> _Movement:
    out, stay, back = _between(rng, 0.15, 0.4), _between(rng, 0.1, 2.0), _between(rng, 0.15, 0.5)
    values, end = _there_and_back(times, start, out, stay, back)
    return _Movement(_spread(rng, PITCH, _log_between(rng, 6, 25) * values), end)


def _telephone(rng: np.random.Generator, times: NDArray[np.float64], start: float) -> _Movement:
    """A look down at a telephone or something else, and back."""
    out, stay, back = _between(rng, 0.25, 0.6), _between(rng, 0.5, 4.0), _between(rng, 0.25, 0.6)
    values, end = _there_and_back(times, start, out, stay, back)
    return _Movement(_spread(rng, PITCH, -_log_between(rng, 10, 40) * values), end)


def _both_sides(rng: np.random.Generator, times: NDArray[np.float64], start: float) -> _Movement:
    """A look to one side, then to the other, then ahead again, as before crossing a street."""
    first, second = _between(rng, 12, 40), _between(rng, 12, 40)
    turn, stay, other_stay = _between(rng, 0.3, 0.7), _between(rng, 0.4, 1.2), _between(rng, 0.4, 1.2)
    across = start + turn + stay
    home = across + 1.3 * turn + other_stay
    values = first * _step(times, start, turn) - (first + second) * _step(times, across, 1.3 * turn)
    values = values + second * _step(times, home, turn)
    return _Movement(_spread(rng, YAW, rng.choice([-1, 1]) * values), home + turn)


def _turning_away(rng: np.random.Generator, times: NDArray[np.float64], start: float) -> _Movement:
    """Turns to somebody beside or behind, so far that the tracker loses the face for a while."""
    out, stay, back = _between(rng, 0.4, 1.2), _between(rng, 0.3, 2.5), _between(rng, 0.4, 1.2)
    values, end = _there_and_back(times, start, out, stay, back)
    unseen = (start + 0.6 * out, end - 0.6 * back)
    return _Movement(_spread(rng, YAW, rng.choice([-1, 1]) * _between(rng, 60, 85) * values), end, unseen)


def _pan(rng: np.random.Generator, times: NDArray[np.float64], start: float) -> _Movement:
    """Slowly looks around to both sides, or up and down, all the time."""
    axis, largest = (YAW, 30.0) if rng.random() < 0.6 else (PITCH, 18.0)
    frequency = _log_between(rng, 0.08, 0.4)
    angle = 2 * math.pi * (frequency * times + rng.random())
    return _Movement(_spread(rng, axis, _between(rng, 8, largest) * np.sin(angle)), LENGTH_S)


def _leaning(rng: np.random.Generator, times: NDArray[np.float64], start: float) -> _Movement:
    """Slowly changes posture: the head leans over and stays so, or comes back as slowly."""
    out, stay = _between(rng, 1.8, 4.0), _between(rng, 0.5, 6.0)
    values, end = _there_and_back(times, start, out, stay, _between(rng, 1.5, 3.0))
    return _Movement(_spread(rng, ROLL, rng.choice([-1, 1]) * _between(rng, 10, 22) * values), end)


def _over_the_shoulder(rng: np.random.Generator, times: NDArray[np.float64], start: float) -> _Movement:
    """Looks down and aside at once, the head leaning with it."""
    out, stay, back = _between(rng, 0.25, 0.7), _between(rng, 0.2, 2.0), _between(rng, 0.25, 0.7)
    values, end = _there_and_back(times, start, out, stay, back)
    yaw, side = _between(rng, 20, 45), rng.choice([-1, 1])
    turn = [side * yaw, -_between(rng, 0.4, 0.9) * yaw, side * _between(rng, -0.3, 0.3) * yaw]
    return _Movement(values[:, None] * turn, end)


def _walking(rng: np.random.Generator, times: NDArray[np.float64], start: float) -> _Movement:
    """The head bobs with each step and sways with each second one, while it turns slowly."""
    steps = _between(rng, 1.6, 2.3)
    phase = 2 * math.pi * (steps * times + rng.random())
    pitch, roll = _between(rng, 0.4, 1.2) * np.sin(phase), _between(rng, 0.5, 1.5) * np.sin(phase / 2)
    yaw = _between(rng, -6, 6) * (times - start) + _between(rng, 0.3, 1.5) * np.sin(phase / 2 + 1)
    return _Movement(np.stack([yaw, pitch, roll], axis=1), LENGTH_S)


def _laughing(rng: np.random.Generator, times: NDArray[np.float64], start: float) -> _Movement:
    """Throws the head back and shakes with laughter, quick and small."""
    values, end = _there_and_back(times, start, _between(rng, 0.25, 0.6), _between(rng, 0.6, 2.0), 0.6)
    tremble = _between(rng, 0.4, 1.3) * np.sin(2 * math.pi * _between(rng, 4.0, 5.5) * times)
    pitch = values * (_between(rng, 5, 15) + tremble)
    return _Movement(_spread(rng, PITCH, pitch), end)


POSITIVES: dict[str, tuple[GestureKind, Maker]] = {
    "nod": (GestureKind.NOD, _nod),
    "shake": (GestureKind.SHAKE, _shake),
    "tilt left": (GestureKind.TILT_LEFT, _tilt_left),
    "tilt right": (GestureKind.TILT_RIGHT, _tilt_right),
}
"""Gestures by name."""

NEGATIVES: dict[str, Maker] = {
    "talking": _talking,
    "glance aside": _glance_aside,
    "glance up": _glance_up,
    "look down and back": _telephone,
    "look to both sides": _both_sides,
    "turn away": _turning_away,
    "slow pan": _pan,
    "slow lean": _leaning,
    "look over shoulder": _over_the_shoulder,
    "walking": _walking,
    "laughing": _laughing,
}
"""Movements by name that are no gesture."""


def _smooth_noise(rng: np.random.Generator, times: NDArray[np.float64], seconds: float) -> Angles:
    """Random movement [n, 3] of standard deviation 1: white noise through two equal low-passes."""
    share = FINE_S / seconds
    warm_up = int(6 * seconds / FINE_S)
    values = rng.normal(size=(warm_up + len(times), 3))
    for _ in range(2):
        values = lfilter([share], [1.0, share - 1.0], values, axis=0)
    deviation = math.sqrt(share / 4)  # of the filters' output, for small shares
    return np.asarray(values[warm_up:] / deviation)


def _talk(rng: np.random.Generator, times: NDArray[np.float64]) -> Angles:
    """The small movements of talking, more or less lively: quick ones and slow ones, see `TALKING_STEPS`."""
    liveliness = _between(rng, 0.0, 1.5)
    quick = _smooth_noise(rng, times, 0.2) * (0.9, 0.55, 0.9)
    slow = _smooth_noise(rng, times, 1.2) * (1.5, 0.8, 2.0)
    return liveliness * (quick + slow)


def _seen_times(rng: np.random.Generator, rate_hz: float) -> NDArray[np.float64]:
    """Stamps of a camera: irregular by a tenth of their distance, with some frames lost."""
    count = int(LENGTH_S * rate_hz)
    times = (np.arange(count) + rng.normal(0.0, 0.1, count).clip(-0.3, 0.3)) / rate_hz
    kept = rng.random(count) > 0.02
    if rng.random() < 0.2:
        gap = _between(rng, 0.0, LENGTH_S)
        kept &= (times < gap) | (times > gap + 0.15)
    kept[0] = True
    return np.asarray(np.maximum(times[kept], 0.0), np.float64)


def trajectory(name: str, seed: int) -> Trajectory:
    """One trajectory of a kind.

    Args:
        name: a key of `POSITIVES` or `NEGATIVES`.
        seed: the same seed gives the same trajectory.
    """
    kind, make = POSITIVES[name] if name in POSITIVES else (None, NEGATIVES[name])
    names = [*POSITIVES, *NEGATIVES]
    rng = np.random.default_rng([names.index(name), seed])
    fine = np.arange(0.0, LENGTH_S + FINE_S, FINE_S)
    start = _between(rng, EARLIEST_S, LATEST_S)
    movement = make(rng, fine, start)
    posture = [_between(rng, -20, 20), _between(rng, -10, 12), _between(rng, -6, 6)]
    drift = rng.uniform(-1.0, 1.0, 3) * (fine - start)[:, None]
    path = movement.angles + posture + drift + _talk(rng, fine)
    rate = float(rng.choice(RATES_HZ))
    times = _seen_times(rng, rate)
    if movement.unseen is not None:
        times = times[(times < movement.unseen[0]) | (times > movement.unseen[1])]
    angles = np.stack([np.interp(times, fine, path[:, axis]) for axis in range(3)], axis=1)
    angles += rng.normal(size=angles.shape) * NOISE_DEGREES * _log_between(rng, 0.7, 4.0)
    glitches = rng.random(len(times)) < 1 / (30 * rate)  # one frame in half a minute that the mesh gets wrong
    angles[glitches] += rng.uniform(-4.0, 4.0, (int(glitches.sum()), 3))
    return Trajectory(name, kind, times, angles, start, movement.end_s, rate)
