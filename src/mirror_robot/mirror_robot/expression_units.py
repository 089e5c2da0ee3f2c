"""What a face does, in ten numbers for a robot's joints: head, brows, eyelids, jaw, mouth corners.

Lengths are taken on the face turned back to look straight ahead (`upright_face`) and divided by the distance
e between the outer corners of the eyes, so that neither the head's turn nor its distance changes them.
"Below" is along the face's middle line. Left and right are the person's own.

| measure | formula |
| --- | --- |
| brow | mean height of its five upper points over the middle of the eye's two corners, divided by e |
| eyelid | mean of three gaps between the lids, divided by the eye's width |
| jaw | gap between the inner edges of the lips, divided by e |
| mouth corner | height over the point half-way from nose to upper lip, plus distance aside, divided by e |

A `Span` makes a unit of each measure: straight lines from its low end over its value at rest to its high end.
The values at rest are the medians of 700 frontal photographs that people had labelled neutral, the ends about
the 2nd and 98th percentiles of 1666 photographs of all expressions; the lower end of the eyelids is a blink
of a clip, the upper one of the jaw a mouth opened as wide as it goes. `RestingFace` replaces what is at rest
by a person's own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ShapeError
from mirror_core.faces import Face
from mirror_robot.upright_face import UprightFace, upright_face
from mirror_tracking.head_angles import head_angles

__all__ = ["MEASURED", "SPANS", "ExpressionUnits", "Span", "expression_units", "measures_of"]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Span:
    """How a measure becomes a unit.

    Attributes:
        low, rest, high: of the measure, in this order from small to large.
        low_unit, rest_unit: of the unit there; at `high` it is 1.
        low_is_fixed: the low end stays where it is when the value at rest is a person's own (a closed eye).
        own_share: how far from `rest` a person's own value may lie, as a share of the whole span.
    """

    low: float
    rest: float
    high: float
    low_unit: float
    rest_unit: float
    low_is_fixed: bool = False
    own_share: float = 0.25

    def unit(self, measure: float, rest: float | None = None) -> float:
        """The unit, `low_unit` … 1, of a measure, for a person who has `rest` at rest."""
        own = self.rest if rest is None else rest
        moved = own - self.rest
        low = self.low if self.low_is_fixed else self.low + moved
        return float(np.interp(measure, (low, own, self.high + moved), (self.low_unit, self.rest_unit, 1.0)))


_BROW = Span(low=0.175, rest=0.225, high=0.325, low_unit=-1.0, rest_unit=0.0)
_EYELID = Span(low=0.12, rest=0.295, high=0.42, low_unit=0.0, rest_unit=0.65, low_is_fixed=True)
_JAW = Span(low=0.0, rest=0.036, high=0.42, low_unit=0.0, rest_unit=0.0, own_share=0.1)
_MOUTH_CORNER = Span(low=0.02, rest=0.14, high=0.34, low_unit=-1.0, rest_unit=0.0)

SPANS: dict[str, Span] = {
    "brow_left": _BROW,
    "brow_right": _BROW,
    "eyelid_left": _EYELID,
    "eyelid_right": _EYELID,
    "jaw": _JAW,
    "mouth_corner_left": _MOUTH_CORNER,
    "mouth_corner_right": _MOUTH_CORNER,
}
MEASURED = tuple(SPANS)
"""The units that are measured on the upright face, in the order of `measures_of`."""


@dataclass(frozen=True, slots=True)
class _Side:
    """The points of one side of the face (indices of the face mesh)."""

    brow: tuple[int, ...]
    eye_outer: int
    eye_inner: int
    upper_lid: tuple[int, ...]
    lower_lid: tuple[int, ...]  # each opposite the upper one of the same place
    mouth_corner: int


_RIGHT = _Side((70, 63, 105, 66, 107), 33, 133, (160, 159, 158), (144, 145, 153), 61)
_LEFT = _Side((300, 293, 334, 296, 336), 263, 362, (387, 386, 385), (373, 374, 380), 291)
_UPPER_LIP, _LOWER_LIP, _NOSE_BASE = 13, 14, 2


@dataclass(frozen=True, slots=True)
class ExpressionUnits:
    """What a person's face does; left and right are their own.

    Attributes:
        head_yaw: radians, positive to the person's left; 0 where they look into the camera.
        head_pitch: radians, positive up.
        head_roll: radians, positive to the person's left shoulder.
        brow_left, brow_right: −1 lowered … 0 at rest … 1 raised.
        eyelid_left, eyelid_right: 0 closed … 0.65 at rest … 1 wide open.
        jaw: 0 closed … 1 wide open.
        mouth_corner_left, mouth_corner_right: −1 drawn down … 0 at rest … 1 drawn up.
    """

    head_yaw: float = 0.0
    head_pitch: float = 0.0
    head_roll: float = 0.0
    brow_left: float = 0.0
    brow_right: float = 0.0
    eyelid_left: float = _EYELID.rest_unit
    eyelid_right: float = _EYELID.rest_unit
    jaw: float = 0.0
    mouth_corner_left: float = 0.0
    mouth_corner_right: float = 0.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            low, high = (SPANS[field.name].low_unit, 1.0) if field.name in SPANS else (-math.pi, math.pi)
            if not low <= value <= high:
                raise ShapeError(f"ExpressionUnits.{field.name} must be {low:.4g} … {high:.4g}, not {value}.")

    def by_name(self) -> dict[str, float]:
        """All units by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def measures_of(face: UprightFace) -> Array:
    """float64 [7], the measures of a face in the order of `MEASURED`, before they become units."""
    points = face.points
    eyes = _distance(points, _RIGHT.eye_outer, _LEFT.eye_outer)
    return np.array(
        [
            *(_brow(points, side) / eyes for side in (_LEFT, _RIGHT)),
            *(_eyelid(points, side) for side in (_LEFT, _RIGHT)),
            _distance(points, _UPPER_LIP, _LOWER_LIP) / eyes,
            *(_mouth_corner(points, side) / eyes for side in (_LEFT, _RIGHT)),
        ]
    )


