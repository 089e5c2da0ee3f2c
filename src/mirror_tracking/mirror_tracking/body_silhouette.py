"""Which pixels are whose: a body's mask brought to its roi, the label picture of all, and a rough outline.

The rough outline is drawn from the points alone; it hides known people from the detector.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.bodies import Body, BodySet
from mirror_core.body_points import BodyPoint
from mirror_core.faces import Roi
from mirror_core.frame import Image
from mirror_tracking.body_shape import shoulder_centre
from mirror_tracking.mesh import Region
from mirror_tracking.pose_landmarks import to_image

__all__ = ["Outline", "body_labels", "hidden", "mask_in_roi", "without_nearer"]

IS_BODY = 128  # value of a segmentation from which on a pixel counts as the person's
NEARER = 1.15  # ratio of sizes from which on one body is surely in front of another
GREY = (120, 120, 120)  # what hidden people are painted with
LIMB = 0.28  # thickness of a limb in sizes
HEAD = 0.36  # radius of a head in sizes
HEAD_PLACE = 0.9  # from the shoulders to the nose: where the middle of the head is drawn

_TRUNK = [BodyPoint.LEFT_SHOULDER, BodyPoint.RIGHT_SHOULDER, BodyPoint.LEFT_HIP, BodyPoint.RIGHT_HIP]
_LIMBS = (
    (BodyPoint.LEFT_SHOULDER, BodyPoint.LEFT_ELBOW, BodyPoint.LEFT_WRIST, BodyPoint.LEFT_INDEX),
    (BodyPoint.RIGHT_SHOULDER, BodyPoint.RIGHT_ELBOW, BodyPoint.RIGHT_WRIST, BodyPoint.RIGHT_INDEX),
    (BodyPoint.LEFT_HIP, BodyPoint.LEFT_KNEE, BodyPoint.LEFT_ANKLE, BodyPoint.LEFT_FOOT_INDEX),
    (BodyPoint.RIGHT_HIP, BodyPoint.RIGHT_KNEE, BodyPoint.RIGHT_ANKLE, BodyPoint.RIGHT_FOOT_INDEX),
)
_FARTHEST_PX = 20_000  # OpenCV draws with whole numbers of limited size


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """A body as it is roughly drawn.

    Attributes:
        landmarks: float32 [33, 3] in pixels.
        size: as `body_size` says, in pixels.
    """

    landmarks: NDArray[np.float32]
    size: float

    def moved(self, dx: float, dy: float) -> Outline:
        """The same body elsewhere; pixels."""
        return Outline(self.landmarks + np.array((dx, dy, 0), np.float32), self.size)


def mask_in_roi(mask: NDArray[np.float32], region: Region, roi: Roi) -> NDArray[np.uint8]:
    """The mask of a crop as the picture has it within a roi.

    Args:
        mask: float32 [256, 256], 0 … 1, of the crop.
        region: where the crop is in the picture.
        roi: of whole pixels.

    Returns:
        uint8 [roi.height, roi.width], 0 … 255; 0 outside the region.
    """
    matrix = to_image(region)
    matrix[:, 2] += matrix[:, :2] @ (0.5, 0.5) - 0.5 - (roi.x, roi.y)  # from the centres of pixels
    size = int(roi.width), int(roi.height)
    grey = np.rint(mask * 255).astype(np.uint8)
    return np.asarray(cv2.warpAffine(grey, matrix, size, flags=cv2.INTER_LINEAR), np.uint8)


def without_nearer(bodies: Sequence[Body], sizes: Sequence[float]) -> tuple[Body, ...]:
    """The bodies, and of each segmentation only what no clearly nearer body covers.

    Args:
        bodies: of one frame.
        sizes: of each, as `body_size` says: who is larger is nearer.
    """
    return tuple(
        _cut(body, [other for other, near in zip(bodies, sizes, strict=True) if near > NEARER * size])
        for body, size in zip(bodies, sizes, strict=True)
    )


def _cut(body: Body, nearer: Sequence[Body]) -> Body:
    mask = body.segmentation
    if mask is None or not nearer:
        return body
    mask = mask.copy()
    x, y = int(body.roi.x), int(body.roi.y)
    for other in nearer:
        if other.segmentation is None:
            continue
        dx, dy = int(other.roi.x) - x, int(other.roi.y) - y
        left, top = max(dx, 0), max(dy, 0)
        right = min(dx + other.segmentation.shape[1], mask.shape[1])
        bottom = min(dy + other.segmentation.shape[0], mask.shape[0])
        if right > left and bottom > top:
            covering = other.segmentation[top - dy : bottom - dy, left - dx : right - dx]
            part = mask[top:bottom, left:right]
            np.minimum(part, 255 - covering, out=part)
    return replace(body, segmentation=mask)


def body_labels(bodies: BodySet) -> NDArray[np.uint8]:
    """Whose each pixel is: uint8 [height, width], 0 nobody's, else 1 + place of the body in `bodies`.

    Where two bodies claim a pixel it is given to the one whose segmentation is surer. Bodies without
    segmentation have no pixels.
    """
    labels = np.zeros((bodies.height, bodies.width), np.uint8)
    surest = np.full((bodies.height, bodies.width), IS_BODY - 1, np.uint8)
    for number, body in enumerate(bodies.bodies, start=1):
        if body.segmentation is None:
            continue
        x, y = int(body.roi.x), int(body.roi.y)
        rows, columns = body.segmentation.shape
        there = slice(y, y + rows), slice(x, x + columns)
        is_mine = body.segmentation > surest[there]
        labels[there][is_mine] = number
        np.maximum(surest[there], body.segmentation, out=surest[there])
    return labels


def _draw(image: NDArray[np.uint8], outline: Outline, colour: tuple[int, ...]) -> None:
    points = np.clip(outline.landmarks[:, :2], -_FARTHEST_PX, _FARTHEST_PX).astype(np.int32)
    thickness = max(1, round(LIMB * outline.size))
    trunk = cv2.convexHull(points[_TRUNK])
    cv2.fillConvexPoly(image, trunk, colour)
    cv2.polylines(image, [trunk], True, colour, thickness)
    cv2.polylines(image, [points[list(limb)] for limb in _LIMBS], False, colour, thickness)
    neck = np.array(shoulder_centre(outline.landmarks))
    head = neck + HEAD_PLACE * (outline.landmarks[BodyPoint.NOSE, :2] - neck)
    centre = np.clip(head, -_FARTHEST_PX, _FARTHEST_PX).astype(int).tolist()
    cv2.circle(image, centre, max(1, round(HEAD * outline.size)), colour, -1)


def hidden(image: Image, others: Sequence[Outline], own: Outline | None = None) -> Image:
    """A picture in which some bodies are painted over with grey.

    Args:
        image: uint8 [height, width, 3]; not changed.
        others: who is to be hidden.
        own: who is not, also where they are in front of or behind the others.

    Returns:
        uint8 [height, width, 3]; `image` itself where nobody is to be hidden.
    """
    if not others:
        return image
    copy = image.copy()
    for outline in others:
        _draw(copy, outline, GREY)
    if own is not None:
        mask = np.zeros(image.shape[:2], np.uint8)
        _draw(mask, own, (255,))
        cv2.copyTo(image, mask, copy)
    return copy
