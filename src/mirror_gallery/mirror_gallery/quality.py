"""How good a picture of a face is for keeping: pose, light, sharpness, size and stability, each 0 … 1.

The measures are those that ISO/IEC 29794-5 (face image quality) names, with limits set by measuring on
real faces. Where the standard counts dark pixels (luminance 0 … 25), brightness is judged by the brightest
skin instead: highlights tell little light from dark skin, a beard or black hair, which a mean does not.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.frame import Image, require_bgr
from mirror_tracking.topology import FACE_OVAL, LEFT_EYE, RIGHT_EYE

__all__ = [
    "FacePatch",
    "Light",
    "Steadiness",
    "eye_openness",
    "face_height",
    "face_patch",
    "light_quality",
    "mouth_openness",
    "pose_quality",
    "sharpness_quality",
    "size_quality",
]

FOREHEAD, CHIN = 10, 152  # landmarks on the middle line
SURFACE = 468  # landmarks without the irises
PATCH_HEIGHT_PX = 96.0  # forehead to chin in a patch: sizes that are kept are never enlarged to it
RIM_PX = 2  # of a patch, left out: there the outline of the mesh is as often hair or background

EXACT_DEG, OFF_DEG = 6.0, 30.0  # off the wanted pose: up to the first 1, from the second on 0
NEUTRAL_PITCH_DEG = 12.0  # cameras hang above or below a face, and faces differ: this much is no nod
NEUTRAL_ROLL_DEG = 8.0
PITCH_WEIGHT, ROLL_WEIGHT = 0.8, 0.5  # a leaning head can be turned back in the picture

DARK_HIGHLIGHT, FULL_HIGHLIGHT = 50.0, 100.0  # grey of the brightest 5 % of the skin
FLAT_SPREAD, FULL_SPREAD = 15.0, 45.0  # grey levels between the darkest and the brightest 5 %
BURNT = 247  # luminance from which a pixel counts as burnt out (ISO/IEC 29794-5, over-exposure)
BURNT_NONE, BURNT_ALL = 0.05, 0.35  # share of burnt pixels
UNEVEN, EVEN = 0.25, 0.6  # brightness of the darker half of the face over that of the brighter one

BLURRED, SHARP = 0.05, 0.17  # second differences over contrast; see `sharpness_quality`
SMALL_PX, LARGE_PX = 70.0, 150.0  # forehead to chin
CROWDED, OVERFULL = 0.72, 0.95  # face height over picture height
STABILITY_WINDOW_S = 0.3  # time over which motion is measured
STILL, MOVING = 0.15, 1.2  # face heights a second
MAX_GAP_S = 0.5  # between two faces of one motion

Points = NDArray[np.floating[Any]]


def _ramp(value: float, zero: float, one: float) -> float:
    """0 at `zero`, 1 at `one`, linear between, clipped."""
    return min(1.0, max(0.0, (value - zero) / (one - zero)))


def face_height(landmarks: Points) -> float:
    """Forehead to chin in pixels, in depth too, so that a nod does not shorten it; landmarks [468 …, 3]."""
    return float(np.linalg.norm(landmarks[FOREHEAD] - landmarks[CHIN]))


# ---- pose


def pose_quality(yaw: float, pitch: float, roll: float, wanted_yaw: float = 0.0) -> float:
    """How near a head is to the wanted pose.

    Args:
        yaw, pitch, roll: degrees, as in `FaceView`; NaN counts as 0 quality.
        wanted_yaw: degrees.
    """
    pitch = max(0.0, abs(pitch) - NEUTRAL_PITCH_DEG) * PITCH_WEIGHT
    roll = max(0.0, abs(roll) - NEUTRAL_ROLL_DEG) * ROLL_WEIGHT
    off = math.hypot(yaw - wanted_yaw, pitch, roll)
    return _ramp(off, OFF_DEG, EXACT_DEG) if math.isfinite(off) else 0.0


# ---- what the pixels say


@dataclass(frozen=True, slots=True, eq=False)
class FacePatch:
    """The face at a size that all faces are brought to.

    Attributes:
        luma: float32 [h, w], grey 0 … 255.
        inside: bool [h, w], the face without its rim.
        left: bool [h, w], the half beyond the line from forehead to chin on the picture's left.
    """

    luma: NDArray[np.float32]
    inside: NDArray[np.bool_]
    left: NDArray[np.bool_]


def face_patch(image: Image, landmarks: Points) -> FacePatch | None:
    """The patch of a face.

    Args:
        image: uint8 [height, width, 3], BGR.
        landmarks: [468 or more, 3], pixels.

    Returns:
        None where the face lies outside the picture or is a few pixels small.

    Raises:
        ShapeError: if `image` has another shape.
    """
    require_bgr(image)
    height, width = image.shape[:2]
    points = np.asarray(landmarks[:SURFACE, :2], np.float64)
    x0, y0 = np.maximum(np.floor(points.min(axis=0)).astype(int), 0)
    x1, y1 = np.minimum(np.ceil(points.max(axis=0)).astype(int), (width, height))
    tall = face_height(landmarks)
    if min(x1 - x0, y1 - y0) < 8 or tall <= 0:
        return None
    scale = min(1.0, PATCH_HEIGHT_PX / tall)
    size = (max(4, round((x1 - x0) * scale)), max(4, round((y1 - y0) * scale)))
    small = cv2.resize(image[y0:y1, x0:x1], size, interpolation=cv2.INTER_AREA)
    luma = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY).astype(np.float32)
    points = (points - (x0, y0)) * (size[0] / (x1 - x0), size[1] / (y1 - y0))
    filled = np.zeros(luma.shape, np.uint8)
    cv2.fillPoly(filled, [np.rint(points[FACE_OVAL] - 0.5).astype(np.int32)], (1,))
    kernel = np.ones((2 * RIM_PX + 1, 2 * RIM_PX + 1), np.uint8)
    inside = cv2.erode(filled, kernel, borderType=cv2.BORDER_CONSTANT, borderValue=(0,)) > 0
    if not inside.any():
        return None
    (ax, ay), (bx, by) = points[FOREHEAD], points[CHIN]
    rows, columns = np.mgrid[0 : luma.shape[0], 0 : luma.shape[1]] + 0.5
    left = (bx - ax) * (rows - ay) - (by - ay) * (columns - ax) > 0
    return FacePatch(luma, inside, left)


@dataclass(frozen=True, slots=True)
class Light:
    """The light on a face; each 0 … 1, 1 is good.

    Attributes:
        bright: bright enough.
        unburnt: not overexposed.
        contrast: light and shade can be told apart (not so in fog, or against a window).
        even: both halves are lit.
    """

    bright: float
    unburnt: float
    contrast: float
    even: float

    @property
    def value(self) -> float:
        """The worst of them: none makes up for another."""
        return min(self.bright, self.unburnt, self.contrast, self.even)


def light_quality(patch: FacePatch) -> Light:
    """How a face is lit (ISO/IEC 29794-5: illumination uniformity, exposure, dynamic range)."""
    grey = patch.luma[patch.inside]
    low, high = np.percentile(grey, (5, 95))
    halves = [patch.luma[patch.inside & side] for side in (patch.left, ~patch.left)]
    medians = [float(np.median(half)) + 1.0 if half.size else 1.0 for half in halves]
    return Light(
        bright=_ramp(float(high), DARK_HIGHLIGHT, FULL_HIGHLIGHT),
        unburnt=_ramp(float((grey >= BURNT).mean()), BURNT_ALL, BURNT_NONE),
        contrast=_ramp(float(high - low), FLAT_SPREAD, FULL_SPREAD),
        even=_ramp(min(medians) / max(medians), UNEVEN, EVEN),
    )


def sharpness_quality(patch: FacePatch) -> float:
    """How sharp a face is, whatever its size in the picture and its contrast.

    The modified Laplacian (Nayar & Nakagawa 1994) on the patch, over the face's own standard deviation,
    so that neither light nor skin counts; the weaker of the two directions, because a moving head is
    blurred along one of them. On a logarithmic scale: measured are 0.15 … 0.35 for sharp faces, 0.12 after
    a Gaussian blur of 1 % of the face's height, 0.07 after one of 2 %.
    """
    inside = patch.inside
    contrast = float(patch.luma[inside].std()) + 1.0
    across = np.array([[1, -2, 1]], np.float32)
    energies = [
        float(np.sqrt(np.mean(cv2.filter2D(patch.luma, -1, kernel)[inside] ** 2)))
        for kernel in (across, np.ascontiguousarray(across.T))
    ]
    value = max(min(energies) / contrast, 1e-6)
    return _ramp(math.log(value), math.log(BLURRED), math.log(SHARP))


# ---- geometry


def size_quality(landmarks: Points, image_size: tuple[int, int]) -> tuple[float, bool]:
    """Whether a face is large enough and wholly in the picture.

    Args:
        landmarks: [468 or more, 3], pixels.
        image_size: (width, height) of the picture.

    Returns:
        (0 … 1, whether it is too large or cut off rather than too small).
    """
    width, height = image_size
    tall = face_height(landmarks)
    points = landmarks[:SURFACE, :2]
    cut = bool((points < 0).any() or (points > (width, height)).any())
    room = 0.0 if cut else _ramp(tall / height, OVERFULL, CROWDED)
    enough = _ramp(tall, SMALL_PX, LARGE_PX)
    return min(room, enough), room < enough


def eye_openness(landmarks: Points) -> float:
    """Height over width of the more closed eye (eye aspect ratio, Soukupová & Čech 2016); 0 is closed."""
    ratios = []
    for loop in (RIGHT_EYE, LEFT_EYE):  # from corner to corner and back: i and -i lie over each other
        eye = landmarks[loop]
        width = float(np.linalg.norm(eye[0] - eye[len(loop) // 2]))
        heights = np.linalg.norm(eye[3:6] - eye[-3:-6:-1], axis=1)
        ratios.append(float(heights.mean()) / max(width, 1e-6))
    return min(ratios)


def mouth_openness(landmarks: Points) -> float:
    """Gap between the lips over the face's height; 0 is closed."""
    upper, lower = landmarks[13], landmarks[14]  # the middle of the inner lips
    return float(np.linalg.norm(upper - lower)) / max(face_height(landmarks), 1e-6)


# ---- motion


class Steadiness:
    """How still a face is held: its motion over the last moments, in face heights a second."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, NDArray[np.float64]]] = deque()

    def update(self, time_s: float, landmarks: Points) -> float:
        """Take in the next face; returns 0 (moving) … 1 (still). A first face counts as moving.

        Args:
            time_s: of the picture; a step backwards or a long gap begins anew.
            landmarks: [468 or more, 3], pixels.
        """
        if self._seen and not 0 <= time_s - self._seen[-1][0] <= MAX_GAP_S:
            self._seen.clear()
        points = np.asarray(landmarks[:SURFACE], np.float64) / max(face_height(landmarks), 1e-6)
        self._seen.append((time_s, points))
        while time_s - self._seen[0][0] > STABILITY_WINDOW_S and len(self._seen) > 2:
            self._seen.popleft()
        first_s, first = self._seen[0]
        if time_s <= first_s:
            return 0.0
        # A point's way, not the centre's: a head that turns on its place is not still.
        way = float(np.sqrt(np.mean(np.sum((points - first)[:, :2] ** 2, axis=1))))
        return _ramp(way / (time_s - first_s), MOVING, STILL)

    def reset(self) -> None:
        """Forget what was seen."""
        self._seen.clear()
