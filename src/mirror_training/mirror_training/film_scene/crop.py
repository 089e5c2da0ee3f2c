"""Which square of a clip becomes the scene's picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mirror_core.errors import UsageError
from mirror_core.frame import Image
from mirror_effects.film.pose import Pose
from mirror_training.opencv import cv2

__all__ = ["Crop", "around_poses", "centre", "parse_crop"]

SEEN = 0.5  # visibility from which a point counts
FEW, MANY = 2.0, 98.0  # percentiles of the points' places that are kept
MARGIN = 0.16  # of what the points span: hair, hands and a coat reach beyond them
LEAST_SIDE = 64  # pixels


@dataclass(frozen=True, slots=True)
class Crop:
    """A square in a picture: left and upper edge and side, in whole pixels."""

    x: int
    y: int
    side: int

    def of(self, picture: Image, side: int) -> Image:
        """What is in it, at another size: uint8 [side, side, 3]."""
        part = picture[self.y : self.y + self.side, self.x : self.x + self.side]
        method = cv2.INTER_AREA if side < self.side else cv2.INTER_CUBIC
        return np.asarray(cv2.resize(part, (side, side), interpolation=method), np.uint8)


def parse_crop(text: str, width: int, height: int) -> Crop | None:
    """What a person asks for: "centre", "x,y,side", or None for "auto".

    Raises:
        UsageError: on anything else, and where the square is not in the picture.
    """
    if text == "auto":
        return None
    if text == "centre":
        return centre(width, height)
    try:
        x, y, side = (int(each) for each in text.split(","))
    except ValueError as error:
        raise UsageError(
            f"crop = {text} is refused: allowed are auto, centre, or x,y,side in pixels, such as 300,0,720."
        ) from error
    if side < LEAST_SIDE or x < 0 or y < 0 or x + side > width or y + side > height:
        raise UsageError(
            f"crop = {text} is refused: the square must be {LEAST_SIDE} pixels wide or more and lie in the "
            f"clip's picture of {width} × {height} pixels."
        )
    return Crop(x, y, side)


def centre(width: int, height: int) -> Crop:
    """The largest square, in the middle."""
    side = min(width, height)
    return Crop((width - side) // 2, (height - side) // 2, side)


def around_poses(poses: Sequence[Pose], width: int, height: int) -> Crop:
    """The square in which a body is through a clip; the middle one where no body is seen.

    Args:
        poses: found on frames spread over the clip, in its pixels.
        width, height: of the clip's picture.
    """
    seen = [pose.points[pose.visibility >= SEEN, :2] for pose in poses]
    points = np.concatenate(seen) if seen else np.zeros((0, 2))
    if not len(points):
        return centre(width, height)
    # Of each pose its own box, so that the many points of a face do not outweigh a hand.
    boxes = np.array([[*each.min(axis=0), *each.max(axis=0)] for each in seen if len(each)])
    low = np.percentile(boxes[:, :2], FEW, axis=0)
    high = np.percentile(boxes[:, 2:], MANY, axis=0)
    span = float((high - low).max()) * (1 + 2 * MARGIN)
    side = int(np.clip(round(span), LEAST_SIDE, min(width, height)))
    middle = (low + high) / 2
    x = int(np.clip(round(middle[0] - side / 2), 0, width - side))
    y = int(np.clip(round(middle[1] - side / 2), 0, height - side))
    return Crop(x, y, side)
