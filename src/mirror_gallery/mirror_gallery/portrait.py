"""What a stored face is: a few views of one face, each a cut-out picture with its landmarks."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ShapeError
from mirror_core.frame import Image

__all__ = ["SURFACE_POINTS", "FaceView", "Portrait"]

SURFACE_POINTS = 468  # points of the mesh without the irises: photographs by hand and older data have no more


@dataclass(frozen=True, slots=True, eq=False)
class FaceView:
    """One picture of a face.

    Attributes:
        image: uint8 [h, w, 3], BGR, the face with a small margin; read-only.
        opacity: uint8 [h, w], 255 on the face, 0 on the background; read-only.
        landmarks: float32 [468 or 478, 3]; x, y in pixels of `image` (pixel i covers i … i+1), z in the
            same scale (0 everywhere where it is not known); read-only.
        yaw, pitch, roll: how the head is turned, in degrees, NaN where unknown: yaw is positive when the
            person looks to their own left, pitch when up, roll when the head leans to their left shoulder.
    """

    image: Image
    opacity: NDArray[np.uint8]
    landmarks: NDArray[np.float32]
    yaw: float = math.nan
    pitch: float = math.nan
    roll: float = math.nan

    def __post_init__(self) -> None:
        if self.image.dtype != np.uint8 or self.image.ndim != 3 or self.image.shape[2] != 3:
            raise ShapeError(
                f"FaceView.image must be uint8 [h, w, 3], not {self.image.dtype} {list(self.image.shape)}."
            )
        if self.opacity.dtype != np.uint8 or self.opacity.shape != self.image.shape[:2]:
            raise ShapeError(
                f"FaceView.opacity must be uint8 {list(self.image.shape[:2])} like its image, "
                f"not {self.opacity.dtype} {list(self.opacity.shape)}."
            )
        points = self.landmarks
        if points.dtype != np.float32 or points.shape not in ((SURFACE_POINTS, 3), (SURFACE_POINTS + 10, 3)):
            raise ShapeError(
                "FaceView.landmarks must be float32 [468 or 478, 3], "
                f"not {points.dtype} {list(points.shape)}."
            )
        if not np.isfinite(points).all():
            raise ShapeError("FaceView.landmarks must be finite numbers, but some are NaN or infinite.")
        for array in (self.image, self.opacity, points):
            array.flags.writeable = False


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """A face that can be worn.

    Attributes:
        id: gallery id; a preset's is `preset:<name>`.
        name: what people call it.
        views: the frontal one first, then turned ones; at least one.
        preset: it ships with the program and belongs to nobody.
    """

    id: str
    name: str
    views: tuple[FaceView, ...]
    preset: bool = False

    def __post_init__(self) -> None:
        if not self.views:
            raise ShapeError("A Portrait needs one view or more, not 0.")
