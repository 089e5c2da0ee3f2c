"""How a head is turned as the camera sees it: yaw, pitch and roll against the line of sight."""

from __future__ import annotations

import math

import numpy as np

from mirror_core.faces import HeadPose
from mirror_core.geometry import matrix_from_quaternion

__all__ = ["view_angles"]


def view_angles(pose: HeadPose) -> tuple[float, float, float]:
    """Yaw, pitch and roll in degrees, with the signs of `FaceView`.

    They are measured against the line from the camera to the head, not against the camera's axis: somebody
    at the side of the picture who looks into the camera shows it the front of the face, and so has yaw 0.

    Args:
        pose: of the head in the camera's optical frame.

    Returns:
        (yaw, pitch, roll): yaw −180 … 180, positive when the person looks to their own left; pitch
        −90 … 90, positive when up; roll −180 … 180, positive when the head leans to their left shoulder.
    """
    away = np.asarray(pose.position_m, np.float64)
    length = float(np.linalg.norm(away))
    away = away / length if length > 0 else np.array([0.0, 0.0, 1.0])
    right = np.cross([0.0, 1.0, 0.0], away)
    right /= max(float(np.linalg.norm(right)), 1e-9)
    seen = np.stack([right, np.cross(away, right), away])  # optical frame → picture's right, down, away
    forward, _, up = (seen @ matrix_from_quaternion(pose.quaternion)).T
    yaw = math.atan2(forward[0], -forward[2])
    pitch = math.asin(min(1.0, max(-1.0, -float(forward[1]))))
    level_left = np.cross([0.0, -1.0, 0.0], forward)
    level_left /= max(float(np.linalg.norm(level_left)), 1e-9)
    roll = math.atan2(float(up @ level_left), float(up @ np.cross(forward, level_left)))
    return math.degrees(yaw), math.degrees(pitch), math.degrees(roll)
