"""A camera's calibration at the moment of one frame."""

from __future__ import annotations

from dataclasses import dataclass

from mirror_core.errors import ShapeError
from mirror_core.geometry import CameraIntrinsics

__all__ = ["CameraInfo"]

IDENTITY = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class CameraInfo:
    """`sensor_msgs/CameraInfo` as Mirror uses it.

    Attributes:
        stamp_ns: stamp of the frame that it belongs to, nanoseconds.
        frame_id: coordinate frame of that frame.
        intrinsics: focal lengths, principal point and distortion in pixels of that frame.
        distortion_model: plumb_bob, rational_polynomial or equidistant.
        rectification: R, 9 numbers, row-major.
        projection: P, 12 numbers, row-major; empty: made from the intrinsics.
    """

    stamp_ns: int
    frame_id: str
    intrinsics: CameraIntrinsics
    distortion_model: str = "plumb_bob"
    rectification: tuple[float, ...] = IDENTITY
    projection: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if len(self.rectification) != len(IDENTITY) or len(self.projection) not in (0, 12):
            raise ShapeError(
                "CameraInfo needs 9 numbers of rectification and 12 (or none) of projection, not "
                f"{len(self.rectification)} and {len(self.projection)}."
            )

    @property
    def camera_matrix(self) -> tuple[float, ...]:
        """K, 9 numbers, row-major."""
        camera = self.intrinsics
        return (camera.fx, 0.0, camera.cx, 0.0, camera.fy, camera.cy, 0.0, 0.0, 1.0)

    @property
    def full_projection(self) -> tuple[float, ...]:
        """P, 12 numbers, row-major, also where it is made from the intrinsics."""
        k = self.camera_matrix
        return self.projection or (*k[:3], 0.0, *k[3:6], 0.0, *k[6:], 0.0)
