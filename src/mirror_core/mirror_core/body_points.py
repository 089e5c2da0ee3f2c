"""The 33 points of a body: their names, which is the mirror image of which, and what connects them.

The order is that of mediapipe's pose. Left and right are the person's own.
"""

from __future__ import annotations

from enum import IntEnum, unique
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["BODY_POINT_COUNT", "BONES", "MIRRORED", "BodyPoint"]


@unique
class BodyPoint(IntEnum):
    """A point of a body; the number is its place among the landmarks."""

    NOSE = 0
    LEFT_EYE_INNER = 1
    LEFT_EYE = 2
    LEFT_EYE_OUTER = 3
    RIGHT_EYE_INNER = 4
    RIGHT_EYE = 5
    RIGHT_EYE_OUTER = 6
    LEFT_EAR = 7
    RIGHT_EAR = 8
    MOUTH_LEFT = 9
    MOUTH_RIGHT = 10
    LEFT_SHOULDER = 11
    RIGHT_SHOULDER = 12
    LEFT_ELBOW = 13
    RIGHT_ELBOW = 14
    LEFT_WRIST = 15
    RIGHT_WRIST = 16
    LEFT_PINKY = 17
    RIGHT_PINKY = 18
    LEFT_INDEX = 19
    RIGHT_INDEX = 20
    LEFT_THUMB = 21
    RIGHT_THUMB = 22
    LEFT_HIP = 23
    RIGHT_HIP = 24
    LEFT_KNEE = 25
    RIGHT_KNEE = 26
    LEFT_ANKLE = 27
    RIGHT_ANKLE = 28
    LEFT_HEEL = 29
    RIGHT_HEEL = 30
    LEFT_FOOT_INDEX = 31
    RIGHT_FOOT_INDEX = 32

    @property
    def mirrored(self) -> BodyPoint:
        """The same point on the other side of the body; the nose is its own."""
        return BodyPoint(MIRRORED[self])


BODY_POINT_COUNT: Final = len(BodyPoint)


def _mirrored() -> NDArray[np.intp]:
    names = {"LEFT": "RIGHT", "RIGHT": "LEFT"}
    partners = [
        BodyPoint["_".join(names.get(part, part) for part in point.name.split("_"))] for point in BodyPoint
    ]
    table = np.array(partners, np.intp)
    table.flags.writeable = False
    return table


MIRRORED: Final = _mirrored()
"""intp [33]: of each point the one on the other side; `landmarks[MIRRORED]` swaps left and right."""

BONES: Final = tuple(
    (BodyPoint(start), BodyPoint(end))
    for start, end in (
        *((0, 1), (1, 2), (2, 3), (3, 7), (0, 4), (4, 5), (5, 6), (6, 8), (9, 10)),  # head
        *((11, 12), (11, 23), (12, 24), (23, 24)),  # trunk
        *((11, 13), (13, 15), (15, 17), (15, 19), (15, 21), (17, 19)),  # left arm and hand
        *((12, 14), (14, 16), (16, 18), (16, 20), (16, 22), (18, 20)),  # right arm and hand
        *((23, 25), (25, 27), (27, 29), (27, 31), (29, 31)),  # left leg and foot
        *((24, 26), (26, 28), (28, 30), (28, 32), (30, 32)),  # right leg and foot
    )
)
"""The lines of a skeleton, from point to point."""
