"""A camera's calibration: read from camera_info_manager's YAML, or assumed from a field of view."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ShapeError, UsageError
from mirror_core.yaml_text import parse_yaml

__all__ = ["DEFAULT_FOV_DEG", "Calibration", "calibration_from_fov", "calibration_of", "load_calibration"]

DEFAULT_FOV_DEG = 62.0  # horizontal, of a common webcam
DISTORTION_COUNTS = {"plumb_bob": (0, 4, 5), "rational_polynomial": (8, 12, 14), "equidistant": (4,)}


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """What sensor_msgs/CameraInfo says.

    Attributes:
        width, height: size of the calibrated pictures in pixels.
        camera_matrix: K, float64 [3, 3], focal lengths and principal point in pixels.
        distortion: D, float64 [n], as many as `model` takes.
        rectification: R, float64 [3, 3].
        projection: P, float64 [3, 4].
        model: plumb_bob, rational_polynomial or equidistant.
        camera_name: as in the file; empty where assumed.

    Raises:
        ShapeError: on construction from arrays of other shapes or values that no camera has.
    """

    width: int
    height: int
    camera_matrix: NDArray[np.float64]
    distortion: NDArray[np.float64]
    rectification: NDArray[np.float64]
    projection: NDArray[np.float64]
    model: str = "plumb_bob"
    camera_name: str = ""

    def __post_init__(self) -> None:
        if self.width < 1 or self.height < 1:
            raise ShapeError(f"The image size must be 1 × 1 or more, not {self.width} × {self.height}.")
        if self.model not in DISTORTION_COUNTS:
            raise ShapeError(
                f"The distortion model must be one of {', '.join(DISTORTION_COUNTS)}, not {self.model}."
            )
        shapes = {"camera_matrix": (3, 3), "rectification": (3, 3), "projection": (3, 4)}
        for name, shape in shapes.items():
            actual = getattr(self, name)
            if actual.shape != shape or not np.isfinite(actual).all():
                raise ShapeError(f"{name} must be {list(shape)} finite numbers, not {list(actual.shape)}.")
        counts = DISTORTION_COUNTS[self.model]
        if self.distortion.ndim != 1 or self.distortion.size not in counts:
            raise ShapeError(
                f"{self.model} takes {' or '.join(map(str, counts))} distortion coefficients, "
                f"not {self.distortion.size}."
            )
        if not (self.camera_matrix[0, 0] > 0 and self.camera_matrix[1, 1] > 0):
            raise ShapeError("camera_matrix must have focal lengths above 0.")

    @property
    def horizontal_fov_deg(self) -> float:
        """Horizontal field of view of the undistorted camera, in degrees."""
        return math.degrees(2 * math.atan(self.width / 2 / float(self.camera_matrix[0, 0])))

    def scaled_to(self, width: int, height: int) -> Calibration:
        """The calibration of the same camera at another picture size (scaled, not cropped)."""
        if width < 1 or height < 1:
            raise ShapeError(f"The image size must be 1 × 1 or more, not {width} × {height}.")
        x, y = width / self.width, height / self.height
        # pixel centres lie at whole numbers, so a scaled coordinate is (u + 0.5) · s − 0.5
        scale = np.array([[x, 0, (x - 1) / 2], [0, y, (y - 1) / 2], [0, 0, 1]])
        return replace(
            self,
            width=width,
            height=height,
            camera_matrix=scale @ self.camera_matrix,
            projection=scale @ self.projection,
        )


def calibration_from_fov(width: int, height: int, horizontal_fov_deg: float = DEFAULT_FOV_DEG) -> Calibration:
    """An undistorted camera with square pixels that looks straight ahead.

    Args:
        width, height: picture size in pixels, 1 or more.
        horizontal_fov_deg: field of view, above 1 and below 179.

    Raises:
        UsageError: on a field of view outside that range.
        ShapeError: on a size below 1 × 1.
    """
    if not 1.0 < horizontal_fov_deg < 179.0:
        raise UsageError(f"A field of view of {horizontal_fov_deg}° is refused: allowed is 1 … 179 degrees.")
    focal = width / 2 / math.tan(math.radians(horizontal_fov_deg) / 2)
    matrix = np.array([[focal, 0, (width - 1) / 2], [0, focal, (height - 1) / 2], [0, 0, 1]], np.float64)
    return Calibration(
        width=width,
        height=height,
        camera_matrix=matrix,
        distortion=np.zeros(5),
        rectification=np.eye(3),
        projection=np.hstack([matrix, np.zeros((3, 1))]),
    )


def load_calibration(path: str | Path) -> Calibration:
    """Read a file as ROS's camera_calibration writes it (`file://` is allowed before the path).

    Raises:
        UsageError: if the file is missing, no YAML, or lacks or misstates an entry; names which.
    """
    file = Path(str(path).removeprefix("file://")).expanduser()
    try:
        content = parse_yaml(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(
            f"The calibration {file} cannot be read ({error.strerror}): check the path."
        ) from error
    except (UsageError, UnicodeDecodeError) as error:
        raise UsageError(f"The calibration {file} is not a YAML file: calibrate again.") from error
    if not isinstance(content, dict):
        raise UsageError(f"The calibration {file} holds no entries: calibrate again.")
    try:
        return _from_entries(content)
    except (ShapeError, UsageError) as error:
        raise UsageError(f"The calibration {file} is refused: {error}") from error


def _from_entries(content: dict[str, Any]) -> Calibration:
    matrix = _matrix(content, "camera_matrix")
    assumed_projection = np.hstack([matrix, np.zeros((matrix.shape[0], 1))])
    return Calibration(
        width=_whole_number(content, "image_width"),
        height=_whole_number(content, "image_height"),
        camera_matrix=matrix,
        distortion=_matrix(content, "distortion_coefficients").ravel(),
        rectification=_matrix(content, "rectification_matrix", np.eye(3)),
        projection=_matrix(content, "projection_matrix", assumed_projection),
        model=str(content.get("distortion_model") or content.get("camera_model") or "plumb_bob"),
        camera_name=str(content.get("camera_name") or ""),
    )


def calibration_of(message: Any) -> Calibration:
    """What a sensor_msgs/CameraInfo says, received or read from a bag.

    Raises:
        ShapeError: where it says nothing, as of a camera that nobody calibrated.
    """
    return Calibration(
        width=int(message.width),
        height=int(message.height),
        camera_matrix=np.array(message.k, np.float64).reshape(3, 3),
        distortion=np.array(message.d, np.float64),
        rectification=np.array(message.r, np.float64).reshape(3, 3),
        projection=np.array(message.p, np.float64).reshape(3, 4),
        model=message.distortion_model or "plumb_bob",
    )


def _whole_number(content: dict[str, Any], name: str) -> int:
    value = content.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        raise UsageError(f"{name} must be a whole number, not {value!r}.")
    return value


def _matrix(
    content: dict[str, Any], name: str, default: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    entry = content.get(name)
    if entry is None and default is not None:
        return default
    if not isinstance(entry, dict) or not {"rows", "cols", "data"} <= entry.keys():
        raise UsageError(f"{name} must have rows, cols and data.")
    rows, columns = _whole_number(entry, "rows"), _whole_number(entry, "cols")
    try:
        data = np.array(entry["data"], np.float64)
    except (TypeError, ValueError) as error:
        raise UsageError(f"{name}.data must be a list of numbers.") from error
    if data.ndim != 1 or rows < 0 or columns < 0 or data.size != rows * columns:
        raise UsageError(f"{name}.data must hold {rows} × {columns} numbers, not {data.size}.")
    return data.reshape(rows, columns)
