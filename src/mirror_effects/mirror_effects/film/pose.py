"""A body's posture as film code hands it around: 33 points in a picture and how well each is seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mirror_core.body_points import BODY_POINT_COUNT, MIRRORED
from mirror_core.errors import ShapeError, UsageError

if TYPE_CHECKING:
    from mirror_core.bodies import Body

__all__ = ["HIDDEN", "MODEL_DEPTH", "SEEN", "Pose", "smooth_step", "trust"]

MODEL_DEPTH = 3.4
"""How many times too deep mediapipe's picture landmarks are beside its world landmarks (3.1 … 3.7)."""
HIDDEN, SEEN = 0.15, 0.45
"""Visibility up to which a point is as good as unknown, and from which it is believed."""
SURE = 0.5  # visibility from which a point counts for the scale between metres and pixels


@dataclass(frozen=True, slots=True, eq=False)
class Pose:
    """The posture of one body in a picture.

    Attributes:
        points: float32 [33, 3] in `BodyPoint`'s order; x, y in continuous pixels (pixel i covers i … i+1), z
            in the same scale, true to proportion, smaller nearer to the camera; only its differences count.
        visibility: float32 [33], 0 … 1: how well each point is known; one of visibility 0 may lie anywhere.
    """

    points: NDArray[np.float32]
    visibility: NDArray[np.float32]

    def __post_init__(self) -> None:
        points, seen = self.points, self.visibility
        if points.shape != (BODY_POINT_COUNT, 3) or points.dtype != np.float32:
            raise ShapeError(
                f"Pose.points must be float32 [{BODY_POINT_COUNT}, 3], "
                f"not {points.dtype} {list(points.shape)}."
            )
        if not np.isfinite(points).all():
            raise ShapeError("Pose.points must be finite numbers, but some are NaN or infinite.")
        if seen.shape != (BODY_POINT_COUNT,) or seen.dtype != np.float32:
            raise ShapeError(
                f"Pose.visibility must be float32 [{BODY_POINT_COUNT}], not {seen.dtype} {list(seen.shape)}."
            )
        if not ((seen >= 0) & (seen <= 1)).all():
            raise ShapeError("Pose.visibility must be 0 … 1, but some are outside.")

    @classmethod
    def of(cls, points: NDArray[Any], visibility: NDArray[Any]) -> Pose:
        """A pose from any number type; visibility is limited to 0 … 1."""
        return cls(np.asarray(points, np.float32), np.clip(visibility, 0.0, 1.0).astype(np.float32))

    @classmethod
    def of_landmarks(
        cls, landmarks: NDArray[Any], visibility: NDArray[Any], world_landmarks: NDArray[Any] | None = None
    ) -> Pose:
        """A pose from mediapipe's landmarks, whose depth is made true to proportion.

        The depth of the picture landmarks is several times too large (`MODEL_DEPTH`). The world landmarks
        have a better one: it is taken from them, scaled by the pixels a metre that fit x and y best.

        Args:
            landmarks: [33, 3], x, y, z in pixels.
            visibility: [33], 0 … 1.
            world_landmarks: [33, 3] in metres, or None: then the landmarks' own depth is divided.
        """
        points = np.array(landmarks, np.float64)
        seen = np.clip(np.asarray(visibility, np.float64), 0.0, 1.0)
        points[:, 2] /= MODEL_DEPTH
        if world_landmarks is not None:
            world = np.asarray(world_landmarks, np.float64)
            weight = np.where(seen > SURE, seen, 0.0)
            scale = _pixels_per_metre(points[:, :2], world[:, :2], weight)
            if scale > 0:
                points[:, 2] = world[:, 2] * scale
        return cls.of(points, seen)

    @classmethod
    def of_body(cls, body: Body) -> Pose:
        """The pose of a tracked body, in the pixels of the frame that it was found in."""
        return cls.of_landmarks(body.landmarks, body.visibility, body.world_landmarks)

    def blended(self, other: Pose, share: float) -> Pose:
        """The pose between this one (share 0) and another (share 1), point by point.

        A point that only one of the two knows well is taken mostly from that one, so that an unknown
        place never pulls a known one: the share is weighted by visibility.

        Raises:
            UsageError: if the share is outside 0 … 1.
        """
        if not 0.0 <= share <= 1.0:
            raise UsageError(f"The share of the other pose must be 0 … 1, not {share}.")
        own, others = self.visibility * (1.0 - share), other.visibility * share
        total = own + others
        weight = np.where(total > 1e-6, others / np.maximum(total, 1e-6), share)[:, None]
        return Pose.of(self.points + weight * (other.points - self.points), total)

    def mirrored(self, width: float) -> Pose:
        """The pose as a mirror shows it: x is `width` − x, and left and right change their names.

        Who raises the right hand sees a figure of this pose raise the hand on the same side of the mirror.

        Args:
            width: of the picture in pixels.
        """
        points = self.points[MIRRORED]
        points[:, 0] = np.float32(width) - points[:, 0]
        return Pose(points, self.visibility[MIRRORED])

    def moved(self, scale: float, shift: tuple[float, float] = (0.0, 0.0)) -> Pose:
        """The pose scaled about the picture's corner (depth, too) and then shifted by (x, y) pixels."""
        points = self.points * np.float32(scale) + np.array([*shift, 0.0], np.float32)
        return Pose(points.astype(np.float32), self.visibility)


def smooth_step(value: NDArray[Any], low: float, high: float) -> NDArray[np.float64]:
    """0 up to `low`, 1 from `high` on, a smooth rise (3t² − 2t³) between."""
    share = np.minimum(np.maximum((value - low) / (high - low), 0.0), 1.0)
    rise: NDArray[np.float64] = share * share * (3.0 - 2.0 * share)
    return rise


def trust(visibility: NDArray[Any]) -> NDArray[np.float64]:
    """0 … 1, how far points or bones of a visibility are believed: not to `HIDDEN`, wholly from `SEEN` on."""
    return smooth_step(np.asarray(visibility, np.float64), HIDDEN, SEEN)


def _pixels_per_metre(picture: NDArray[Any], world: NDArray[Any], weight: NDArray[Any]) -> float:
    """Least-squares scale from world x, y to picture x, y; 0 where too few points are sure."""
    total = weight.sum()
    if np.count_nonzero(weight) < 3:
        return 0.0
    share = (weight / total)[:, None]
    near, far = picture - (share * picture).sum(axis=0), world - (share * world).sum(axis=0)
    spread = float((share * far * far).sum())
    return float((share * near * far).sum()) / spread if spread > 1e-9 else 0.0
