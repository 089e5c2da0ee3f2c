"""What the graph knows as Foxglove's messages: pictures, calibration, transforms, moods, log."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from foxglove.messages import (
    CameraCalibration,
    CompressedImage,
    FrameTransform,
    FrameTransforms,
    Log,
    LogLevel,
    Quaternion,
    Timestamp,
    Vector3,
)

from mirror_core.camera_info import CameraInfo
from mirror_core.frame import Frame
from mirror_core.jpeg import encode_jpeg
from mirror_core.moods import MoodLabel, MoodSet

__all__ = [
    "MOODS_SCHEMA",
    "PlacedFrame",
    "camera_calibration",
    "compressed_image",
    "frame_transforms",
    "log_entry",
    "mood_record",
    "timestamp",
]

NANOSECONDS = 1_000_000_000

# rcl_interfaces/Log's levels
LOG_LEVELS: Final = {
    10: LogLevel.Debug,
    20: LogLevel.Info,
    30: LogLevel.Warning,
    40: LogLevel.Error,
    50: LogLevel.Fatal,
}

_NUMBER = {"type": "number"}
_TIME = {
    "type": "object",
    "title": "time",
    "properties": {"sec": {"type": "integer"}, "nsec": {"type": "integer"}},
}
MOODS_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "title": "mirror.Moods",
    "description": "The moods of the faces of one frame.",
    "properties": {
        "timestamp": _TIME,
        "faces": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "face_id": {"type": "integer"},
                    "mood": {"type": "string", "description": "the likeliest, or unsure"},
                    "unsure": {"type": "boolean"},
                    **{label.word: _NUMBER for label in MoodLabel},
                    "valence": _NUMBER,
                    "arousal": _NUMBER,
                    "source": {"type": "string"},
                },
            },
        },
    },
}
"""JSON Schema of `mood_record`; each mood is a number of its own, so that a plot names it by a path."""


def timestamp(stamp_ns: int) -> Timestamp:
    """Nanoseconds as Foxglove's time."""
    return Timestamp(sec=stamp_ns // NANOSECONDS, nsec=stamp_ns % NANOSECONDS)


def compressed_image(frame: Frame, quality: int) -> CompressedImage:
    """A frame in its own size as JPEG of quality 0 … 100.

    Raises:
        EncodingError: if the encoder refuses the picture.
    """
    return CompressedImage(
        timestamp=timestamp(frame.stamp_ns),
        frame_id=frame.frame_id,
        data=encode_jpeg(frame.image, quality),
        format="jpeg",
    )


def camera_calibration(info: CameraInfo) -> CameraCalibration:
    """The calibration of one frame's camera."""
    camera = info.intrinsics
    return CameraCalibration(
        timestamp=timestamp(info.stamp_ns),
        frame_id=info.frame_id,
        width=camera.width,
        height=camera.height,
        distortion_model=info.distortion_model,
        D=list(camera.distortion),
        K=list(info.camera_matrix),
        R=list(info.rectification),
        P=list(info.full_projection),
    )


@dataclass(frozen=True, slots=True)
class PlacedFrame:
    """Where one coordinate frame is in another, as tf2 has it.

    Attributes:
        stamp_ns: when, in nanoseconds.
        parent, child: names of the frames.
        position: of the child's origin in the parent, metres.
        quaternion: x, y, z, w.
    """

    stamp_ns: int
    parent: str
    child: str
    position: tuple[float, float, float]
    quaternion: tuple[float, float, float, float]


def frame_transforms(frames: Iterable[PlacedFrame]) -> FrameTransforms:
    """Heads and other frames."""
    transforms = []
    for frame in frames:
        x, y, z = frame.position
        qx, qy, qz, qw = frame.quaternion
        transforms.append(
            FrameTransform(
                timestamp=timestamp(frame.stamp_ns),
                parent_frame_id=frame.parent,
                child_frame_id=frame.child,
                translation=Vector3(x=x, y=y, z=z),
                rotation=Quaternion(x=qx, y=qy, z=qz, w=qw),
            )
        )
    return FrameTransforms(transforms=transforms)


def mood_record(moods: MoodSet) -> dict[str, Any]:
    """Moods as `MOODS_SCHEMA` has them; who somebody is stays out of it."""
    return {
        "timestamp": {"sec": moods.stamp_ns // NANOSECONDS, "nsec": moods.stamp_ns % NANOSECONDS},
        "faces": [
            {
                "face_id": mood.track_id,
                "mood": "unsure" if mood.unsure else MoodLabel(int(np.argmax(mood.probabilities))).word,
                "unsure": mood.unsure,
                **{label.word: float(mood.probabilities[label]) for label in MoodLabel},
                "valence": float(mood.valence),
                "arousal": float(mood.arousal),
                "source": mood.source,
            }
            for mood in moods.moods
        ],
    }


def log_entry(stamp_ns: int, level: int, name: str, message: str, *, file: str = "", line: int = 0) -> Log:
    """What a node has said.

    Args:
        stamp_ns: when, in nanoseconds.
        level: rcl_interfaces/Log's (10 debug … 50 fatal).
        name: of the node's logger.
        message: what it said.
        file, line: where in the source.
    """
    return Log(
        timestamp=timestamp(stamp_ns),
        level=LOG_LEVELS.get(level, LogLevel.Unknown),
        message=message,
        name=name,
        file=file,
        line=line,
    )
