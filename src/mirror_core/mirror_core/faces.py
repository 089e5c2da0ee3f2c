"""What the graph knows about the faces in one frame."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ShapeError

__all__ = ["LANDMARK_COUNT", "Face", "FaceSet", "HeadPose", "Roi"]

LANDMARK_COUNT = 478  # mediapipe's face mesh with irises: 468 surface points and 2 × 5 iris points


def _empty_parameters() -> NDArray[np.float32]:
    return np.zeros(0, np.float32)


def _no_points() -> NDArray[np.float32]:
    return np.zeros((0, 3), np.float32)


@dataclass(frozen=True, slots=True)
class Roi:
    """An axis-parallel rectangle in continuous pixel coordinates (pixel i covers i … i+1).

    Attributes:
        x, y: left and upper edge in pixels; may lie outside the image.
        width, height: size in pixels, 0 or more.
    """

    x: float
    y: float
    width: float
    height: float

    def __post_init__(self) -> None:
        if not all(map(math.isfinite, (self.x, self.y, self.width, self.height))):
            raise ShapeError(f"Roi must be finite, not {self}.")
        if self.width < 0 or self.height < 0:
            raise ShapeError(f"Roi width and height must be 0 or more, not {self.width} × {self.height}.")

    @classmethod
    def around(cls, points: NDArray[np.floating[Any]]) -> Roi:
        """The bounding box of points [n ≥ 1, 2 or more] (x, y first)."""
        x, y = points[:, 0], points[:, 1]  # each alone: numpy is slow along the long axis of a narrow array
        left, top = float(x.min()), float(y.min())
        return cls(left, top, float(x.max()) - left, float(y.max()) - top)

    @property
    def centre(self) -> tuple[float, float]:
        """Centre (x, y) in pixels."""
        return self.x + self.width / 2, self.y + self.height / 2

    @property
    def area(self) -> float:
        """Area in square pixels."""
        return self.width * self.height

    def clipped(self, width: int, height: int) -> Roi:
        """The part inside an image of `width` × `height` pixels (size 0 if there is none)."""
        x0, y0 = min(max(self.x, 0.0), width), min(max(self.y, 0.0), height)
        x1, y1 = min(max(self.x + self.width, 0.0), width), min(max(self.y + self.height, 0.0), height)
        return Roi(x0, y0, max(x1 - x0, 0.0), max(y1 - y0, 0.0))

    def iou(self, other: Roi) -> float:
        """Intersection over union with another rectangle, 0 … 1."""
        w = min(self.x + self.width, other.x + other.width) - max(self.x, other.x)
        h = min(self.y + self.height, other.y + other.height) - max(self.y, other.y)
        if w <= 0 or h <= 0:
            return 0.0
        # x + width is rounded: the part in common must not become larger than the rectangles.
        common = min(w, self.width, other.width) * min(h, self.height, other.height)
        union = self.area + other.area - common
        return min(common / union, 1.0) if union > 0 else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class HeadPose:
    """Where a head is and how it is turned, in the camera's optical frame (REP-103).

    The optical frame has x right, y down, z forward. The head frame has its origin between the eyes
    and its axes x out of the face (forward), y to the person's left, z up.

    Attributes:
        quaternion: rotation from the head frame to the optical frame, (x, y, z, w), unit length.
        position_m: origin of the head frame in metres, (x, y, z).
    """

    quaternion: tuple[float, float, float, float]
    position_m: tuple[float, float, float]

    def __post_init__(self) -> None:
        if len(self.quaternion) != 4 or len(self.position_m) != 3:
            raise ShapeError(
                "HeadPose needs a quaternion of 4 numbers and a position of 3, not "
                f"{len(self.quaternion)} and {len(self.position_m)}."
            )
        norm = math.sqrt(sum(v * v for v in self.quaternion))
        if not abs(norm - 1.0) < 1e-3:
            raise ShapeError(f"HeadPose.quaternion must have unit length, not {norm:.4f}.")


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One tracked face.

    Attributes:
        track_id: stable while the person stays in view; never used again for another person.
        confidence: 0 … 1.
        roi: bounding box of the landmarks in pixels.
        landmarks: float32 [478, 3]; x, y in pixels, z in the same scale (smaller is nearer to the
            camera, 0 at the head's centre), in the order of mediapipe's face mesh.
        head_pose: None where it could not be solved.
        shape_parameters: float32 [k] in standard deviations; k = 0 where no shape model runs.
        shape_reconstruction: float32 [478, 3], the landmarks as the shape model reconstructs them; [0, 3]
            where none runs.
        mask_probability: 0 … 1 that the face wears a medical mask; NaN where nothing judged it.
        mask_roi: where that mask is, in pixels; None where there is none or nothing looked for it.
        person: gallery id of who stands there, by their own word or recognised; empty where nobody knows.
    """

    track_id: int
    confidence: float
    roi: Roi
    landmarks: NDArray[np.float32]
    head_pose: HeadPose | None = None
    shape_parameters: NDArray[np.float32] = field(default_factory=_empty_parameters)
    mask_probability: float = math.nan
    person: str = ""
    shape_reconstruction: NDArray[np.float32] = field(default_factory=_no_points)
    mask_roi: Roi | None = None

    def __post_init__(self) -> None:
        points = self.landmarks
        if points.shape != (LANDMARK_COUNT, 3) or points.dtype != np.float32:
            raise ShapeError(
                f"Face.landmarks must be float32 [{LANDMARK_COUNT}, 3], "
                f"not {points.dtype} {list(points.shape)}."
            )
        if not np.isfinite(points).all():
            raise ShapeError("Face.landmarks must be finite numbers, but some are NaN or infinite.")
        rebuilt = self.shape_reconstruction
        if rebuilt.shape not in ((0, 3), (LANDMARK_COUNT, 3)) or rebuilt.dtype != np.float32:
            raise ShapeError(
                f"Face.shape_reconstruction must be float32 [{LANDMARK_COUNT}, 3] or [0, 3], "
                f"not {rebuilt.dtype} {list(rebuilt.shape)}."
            )
        if not 0.0 <= self.confidence <= 1.0:
            raise ShapeError(f"Face.confidence must be 0 … 1, not {self.confidence}.")
        if not 0 <= self.track_id < 2**32:
            raise ShapeError(f"Face.track_id must be 0 … 2³²−1, not {self.track_id}.")


@dataclass(frozen=True, slots=True, eq=False)
class FaceSet:
    """All faces of one frame.

    Attributes:
        stamp_ns: stamp of the frame they were found in, nanoseconds.
        frame_id: coordinate frame of that frame.
        image_size: (width, height) of that frame in pixels.
        faces: the largest face first.
    """

    stamp_ns: int
    frame_id: str
    image_size: tuple[int, int]
    faces: tuple[Face, ...] = ()

    def __post_init__(self) -> None:
        ids = [face.track_id for face in self.faces]
        if len(set(ids)) != len(ids):
            raise ShapeError(f"FaceSet.faces must have different track ids, not {ids}.")
