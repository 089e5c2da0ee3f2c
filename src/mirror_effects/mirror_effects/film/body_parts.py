"""The parts that a pose map tells apart, their grey levels in it, and how thick each is.

The parts are DensePose's (Güler, Neverova, Kokkinos, "DensePose: Dense Human Pose Estimation In The Wild",
CVPR 2018), each limb in one piece: torso and head have a front and a back, limbs have a left and a right.
Lines of the face and the hands, which DensePose lacks, follow as parts of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, unique
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mirror_core.body_points import BodyPoint

__all__ = ["DETAIL_LINES", "LIMBS", "PART_LEVEL", "BodyPart", "DetailLine", "Limb", "level_of", "part_at"]


@unique
class BodyPart(IntEnum):
    """What a pixel of a pose map belongs to. Left and right are the person's own."""

    NOTHING = 0
    TORSO = 1
    TORSO_BACK = 2
    NECK = 3
    HEAD = 4
    HEAD_BACK = 5
    LEFT_UPPER_ARM = 6
    LEFT_LOWER_ARM = 7
    LEFT_HAND = 8
    LEFT_THIGH = 9
    LEFT_SHIN = 10
    LEFT_FOOT = 11
    RIGHT_UPPER_ARM = 12
    RIGHT_LOWER_ARM = 13
    RIGHT_HAND = 14
    RIGHT_THIGH = 15
    RIGHT_SHIN = 16
    RIGHT_FOOT = 17
    LEFT_EYE_LINE = 18
    RIGHT_EYE_LINE = 19
    NOSE_LINE = 20
    MOUTH_LINE = 21
    LEFT_HAND_LINES = 22
    RIGHT_HAND_LINES = 23

    @property
    def mirrored(self) -> BodyPart:
        """The same part on the other side; what has no side is its own."""
        names = {"LEFT": "RIGHT", "RIGHT": "LEFT"}
        side, _, rest = self.name.partition("_")
        return BodyPart[f"{names[side]}_{rest}"] if side in names else self


PART_LEVEL: Final = np.array([round(255 * part / max(BodyPart)) for part in BodyPart], np.uint8)
"""uint8 [24]: a part's value in channel 0, spread evenly over 0 … 255."""


def level_of(part: BodyPart) -> int:
    """A part's value in channel 0 of a pose map."""
    return int(PART_LEVEL[part])


def part_at(levels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The part's number at each pixel, from channel 0 of a pose map (any shape); the nearest one."""
    table = np.abs(np.arange(256)[:, None] - PART_LEVEL.astype(np.int64)).argmin(axis=1).astype(np.uint8)
    numbers: NDArray[np.uint8] = table[levels]
    return numbers


@dataclass(frozen=True, slots=True)
class Limb:
    """A tapered limb: a cylinder with two radii and round ends.

    Attributes:
        part: which part it is.
        start, end: the points that its axis runs between; several points mean their middle.
        start_radius, end_radius: shares of the body's height (ears to ankles), clothed lightly.
        reach: the axis ends at this multiple of the way to `end`; a hand goes on beyond its knuckles.
    """

    part: BodyPart
    start: tuple[BodyPoint, ...]
    end: tuple[BodyPoint, ...]
    start_radius: float
    end_radius: float
    reach: float = 1.0


def _limbs() -> tuple[Limb, ...]:
    limbs = []
    for side in ("LEFT", "RIGHT"):

        def part(name: str, side: str = side) -> BodyPart:
            return BodyPart[f"{side}_{name}"]

        def point(name: str, side: str = side) -> BodyPoint:
            return BodyPoint[f"{side}_{name}"]

        limbs += [
            Limb(part("UPPER_ARM"), (point("SHOULDER"),), (point("ELBOW"),), 0.040, 0.029),
            Limb(part("LOWER_ARM"), (point("ELBOW"),), (point("WRIST"),), 0.030, 0.020),
            Limb(part("HAND"), (point("WRIST"),), (point("INDEX"), point("PINKY")), 0.020, 0.023, 1.7),
            Limb(part("THIGH"), (point("HIP"),), (point("KNEE"),), 0.058, 0.040),
            Limb(part("SHIN"), (point("KNEE"),), (point("ANKLE"),), 0.039, 0.025),
            Limb(part("FOOT"), (point("HEEL"),), (point("FOOT_INDEX"),), 0.024, 0.018),
        ]
    return tuple(limbs)


LIMBS: Final = _limbs()


@dataclass(frozen=True, slots=True)
class DetailLine:
    """A line drawn over a part, where that part is what is seen.

    Attributes:
        part: which line it is.
        over: the part that it lies on.
        strokes: polylines through points; several points mean their middle.
    """

    part: BodyPart
    over: BodyPart
    strokes: tuple[tuple[tuple[BodyPoint, ...], ...], ...]


def _detail_lines() -> tuple[DetailLine, ...]:
    p = BodyPoint
    lines = [
        DetailLine(BodyPart.NOSE_LINE, BodyPart.HEAD, ((((p.LEFT_EYE, p.RIGHT_EYE), (p.NOSE,))),)),
        DetailLine(BodyPart.MOUTH_LINE, BodyPart.HEAD, (((p.MOUTH_LEFT,), (p.MOUTH_RIGHT,)),)),
    ]
    for side in ("LEFT", "RIGHT"):
        eye = ((p[f"{side}_EYE_INNER"],), (p[f"{side}_EYE"],), (p[f"{side}_EYE_OUTER"],))
        lines.append(DetailLine(BodyPart[f"{side}_EYE_LINE"], BodyPart.HEAD, (eye,)))
        fingers = tuple(
            ((p[f"{side}_WRIST"],), (p[f"{side}_{name}"],)) for name in ("PINKY", "INDEX", "THUMB")
        )
        lines.append(DetailLine(BodyPart[f"{side}_HAND_LINES"], BodyPart[f"{side}_HAND"], fingers))
    return tuple(lines)


DETAIL_LINES: Final = _detail_lines()
