"""Lays the mean head, and what is fixed to it, onto the landmarks of one face in a picture.

The mean head is turned, scaled and moved so that its points meet the landmarks as well as a rigid head
can (an affine camera, from x and y alone, because training data have no depth). What is left between
them, a longer chin or fuller cheeks, is carried on to the mask's points, each of which takes the mean of
what is left at the landmarks around it. Lips do not count: a mask follows the jaw, not the mouth.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ShapeError
from mirror_effects.medical.head import SURFACE_POINTS
from mirror_tracking.head_pose import POSE_POINTS, mean_face
from mirror_tracking.topology import FACE_OVAL

__all__ = ["CARRIERS", "FittedHead", "fit_head", "held_by", "near_weights"]

Array = NDArray[np.float64]

REACH_M = 0.022  # standard deviation of the distance over which a landmark moves a mask's points
LEAST_FACE_PX = 4.0  # outline height below which nothing can be fitted


def _carriers() -> NDArray[np.intp]:
    cheeks = [
        50,
        280,
        101,
        330,
        118,
        347,
        117,
        346,
        116,
        345,
        123,
        352,
        147,
        376,
        187,
        411,
        205,
        425,
        207,
        427,
    ]
    jaw = [215, 435, 192, 416, 213, 433, 210, 430, 204, 424, 211, 431, 32, 262, 208, 428, 199, 200, 138, 367]
    nose = [6, 197, 195, 5, 4, 1, 122, 351, 196, 419, 3, 248, 198, 420, 49, 279, 129, 358, 102, 331, 126, 355]
    lower_oval = [i for i in FACE_OVAL.tolist() if mean_face()[i, 2] < 0]
    return np.unique(np.array([*cheeks, *jaw, *nose, *lower_oval], np.intp))


CARRIERS = _carriers()
"""Landmarks that a mask rests on: nose, cheeks, jaw and the lower half of the outline."""


@dataclass(frozen=True, slots=True, eq=False)
class FittedHead:
    """Where the mean head lies in a picture.

    Attributes:
        matrix: float64 [3, 3], pixels per metre: picture (x, y, depth) = matrix @ point + offset.
        offset: float64 [3], pixels.
        rest: float64 [len(CARRIERS), 2], pixels between the landmarks and the laid head there.
        scale: pixels per metre.
    """

    matrix: Array
    offset: Array
    rest: Array
    scale: float

    @property
    def rotation(self) -> Array:
        """float64 [3, 3], from the head frame to the picture's (right, down, away)."""
        return self.matrix / self.scale

    @property
    def yaw(self) -> float:
        """Turn in radians, positive when the person looks to their own left."""
        return float(np.arctan2(self.matrix[0, 0], -self.matrix[2, 0]))

    def lay(self, points: NDArray[np.floating[Any]], holds: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
        """Points of the head frame in the picture.

        Args:
            points: [n, 3], metres.
            holds: [n, len(CARRIERS)], from `held_by`.

        Returns:
            float32 [n, 3]: x and y in pixels, and depth in the same scale, smaller is nearer.
        """
        laid = points @ self.matrix.T + self.offset
        laid[:, :2] += holds @ self.rest
        return np.asarray(laid, np.float32)


def held_by(points: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """How much each of `CARRIERS` moves each point [n, 3] (metres): float64 [n, k], rows sum to 1."""
    return near_weights(points, mean_face()[CARRIERS], REACH_M)


def near_weights(
    points: NDArray[np.floating[Any]], anchors: NDArray[np.floating[Any]], reach: float
) -> NDArray[np.float64]:
    """Gaussian weights of anchors [k, 3] for points [n, 3], float64 [n, k], rows sum to 1.

    Points far from every anchor follow the nearest ones.
    """
    near, far = np.asarray(points, np.float64) / reach, np.asarray(anchors, np.float64) / reach
    squares = (near**2) @ np.ones((3, 1)) + ((far**2) @ np.ones(3))[None] - 2 * near @ far.T
    weights: Array = np.exp((squares - squares.min(axis=1, keepdims=True)) / -2)
    weights /= weights.sum(axis=1, keepdims=True)
    return weights


def fit_head(landmarks: NDArray[np.floating[Any]]) -> FittedHead | None:
    """The mean head on a face.

    Args:
        landmarks: [468 or more, 2 or more], pixels (pixel i covers i … i+1); a depth is not used.

    Returns:
        None where the points are no face: all in one place, or seen from behind.

    Raises:
        ShapeError: on another shape, or points that are not finite.
    """
    points = np.asarray(landmarks)
    if points.ndim != 2 or points.shape[0] < SURFACE_POINTS or points.shape[1] < 2:
        raise ShapeError(
            f"landmarks must be [{SURFACE_POINTS} or more, 2 or more], not {list(points.shape)}."
        )
    points = points[:SURFACE_POINTS, :2].astype(np.float64)
    if not np.isfinite(points).all():
        raise ShapeError("landmarks must be finite numbers, but some are NaN or infinite.")
    if np.ptp(points[FACE_OVAL], axis=0).max() < LEAST_FACE_PX:
        return None
    solver, centre = _solver()
    seen = points[POSE_POINTS]
    middle = seen.mean(axis=0)
    affine = (seen - middle).T @ solver  # [2, 3]
    left, singular, right = np.linalg.svd(affine, full_matrices=False)
    scale = float(singular.mean())
    if not scale > 0:
        return None
    rows = left @ right
    rotation = np.vstack([rows, np.cross(rows[0], rows[1])])
    if rotation[2, 0] >= 0:  # the axis out of the face points away
        return None
    matrix = rotation * scale
    offset = np.append(middle, 0.0) - matrix @ centre
    rest = points[CARRIERS] - (mean_face()[CARRIERS].astype(np.float64) @ matrix[:2].T + offset[:2])
    return FittedHead(matrix, offset, rest, scale)


@cache
def _solver() -> tuple[Array, Array]:
    """What turns centred picture points into an affine camera, float64 [n, 3], and the head's middle."""
    head = mean_face()[POSE_POINTS].astype(np.float64)
    centre = head.mean(axis=0)
    return np.linalg.pinv(head - centre).T, centre
