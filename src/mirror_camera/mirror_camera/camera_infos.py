"""What goes out as camera_info beside a frame."""

from __future__ import annotations

from mirror_camera.calibration import Calibration
from mirror_core.camera_info import CameraInfo
from mirror_core.frame import Frame
from mirror_core.geometry import CameraIntrinsics

__all__ = ["camera_info_of"]


def camera_info_of(frame: Frame, calibration: Calibration) -> CameraInfo:
    """The camera of a frame, by its calibration for the frame's size."""
    k = calibration.camera_matrix
    intrinsics = CameraIntrinsics(
        frame.width,
        frame.height,
        float(k[0, 0]),
        float(k[1, 1]),
        float(k[0, 2]),
        float(k[1, 2]),
        tuple(calibration.distortion.tolist()),
    )
    return CameraInfo(
        frame.stamp_ns,
        frame.frame_id,
        intrinsics,
        calibration.model,
        tuple(calibration.rectification.ravel().tolist()),
        tuple(calibration.projection.ravel().tolist()),
    )