def expression_units(
    face: Face, upright: UprightFace | None = None, rest: Mapping[str, float] | None = None
) -> ExpressionUnits:
    """What a face does.

    Args:
        face: with landmarks; the head's angles are those of its head pose against the line of sight, or,
            where it has none, of its placement in the picture.
        upright: the same face turned back, where it is known.
        rest: a person's own measures at rest by name; `SPANS` has those of people in general.

    Raises:
        ShapeError: where the landmarks form no face.
    """
    turned_back = upright_face(face.landmarks) if upright is None else upright
    own = rest or {}
    measures = dict(zip(MEASURED, measures_of(turned_back).tolist(), strict=True))
    units = {name: SPANS[name].unit(value, own.get(name)) for name, value in measures.items()}
    if face.head_pose is None:
        placement = turned_back.placement
        yaw, pitch, roll = placement.yaw, placement.pitch, placement.roll
    else:
        yaw, pitch, roll = (math.radians(angle) for angle in head_angles(face.head_pose))
    return ExpressionUnits(head_yaw=yaw, head_pitch=pitch, head_roll=roll, **units)


def _distance(points: NDArray[np.floating[Any]], first: int, second: int) -> float:
    return float(np.linalg.norm(points[first] - points[second]))


def _brow(points: Array, side: _Side) -> float:
    corners = (points[side.eye_outer, 1] + points[side.eye_inner, 1]) / 2
    return float(corners - points[list(side.brow), 1].mean())


def _eyelid(points: Array, side: _Side) -> float:
    gaps = points[list(side.upper_lid)] - points[list(side.lower_lid)]
    width = _distance(points, side.eye_outer, side.eye_inner)
    return float(np.linalg.norm(gaps, axis=1).mean()) / width


def _mouth_corner(points: Array, side: _Side) -> float:
    # A smile draws the corners out more surely than up: with both, it is told from a face at rest in 89 % of
    # pairs of the photographs, by the height alone in 78 %.
    middle = (points[_NOSE_BASE, :2] + points[_UPPER_LIP, :2]) / 2
    aside, below = points[side.mouth_corner, :2] - middle
    return float(abs(aside) - below)
