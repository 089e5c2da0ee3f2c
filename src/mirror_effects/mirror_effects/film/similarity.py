"""How alike two poses are: by the directions of their bones; size, place and proportions do not count.

Of each bone the direction in space is compared, with the depth at half weight, because it is estimated
worse than what the picture shows. Bones count by how much of a posture they tell (`BONE_WEIGHT`) and by how
well both poses know them (product of their visibilities).

With θ the angle between the two directions of a bone, and w its weight:

- distance = √(Σ w · (2 sin θ/2)² / Σ w), the root mean square of the chords, 0 … 2;
- agreement = Σ w · max(0, 1 − θ/60°) / Σ w, 1 for the same posture, 0 where every bone is 60° off.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mirror_core.body_points import BodyPoint
from mirror_effects.film.pose import Pose
from mirror_effects.film.skeleton import (
    BONE_CHILD,
    BONE_COUNT,
    PELVIS,
    SKULL,
    bone_vectors,
    bone_visibility,
)

__all__ = [
    "BONE_WEIGHT",
    "DEPTH_WEIGHT",
    "WHOLLY_DIFFERENT_RAD",
    "agreement",
    "bone_agreement",
    "directions",
    "pose_distance",
]

Floats = NDArray[np.float64]

DEPTH_WEIGHT = 0.5  # of z beside x and y
WHOLLY_DIFFERENT_RAD = math.radians(60)  # angle from which a bone does not agree at all
LEAST_WEIGHT = 0.05  # of all bones together; two poses with less in common cannot be compared
FARTHEST = 2.0  # distance of poses that cannot be compared: as if every bone pointed the other way

_WEIGHTS: Final = {
    "SHOULDER": 0.5,
    "ELBOW": 2.0,
    "WRIST": 2.0,
    "INDEX": 0.4,
    "HIP": 0.25,
    "KNEE": 1.5,
    "ANKLE": 1.5,
    "FOOT_INDEX": 0.3,
}
"""By the child of a bone, on either side."""


def _bone_weight() -> Floats:
    weight = np.zeros(BONE_COUNT)
    by_child = {int(child): bone for bone, child in enumerate(BONE_CHILD)}
    for name, value in _WEIGHTS.items():
        for side in ("LEFT", "RIGHT"):
            weight[by_child[BodyPoint[f"{side}_{name}"]]] = value
    weight[by_child[PELVIS]] = 1.0
    weight[by_child[SKULL]] = 1.0
    weight[by_child[BodyPoint.NOSE]] = 0.5
    weight.flags.writeable = False
    return weight


BONE_WEIGHT: Final = _bone_weight()
"""float64 [bones]: how much each bone tells of a posture; arms most, single fingers and eyes nothing."""


def directions(points: NDArray[Any]) -> Floats:
    """[…, bones, 3] unit directions of the bones, depth at half weight; 0 where a bone has no length.

    Args:
        points: […, 33, 3].
    """
    vectors = bone_vectors(points)
    vectors[..., 2] *= DEPTH_WEIGHT
    length = np.sqrt((vectors * vectors).sum(axis=-1, keepdims=True))
    result: Floats = np.divide(vectors, length, out=np.zeros_like(vectors), where=length > 1e-9)
    return result


def bone_agreement(one: NDArray[Any], other: NDArray[Any]) -> Floats:
    """[…, bones], max(0, 1 − θ/60°) of each bone, for directions […, bones, 3] that may broadcast."""
    cosine = np.clip((one * other).sum(axis=-1), -1.0, 1.0)
    result: Floats = np.maximum(1.0 - np.arccos(cosine) / WHOLLY_DIFFERENT_RAD, 0.0)
    return result


def agreement(one: Pose, other: Pose) -> float:
    """0 … 1, how far two postures agree over the bones that both show; 0 with too little in common."""
    weight = BONE_WEIGHT * bone_visibility(one.visibility) * bone_visibility(other.visibility)
    total = float(weight.sum())
    if total < LEAST_WEIGHT * float(BONE_WEIGHT.sum()):
        return 0.0
    return float((weight * bone_agreement(directions(one.points), directions(other.points))).sum()) / total


def pose_distance(one: Pose, other: Pose) -> float:
    """0 … 2, root mean square of the chords between the bones' directions; 2 with too little in common."""
    weight = BONE_WEIGHT * bone_visibility(one.visibility) * bone_visibility(other.visibility)
    total = float(weight.sum())
    if total < LEAST_WEIGHT * float(BONE_WEIGHT.sum()):
        return FARTHEST
    chord = directions(one.points) - directions(other.points)
    return math.sqrt(float((weight * (chord * chord).sum(axis=-1)).sum()) / total)
