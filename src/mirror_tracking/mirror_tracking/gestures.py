"""Head gestures of several people over time: each gesture once, however long it goes on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mirror_tracking.gesture_patterns import (
    ROLL,
    WINDOW_S,
    GestureKind,
    GestureParameters,
    Match,
    Past,
    is_calm,
    match_nod_or_shake,
    match_tilt,
)
from mirror_tracking.head_angles import HeadAngles

__all__ = ["GestureKind", "GestureParameters", "GestureRecognizer", "HeadGesture"]

MAX_GAP_S = 0.5  # after a longer pause between two samples everything before is forgotten
FORGOTTEN_S = 2.0  # a face unseen for longer is forgotten
SPIKE_S = 0.1  # a sample beyond both its neighbours, if they are so near to each other, is a glitch
COME_BACK_SHARE = 0.5  # a tilted head is back when this share of a tilt or less is left of it
NEW_POSTURE_S = 30.0  # who leans for longer just sits so


@dataclass(frozen=True, slots=True)
class HeadGesture:
    """A gesture that has just been recognised.

    Attributes:
        kind: which one.
        track_id: the face that made it.
        stamp_ns: of the frame in which it was recognised, nanoseconds.
        confidence: 0 … 1; 0.4 where it is only just large and clear enough.
    """

    kind: GestureKind
    track_id: int
    stamp_ns: int
    confidence: float


class GestureRecognizer:
    """Recognises the gestures of all faces, each face on its own."""

    def __init__(self, parameters: GestureParameters | None = None) -> None:
        """Begin without a past."""
        self._parameters = parameters or GestureParameters()
        self._faces: dict[int, _Face] = {}
        self._stamp_ns = 0

    def configure(self, parameters: GestureParameters) -> None:
        """Change the settings and keep the past."""
        self._parameters = parameters

    def reset(self) -> None:
        """Forget all faces."""
        self._faces.clear()

    def update(self, stamp_ns: int, angles: Mapping[int, HeadAngles]) -> list[HeadGesture]:
        """Take in the next frame and say which gestures it completes.

        Args:
            stamp_ns: of the frame, nanoseconds; a step back begins anew, the same stamp again is ignored.
            angles: track id → how that head is turned; faces without a pose are left out.

        Returns:
            At most one gesture of each face.
        """
        if stamp_ns < self._stamp_ns:
            self.reset()
        elif stamp_ns == self._stamp_ns and self._faces:
            return []
        self._stamp_ns = stamp_ns
        now_s = stamp_ns * 1e-9
        found = []
        for track_id, turned in angles.items():
            if not all(map(math.isfinite, (turned.yaw, turned.pitch, turned.roll))):
                continue
            face = self._faces.setdefault(track_id, _Face())
            match = face.update(now_s, turned, self._parameters)
            if match is not None:
                found.append(HeadGesture(match[0], track_id, stamp_ns, match[1]))
        for track_id in [i for i, face in self._faces.items() if face.unseen_s(now_s) > FORGOTTEN_S]:
            del self._faces[track_id]
        return found


class _Face:
    """One head's past, and whether it may make a gesture now.

    It may from the first calm moment on, until it makes one; then from the first calm moment after the
    refractory time. So one long movement is one gesture, and what a new track begins with is none.
    """

    def __init__(self) -> None:
        self._samples = np.zeros((0, 4))  # time, yaw, pitch, roll
        self._is_armed = False
        self._armed_s = -math.inf
        self._quiet_until_s = -math.inf
        self._upright_s = -math.inf  # when it last came back from a tilt
        self._tilted: tuple[float, float] | None = None  # when it was tilted, and its roll before

    def unseen_s(self, now_s: float) -> float:
        return now_s - float(self._samples[-1, 0])

    def update(self, now_s: float, turned: HeadAngles, parameters: GestureParameters) -> Match | None:
        if len(self._samples) and self.unseen_s(now_s) > MAX_GAP_S:
            self._samples = self._samples[:0]
            self._is_armed = False
        recent = self._samples[np.searchsorted(self._samples[:, 0], now_s - WINDOW_S) :]
        self._samples = np.vstack([recent, (now_s, turned.yaw, turned.pitch, turned.roll)])
        times, angles = self._samples[:, 0], _without_spikes(self._samples)
        self._look_whether_upright(now_s, turned.roll, parameters.tilt_degrees)
        if not self._is_armed:
            past = Past(times, angles, now_s)
            self._is_armed = now_s >= self._quiet_until_s and is_calm(past, parameters)
            self._armed_s = now_s
            return None
        found = match_nod_or_shake(Past(times, angles, self._armed_s), parameters)
        if found is None and self._tilted is None:
            found = match_tilt(Past(times, angles, max(self._armed_s, self._upright_s)), parameters)
            if found is not None:
                self._tilted = (now_s, float(np.median(angles[:, ROLL])))
        if found is not None:
            self._is_armed = False
            self._quiet_until_s = now_s + parameters.refractory_s
        return found

    def _look_whether_upright(self, now_s: float, roll: float, tilt_degrees: float) -> None:
        """The way back from a tilt must not count as a tilt to the other side."""
        if self._tilted is None:
            return
        since_s, upright = self._tilted
        if abs(roll - upright) < COME_BACK_SHARE * tilt_degrees:
            self._tilted, self._upright_s = None, now_s
        elif now_s - since_s > NEW_POSTURE_S:
            self._tilted = None


def _without_spikes(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    """Angles [n, 3] with each the median of itself and its two neighbours, where those are near in time."""
    times, angles = samples[:, 0], samples[:, 1:]
    if len(times) < 3:
        return angles
    low, high = np.minimum(angles[:-2], angles[2:]), np.maximum(angles[:-2], angles[2:])
    near = (times[2:] - times[:-2] <= SPIKE_S)[:, None]
    filtered = angles.copy()
    filtered[1:-1] = np.where(near, np.minimum(np.maximum(angles[1:-1], low), high), angles[1:-1])
    return filtered
