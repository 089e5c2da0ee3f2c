"""How a head is turned as the camera sees it: yaw, pitch and roll against the line of sight."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from mirror_core.faces import HeadPose
from mirror_core.geometry import matrix_from_quaternion

__all__ = ["HeadAngles", "head_angles"]

# A head that looks straight into the camera: head frame (forward, left, up) → optical (right, down, forward).
_FACING = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, -1.0], [-1.0, 0.0, 0.0]])


class HeadAngles(NamedTuple):
    """Turns of a head in degrees, all 0 where it looks straight into the camera.

    Attributes:
        yaw: −180 … 180, positive when the person looks to their own left.
        pitch: −90 … 90, positive when up.
        roll: −180 … 180, positive when the head leans to the person's left shoulder.
    """

    yaw: float
    pitch: float
    roll: float


def head_angles(pose: HeadPose) -> HeadAngles:
    """Yaw, pitch and roll of a head pose, in this order about the head's own axes.

    They are measured against the line from the camera to the head, not against the camera's axis: somebody
    at the side of the picture who looks into the camera shows it the front of the face, and so has yaw 0.
    """
    x, y, z = pose.position_m
    distance = math.hypot(x, z)
    aside = math.atan2(x, z) if distance > 0 else 0.0
    below = math.atan2(y, distance) if distance > 0 or y != 0 else 0.0
    cos_a, sin_a, cos_b, sin_b = math.cos(aside), math.sin(aside), math.cos(below), math.sin(below)
    # Turns the optical frame so that its z axis points at the head.
    level = np.array([[cos_a, 0.0, -sin_a], [0.0, 1.0, 0.0], [sin_a, 0.0, cos_a]])
    tilted = np.array([[1.0, 0.0, 0.0], [0.0, cos_b, -sin_b], [0.0, sin_b, cos_b]])
    turn = _FACING.T @ tilted @ level @ matrix_from_quaternion(pose.quaternion)
    return HeadAngles(
        yaw=math.degrees(math.atan2(turn[1, 0], turn[0, 0])),
        pitch=math.degrees(math.asin(min(1.0, max(-1.0, float(turn[2, 0]))))),
        roll=-math.degrees(math.atan2(turn[2, 1], turn[2, 2])),
    )
