"""Fakes for tests of film code, shipped so that others can use them too: people in known postures.

- `standing` (of `film.standing`): upright, arms hanging; `spread`: the same with arms and legs apart.
- `turned`, `tilted`: any posture turned about its vertical axis, or in the picture.
- `bent_arm`: an arm laid anywhere.
- `walk`: a film of somebody who walks on the spot and waves, at a distance that may change.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mirror_core.body_points import BodyPoint
from mirror_effects.film.pose import Pose
from mirror_effects.film.skeleton import CHEST, joints
from mirror_effects.film.standing import STANDING, standing

__all__ = ["bent_arm", "hidden", "spread", "standing", "tilted", "turned", "walk"]

Floats = NDArray[np.float64]

_HANDS = ("WRIST", "PINKY", "INDEX", "THUMB")
_LEGS = ("KNEE", "ANKLE", "HEEL", "FOOT_INDEX")


def _swung(points: Floats, pivot: int, moved: list[int], angle: float) -> None:
    """Turn some points in the picture about one, clockwise as seen, by an angle in radians."""
    cosine, sine = math.cos(angle), math.sin(angle)
    away = points[moved, :2] - points[pivot, :2]
    points[moved, 0] = points[pivot, 0] + cosine * away[:, 0] - sine * away[:, 1]
    points[moved, 1] = points[pivot, 1] + sine * away[:, 0] + cosine * away[:, 1]


def _limb(side: str, names: tuple[str, ...]) -> list[int]:
    return [int(BodyPoint[f"{side}_{name}"]) for name in names]


def _posture(arms: tuple[float, float], legs: tuple[float, float]) -> Floats:
    """[33, 3] in heights: the standing person, left and right limbs swung outwards by angles in radians."""
    points = STANDING.copy()
    for side, sign, arm, leg in (("LEFT", -1.0, arms[0], legs[0]), ("RIGHT", 1.0, arms[1], legs[1])):
        shoulder, hip = (int(BodyPoint[f"{side}_{name}"]) for name in ("SHOULDER", "HIP"))
        _swung(points, shoulder, _limb(side, ("ELBOW", *_HANDS)), sign * arm)
        _swung(points, hip, _limb(side, _LEGS), sign * leg)
    return points


def spread(height: float, ears: tuple[float, float], arms: float = 0.9, legs: float = 0.25) -> Pose:
    """Somebody with arms and legs apart, by angles in radians from hanging.

    Args:
        height: from the ears to the ankles in pixels.
        ears: (x, y) of the middle between the ears in pixels.
        arms, legs: radians outwards, of both sides.
    """
    points = _posture((arms, arms), (legs, legs)) * height + np.array([*ears, 0.0])
    return Pose.of(points, np.ones(len(BodyPoint)))


def turned(pose: Pose, yaw: float) -> Pose:
    """The pose turned about the vertical axis through the chest, to the person's left, by radians."""
    centre = joints(pose.points)[CHEST]
    away = pose.points - centre
    cosine, sine = math.cos(yaw), math.sin(yaw)
    x = cosine * away[:, 0] - sine * away[:, 2]
    z = sine * away[:, 0] + cosine * away[:, 2]
    return Pose.of(np.stack([x, away[:, 1], z], axis=1) + centre, pose.visibility)


def tilted(pose: Pose, angle: float) -> Pose:
    """The pose turned in the picture about the chest, clockwise, by radians."""
    points = pose.points.astype(np.float64)
    centre = joints(points)[CHEST]
    away = points[:, :2] - centre[:2]
    cosine, sine = math.cos(angle), math.sin(angle)
    points[:, 0] = centre[0] + cosine * away[:, 0] - sine * away[:, 1]
    points[:, 1] = centre[1] + sine * away[:, 0] + cosine * away[:, 1]
    return Pose.of(points, pose.visibility)


def bent_arm(
    pose: Pose,
    side: Literal["LEFT", "RIGHT"],
    elbow: tuple[float, float, float],
    wrist: tuple[float, float, float],
) -> Pose:
    """The pose with an arm laid so that elbow and wrist are at these places (x, y, z) in pixels."""
    points = pose.points.copy()
    points[BodyPoint[f"{side}_ELBOW"]] = elbow
    points[_limb(side, _HANDS)] += np.array(wrist) - points[BodyPoint[f"{side}_WRIST"]]
    return Pose.of(points, pose.visibility)


def hidden(pose: Pose, *points: BodyPoint, visibility: float = 0.0) -> Pose:
    """The pose with some points not seen."""
    seen = pose.visibility.copy()
    seen[list(points)] = visibility
    return Pose.of(pose.points, seen)


def walk(
    count: int,
    *,
    height: tuple[float, float],
    ears: tuple[float, float],
    horizon: float,
    period: int = 25,
    arms: tuple[float, float] = (0.1, 2.4),
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """A film of somebody who comes closer or goes away, waves with both arms and sets the legs apart in time.

    Args:
        count: poses.
        height: ears to ankles in pixels, in the first and the last pose.
        ears: (x, y) of the ears in the first pose.
        horizon: y that the ears move away from as the person comes closer.
        period: poses from one wave to the next.
        arms: radians from hanging, down and up.

    Returns:
        Points float32 [count, 33, 3] and visibility float32 [count, 33]. Legs are apart when arms are up.
    """
    points = np.empty((count, len(BodyPoint), 3), np.float32)
    for i in range(count):
        size = height[0] + (height[1] - height[0]) * i / max(count - 1, 1)
        up = 0.5 - 0.5 * math.cos(2 * math.pi * i / period)
        arm = arms[0] + up * (arms[1] - arms[0])
        y = horizon + (ears[1] - horizon) * size / height[0]
        points[i] = _posture((arm, arm), (0.35 * up, 0.35 * up)) * size + np.array([ears[0], y, 0.0])
    return points, np.ones((count, len(BodyPoint)), np.float32)
