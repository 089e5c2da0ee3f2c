"""Pictures as `sensor_msgs/CompressedImage`, named and written as image_transport's `compressed` does it."""

from __future__ import annotations

import array
from collections.abc import Callable
from typing import Any, Final

import cv2
import numpy as np
from sensor_msgs.msg import CompressedImage as CompressedImageMessage

from mirror_core.codecs import Codec
from mirror_core.conversions import frame_header, received_frame
from mirror_core.errors import EncodingError
from mirror_core.frame import Frame, Image
from mirror_core.jpeg import encode_jpeg
from mirror_core.picture_size import can_be_decoded

__all__ = ["COMPRESSED", "JPEG_FORMAT", "compressed_frames", "compressed_picture", "message_to_frame"]

COMPRESSED: Final = "/compressed"
"""What the name of an image topic gets at its end."""
JPEG_FORMAT: Final = "bgr8; jpeg compressed bgr8"


def compressed_picture(data: Any, form: str) -> Image:
    """The picture in the data of a CompressedImage: uint8 [height, width, 3], BGR.

    Args:
        data: bytes, or what numpy takes for them.
        form: the message's `format`, for the sentence where something is wrong.

    Raises:
        EncodingError: if it is empty, damaged, too large, or of a format that OpenCV does not read.
    """
    content = np.frombuffer(data, np.uint8)
    is_picture = can_be_decoded(content.data, "A compressed image")
    picture = cv2.imdecode(content, cv2.IMREAD_COLOR) if is_picture else None
    if picture is None:
        raise EncodingError(
            f"A compressed image ({form!r}) cannot be decoded: allowed are JPEG, PNG and WebP."
        )
    return np.asarray(picture, np.uint8)


def compressed_frames(quality: Callable[[], int]) -> Codec[Frame]:
    """How frames travel as JPEG.

    Args:
        quality: of 100, asked for each frame.
    """

    def to_message(frame: Frame) -> CompressedImageMessage:
        message = CompressedImageMessage(header=frame_header(frame), format=JPEG_FORMAT)
        data = array.array("B")  # the one quick way in rclpy, see `image_to_message`
        data.frombytes(encode_jpeg(frame.image, quality()))
        message.data = data
        return message

    return Codec(CompressedImageMessage, to_message, message_to_frame)


def message_to_frame(message: CompressedImageMessage) -> Frame:
    """A frame from a CompressedImage; as `conversions.message_to_frame` for what was not compressed.

    Raises:
        EncodingError: see `compressed_picture`.
    """
    return received_frame(message.header, compressed_picture(message.data, message.format))
