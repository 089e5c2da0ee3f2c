"""Head pose: where the head is and how it is turned, from landmarks and a mean head (solvePnP)."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ModelError, ShapeError
from mirror_core.faces import LANDMARK_COUNT, HeadPose
from mirror_core.geometry import CameraIntrinsics, quaternion_from_matrix

__all__ = ["POSE_POINTS", "mean_face", "solve_head_pose"]

# Landmarks that expressions move little: corners of the eyes, nose, forehead, temples, cheekbones.
POSE_POINTS = np.array(
    [
        *(33, 133, 362, 263),
        *(168, 6, 197, 195, 5, 4, 1, 19, 94, 2, 98, 327, 129, 358, 48, 278),
        *(10, 151, 9, 67, 297, 109, 338, 103, 332, 54, 284, 21, 251),
        *(162, 389, 127, 356, 234, 454),
        *(117, 346, 118, 347, 101, 330, 50, 280, 116, 345),
    ],
    np.intp,
)
MAX_ERROR = 0.12  # reprojection error (rms) over the face's size above which a pose is not believed
MIN_DISTANCE_M = 0.05  # nearer than this no camera shows a whole face


@cache
def mean_face() -> NDArray[np.float32]:
    """The mean head, float32 [478, 3] in metres in the head frame; pupils 63 mm apart. Read-only.

    The average of 1232 frontal faces and their mirror images; tools/average_face.py made it.

    Raises:
        ModelError: if its file is missing or damaged.
    """
    try:
        with resources.files("mirror_tracking").joinpath("data", "mean_face.npy").open("rb") as file:
            points = np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise ModelError(
            "The mean face mean_face.npy is missing or damaged: build the mirror again."
        ) from error
    points.flags.writeable = False
    return np.asarray(points)


def solve_head_pose(landmarks: NDArray[np.floating[Any]], camera: CameraIntrinsics) -> HeadPose | None:
    """The pose of a head of mean size in the camera's optical frame.

    SQPnP (Terzakis & Lourakis 2020) finds the global optimum without a first guess, so the pose
    depends on this moment's landmarks alone and cannot stay flipped; Levenberg-Marquardt refines it.

    Args:
        landmarks: [478, 2 or more], x and y in pixels (pixel i covers i … i+1).
        camera: intrinsics of the picture that the landmarks lie in.

    Returns:
        None where the points fit no head seen from its front half.

    Raises:
        ShapeError: if `landmarks` has another shape.
    """
    if landmarks.ndim != 2 or landmarks.shape[0] != LANDMARK_COUNT or landmarks.shape[1] < 2:
        raise ShapeError(f"Landmarks must be [{LANDMARK_COUNT}, 2 or more], not {list(landmarks.shape)}.")
    pixels = np.ascontiguousarray(landmarks[POSE_POINTS, :2], np.float64) - 0.5  # OpenCV's pixel centres
    extent = float(np.ptp(pixels, axis=0).max())
    if not np.isfinite(pixels).all() or extent <= 0:
        return None
    model = _pose_model()
    matrix, distortion = camera.matrix, np.array(camera.distortion, np.float64)
    try:
        solved, turn, shift = cv2.solvePnP(model, pixels, matrix, distortion, flags=cv2.SOLVEPNP_SQPNP)
        if not solved:
            return None
        turn, shift = cv2.solvePnPRefineLM(model, pixels, matrix, distortion, turn, shift)
        projected, _ = cv2.projectPoints(model, turn, shift, matrix, distortion)
        rotation = np.asarray(cv2.Rodrigues(turn)[0], np.float64)
    except cv2.error:
        return None  # degenerate points (all on one line, for instance) have no pose
    error = float(np.sqrt(np.mean(np.sum((projected[:, 0] - pixels) ** 2, axis=1))))
    x, y, z = (float(v) for v in shift.ravel())
    position = np.array([x, y, z])
    faces_camera = float(rotation[:, 0] @ position) < 0  # the axis out of the face points back at it
    is_near = error <= MAX_ERROR * extent
    if not (np.isfinite(position).all() and z > MIN_DISTANCE_M and faces_camera and is_near):
        return None
    return HeadPose(quaternion_from_matrix(rotation), (x, y, z))


@cache
def _pose_model() -> NDArray[np.float64]:
    return np.ascontiguousarray(mean_face()[POSE_POINTS], np.float64)
