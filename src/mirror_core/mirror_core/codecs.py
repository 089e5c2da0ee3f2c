"""Which dataclass travels as which ROS message."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sensor_msgs.msg import CameraInfo as CameraInfoMessage
from sensor_msgs.msg import Image as ImageMessage

from mirror_core.bodies import BodySet
from mirror_core.camera_info import CameraInfo
from mirror_core.conversions import (
    bodies_to_message,
    camera_info_to_message,
    faces_to_message,
    frame_to_message,
    message_to_bodies,
    message_to_camera_info,
    message_to_faces,
    message_to_frame,
    message_to_moods,
    moods_to_message,
)
from mirror_core.faces import FaceSet
from mirror_core.frame import Frame
from mirror_core.moods import MoodSet
from mirror_msgs.msg import BodyArray as BodyArrayMessage
from mirror_msgs.msg import FaceArray as FaceArrayMessage
from mirror_msgs.msg import MoodArray as MoodArrayMessage

__all__ = ["BODIES", "CAMERA_INFO", "FACES", "FRAMES", "MOODS", "Codec"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Codec(Generic[T]):
    """How items of one dataclass travel between processes.

    Attributes:
        message_type: the ROS message class.
        to_message: item → message; called only while somebody outside this process subscribes.
        from_message: message → item; raises `MirrorError` for a message that cannot be read.
    """

    message_type: type[Any]
    to_message: Callable[[T], Any]
    from_message: Callable[[Any], T]


FRAMES: Codec[Frame] = Codec(ImageMessage, frame_to_message, message_to_frame)
FACES: Codec[FaceSet] = Codec(FaceArrayMessage, faces_to_message, message_to_faces)
BODIES: Codec[BodySet] = Codec(BodyArrayMessage, bodies_to_message, message_to_bodies)
MOODS: Codec[MoodSet] = Codec(MoodArrayMessage, moods_to_message, message_to_moods)
CAMERA_INFO: Codec[CameraInfo] = Codec(CameraInfoMessage, camera_info_to_message, message_to_camera_info)
