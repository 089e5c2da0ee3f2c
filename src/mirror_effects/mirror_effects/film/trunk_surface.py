"""Torso and neck of a pose as elliptical cylinders, outlined by hips, waist and shoulders."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mirror_core.body_points import BodyPoint
from mirror_effects.film.body_parts import PART_LEVEL, BodyPart
from mirror_effects.film.skeleton import CHEST, PELVIS, SKULL, STANDARD_PROPORTIONS, BoneKind
from mirror_effects.film.tube import STEPS, Tube, inverse_of
from mirror_effects.film.turn import Turn

__all__ = ["neck_tube", "torso_tube", "trunk_turn"]

Floats = NDArray[np.float64]

# Shares of the body's height (ears to ankles).
TORSO_HALF_DEPTH = 0.075
NECK_RADIUS, NECK_RADIUS_BELOW = 0.038, 0.046
SHORTEST_TORSO = 0.03  # of one that points at the camera
# Outline over the distance between the joints.
SHOULDER_BREADTH, HIP_BREADTH = 1.08, 1.75
NARROWEST = 0.7  # of the usual distance between shoulders or hips, however they are measured
# Shares of the torso's length (hips to shoulders).
BELOW_HIPS, ABOVE_SHOULDERS = 0.22, 0.20
SIDE_ON = 0.05  # squared share of the shoulders' width seen, below which their slope is not believed
STEEPEST = 0.7  # slope of shoulders and hips against the torso's axis, pixels along per pixel across
NECK_TOP = 0.55  # of the way from the head's middle to its chin, where the neck's axis ends

_PLACE: Final = np.linspace(-BELOW_HIPS, 1.0 + ABOVE_SHOULDERS, STEPS)
_OUTLINE: Final = (
    # place along, share of the shoulders' half width, share of the hips'
    (-BELOW_HIPS, 0.00, 0.00),
    (-0.20, 0.00, 0.35),
    (-0.12, 0.00, 0.85),
    (0.00, 0.05, 0.95),
    (0.20, 0.25, 0.68),
    (0.45, 0.55, 0.30),
    (0.75, 0.88, 0.05),
    (0.92, 0.97, 0.00),
    (1.00, 0.93, 0.00),
    (1.08, 0.70, 0.00),
    (1.15, 0.40, 0.00),
    (1.0 + ABOVE_SHOULDERS, 0.00, 0.00),
)
_SHOULDER_SHARE: Final = np.interp(_PLACE, [row[0] for row in _OUTLINE], [row[1] for row in _OUTLINE])
_HIP_SHARE: Final = np.interp(_PLACE, [row[0] for row in _OUTLINE], [row[2] for row in _OUTLINE])
_SHARE: Final = np.linspace(0.0, 1.0, STEPS)
_NECK_RADIUS: Final = NECK_RADIUS_BELOW + _SHARE * (NECK_RADIUS - NECK_RADIUS_BELOW)
_NECK_RADIUS[[0, -1]] = 0.0
_NECK_LEVELS: Final = np.full(STEPS, PART_LEVEL[BodyPart.NECK], np.uint8)
_ALONG: Final = np.arange(STEPS, dtype=np.uint8)
_LEFT_SHOULDER, _RIGHT_SHOULDER = int(BodyPoint.LEFT_SHOULDER), int(BodyPoint.RIGHT_SHOULDER)
_LEFT_HIP, _RIGHT_HIP = int(BodyPoint.LEFT_HIP), int(BodyPoint.RIGHT_HIP)


def trunk_turn(nodes: Floats) -> Turn:
    """How the trunk is turned: by the shoulders and the hips together, each by its width.

    Args:
        nodes: float64 [36, 3], of `joints`.
    """
    shoulders, hips = _lines(nodes)
    return Turn.about(nodes[CHEST] - nodes[PELVIS], shoulders, hips)


def torso_tube(nodes: Floats, height: float, turn: Turn, size: float) -> Tube:
    """The torso from the crotch to the root of the neck; U is 0 below and 1 above.

    Args:
        nodes: float64 [36, 3], of `joints`.
        height: of the body in pixels.
        turn: of the trunk.
        size: factor of its width and thickness, 0 … 1.
    """
    shoulders, hips = _lines(nodes)
    depth = TORSO_HALF_DEPTH * height * size
    breadths = [
        0.5 * size * share * max(math.sqrt(line @ line), NARROWEST * STANDARD_PROPORTIONS[kind] * height)
        for line, share, kind in (
            (shoulders, SHOULDER_BREADTH, BoneKind.SHOULDERS),
            (hips, HIP_BREADTH, BoneKind.HIPS),
        )
    ]
    above, below = (turn.half_width(breadth, depth) for breadth in breadths)
    half_width = _SHOULDER_SHARE * above + _HIP_SHARE * below
    breadth = max(breadths)
    thickness = half_width * (turn.thickness(breadth, depth) / turn.half_width(breadth, depth))
    around, back = turn.around(breadth, depth)
    way = nodes[CHEST] - nodes[PELVIS]
    length = max(float(way[0] * turn.axis[0] + way[1] * turn.axis[1]), SHORTEST_TORSO * height)
    total = length * (1.0 + BELOW_HIPS + ABOVE_SHOULDERS)
    start = length * BELOW_HIPS
    return Tube(
        (float(nodes[PELVIS, 0]) - turn.axis[0] * start, float(nodes[PELVIS, 1]) - turn.axis[1] * start),
        turn.axis,
        total,
        (-_slope(hips, turn), -_slope(shoulders, turn)),
        max(above, below),
        inverse_of(half_width),
        (nodes[PELVIS, 2] + _PLACE * way[2]).astype(np.float32),
        thickness.astype(np.float32),
        _ALONG,
        around,
        turn.levels(back, BodyPart.TORSO, BodyPart.TORSO_BACK),
    )


def neck_tube(nodes: Floats, height: float, turn: Turn, head: Tube, size: float) -> Tube:
    """The neck, from between the shoulders into the head; U is 0 below and 1 above.

    Args:
        nodes: float64 [36, 3], of `joints`.
        height: of the body in pixels.
        turn: of the trunk.
        head: the head's surface.
        size: factor of its width and thickness, 0 … 1.
    """
    inside = head.length * 0.5 * (1.0 - NECK_TOP)
    end = np.array([head.origin[0] + head.axis[0] * inside, head.origin[1] + head.axis[1] * inside])
    start = nodes[CHEST, :2]
    way = end - start
    length = max(float(np.hypot(way[0], way[1])), SHORTEST_TORSO * height)
    axis = (float(way[0]) / length, float(way[1]) / length) if np.any(way) else (0.0, -1.0)
    radius = (size * height) * _NECK_RADIUS
    around, _ = turn.around(1.0, 1.0)
    return Tube(
        (float(start[0]), float(start[1])),
        axis,
        length,
        (0.0, 0.0),
        float(radius.max()),
        inverse_of(radius),
        (nodes[CHEST, 2] + _SHARE * (nodes[SKULL, 2] - nodes[CHEST, 2])).astype(np.float32),
        radius.astype(np.float32),
        _ALONG,
        around,
        _NECK_LEVELS,
    )


def _lines(nodes: Floats) -> tuple[Floats, Floats]:
    """From the right to the left shoulder, and from the right to the left hip."""
    return nodes[_LEFT_SHOULDER] - nodes[_RIGHT_SHOULDER], nodes[_LEFT_HIP] - nodes[_RIGHT_HIP]


def _slope(line: Floats, turn: Turn) -> float:
    """Pixels that a line between two joints rises along the axis for each pixel across."""
    length = math.sqrt(line @ line)
    if length < 1e-6:
        return 0.0
    along = float(line[0] * turn.axis[0] + line[1] * turn.axis[1]) / length
    across = float(line[0] * turn.across[0] + line[1] * turn.across[1]) / length
    return min(max(along * across / (across * across + SIDE_ON), -STEEPEST), STEEPEST)
