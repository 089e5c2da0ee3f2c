"""The bones between the 33 points: a tree from the chest, lengths by kind, and the body's height from them.

The root is the middle between the shoulders, because a mirror sees mostly upper bodies. Middles of
shoulders, hips and ears are joints of the tree, too:

chest ─ shoulder ─ elbow ─ wrist ─ index, pinky, thumb
  ├──── pelvis ─ hip ─ knee ─ ankle ─ heel, toes
  └──── skull ─ the eleven points of the face

Points, bones and lengths are related by constant matrices, so that a clip is worked on at once.

The unit of size is the *height*: the way from the ears over chest, pelvis and knee to the ankle. It is the
distance head–ankle of a body that stands upright, and stays the same when that body bends or sits.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mirror_core.body_points import BODY_POINT_COUNT, BodyPoint
from mirror_effects.film.pose import trust

__all__ = [
    "BONE_CHILD",
    "BONE_COUNT",
    "BONE_KIND",
    "BONE_PARENT",
    "CHEST",
    "PELVIS",
    "SKULL",
    "STANDARD_PROPORTIONS",
    "BoneKind",
    "bone_vectors",
    "bone_visibility",
    "height_of",
    "joints",
    "kind_lengths",
    "points_from",
    "with_visible_middles",
]

Floats = NDArray[np.float64]

CHEST, PELVIS, SKULL = BODY_POINT_COUNT, BODY_POINT_COUNT + 1, BODY_POINT_COUNT + 2
"""Joints beside the 33 points: middles of the shoulders, the hips and the ears."""
_MIDDLES = {
    CHEST: (BodyPoint.LEFT_SHOULDER, BodyPoint.RIGHT_SHOULDER),
    PELVIS: (BodyPoint.LEFT_HIP, BodyPoint.RIGHT_HIP),
    SKULL: (BodyPoint.LEFT_EAR, BodyPoint.RIGHT_EAR),
}


class BoneKind(IntEnum):
    """Kinds of bones that share one proportion; left and right are alike."""

    SHOULDERS = 0
    NECK = 1
    SPINE = 2
    HIPS = 3
    UPPER_ARM = 4
    LOWER_ARM = 5
    HAND = 6
    THIGH = 7
    SHIN = 8
    FOOT = 9
    HEAD = 10


STANDARD_PROPORTIONS: Final = np.array(
    [0.22, 0.13, 0.33, 0.13, 0.20, 0.155, 0.055, 0.27, 0.27, 0.12, 0.195], np.float64
)
"""Length of each kind as a share of the height (ears to ankles, 0.89 of the stature).

