"""Pictures in recorded messages: out of Image and CompressedImage, and from the one into the other."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from rosbags.typesys.store import Typestore

from mirror_core.compressed import JPEG_FORMAT, compressed_picture
from mirror_core.conversions import message_to_image
from mirror_core.frame import Image
from mirror_core.jpeg import encode_jpeg

__all__ = ["COMPRESSED_IMAGE_TYPE", "IMAGE_TYPE", "IMAGE_TYPES", "as_jpeg", "picture_of"]

IMAGE_TYPE = "sensor_msgs/msg/Image"
COMPRESSED_IMAGE_TYPE = "sensor_msgs/msg/CompressedImage"
IMAGE_TYPES = (IMAGE_TYPE, COMPRESSED_IMAGE_TYPE)
JPEG_QUALITY = 90  # of 100


def picture_of(message: Any) -> Image:
    """The picture of a decoded sensor_msgs/Image or CompressedImage: uint8 [height, width, 3], BGR.

    Raises:
        EncodingError: if it is empty, damaged, or of an encoding that Mirror does not read.
    """
    if hasattr(message, "encoding"):
        return message_to_image(message)
    return compressed_picture(message.data, message.format)


def as_jpeg(data: bytes | memoryview, store: Typestore, quality: int = JPEG_QUALITY) -> bytes:
    """A serialised Image as a serialised CompressedImage with the same header.

    Raises:
        EncodingError: see `message_to_image`.
    """
    image: Any = store.deserialize_cdr(data, IMAGE_TYPE)
    jpeg = encode_jpeg(message_to_image(image), quality)
    make: Any = store.types[COMPRESSED_IMAGE_TYPE]
    header = dataclasses.replace(image.header)
    message = make(header=header, format=JPEG_FORMAT, data=np.frombuffer(jpeg, np.uint8))
    return bytes(store.serialize_cdr(message, COMPRESSED_IMAGE_TYPE))
