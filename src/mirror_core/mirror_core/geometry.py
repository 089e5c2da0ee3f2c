"""Camera intrinsics and rotations: what turns pixels into directions and directions into quaternions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ShapeError

__all__ = ["CameraIntrinsics", "matrix_from_quaternion", "quaternion_from_matrix"]

Quaternion = tuple[float, float, float, float]
_DISTORTION_COUNTS = (0, 4, 5, 8, 12, 14)  # numbers of coefficients that OpenCV's pinhole model knows
_ROTATION_TOLERANCE = 1e-4  # largest deviation of R·Rᵀ from the identity that still counts as a rotation


@dataclass(frozen=True, slots=True)
class CameraIntrinsics:
    """A pinhole camera in pixels (sensor_msgs/CameraInfo's K and D).

    Attributes:
        width, height: size of the picture in pixels.
        fx, fy: focal lengths in pixels.
        cx, cy: principal point in pixels, in OpenCV's convention (the centre of pixel 0 is at 0).
        distortion: OpenCV's coefficients (k1, k2, p1, p2, k3, …); 0, 4, 5, 8, 12 or 14 of them.
    """

    width: int
    height: int
    fx: float
    fy: float
    cx: float
    cy: float
    distortion: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if self.width < 1 or self.height < 1:
            raise ShapeError(f"CameraIntrinsics needs a size of 1×1 or more, not {self.width}×{self.height}.")
        if not all(map(math.isfinite, (self.fx, self.fy, self.cx, self.cy, *self.distortion))):
            raise ShapeError(f"CameraIntrinsics must be finite, not {self}.")
        if self.fx <= 0 or self.fy <= 0:
            raise ShapeError(
                f"CameraIntrinsics focal lengths must be above 0 pixels, not {self.fx} and {self.fy}."
            )
        if len(self.distortion) not in _DISTORTION_COUNTS:
            raise ShapeError(
                f"CameraIntrinsics.distortion must have {_DISTORTION_COUNTS} numbers, "
                f"not {len(self.distortion)}."
            )

    @classmethod
    def from_field_of_view(cls, width: int, height: int, horizontal_degrees: float) -> CameraIntrinsics:
        """A camera without distortion, square pixels and its axis through the middle of the picture.

        Args:
            width, height: size of the picture in pixels.
            horizontal_degrees: angle between the left and the right edge, above 0 and below 180.

        Raises:
            ShapeError: if the size or the angle is out of range.
        """
        if not 0.0 < horizontal_degrees < 180.0:
            raise ShapeError(f"A field of view must lie between 0° and 180°, not {horizontal_degrees}°.")
        focal = width / 2 / math.tan(math.radians(horizontal_degrees) / 2)
        return cls(width, height, focal, focal, (width - 1) / 2, (height - 1) / 2)

    @property
    def matrix(self) -> NDArray[np.float64]:
        """K, float64 [3, 3]: K · (x, y, z) is the homogeneous pixel of a point in the optical frame."""
        return np.array([[self.fx, 0.0, self.cx], [0.0, self.fy, self.cy], [0.0, 0.0, 1.0]])

    def project(self, points_m: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """Pixels float64 [n, 2] of points [n, 3] in the optical frame (metres, z above 0), undistorted."""
        points = np.asarray(points_m, np.float64)
        return points[:, :2] / points[:, 2:] * (self.fx, self.fy) + (self.cx, self.cy)


def matrix_from_quaternion(quaternion: Quaternion) -> NDArray[np.float64]:
    """The rotation matrix float64 [3, 3] of a quaternion (x, y, z, w); its length does not matter.

    Raises:
        ShapeError: if the quaternion has no length.
    """
    values = np.asarray(quaternion, np.float64)
    length = float(np.linalg.norm(values))
    if values.shape != (4,) or not math.isfinite(length) or length == 0.0:
        raise ShapeError(f"A rotation needs four finite numbers (x, y, z, w), not all 0, not {quaternion}.")
    x, y, z, w = values / length
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )


def quaternion_from_matrix(matrix: NDArray[np.floating[Any]]) -> Quaternion:
    """The unit quaternion (x, y, z, w), w ≥ 0, of a rotation matrix [3, 3].

    The largest of the four components is taken from the diagonal first, so that no division by a
    small number occurs (S. W. Shepperd, "Quaternion from rotation matrix", 1978).

    Raises:
        ShapeError: if the matrix is no rotation (not orthonormal, or a reflection).
    """
    m = np.asarray(matrix, np.float64)
    if (
        m.shape != (3, 3)
        or not np.abs(m @ m.T - np.eye(3)).max() < _ROTATION_TOLERANCE
        or np.linalg.det(m) < 0
    ):
        raise ShapeError("A rotation must be an orthonormal, right-handed 3×3 matrix.")
    trace = float(np.trace(m))
    squares = np.array([m[0, 0], m[1, 1], m[2, 2], trace]) * 2 - trace + 1  # 4x², 4y², 4z², 4w²
    squares[3] = trace + 1
    largest = int(np.argmax(squares))
    if largest == 3:
        q = np.array([m[2, 1] - m[1, 2], m[0, 2] - m[2, 0], m[1, 0] - m[0, 1], squares[3]])
    else:
        i, j, k = largest, (largest + 1) % 3, (largest + 2) % 3
        q = np.empty(4)
        q[i], q[j], q[k] = squares[i], m[j, i] + m[i, j], m[k, i] + m[i, k]
        q[3] = m[k, j] - m[j, k]
    q /= np.linalg.norm(q)
    if q[3] < 0:
        q = -q
    return float(q[0]), float(q[1]), float(q[2]), float(q[3])
