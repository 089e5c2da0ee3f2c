"""The 33 points of a body on the character's skeleton, in space, in the picture, and how visible they are."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_core.body_points import BodyPoint
from mirror_training.film_character.camera import Camera
from mirror_training.film_character.head import MOUTH_Y_M
from mirror_training.film_character.rotations import Floats
from mirror_training.film_character.skeleton import (
    ANKLE_HEIGHT_M,
    FINGERS,
    HEAD_SCALE,
    HIP,
    SHOULDER,
    THUMB_M,
    Bones,
    side_sign,
)

__all__ = ["pixels", "places", "visibility"]

Field = NDArray[np.float32]
# Offsets of the left side in the frame of a bone, in metres. They lie where mediapipe sees the points on
# pictures of this character: an ankle a little above the joint, knuckles near the middle of the hand.
_FACE: dict[str, tuple[float, float, float]] = {
    "EYE_INNER": (0.0165, 0.033, 0.086),
    "EYE": (0.0300, 0.034, 0.082),
    "EYE_OUTER": (0.0430, 0.034, 0.075),
    "EAR": (0.0660, 0.026, 0.012),
}
_NOSE = (0.0, -0.002, 0.106)
_MOUTH = (0.0220, MOUTH_Y_M + 0.004, 0.086)
_SHOULDER = (-0.005, 0.010, 0.015)  # from the joint, in the clavicle's frame
_PINKY = (0.0, 0.010, 0.018)  # from the knuckle
_INDEX = (-0.006, 0.018, -0.006)
_THUMB = (0.0, 0.018, 0.0)  # from the thumb's second joint
_HIP = (-0.003, -0.014, 0.018)  # from the joint, in the pelvis' frame
_ANKLE = (-0.006, 0.020, 0.0)
_HEEL = (-0.010, -ANKLE_HEIGHT_M + 0.042, -0.058)
_TOES = (-0.018, -ANKLE_HEIGHT_M + 0.028, 0.160)
_DEEP_M = {
    "SHOULDER": 0.14,
    "ELBOW": 0.085,
    "WRIST": 0.045,
    "HIP": 0.20,
    "KNEE": 0.19,
    "ANKLE": 0.09,
    "HEEL": 0.19,
}
# how far under the surface, coat and shoe included, a point lies at most where it is not hidden
_DEEP_HERE_M = 0.035
_SOFT_M = 0.06  # behind so much more a point is surely hidden


def _table() -> tuple[list[tuple[str, Floats]], Floats]:
    """Bone and offset of each point, and the depth [33] at which it lies under the surface at most."""
    found: dict[BodyPoint, tuple[str, Any]] = {BodyPoint.NOSE: ("head", HEAD_SCALE * np.array(_NOSE))}
    for side in ("left", "right"):
        name = side.upper()
        mirrored = np.array([side_sign(side), 1.0, 1.0])
        for part, place in _FACE.items():
            found[BodyPoint[f"{name}_{part}"]] = ("head", HEAD_SCALE * np.array(place) * mirrored)
        found[BodyPoint[f"MOUTH_{name}"]] = ("head", HEAD_SCALE * np.array(_MOUTH) * mirrored)
        none = np.zeros(3)
        hand, foot = f"{side}_hand", f"{side}_foot"
        for part, bone, offset in (
            ("SHOULDER", f"{side}_clavicle", SHOULDER + _SHOULDER),
            ("ELBOW", f"{side}_forearm", none),
            ("WRIST", hand, none),
            ("PINKY", hand, FINGERS["pinky"][0] + _PINKY),
            ("INDEX", hand, FINGERS["index"][0] + _INDEX),
            ("THUMB", f"{side}_thumb1", _THUMB - np.array([0.0, THUMB_M[0], 0.0])),
            ("HIP", "pelvis", HIP + _HIP),
            ("KNEE", f"{side}_shin", none),
            ("ANKLE", foot, np.array(_ANKLE)),
            ("HEEL", foot, np.array(_HEEL)),
            ("FOOT_INDEX", foot, np.array(_TOES)),
        ):
            found[BodyPoint[f"{name}_{part}"]] = (bone, offset * mirrored)
    deep = [
        next((far for part, far in _DEEP_M.items() if point.name.endswith(part)), _DEEP_HERE_M)
        for point in BodyPoint
    ]
    return [(found[point][0], np.asarray(found[point][1], np.float64)) for point in BodyPoint], np.array(deep)


_PLACES, _DEEP = _table()


def places(bones: Bones) -> Floats:
    """The points in the world, float64 [33, 3], in metres."""
    return np.stack([bones.place(bone, offset) for bone, offset in _PLACES])


def pixels(points: Floats, camera: Camera, size: int) -> Field:
    """The points in the picture, float32 [33, 3].

    x and y are continuous pixels; z is in the same scale, 0 at the hips, negative nearer to the camera.
    """
    seen = camera.project(points, size)
    hips = (seen[BodyPoint.LEFT_HIP] + seen[BodyPoint.RIGHT_HIP]) / 2
    scale = camera.focal(size) / hips[2]
    return np.column_stack([seen[:, :2], (seen[:, 2] - hips[2]) * scale]).astype(np.float32)


def visibility(points: Floats, camera: Camera, depth: Field) -> Field:
    """How visible the points are, float32 [33], 0 … 1: hidden is what lies deeper than its limb is thick.

    Args:
        points: float64 [33, 3] in the world.
        camera: whose depth that is.
        depth: float32 [n, n], distance of the character's surface, infinite where it is not.
    """
    size = depth.shape[0]
    seen = camera.project(points, size)
    inside = ((seen[:, :2] >= 0) & (seen[:, :2] < size)).all(axis=1)
    column, row = (np.clip(seen[:, i], 0, size - 1).astype(int) for i in range(2))
    behind = seen[:, 2] - depth[row, column] - _DEEP
    shown = 1.0 - np.clip(behind / _SOFT_M, 0.0, 1.0)
    return np.where(inside, shown, 0.0).astype(np.float32)
