"""A face and its mood as REP-155 has them (`hri_msgs`), as plain dataclasses that need no ROS.

REP-155 gives a face an identifier, regions and landmarks in shares of the picture (0 … 1 from the top left
corner), 70 landmarks in dlib's order with the pupils behind, an expression from a list of words, and two
frames: `face_<id>` (x out of the face, z up, origin at the sellion) and `gaze_<id>` (z along the gaze, x
right, y down).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ShapeError
from mirror_core.faces import Face, HeadPose, Roi
from mirror_core.frame import Image
from mirror_core.geometry import matrix_from_quaternion, quaternion_from_matrix
from mirror_core.moods import Mood, MoodLabel

__all__ = [
    "EXPRESSIONS",
    "LANDMARK_POINTS",
    "Expression",
    "FacialLandmarks",
    "NormalizedRegion",
    "cropped_face",
    "expression_of",
    "face_frame",
    "gaze_frame",
    "gaze_pose",
    "identifier",
    "landmarks_of",
    "region_of",
]

LANDMARK_POINTS: tuple[int, ...] = (
    # 0 … 16, the face's outline from the right temple over the chin to the left one
    *(127, 234, 93, 132, 58, 136, 149, 148, 152, 377, 378, 365, 288, 361, 323, 454, 356),
    *(70, 63, 105, 66, 107),  # 17 … 21, right brow from outside
    *(336, 296, 334, 293, 300),  # 22 … 26, left brow from inside
    *(168, 197, 5, 1),  # 27 … 30, the nose's ridge from the sellion to the tip
    *(98, 97, 2, 326, 327),  # 31 … 35, below the nose from right to left
    *(33, 160, 158, 133, 153, 144),  # 36 … 41, right eye from the outer corner over the upper lid
    *(362, 385, 387, 263, 373, 380),  # 42 … 47, left eye from the inner corner over the upper lid
    *(61, 40, 37, 0, 267, 270, 291),  # 48 … 54, the lips' upper outer edge from the right corner
    *(321, 314, 17, 84, 91),  # 55 … 59, their lower outer edge back to the right
    *(78, 81, 13, 311, 308),  # 60 … 64, their upper inner edge from the right corner
    *(402, 14, 178),  # 65 … 67, their lower inner edge back to the right
    *(468, 473),  # 68, 69, right and left pupil
)
"""Index of the face mesh for each of the 70 landmarks of hri_msgs/FacialLandmarks."""

EXPRESSIONS: dict[MoodLabel, str] = {
    MoodLabel.ANGRY: "angry",
    MoodLabel.DISGUST: "disgusted",
    MoodLabel.FEAR: "scared",
    MoodLabel.HAPPY: "happy",
    MoodLabel.SAD: "sad",
    MoodLabel.SURPRISE: "surprised",
    MoodLabel.NEUTRAL: "neutral",
}
"""The word of hri_msgs/Expression for each mood."""

# Head frame (forward, left, up) as seen from an optical frame along the gaze (right, down, forward).
_GAZE = np.array([[0.0, 0.0, 1.0], [-1.0, 0.0, 0.0], [0.0, -1.0, 0.0]])


@dataclass(frozen=True, slots=True)
class NormalizedRegion:
    """hri_msgs/NormalizedRegionOfInterest2D: two corners in shares of the picture, confidence; all 0 … 1."""

    xmin: float
    ymin: float
    xmax: float
    ymax: float
    c: float

    def __post_init__(self) -> None:
        values = (self.xmin, self.ymin, self.xmax, self.ymax, self.c)
        if not all(0.0 <= value <= 1.0 for value in values) or self.xmin > self.xmax or self.ymin > self.ymax:
            raise ShapeError(
                f"A normalised region needs ordered corners and a confidence in 0 … 1, not {values}."
            )


@dataclass(frozen=True, slots=True, eq=False)
class FacialLandmarks:
    """hri_msgs/FacialLandmarks.

    Attributes:
        points: float32 [70, 3]: x and y in shares of the picture, and a confidence, all 0 … 1; a point
            outside of the picture lies on its edge with the confidence 0.
        width, height: of the picture in pixels.
    """

    points: NDArray[np.float32]
    width: int
    height: int

    def __post_init__(self) -> None:
        if self.points.shape != (len(LANDMARK_POINTS), 3) or self.points.dtype != np.float32:
            raise ShapeError(
                f"FacialLandmarks.points must be float32 [{len(LANDMARK_POINTS)}, 3], "
                f"not {self.points.dtype} {list(self.points.shape)}."
            )
        if not ((self.points >= 0) & (self.points <= 1)).all():
            raise ShapeError("FacialLandmarks.points must lie in 0 … 1.")


@dataclass(frozen=True, slots=True)
class Expression:
    """hri_msgs/Expression: a word of its list, valence and arousal −1 … 1, confidence 0 … 1."""

    expression: str
    valence: float
    arousal: float
    confidence: float

    def __post_init__(self) -> None:
        if self.expression not in EXPRESSIONS.values():
            allowed = ", ".join(EXPRESSIONS.values())
            raise ShapeError(f"Expression.expression must be one of {allowed}, not {self.expression!r}.")


def identifier(track_id: int) -> str:
    """A face's identifier: "f12". A topic's name may not have a part that begins with a digit."""
    return f"f{track_id}"


def face_frame(face_id: str) -> str:
    """The frame of a face with this identifier."""
    return f"face_{face_id}"


def gaze_frame(face_id: str) -> str:
    """The frame of its gaze."""
    return f"gaze_{face_id}"


def region_of(face: Face, image_size: tuple[int, int]) -> NormalizedRegion:
    """The face's region.

    Args:
        face: its region of interest is in pixels.
        image_size: (width, height) of the picture in pixels.
    """
    width, height = image_size
    roi = face.roi
    left, right = (min(1.0, max(0.0, x / width)) for x in (roi.x, roi.x + roi.width))
    top, bottom = (min(1.0, max(0.0, y / height)) for y in (roi.y, roi.y + roi.height))
    return NormalizedRegion(left, top, right, bottom, float(face.confidence))


def landmarks_of(face: Face, image_size: tuple[int, int]) -> FacialLandmarks:
    """The face's 70 landmarks; `image_size` is (width, height) of the picture in pixels."""
    shares = face.landmarks[list(LANDMARK_POINTS), :2] / np.array(image_size, np.float32)
    is_inside = ((shares >= 0) & (shares <= 1)).all(axis=1)
    confidence = np.where(is_inside, np.float32(face.confidence), np.float32(0))
    points = np.column_stack([np.clip(shares, 0, 1), confidence]).astype(np.float32)
    return FacialLandmarks(points, *image_size)


