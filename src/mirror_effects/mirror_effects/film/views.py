"""Where scene and person are in the picture: the scene alone, both side by side, or the person in a corner.

Everything here is in pixels of the picture as it is shown; `Box.mirrored` says where that is in a picture
that will be shown mirrored.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["CORNERS", "VIEWS", "Box", "Layout", "Pan", "corner_box"]

VIEWS = ("full", "beside", "inset")
CORNERS = ("top_left", "top_right", "bottom_left", "bottom_right")
SCENE_SHARE = (0.6, 0.7)  # of the width that one scene, and two, have at most beside the person
MARGIN = 0.02  # of the picture's height, around the person in the corner
PAN_S = 0.8  # time constant in which the person's part follows


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in whole pixels.

    Attributes:
        x, y: of its upper left corner.
        width, height: at least 1.
    """

    x: int
    y: int
    width: int
    height: int

    def mirrored(self, width: int) -> Box:
        """The same in a picture of this width that is mirrored later."""
        return Box(width - self.x - self.width, self.y, self.width, self.height)

    @property
    def slices(self) -> tuple[slice, slice]:
        """To index an array [height, width, …] with."""
        return slice(self.y, self.y + self.height), slice(self.x, self.x + self.width)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things are.

    Attributes:
        width, height: of the picture.
        scenes: of each character, in its own proportions.
        person: where the camera's picture is seen; None where it is not.
    """

    width: int
    height: int
    scenes: tuple[Box, ...]
    person: Box | None

    @classmethod
    def of(
        cls,
        view: str,
        size: tuple[int, int],
        aspects: tuple[float, ...],
        corner: str = "bottom_right",
        share: float = 0.25,
    ) -> Layout:
        """For a view.

        Args:
            view: of `VIEWS`.
            size: width and height of the picture, which are the camera picture's, too.
            aspects: width over height of each scene.
            corner: of `CORNERS`, as shown: for the person in the view `inset`.
            share: of the picture's width that the person has in the view `inset`.
        """
        width, height = size
        stage = Box(0, 0, width, height)
        person = None
        if view == "beside":
            most = width * SCENE_SHARE[len(aspects) > 1] / len(aspects)
            each = min(most, height * max(aspects))
            taken = max(1, round(each * len(aspects)))
            stage = Box(0, 0, taken, height)
            person = Box(taken, 0, max(1, width - taken), height)
        elif view == "inset":
            person = corner_box(size, corner, share)
        return cls(width, height, _columns(stage, aspects), person)


def _columns(stage: Box, aspects: tuple[float, ...]) -> tuple[Box, ...]:
    """Each scene as large as it fits into its column, in the middle of it; two move close together."""
    column = max(1, stage.width // len(aspects))
    sizes = []
    for aspect in aspects:
        height = min(stage.height, column / aspect)
        sizes.append((min(column, max(1, round(height * aspect))), max(1, round(height))))
    x = stage.x + (stage.width - sum(width for width, _ in sizes)) // 2
    boxes = []
    for width, height in sizes:
        boxes.append(Box(x, stage.y + (stage.height - height) // 2, width, height))
        x += width
    return tuple(boxes)


def corner_box(size: tuple[int, int], corner: str, share: float, aspect: float | None = None) -> Box:
    """A box in one of a picture's corners, `share` of its width wide.

    Args:
        size: width and height of the picture.
        corner: of `CORNERS`.
        share: 0 … 1.
        aspect: width over height of the box; None: as the picture's.
    """
    width, height = size
    margin = round(MARGIN * height)
    wide = max(1, min(round(width * share), width - 2 * margin))
    high = max(1, min(round(wide / (aspect or width / height)), height - 2 * margin))
    x = margin if corner.endswith("left") else width - margin - wide
    y = margin if corner.startswith("top") else height - margin - high
    return Box(max(0, x), max(0, y), wide, high)


class Pan:
    """Which part of the camera's picture a box of other proportions shows: it follows the people slowly."""

    def __init__(self) -> None:
        self._centre: tuple[float, float] | None = None
        self._last_s = -math.inf

    def part(self, size: tuple[int, int], box: Box, centre: tuple[float, float] | None, time_s: float) -> Box:
        """The largest part with the box's proportions around the people.

        Args:
            size: width and height of the camera's picture.
            box: in which it is to be seen.
            centre: of the people in pixels; None where nobody is seen: it stays.
            time_s: of the frame.
        """
        width, height = size
        scale = min(width / box.width, height / box.height)
        wide, high = max(1, round(box.width * scale)), max(1, round(box.height * scale))
        step = time_s - self._last_s
        self._last_s = time_s
        if self._centre is None or not 0.0 <= step <= 2.0:
            self._centre = centre or (width / 2, height / 2)
        elif centre is not None:
            share = 1.0 - math.exp(-step / PAN_S)
            x, y = self._centre
            self._centre = (x + share * (centre[0] - x), y + share * (centre[1] - y))
        x = min(max(round(self._centre[0] - wide / 2), 0), width - wide)
        y = min(max(round(self._centre[1] - high / 2), 0), height - high)
        return Box(x, y, wide, high)
