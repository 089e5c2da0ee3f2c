"""A face turned back to look straight ahead: what is measured on it does not change with the head's turn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ShapeError
from mirror_core.faces import LANDMARK_COUNT
from mirror_tracking.procrustes import Placement, place
from mirror_tracking.shape_model import DISTORTIONS, POINTS, pose_terms, shared_shape_model

__all__ = ["UprightFace", "upright_face"]

SMALLEST_SCALE = 1e-3  # px per unit of the shape model; a face smaller than this is none


@dataclass(frozen=True, slots=True, eq=False)
class UprightFace:
    """The surface of a face without place, size and turn of the head.

    Attributes:
        points: float64 [468, 3] in units of the shape model; x to the picture's right, y down, z away.
        placement: how the head lies in the picture.
    """

    points: NDArray[np.float64]
    placement: Placement


def upright_face(landmarks: NDArray[np.floating[Any]]) -> UprightFace:
    """Turn a face back.

    The points in space are laid on the shape model's mean face by weighted Procrustes analysis, in which what
    expressions do not move counts ten times as much as the rest. What the mesh itself does to a turned head
    (`ShapeModel.pose_distortion`) is then taken out.

    Args:
        landmarks: [468 or 478, 3]; x, y in pixels, z in the same scale. Irises are not used.

    Raises:
        ShapeError: on other shapes, numbers that are not finite, or points that all lie in one place.
    """
    if landmarks.shape not in ((POINTS, 3), (LANDMARK_COUNT, 3)):
        raise ShapeError(
            f"A face to be turned back needs landmarks [{POINTS} or {LANDMARK_COUNT}, 3], "
            f"not {list(landmarks.shape)}."
        )
    model = shared_shape_model()
    surface = np.asarray(landmarks[:POINTS], np.float64)
    placement = place(model.mean, surface, model.weights)
    if placement.scale < SMALLEST_SCALE:
        raise ShapeError("A face to be turned back needs some size, but all landmarks lie in one place.")
    distortion = model.pose_distortion.reshape(DISTORTIONS, -1)
    # einsum and not @: BLAS gives this to several threads, and waiting for them can take milliseconds.
    turned = np.einsum("t,tp->p", pose_terms(placement), distortion).reshape(POINTS, 3)
    return UprightFace(placement.to_model(surface) - turned, placement)
