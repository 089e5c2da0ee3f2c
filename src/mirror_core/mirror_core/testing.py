"""Fakes for tests, shipped so that other packages and plugins can use them too.

- `synthetic_face`, `synthetic_faces`: faces with known landmarks and pose.
- `synthetic_body`: a body that stands, with known points.
- `FakeClock`: a monotonic clock that moves only when told.
- `moving_square`: frames with a known content at each stamp, for image sources and sinks.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mirror_core.bodies import Body
from mirror_core.body_points import BODY_POINT_COUNT, BodyPoint
from mirror_core.faces import LANDMARK_COUNT, Face, FaceSet, HeadPose, Roi
from mirror_core.frame import Frame, Image

__all__ = [
    "FakeClock",
    "moving_square",
    "standing_points",
    "synthetic_body",
    "synthetic_face",
    "synthetic_faces",
    "synthetic_frames",
]

GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))


_CENTRAL = {BodyPoint.NOSE: (-0.68, -0.2)}
_LATERAL = {  # part: (away from the middle, down from the hips, away from the camera), metres
    "EYE_INNER": (0.02, -0.71, -0.17),
    "EYE": (0.035, -0.71, -0.17),
    "EYE_OUTER": (0.05, -0.71, -0.16),
    "EAR": (0.08, -0.7, -0.05),
    "SHOULDER": (0.19, -0.5, 0.0),
    "ELBOW": (0.26, -0.22, 0.02),
    "WRIST": (0.28, 0.02, -0.03),
    "PINKY": (0.29, 0.1, -0.03),
    "INDEX": (0.28, 0.12, -0.05),
    "THUMB": (0.26, 0.06, -0.05),
    "HIP": (0.1, 0.0, 0.0),
    "KNEE": (0.11, 0.42, 0.0),
    "ANKLE": (0.11, 0.82, 0.04),
    "HEEL": (0.11, 0.87, 0.08),
    "FOOT_INDEX": (0.13, 0.9, -0.08),
}
_MOUTH = (0.025, -0.63, -0.18)


@dataclass
class FakeClock:
    """A monotonic clock for tests; call it for the time in seconds."""

    now_s: float = 100.0

    def __call__(self) -> float:
        """The time in seconds."""
        return self.now_s

    def advance(self, seconds: float) -> None:
        """Move on."""
        self.now_s += seconds


def synthetic_face(
    centre: tuple[float, float] = (320.0, 240.0),
    size: float = 160.0,
    *,
    roll: float = 0.0,
    track_id: int = 1,
) -> Face:
    """A face whose landmarks are known: a sunflower pattern on an ellipsoid's front.

    The points have no facial features; they are evenly spread, so geometry can be checked.

    Args:
        centre: of the face in pixels.
        size: height in pixels; the width is 0.8 of it.
        roll: rotation in the image plane in radians, clockwise as seen.
        track_id: id of the face.
    """
    index = np.arange(LANDMARK_COUNT)
    radius = np.sqrt((index + 0.5) / LANDMARK_COUNT)
    angle = index * GOLDEN_ANGLE
    x, y = 0.4 * size * radius * np.cos(angle), 0.5 * size * radius * np.sin(angle)
    z = -0.4 * size * np.sqrt(1 - radius**2)
    cos, sin = math.cos(roll), math.sin(roll)
    points = np.stack([centre[0] + cos * x - sin * y, centre[1] + sin * x + cos * y, z], axis=1)
    points = points.astype(np.float32)
    return Face(
        track_id=track_id,
        confidence=0.9,
        roi=Roi.around(points),
        landmarks=points,
        head_pose=HeadPose((0.5, 0.5, -0.5, 0.5), (0.0, 0.0, 0.6)),
    )


def standing_points() -> NDArray[np.float32]:
    """A person who faces the camera with hanging arms: float32 [33, 3] in metres from the hips."""
    points = np.zeros((BODY_POINT_COUNT, 3), np.float32)
    for point in BodyPoint:
        words = point.name.split("_")
        sign = 1.0 if "LEFT" in words else -1.0  # the person's left is on the right of the picture
        part = "_".join(word for word in words if word not in ("LEFT", "RIGHT"))
        if point in _CENTRAL:
            points[point, 1:] = _CENTRAL[point]
        else:
            away, down, depth = _MOUTH if part == "MOUTH" else _LATERAL[part]
            points[point] = (sign * away, down, depth)
    return points


def synthetic_body(
    hips: tuple[float, float] = (320.0, 260.0),
    height: float = 320.0,
    *,
    track_id: int = 1,
    face_id: int | None = None,
) -> Body:
    """A body that stands and faces the camera; all its points are seen.

    Args:
        hips: the middle between them in pixels.
        height: from the soles to the eyes, which is 1.61 m, in pixels.
        track_id: id of the body.
        face_id: of its face.
    """
    world = standing_points()
    points = world * np.float32(height / 1.61)
    points[:, :2] += np.array(hips, np.float32)
    return Body(
        track_id=track_id,
        roi=Roi.around(points),
        landmarks=points,
        visibility=np.ones(BODY_POINT_COUNT, np.float32),
        confidence=0.9,
        world_landmarks=world,
        face_id=face_id,
    )


def synthetic_faces(stamp_ns: int, *faces: Face, image_size: tuple[int, int] = (640, 480)) -> FaceSet:
    """A face set at a stamp."""
    return FaceSet(stamp_ns, "camera_optical", image_size, tuple(faces))


def moving_square(index: int, width: int = 64, height: int = 48) -> Image:
    """A grey picture with a bright square whose place tells the index: uint8 [height, width, 3]."""
    image = np.full((height, width, 3), 64, np.uint8)
    side = max(1, min(width, height) // 6)
    x = (index * 3) % max(1, width - side)
    image[height // 3 : height // 3 + side, x : x + side] = (40, 200, 240)
    return image


def synthetic_frames(
    count: int, rate_hz: float = 30.0, width: int = 64, height: int = 48, start_ns: int = 1_000_000_000
) -> Iterator[Frame]:
    """Frames of `moving_square` with exact stamps."""
    for index in range(count):
        yield Frame(moving_square(index, width, height), start_ns + round(index * 1e9 / rate_hz))