def expression_of(mood: Mood) -> Expression | None:
    """The expression; None where the mirror is unsure, since the list has no word for that."""
    if mood.unsure:
        return None
    return Expression(EXPRESSIONS[mood.dominant], mood.valence, mood.arousal, mood.confidence)


def gaze_pose(pose: HeadPose) -> HeadPose:
    """The gaze's frame in the camera's optical frame: at the head, z along where the head is turned.

    The eyes are not followed; REP-155 then wants the head's direction.
    """
    turn = matrix_from_quaternion(pose.quaternion) @ _GAZE
    return HeadPose(quaternion_from_matrix(turn), pose.position_m)


def cropped_face(image: Image, roi: Roi, size: tuple[int, int]) -> Image:
    """The face's part of the picture, scaled to fit and centred, with black beside it.

    Args:
        image: uint8 [h, w, 3].
        roi: in pixels; what lies outside of the picture is black.
        size: (width, height) of the result in pixels.

    Returns:
        uint8 [height, width, 3].
    """
    width, height = size
    result = np.zeros((height, width, 3), np.uint8)
    x0, y0 = math.floor(roi.x), math.floor(roi.y)
    columns, rows = math.ceil(roi.x + roi.width) - x0, math.ceil(roi.y + roi.height) - y0
    if columns < 1 or rows < 1:
        return result
    part = np.zeros((rows, columns, 3), np.uint8)
    top, left = max(y0, 0), max(x0, 0)
    seen = image[top : max(y0 + rows, 0), left : max(x0 + columns, 0)]
    part[top - y0 : top - y0 + seen.shape[0], left - x0 : left - x0 + seen.shape[1]] = seen
    scale = min(width / columns, height / rows)
    fitted = (min(width, max(1, round(columns * scale))), min(height, max(1, round(rows * scale))))
    smaller = cv2.resize(part, fitted, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    x, y = (width - fitted[0]) // 2, (height - fitted[1]) // 2
    result[y : y + fitted[1], x : x + fitted[0]] = smaller
    return result
