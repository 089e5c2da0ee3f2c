"""What a network has to beat: of the frames that are learned from, the one whose pose is most alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mirror_effects.film.pose import Pose
from mirror_training.film.footage import Footage

__all__ = ["NearestFrame", "pose_distances"]

LEAST_WEIGHT = 1e-6


def pose_distances(
    pose: Pose, points: NDArray[np.float32], visibility: NDArray[np.float32]
) -> NDArray[np.float64]:
    """How far a pose is from others: the root of the mean squared distance of the points in the picture,
    pixels.

    A point counts as much as it is seen in both. Infinite where no point is.

    Args:
        pose: one.
        points: float32 [n, 33, 3] of the others.
        visibility: float32 [n, 33].

    Returns:
        float64 [n].
    """
    weight = np.minimum(visibility, pose.visibility).astype(np.float64)
    square = ((points[..., :2] - pose.points[:, :2]).astype(np.float64) ** 2).sum(axis=2)
    total = weight.sum(axis=1)
    mean = (weight * square).sum(axis=1) / np.maximum(total, LEAST_WEIGHT)
    return np.where(total > LEAST_WEIGHT, np.sqrt(mean), np.inf)


class NearestFrame:
    """Answers a pose with a frame of the clip.

    Args:
        footage: the clip.
        pieces: what is learned from.
    """

    def __init__(self, footage: Footage, pieces: Sequence[range]) -> None:
        found = footage.has_pose()
        self._frames = np.array([frame for piece in pieces for frame in piece if found[frame]], np.int64)
        self._footage = footage
        self._points, self._visibility = footage.points[self._frames], footage.visibility[self._frames]

    def number(self, pose: Pose) -> int:
        """The number of the frame."""
        return int(self._frames[pose_distances(pose, self._points, self._visibility).argmin()])

    def play(self, poses: Sequence[Pose]) -> NDArray[np.uint8]:
        """A frame for each pose: uint8 [n, side, side, 3]."""
        return np.stack([self._footage.frames[self.number(pose)] for pose in poses])
