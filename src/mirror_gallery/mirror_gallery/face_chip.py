"""Brings a face into the pose in which the recognising network has learned faces.

dlib's network looks at 150 × 150 pixels in which the corners of the eyes and the base of the nose lie where
`dlib::get_face_chip_details` puts them (five points, padding 0.25). Here these points come from the mesh, in
fractions of pixels, so that dlib's own detector is not needed.

Stored faces have no background, so a face before the mirror must lose it too before the two are compared:
measured, a cut-out face is told from others as well from another cut-out one as two uncut ones, while a
cut-out one and an uncut one are farther apart than they should be (docs/recognition.md).
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ShapeError, UsageError
from mirror_core.frame import Image, require_bgr
from mirror_gallery.cut_out import cut_out
from mirror_gallery.dlib_network import CHIP_PX
from mirror_gallery.portrait import SURFACE_POINTS
from mirror_tracking.topology import LEFT_EYE_INNER, LEFT_EYE_OUTER, RIGHT_EYE_INNER, RIGHT_EYE_OUTER

__all__ = ["bare_face_chip", "face_chip"]

PADDING = 0.25  # share of the face's square that is added on each side
NOSE_BASE = 2  # landmark where the nose meets the upper lip
POINTS = [LEFT_EYE_OUTER, LEFT_EYE_INNER, RIGHT_EYE_OUTER, RIGHT_EYE_INNER, NOSE_BASE]
# dlib's five mean points in the unit square, in the order of POINTS
MEAN_FACE = np.array(
    [
        (0.8595674595992, 0.2134981538014),
        (0.6460604764104, 0.2289674387677),
        (0.1205750620789, 0.2137274526848),
        (0.3340850613712, 0.2290642403242),
        (0.4901123135679, 0.6277975316475),
    ]
)
TARGET = (MEAN_FACE + PADDING) / (1 + 2 * PADDING) * CHIP_PX
SMALLEST_PX = 8.0  # distance of the outer corners of the eyes below which there is no face to see
BLUR_PER_REDUCTION = 0.45  # pixels of the picture, for each further one that falls into one of the chip
SHARP_UP_TO = 0.3  # pixels of blur that are not worth their time


def similarity(points: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """The rotation, scale and shift that carry the five points nearest to `TARGET` (least squares).

    Args:
        points: [5, 2], pixels, in the order of `POINTS`.

    Returns:
        float64 [2, 3], picture → chip, both in continuous pixel coordinates.
    """
    source = points[:, 0] + 1j * points[:, 1]
    target = TARGET[:, 0] + 1j * TARGET[:, 1]
    centred = source - source.mean()
    # As complex numbers a similarity is one factor and one summand.
    factor = np.vdot(centred, target - target.mean()) / np.vdot(centred, centred)
    shift = target.mean() - factor * source.mean()
    return np.array([[factor.real, -factor.imag, shift.real], [factor.imag, factor.real, shift.imag]])


def bare_face_chip(image: Image, landmarks: NDArray[np.floating[Any]]) -> Image:
    """The face as `face_chip` makes it, without hair and background, as `cut_out` takes them away.

    Args, Returns, Raises: as `face_chip`.
    """
    chip, to_chip = _aligned(image, landmarks)
    moved = np.zeros((SURFACE_POINTS, 3), np.float32)
    moved[:, :2] = landmarks[:SURFACE_POINTS, :2] @ to_chip[:, :2].T + to_chip[:, 2]
    view = cut_out(chip, moved)
    return _aligned(view.image, view.landmarks)[0]  # already upright: this only shifts by whole pixels


def face_chip(image: Image, landmarks: NDArray[np.floating[Any]]) -> Image:
    """The face, upright and of the size that the network wants.

    Args:
        image: uint8 [h, w, 3], BGR.
        landmarks: [468 or more, 2 or more]; x, y in pixels of `image` (pixel i covers i … i+1).

    Returns:
        uint8 [150, 150, 3], BGR; beyond the picture's border its outermost pixels are repeated.

    Raises:
        ShapeError: if an array is of another shape.
        UsageError: if the face is only a few pixels small or outside the picture.
    """
    return _aligned(image, landmarks)[0]


def _aligned(image: Image, landmarks: NDArray[np.floating[Any]]) -> tuple[Image, NDArray[np.float64]]:
    """The chip, and the similarity [2, 3] that carries the picture to it."""
    require_bgr(image)
    if landmarks.ndim != 2 or landmarks.shape[0] < SURFACE_POINTS or landmarks.shape[1] < 2:
        raise ShapeError(f"landmarks must be [468 or more, 2 or more], not {list(landmarks.shape)}.")
    points = np.asarray(landmarks[POINTS, :2], np.float64)
    if not np.isfinite(points).all() or np.linalg.norm(points[0] - points[2]) < SMALLEST_PX:
        raise UsageError("The face is too small or has no landmarks to be looked at; come closer.")
    to_chip = similarity(points)
    scale = float(np.hypot(to_chip[0, 0], to_chip[1, 0]))
    # Only the face and its surroundings are touched: pictures may be large.
    corners = np.linalg.inv(to_chip[:, :2]) @ (
        np.array([(0, 0), (CHIP_PX, 0), (0, CHIP_PX), (CHIP_PX, CHIP_PX)]).T - to_chip[:, 2:]
    )
    low = np.maximum(np.floor(corners.min(axis=1)).astype(int) - 8, 0)
    high = np.minimum(np.ceil(corners.max(axis=1)).astype(int) + 8, image.shape[1::-1])
    if (high - low).min() < 1:
        raise UsageError("The face lies outside the picture; come before the mirror.")
    part: Any = image[low[1] : high[1], low[0] : high[0]]
    blur = BLUR_PER_REDUCTION * (1.0 / scale - 1.0)
    if blur > SHARP_UP_TO:  # else the warp would skip pixels
        part = cv2.GaussianBlur(part, (0, 0), blur)
    of_part = to_chip.copy()
    of_part[:, 2] += of_part[:, :2] @ (low + 0.5) - 0.5  # OpenCV's pixel 0 has its centre at 0, ours at 0.5
    chip = cv2.warpAffine(
        part, of_part, (CHIP_PX, CHIP_PX), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(chip, np.uint8), to_chip
