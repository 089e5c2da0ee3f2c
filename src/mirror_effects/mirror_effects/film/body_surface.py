"""Turns a pose into the surfaces of its parts: torso, neck, head and twelve limbs.

What is drawn. A limb is as visible as its two ends on average: an arm whose elbow is hidden, or outside the
picture, still leads there. A joint between two that are seen is seen as well as the worse of them: there is a
thigh between trunk and foot, and where something is in front, depth hides it. Between visibility 0.15 and
0.45 a limb grows from nothing to its full thickness, so that it comes without a jump; below, it is left out.
The torso is as visible as the better shoulder, the head as the face's points on average. Where the hips are
not seen they are supposed below the shoulders.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mirror_core.body_points import BodyPoint
from mirror_effects.film.body_parts import LIMBS, PART_LEVEL
from mirror_effects.film.head_surface import head_tube
from mirror_effects.film.pose import HIDDEN, SEEN, Pose, trust
from mirror_effects.film.skeleton import STANDARD_PROPORTIONS, BoneKind, height_of, joints, kind_lengths
from mirror_effects.film.trunk_surface import neck_tube, torso_tube, trunk_turn
from mirror_effects.film.tube import STEPS, Tube, capsules

__all__ = ["body_surface"]

Floats = NDArray[np.float64]

SMALLEST_HEIGHT_PX = 8.0  # of a body that is drawn
SUPPOSED = 1e-3  # weight of bones that nobody sees: they count for the height where nothing else does
SMALLEST_HEAD, LARGEST_HEAD = 0.6, 1.8  # of the usual head for the body's height
THINNEST_PX = 0.05  # radius of a limb that is drawn

_LEVELS: Final = np.repeat(PART_LEVEL[[limb.part for limb in LIMBS]][:, None], STEPS, axis=1)
_RADII: Final = np.array([(limb.start_radius, limb.end_radius) for limb in LIMBS])
_REACH: Final = np.array([limb.reach for limb in LIMBS])[:, None]
_IS_LEFT: Final = np.array([limb.part.name.startswith("LEFT") for limb in LIMBS])
_SHOULDERS: Final = [int(BodyPoint.LEFT_SHOULDER), int(BodyPoint.RIGHT_SHOULDER)]
_HIPS: Final = [int(BodyPoint.LEFT_HIP), int(BodyPoint.RIGHT_HIP)]
_CHAINS: Final = np.array(
    [
        [int(BodyPoint[f"{side}_{name}"]) for name in names]
        for side in ("LEFT", "RIGHT")
        for names in (("SHOULDER", "ELBOW", "WRIST", "INDEX"), ("HIP", "KNEE", "ANKLE", "FOOT_INDEX"))
    ]
)
"""The joints of each limb from the trunk outwards."""
_FACE: Final = slice(0, int(BodyPoint.MOUTH_RIGHT) + 1)


def _ends(ends: list[tuple[BodyPoint, ...]]) -> Floats:
    """[limbs, 33]: one end of each limb from the points."""
    matrix = np.zeros((len(ends), len(BodyPoint)))
    for row, points in enumerate(ends):
        matrix[row, list(points)] = 1.0 / len(points)
    return matrix


_STARTS: Final = _ends([limb.start for limb in LIMBS])
_ENDS: Final = _ends([limb.end for limb in LIMBS])
_SEEN: Final = (_STARTS + _ENDS) / 2


def body_surface(pose: Pose) -> tuple[list[Tube], float]:
    """The surfaces of the parts that are seen, and the body's height (ears to ankles) in pixels.

    Args:
        pose: in the picture's pixels.

    Returns:
        Torso, neck, head, then limbs, as far as they are seen; none where the body is smaller than 8 pixels.
    """
    points, seen = pose.points.astype(np.float64), pose.visibility.astype(np.float64)
    lengths, weights = kind_lengths(points, seen)
    size = float(height_of(lengths, weights + SUPPOSED)[0])
    if size < SMALLEST_HEIGHT_PX:
        return [], size
    supposed = _with_supposed_hips(points, seen, size)
    nodes = joints(supposed)
    turn = trunk_turn(nodes)
    torso_seen = _share_drawn(max(seen[_SHOULDERS]))
    head_seen = _share_drawn(seen[_FACE].mean())
    tubes = [torso_tube(nodes, size, turn, torso_seen)] if torso_seen > 0 else []
    if head_seen > 0:
        usual = size * float(STANDARD_PROPORTIONS[BoneKind.HEAD])
        share = min(max(float(lengths[BoneKind.HEAD]) / usual, SMALLEST_HEAD), LARGEST_HEAD)
        head = head_tube(nodes, size * share, head_seen)
        if torso_seen > 0:
            tubes.append(neck_tube(nodes, size, turn, head, min(torso_seen, head_seen)))
        tubes.append(head)
    return tubes + _limb_tubes(points, seen, size), size


def _share_drawn(visibility: float) -> float:
    """How much of its size a part of this visibility has: 0 up to `HIDDEN`, 1 from `SEEN` on."""
    share = min(max((float(visibility) - HIDDEN) / (SEEN - HIDDEN), 0.0), 1.0)
    return share * share * (3.0 - 2.0 * share)


def _with_supposed_hips(points: Floats, seen: Floats, size: float) -> Floats:
    """The points with the hips below the shoulders, as far as they are not seen: float64 [33, 3]."""
    known = _share_drawn(seen[_HIPS].mean())
    if known >= 1.0:
        return points
    chest = points[_SHOULDERS].mean(axis=0)
    narrower = float(STANDARD_PROPORTIONS[BoneKind.HIPS] / STANDARD_PROPORTIONS[BoneKind.SHOULDERS])
    below = np.array([0.0, STANDARD_PROPORTIONS[BoneKind.SPINE] * size, 0.0])
    result = points.copy()
    result[_HIPS] = known * points[_HIPS] + (1.0 - known) * (
        chest + below + narrower * (points[_SHOULDERS] - chest)
    )
    return result


def _linked(seen: Floats) -> Floats:
    """Visibility [33] where a joint counts like the worse of the best ones further in and further out."""
    chains = seen[_CHAINS]
    inner, outer = np.empty_like(chains), np.zeros_like(chains)
    inner[:, 0] = max(seen[_SHOULDERS])
    inner[:, 1:] = chains[:, :-1]
    outer[:, :-1] = chains[:, 1:]
    inner = np.maximum.accumulate(inner, axis=1)
    outer = np.maximum.accumulate(outer[:, ::-1], axis=1)[:, ::-1]
    result = seen.copy()
    result[_CHAINS] = np.maximum(chains, np.minimum(inner, outer))
    return result


def _limb_tubes(points: Floats, seen: Floats, size: float) -> list[Tube]:
    starts, ends = _STARTS @ points, _ENDS @ points
    share = trust(_SEEN @ _linked(seen))
    drawn = np.flatnonzero(share * _RADII.min(axis=1) * size > THINNEST_PX)
    if not drawn.size:
        return []
    ends = starts + _REACH * (ends - starts)
    return capsules(
        starts[drawn],
        ends[drawn],
        _RADII[drawn] * (size * share[drawn])[:, None],
        levels=_LEVELS[drawn],
        reversed_across=~_IS_LEFT[drawn],
    )
