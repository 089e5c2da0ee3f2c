"""Fakes for tests, shipped so that other packages and plugins can use them too.

- `synthetic_face`, `synthetic_faces`: faces with known landmarks and pose.
- `FakeClock`: a monotonic clock that moves only when told.
- `moving_square`: frames with a known content at each stamp, for image sources and sinks.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mirror_core.faces import LANDMARK_COUNT, Face, FaceSet, HeadPose, Roi
from mirror_core.frame import Frame, Image

__all__ = ["FakeClock", "moving_square", "synthetic_face", "synthetic_faces", "synthetic_frames"]

GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))


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
