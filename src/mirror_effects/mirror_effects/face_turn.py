"""How a head is turned, seen from the camera: yaw and pitch against the line of sight, and roll."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_core.faces import Face
from mirror_gallery.portrait import FaceView
from mirror_tracking.head_angles import head_angles
from mirror_tracking.head_pose import POSE_POINTS, mean_face
from mirror_tracking.procrustes import place

__all__ = ["FRONTAL", "Turn", "turn_of_face", "turn_of_landmarks", "turn_of_view"]

FLAT = 0.02  # depth over height below which landmarks have no depth


@dataclass(frozen=True, slots=True)
class Turn:
    """A head's turn in degrees, with the signs of `FaceView`.

    Attributes:
        yaw: positive when the person looks to their own left.
        pitch: positive when up.
        roll: positive when the head leans to the person's left shoulder.
    """

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0

    def distance(self, other: Turn) -> float:
        """Degrees between the directions that two heads look in; the roll does not count."""
        return math.hypot(self.yaw - other.yaw, self.pitch - other.pitch)


FRONTAL = Turn()


def turn_of_face(face: Face) -> Turn:
    """The turn of a tracked face: from its head pose, else from its landmarks."""
    return turn_of_landmarks(face.landmarks) if face.head_pose is None else Turn(*head_angles(face.head_pose))


def turn_of_view(view: FaceView) -> Turn:
    """The turn of a stored view: as it says itself, else as its landmarks show."""
    if math.isfinite(view.yaw) and math.isfinite(view.pitch):
        return Turn(view.yaw, view.pitch, view.roll if math.isfinite(view.roll) else 0.0)
    return turn_of_landmarks(view.landmarks)


def turn_of_landmarks(landmarks: NDArray[np.floating[Any]]) -> Turn:
    """The turn that landmarks [468 or more, 3] show; frontal where they have no depth."""
    points = np.asarray(landmarks[POSE_POINTS], np.float64)
    if np.ptp(points[:, 2]) < FLAT * max(float(np.ptp(points[:, 1])), 1e-6):
        return FRONTAL
    head = place(_mean(), points)
    return Turn(math.degrees(head.yaw), math.degrees(head.pitch), math.degrees(head.roll))


@cache
def _mean() -> NDArray[np.float64]:
    """The mean head's points as a camera sees it from the front, float64 [n, 3]."""
    head = mean_face()[POSE_POINTS].astype(np.float64)  # x forward, y to the person's left, z up
    return np.stack([head[:, 1], -head[:, 2], -head[:, 0]], axis=1)
