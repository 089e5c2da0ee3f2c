"""What the geometry of a face says to the mood classifier: shape parameters and measures of the upright face.

Face and mirror image are averaged before anything is read, so that both have the same features: the two sides
count alike, and what the sides do against each other (a lean of the mesh, a crooked smile) is left out. For
what is linear, which all but the distances are, this is the same as averaging the features of both.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ShapeError
from mirror_core.faces import LANDMARK_COUNT
from mirror_mood.shape_measures import DEPTHS, DISTANCES, HEIGHTS, MEASURE_NAMES, RATIOS, measures
from mirror_tracking.procrustes import place
from mirror_tracking.shape_classifier import fingerprint
from mirror_tracking.shape_model import (
    DISTORTIONS,
    MODEL_NAMES,
    POINTS,
    ShapeModel,
    pose_terms,
    shared_shape_model,
)
from mirror_tracking.symmetry import opposite_points

__all__ = ["MoodFeatures", "MoodGeometry", "shared_mood_geometry"]

SMALLEST_SCALE = 1e-3  # px per unit of the shape model; a face smaller than this is none
MIRRORED = np.array([-1.0, 1.0, 1.0])  # turns x round


@dataclass(frozen=True, slots=True, eq=False)
class MoodFeatures:
    """The features of one face.

    Attributes:
        values: float64 [MoodGeometry.count]; components in standard deviations, then measures.
        yaw, pitch: where the camera is, seen from the head, in radians: to which side, and how high. Both are
            0 where the head is turned to the camera, however it leans.
    """

    values: NDArray[np.float64]
    yaw: float
    pitch: float


class MoodGeometry:
    """Reads features from landmarks.

    Attributes:
        names: of the features, in their order.
        fingerprint: tells these features, and the shape models behind them, from others.
    """

    def __init__(self, models: tuple[ShapeModel, ...]) -> None:
        """Read by these shape models, of which the first one also says how the head is turned.

        Raises:
            ShapeError: where there is none.
        """
        if not models:
            raise ShapeError("Features of a mood need one shape model or more.")
        self._opposite = opposite_points()[:POINTS]
        first = models[0]
        self._mean = first.mean.astype(np.float64)
        self._weights = first.weights.astype(np.float64)
        self._distortion = first.pose_distortion.reshape(DISTORTIONS, -1).astype(np.float64)
        readers, offsets, names = [], [], []
        for model in models:
            # Sparse components are not orthogonal: each is read by the least-squares solution for all.
            flat = model.components.reshape(model.count, -1).astype(np.float64)
            reader = np.linalg.pinv(flat).T / model.deviations[:, None]
            even = self._even(model)
            readers.append(reader[even])
            offsets.append(reader[even] @ model.mean.astype(np.float64).ravel())
            names += [f"{model.name} {number + 1}: {model.labels[number]}" for number in np.flatnonzero(even)]
        self._reader, self._offset = np.concatenate(readers), np.concatenate(offsets)
        self.names = (*names, *MEASURE_NAMES)
        digest = hashlib.sha256()
        for model in models:
            digest.update(fingerprint(model).encode())
        digest.update(repr((self.names, DISTANCES, HEIGHTS, DEPTHS, RATIOS)).encode())
        self.fingerprint = digest.hexdigest()[:16]

    @property
    def count(self) -> int:
        """Number of features."""
        return len(self.names)

    def features(self, landmarks: NDArray[np.floating[Any]]) -> MoodFeatures:
        """The features of a face.

        Args:
            landmarks: [468 or 478, 3]; x, y in pixels, z in the same scale. Irises are not used.

        Raises:
            ShapeError: on other shapes, numbers that are not finite, or points that all lie in one place.
        """
        if landmarks.shape not in ((POINTS, 3), (LANDMARK_COUNT, 3)):
            raise ShapeError(
                f"A mood's features need landmarks [{POINTS} or {LANDMARK_COUNT}, 3], "
                f"not {list(landmarks.shape)}."
            )
        points = np.asarray(landmarks[:POINTS], np.float64)
        placement = place(self._mean, points, self._weights)
        if placement.scale < SMALLEST_SCALE:
            raise ShapeError("A mood's features need a face, but all landmarks lie in one place.")
        # einsum and not @: BLAS gives this to several threads, and waiting for them can take milliseconds.
        turned = np.einsum("t,tp->p", pose_terms(placement), self._distortion).reshape(POINTS, 3)
        own = placement.to_model(points) - turned
        even = (own + own[self._opposite] * MIRRORED) / 2
        parameters = np.einsum("kp,p->k", self._reader, even.ravel()) - self._offset
        aside, up, ahead = (float(part) for part in placement.rotation[2])
        yaw, pitch = math.atan2(aside, ahead), math.asin(min(1.0, max(-1.0, -up)))
        return MoodFeatures(np.concatenate([parameters, measures(even)]), yaw, pitch)

    def _even(self, model: ShapeModel) -> NDArray[np.bool_]:
        """Which components move both sides alike; the others are 0 in an averaged face."""
        components = model.components.astype(np.float64)
        mirrored = components[:, self._opposite] * MIRRORED
        return np.asarray((components * mirrored).sum(axis=(1, 2)) > 0)


@cache
def shared_mood_geometry() -> MoodGeometry:
    """By the shape models that are shipped, read once.

    Raises:
        ModelError: if one is missing or damaged.
    """
    return MoodGeometry(tuple(shared_shape_model(name) for name in MODEL_NAMES))
