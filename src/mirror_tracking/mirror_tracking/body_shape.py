"""Measures of a body in the picture: its size, its shoulders, the box around it, how alike two poses are."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from mirror_core.body_points import BONES, BodyPoint
from mirror_core.faces import Roi

__all__ = ["SIZE_M", "body_roi", "body_size", "pose_distance", "shoulder_centre"]

SIZE_M = 0.5  # metres whose length in the picture is called the size of a body: about its width
REACH_M = 0.9  # metres from the hips to the circle around the body: half a person with a raised foot and hair
LEAST_SEEN = 0.02  # sum of visibilities from which on two poses can be compared
SEEN = 0.5  # visibility from which on a point is in the box around the body
CROWN = 0.95  # from the nose to the top of the hair, over the distance from the shoulders to the nose
MARGIN = 0.24  # around the points, in sizes: flesh, hair, sleeves, fingers

_STARTS, _ENDS = np.array(BONES, np.intp).T


def body_size(hips: NDArray[np.float32], rim: NDArray[np.float32]) -> float:
    """How long `SIZE_M` is in the picture, at the body's distance, in pixels, 1 or more.

    Measured by the circle around the body that the pose model was trained to draw. Turning, bending and
    being half outside the picture change it less than any distance between points of the body (in clips:
    0.8 to 1.7 % from frame to frame, beside 2 to 4 % for the spread of all points).

    Args:
        hips: (x, y) of the middle of the hips in pixels.
        rim: (x, y) of a point on the circle.
    """
    return max(math.hypot(float(rim[0] - hips[0]), float(rim[1] - hips[1])) * SIZE_M / REACH_M, 1.0)


def shoulder_centre(landmarks: NDArray[np.float32]) -> tuple[float, float]:
    """The middle between the shoulders (x, y) in pixels."""
    x, y = landmarks[[BodyPoint.LEFT_SHOULDER, BodyPoint.RIGHT_SHOULDER], :2].mean(axis=0)
    return float(x), float(y)


def body_roi(
    landmarks: NDArray[np.float32], visibility: NDArray[np.float32], size: float, width: int, height: int
) -> Roi:
    """The box around what the picture shows of a body, of whole pixels, at least one.

    Args:
        landmarks: float32 [33, 3] in pixels.
        visibility: float32 [33].
        size: as `body_size` says.
        width, height: of the picture in pixels.
    """
    shoulders = np.array(shoulder_centre(landmarks))
    crown = landmarks[BodyPoint.NOSE, :2] + CROWN * (landmarks[BodyPoint.NOSE, :2] - shoulders)
    is_seen = visibility >= SEEN
    x, y = landmarks[:, 0], landmarks[:, 1]
    is_outside = (x < 0) | (y < 0) | (x > width) | (y > height)
    # A body that the picture's edge cuts off reaches to the edge.
    cut_off = np.concatenate(
        [_ENDS[is_outside[_ENDS] & is_seen[_STARTS]], _STARTS[is_outside[_STARTS] & is_seen[_ENDS]]]
    )
    is_seen[cut_off] = True
    points = np.vstack([landmarks[is_seen, :2], crown, shoulders])
    low = np.floor(points.min(axis=0) - MARGIN * size)
    high = np.ceil(points.max(axis=0) + MARGIN * size)
    x0, y0 = np.clip(low, 0, (width - 1, height - 1))
    x1, y1 = np.clip(high, (x0 + 1, y0 + 1), (width, height))
    return Roi(float(x0), float(y0), float(x1 - x0), float(y1 - y0))


def pose_distance(
    one: NDArray[np.float32],
    other: NDArray[np.float32],
    one_visibility: NDArray[np.float32],
    other_visibility: NDArray[np.float32],
    size: float,
) -> float:
    """How far apart two poses are: the mean distance of points that both see, in sizes; infinite if none."""
    weights = one_visibility * other_visibility
    total = float(weights.sum())
    if total < LEAST_SEEN:
        return math.inf
    distances = np.linalg.norm(one[:, :2] - other[:, :2], axis=1)
    return float((weights * distances).sum()) / (total * size)
