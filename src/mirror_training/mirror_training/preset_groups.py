"""Which photographs go into which average: chosen by what the pictures look like, never by who is on them.

Measured are the opening of the mouth (on the mesh), and on the photograph laid out in the mean shape the
brightness of the cheeks, the redness of the lips and the darkness of the chin and upper lip, each beside
the cheeks. Nobody's pictures carry labels, and none are made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_tracking.topology import INNER_LIPS, OUTER_LIPS
from mirror_training.face_textures import FRONT, PortraitPhoto, texture
from mirror_training.opencv import cv2

__all__ = ["GROUPS", "GROUP_SIZE", "Group", "Look", "looks", "members"]

GROUP_SIZE = 150  # photographs in an average at least, so that nobody is in it
CLOSED = 0.1  # opening over width below which a mouth counts as closed
SCALE = 0.25  # of the mean shape's picture that is measured in
CHEEKS = ((117, 118, 101, 205, 187, 123), (346, 347, 330, 425, 411, 352))
CHIN = (194, 32, 140, 176, 148, 152, 377, 400, 369, 262, 418, 421, 200, 201)
UPPER_LIP = (165, 92, 40, 39, 37, 0, 267, 269, 270, 322, 391, 393, 164, 167)

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Look:
    """What one photograph looks like.

    Attributes:
        mouth: opening of the mouth over its width.
        tone: brightness of the cheeks, 0 … 255 (CIE L* · 2.55).
        lips: redness (a*) of the lips above that of the cheeks.
        beard: how much darker chin and upper lip are than the cheeks, in units of tone.
    """

    mouth: float
    tone: float
    lips: float
    beard: float


@dataclass(frozen=True, slots=True)
class Group:
    """One average.

    Attributes:
        name: its file's name.
        title: what people call it.
        sort: the attribute of `Look` whose extreme is averaged; empty: all photographs.
        lowest: take the lowest values and not the highest.
        mouth_closed: only photographs with closed mouths.
        emphasis: by how much the difference to the average of all is exaggerated.
    """

    name: str
    title: str
    sort: str = ""
    lowest: bool = False
    mouth_closed: bool = True
    emphasis: float = 0.0


GROUPS = (
    Group("average", "Average"),
    Group("smile", "Smile", "mouth", mouth_closed=False),
    Group("light", "Light", "tone"),
    Group("dark", "Dark", "tone", lowest=True, emphasis=0.5),
    Group("beard", "Beard", "beard", emphasis=1.0),
    Group("rouge", "Rouge", "lips", emphasis=0.6),
)


def members(photos: Sequence[PortraitPhoto], seen: Sequence[Look], group: Group) -> list[PortraitPhoto]:
    """The photographs of a group: `GROUP_SIZE` of them, or all that fit where it is not sorted."""
    fitting = [number for number, look in enumerate(seen) if look.mouth < CLOSED or not group.mouth_closed]
    if group.sort:
        sign = 1 if group.lowest else -1
        fitting.sort(key=lambda number: sign * float(getattr(seen[number], group.sort)))
        fitting = fitting[:GROUP_SIZE]
    return [photos[number] for number in fitting]


def looks(photos: Sequence[PortraitPhoto]) -> list[Look]:
    """Measure each photograph."""
    points = FRONT.points * np.float32(SCALE)
    size = (round(FRONT.size[0] * SCALE), round(FRONT.size[1] * SCALE))
    cheeks, lips, chin, upper_lip = _regions()
    found = []
    for photo in photos:
        laid_out, _ = texture(photo, points, size)
        lab = cv2.cvtColor(laid_out, cv2.COLOR_BGR2LAB).astype(np.float32)
        tone, red, _ = np.median(lab[cheeks], axis=0)
        around = (np.median(lab[chin], axis=0)[0] + np.median(lab[upper_lip], axis=0)[0]) / 2
        found.append(
            Look(
                _opening(photo.landmarks),
                float(tone),
                float(np.median(lab[lips], axis=0)[1] - red),
                float(tone - around),
            )
        )
    return found


def _opening(landmarks: NDArray[Any]) -> float:
    down = np.linalg.norm(landmarks[14, :2] - landmarks[13, :2])
    across = np.linalg.norm(landmarks[308, :2] - landmarks[78, :2])
    return float(down / max(float(across), 1e-6))


@cache
def _regions() -> tuple[Mask, Mask, Mask, Mask]:
    """Cheeks, lips, chin and upper lip in the small picture of the mean shape."""
    cheeks = _filled(CHEEKS[0]) | _filled(CHEEKS[1])
    whole_lips = _filled(tuple(OUTER_LIPS.tolist()))
    lips = whole_lips & ~_filled(tuple(INNER_LIPS.tolist()))
    return cheeks, lips, _filled(CHIN), _filled(UPPER_LIP) & ~whole_lips


def _filled(outline: tuple[int, ...]) -> Mask:
    points = FRONT.points[list(outline), :2] * SCALE
    image = np.zeros((round(FRONT.size[1] * SCALE), round(FRONT.size[0] * SCALE)), np.uint8)
    cv2.fillPoly(image, [np.rint(points).astype(np.int32)], (255,))
    return np.asarray(image > 0)
