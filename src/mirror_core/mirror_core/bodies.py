"""What the graph knows about the bodies in one frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mirror_core.body_points import BODY_POINT_COUNT
from mirror_core.errors import ShapeError
from mirror_core.faces import Roi

__all__ = ["Body", "BodySet"]


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """One tracked body.

    Attributes:
        track_id: stable while the person stays in view; never used again for another person.
        roi: box around the body in the picture, with hair, hands and feet; in pixels.
        landmarks: float32 [33, 3]; x, y in pixels, z in the same scale (smaller is nearer to the camera, 0
            between the hips; mediapipe's model makes it about three times deeper than true), in `BodyPoint`'s
            order. Points that the picture does not show are where the model supposes them.
        visibility: float32 [33], 0 … 1: how likely each point is inside the picture and not hidden.
        confidence: 0 … 1 that there is a person.
        world_landmarks: float32 [33, 3] in metres with the origin between the hips and the axes of the
            picture (x right, y down, z away from the camera); None where not estimated.
        face_id: track id of the face that belongs to this body; None where none was matched.
        segmentation: uint8 [roi.height, roi.width], 0 … 255: how much a pixel of the roi (then of whole
            numbers) is this person. Made on request, and only for nodes of the same process; else None.
    """

    track_id: int
    roi: Roi
    landmarks: NDArray[np.float32]
    visibility: NDArray[np.float32]
    confidence: float
    world_landmarks: NDArray[np.float32] | None = None
    face_id: int | None = None
    segmentation: NDArray[np.uint8] | None = None

    def __post_init__(self) -> None:
        _check_points("landmarks", self.landmarks)
        if self.world_landmarks is not None:
            _check_points("world_landmarks", self.world_landmarks)
        seen = self.visibility
        if seen.shape != (BODY_POINT_COUNT,) or seen.dtype != np.float32:
            raise ShapeError(
                f"Body.visibility must be float32 [{BODY_POINT_COUNT}], not {seen.dtype} {list(seen.shape)}."
            )
        if not ((seen >= 0) & (seen <= 1)).all():
            raise ShapeError("Body.visibility must be 0 … 1, but some are outside.")
        if not 0.0 <= self.confidence <= 1.0:
            raise ShapeError(f"Body.confidence must be 0 … 1, not {self.confidence}.")
        if not 0 <= self.track_id < 2**32:
            raise ShapeError(f"Body.track_id must be 0 … 2³²−1, not {self.track_id}.")
        if self.face_id is not None and not 0 <= self.face_id < 2**32 - 1:
            raise ShapeError(f"Body.face_id must be 0 … 2³²−2 or None, not {self.face_id}.")
        mask = self.segmentation
        if mask is not None and (mask.shape != (self.roi.height, self.roi.width) or mask.dtype != np.uint8):
            raise ShapeError(
                f"Body.segmentation must be uint8 [{self.roi.height:g}, {self.roi.width:g}] as its roi, "
                f"not {mask.dtype} {list(mask.shape)}."
            )


def _check_points(name: str, points: NDArray[np.float32]) -> None:
    if points.shape != (BODY_POINT_COUNT, 3) or points.dtype != np.float32:
        raise ShapeError(
            f"Body.{name} must be float32 [{BODY_POINT_COUNT}, 3], not {points.dtype} {list(points.shape)}."
        )
    if not np.isfinite(points).all():
        raise ShapeError(f"Body.{name} must be finite numbers, but some are NaN or infinite.")


@dataclass(frozen=True, slots=True, eq=False)
class BodySet:
    """All bodies of one frame.

    Attributes:
        stamp_ns: stamp of the frame they were found in, nanoseconds.
        frame_id: coordinate frame of that frame.
        width, height: size of that frame in pixels.
        bodies: in the order of their ids, so that each keeps its place while others come and go.
    """

    stamp_ns: int
    frame_id: str
    width: int
    height: int
    bodies: tuple[Body, ...] = ()

    def __post_init__(self) -> None:
        ids = [body.track_id for body in self.bodies]
        if len(set(ids)) != len(ids):
            raise ShapeError(f"BodySet.bodies must have different track ids, not {ids}.")
