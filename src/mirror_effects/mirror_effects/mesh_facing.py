"""How the triangles of a face lie to the camera, and which are each other's mirror images."""

from __future__ import annotations

from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_effects.uv_chart import FACE_OUTLINE, TEXTURE_SIZE, UV_POINTS
from mirror_tracking.head_pose import mean_face
from mirror_tracking.topology import FILLED_TRIANGLES

__all__ = ["at_rim", "facing", "mirror_image"]

RIM = 0.09  # depth inside the chart's outline, as a share of its size, that belongs to the rim


def facing(landmarks: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Cosine of the angle between each triangle's normal and the line of sight, float64 [t]."""
    corners = landmarks[:468].astype(np.float64)[FILLED_TRIANGLES]
    a, b = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    normal_x = a[:, 1] * b[:, 2] - a[:, 2] * b[:, 1]
    normal_y = a[:, 2] * b[:, 0] - a[:, 0] * b[:, 2]
    normal_z = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
    length = np.sqrt(normal_x**2 + normal_y**2 + normal_z**2)
    return np.asarray(-normal_z / np.maximum(length, 1e-9), np.float64)


@cache
def at_rim() -> NDArray[np.bool_]:
    """Which triangles lie at the face's outline, where ears, hair and background begin: bool [t]."""
    chart = np.zeros((TEXTURE_SIZE, TEXTURE_SIZE), np.uint8)
    cv2.fillPoly(chart, [np.rint(FACE_OUTLINE).astype(np.int32)], (255,))
    depth = cv2.distanceTransform(chart, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    x, y = np.rint(UV_POINTS).astype(int).clip(0, TEXTURE_SIZE - 1).T
    rim: NDArray[np.bool_] = (depth[y, x] < RIM * TEXTURE_SIZE)[FILLED_TRIANGLES].any(axis=1)
    return rim


@cache
def mirror_image() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each point, and for each triangle, the one on the other half of the face."""
    head = mean_face()[:468].astype(np.float64)
    distance = np.linalg.norm(head[:, None] * (1, -1, 1) - head[None], axis=2)
    points: NDArray[np.int64] = distance.argmin(axis=1)
    known = {tuple(sorted(triangle)): number for number, triangle in enumerate(FILLED_TRIANGLES.tolist())}
    triangles = [
        known.get(tuple(sorted(points[triangle].tolist())), number)
        for number, triangle in enumerate(FILLED_TRIANGLES)
    ]
    return points, np.array(triangles, np.int64)
