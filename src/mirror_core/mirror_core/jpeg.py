"""Pictures as JPEG."""

from __future__ import annotations

import cv2

from mirror_core.errors import EncodingError
from mirror_core.frame import Image

__all__ = ["encode_jpeg"]


def encode_jpeg(image: Image, quality: int) -> bytes:
    """An image, uint8 [height, width, 3], BGR, as JPEG of quality 0 … 100.

    Raises:
        EncodingError: if the encoder refuses the image.
    """
    done, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise EncodingError(f"A picture of {image.shape[1]} × {image.shape[0]} pixels cannot be made a JPEG.")
    return data.tobytes()