Limbs: Drillis & Contini, "Body Segment Parameters", 1966. Widths after where mediapipe puts its points
(joint centres). A hand is wrist to knuckles; a head is ear to ear plus twice eyes to mouth.
"""
RELIABILITY: Final = np.array([1.0, 1.0, 1.5, 0.3, 0.5, 0.5, 0.0, 1.0, 1.0, 0.0, 0.5])
"""How much each kind says about the height: hands and feet are short and seen worst."""


def _sides(kind: BoneKind, parent: str | int, child: str) -> list[tuple[BoneKind, int, int]]:
    """The bone on both sides; a parent or child by name without its side."""
    return [
        (
            kind,
            parent if isinstance(parent, int) else BodyPoint[f"{side}_{parent}"],
            BodyPoint[f"{side}_{child}"],
        )
        for side in ("LEFT", "RIGHT")
    ]


_TREE: list[tuple[BoneKind, int, int]] = [
    *_sides(BoneKind.SHOULDERS, CHEST, "SHOULDER"),
    *_sides(BoneKind.UPPER_ARM, "SHOULDER", "ELBOW"),
    *_sides(BoneKind.LOWER_ARM, "ELBOW", "WRIST"),
    *_sides(BoneKind.HAND, "WRIST", "PINKY"),
    *_sides(BoneKind.HAND, "WRIST", "INDEX"),
    *_sides(BoneKind.HAND, "WRIST", "THUMB"),
    (BoneKind.SPINE, CHEST, PELVIS),
    *_sides(BoneKind.HIPS, PELVIS, "HIP"),
    *_sides(BoneKind.THIGH, "HIP", "KNEE"),
    *_sides(BoneKind.SHIN, "KNEE", "ANKLE"),
    *_sides(BoneKind.FOOT, "ANKLE", "HEEL"),
    *_sides(BoneKind.FOOT, "ANKLE", "FOOT_INDEX"),
    (BoneKind.NECK, CHEST, SKULL),
    *((BoneKind.HEAD, SKULL, point) for point in BodyPoint if point <= BodyPoint.MOUTH_RIGHT),
]
"""(kind, parent, child) of every bone; parents come before their children."""

BONE_KIND: Final = np.array([kind for kind, _, _ in _TREE], np.intp)
BONE_PARENT: Final = np.array([parent for _, parent, _ in _TREE], np.intp)
BONE_CHILD: Final = np.array([child for _, _, child in _TREE], np.intp)
BONE_COUNT: Final = len(_TREE)


def _joint_matrix() -> Floats:
    """[36, 33]: the joints from the points."""
    matrix = np.zeros((BODY_POINT_COUNT + len(_MIDDLES), BODY_POINT_COUNT))
    matrix[:BODY_POINT_COUNT] = np.eye(BODY_POINT_COUNT)
    for joint, pair in _MIDDLES.items():
        matrix[joint, list(pair)] = 0.5
    return matrix


_JOINTS: Final = _joint_matrix()
_VECTORS: Final[Floats] = _JOINTS[BONE_CHILD] - _JOINTS[BONE_PARENT]  # [bones, 33]


def _path_matrix() -> Floats:
    """[33, bones]: 1 where a bone lies on the way from the root to a point."""
    paths = np.zeros((BODY_POINT_COUNT + len(_MIDDLES), BONE_COUNT))
    for bone, (_, parent, child) in enumerate(_TREE):
        paths[child] = paths[parent]
        paths[child, bone] = 1.0
    return paths[:BODY_POINT_COUNT]


_PATHS: Final = _path_matrix()


def _measures() -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """What lengths are measured between: [measures, 33] ends' difference, [measures] factor, ends' joints.

    The third, [kinds, 2, measures], says which measures a kind's first and second side consist of.
    """
    lines: list[tuple[BoneKind, int, Floats, float]] = []

    def line(kind: BoneKind, side: int, start: list[int], end: list[int], factor: float = 1.0) -> None:
        lines.append((kind, side, _JOINTS[end].mean(axis=0) - _JOINTS[start].mean(axis=0), factor))

    line(BoneKind.SHOULDERS, 0, [BodyPoint.RIGHT_SHOULDER], [BodyPoint.LEFT_SHOULDER])
    line(BoneKind.NECK, 0, [CHEST], [SKULL])
    line(BoneKind.SPINE, 0, [CHEST], [PELVIS])
    line(BoneKind.HIPS, 0, [BodyPoint.RIGHT_HIP], [BodyPoint.LEFT_HIP])
    line(BoneKind.HEAD, 0, [BodyPoint.RIGHT_EAR], [BodyPoint.LEFT_EAR])
    line(
        BoneKind.HEAD,
        0,
        [BodyPoint.MOUTH_LEFT, BodyPoint.MOUTH_RIGHT],
        [BodyPoint.LEFT_EYE, BodyPoint.RIGHT_EYE],
        2.0,
    )
    for side, name in enumerate(("LEFT", "RIGHT")):
        line(BoneKind.UPPER_ARM, side, [BodyPoint[f"{name}_SHOULDER"]], [BodyPoint[f"{name}_ELBOW"]])
        line(BoneKind.LOWER_ARM, side, [BodyPoint[f"{name}_ELBOW"]], [BodyPoint[f"{name}_WRIST"]])
        line(
            BoneKind.HAND,
            side,
            [BodyPoint[f"{name}_WRIST"]],
            [BodyPoint[f"{name}_INDEX"], BodyPoint[f"{name}_PINKY"]],
        )
        line(BoneKind.THIGH, side, [BodyPoint[f"{name}_HIP"]], [BodyPoint[f"{name}_KNEE"]])
        line(BoneKind.SHIN, side, [BodyPoint[f"{name}_KNEE"]], [BodyPoint[f"{name}_ANKLE"]])
        line(BoneKind.FOOT, side, [BodyPoint[f"{name}_ANKLE"]], [BodyPoint[f"{name}_FOOT_INDEX"]])
    belongs = np.zeros((len(BoneKind), 2, len(lines)), bool)
    for index, (kind, side, _, _) in enumerate(lines):
        belongs[kind, side, index] = True
    return np.array([end for _, _, end, _ in lines]), np.array([factor for *_, factor in lines]), belongs


_MEASURES, _FACTORS, _BELONGS = _measures()
_MEASURED_POINTS: Final = np.abs(_MEASURES) > 0
_HAS_SIDE: Final = _BELONGS.any(axis=2)  # [kinds, 2]


def joints(points: NDArray[Any]) -> Floats:
    """[…, 36, 3] the points and the middles (`CHEST`, `PELVIS`, `SKULL`) from points […, 33, 3]."""
    result: Floats = _JOINTS @ np.asarray(points, np.float64)
    return result


def bone_vectors(points: NDArray[Any]) -> Floats:
    """[…, bones, 3] from each bone's parent to its child, for points […, 33, 3]."""
    result: Floats = _VECTORS @ np.asarray(points, np.float64)
    return result


def points_from(root: NDArray[Any], vectors: NDArray[Any]) -> Floats:
    """[…, 33, 3] the points of a body whose chest is at root […, 3] and whose bones are […, bones, 3].

    The inverse of `bone_vectors`, where the two halves of shoulders, hips and ears are opposite.
    """
    result: Floats = np.asarray(root, np.float64)[..., None, :] + _PATHS @ np.asarray(vectors, np.float64)
    return result


def with_visible_middles(visibility: NDArray[Any]) -> Floats:
    """Visibility […, 36] of points […, 33] and of the middles: the worse end's, of the head the better's."""
    seen = np.asarray(visibility, np.float64)
    # Of a head in profile one ear is hidden, and yet it is known where the head is.
    middles = [
        (np.maximum if middle == SKULL else np.minimum)(seen[..., a], seen[..., b])
        for middle, (a, b) in _MIDDLES.items()
    ]
    return np.concatenate([seen, np.stack(middles, axis=-1)], axis=-1)


def bone_visibility(visibility: NDArray[Any]) -> Floats:
    """[…, bones] how well each bone's direction is known: as its worse end. Visibility is […, 33]."""
    seen = with_visible_middles(visibility)
    result: Floats = np.minimum(seen[..., BONE_PARENT], seen[..., BONE_CHILD])
    return result


def kind_lengths(points: NDArray[Any], visibility: NDArray[Any]) -> tuple[Floats, Floats]:
    """How long the bones of each kind are, and how well that is known.

    Returns:
        Lengths […, kinds] in pixels (both sides' mean, weighted by how far they are believed) and weights
        […, kinds], 0 … 1: how far the better side is believed (`trust`).
    """
    length = np.linalg.norm(_MEASURES @ np.asarray(points, np.float64), axis=-1) * _FACTORS
    seen = np.asarray(visibility, np.float64)
    measured = trust(np.where(_MEASURED_POINTS, seen[..., None, :], 1.0).min(axis=-1))
    length = (_BELONGS * length[..., None, None, :]).sum(axis=-1)
    known = np.where(_BELONGS, measured[..., None, None, :], 1.0).min(axis=-1) * _HAS_SIDE
    weight = known + 1e-6 * _HAS_SIDE  # a kind that nobody sees still has the mean of both sides
    return (weight * length).sum(axis=-1) / weight.sum(axis=-1), known.max(axis=-1)


def height_of(
    lengths: NDArray[Any], weights: NDArray[Any], proportions: NDArray[Any] = STANDARD_PROPORTIONS
) -> tuple[Floats, Floats]:
    """The body's height from the lengths of what is seen.

    Σ w·length / Σ w·proportion over the kinds of bones, w being reliability × weight: what is not seen
    does not count, and long bones count more than short ones.

    Args:
        lengths, weights: […, kinds], of `kind_lengths`.
        proportions: [kinds], each kind's share of the height.

    Returns:
        Heights […] in pixels and the share […] of the evidence that was there, 0 … 1.
    """
    weight = RELIABILITY * weights
    told = (weight * proportions).sum(axis=-1)
    height = (weight * lengths).sum(axis=-1) / np.maximum(told, 1e-9)
    return height, told / (RELIABILITY * proportions).sum(axis=-1)
