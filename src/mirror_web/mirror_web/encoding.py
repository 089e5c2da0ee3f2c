"""From a frame to the JPEG that the page shows."""

from __future__ import annotations

import cv2
import numpy as np

from mirror_core.frame import Frame
from mirror_core.jpeg import encode_jpeg
from mirror_web.parameters import WebParameters

__all__ = ["encode_frame", "fitted_size", "placeholder_jpeg"]

_BACKGROUND_BGR = (22, 18, 15)
_TEXT_BGR = (190, 180, 170)
_SMOOTHING = 3  # the placeholder is drawn this much larger and scaled down, which smooths its letters
_AREA_SCALE = 0.5  # from this scale downwards linear interpolation would skip pixels and flicker


def fitted_size(width: int, height: int, largest_width: int, largest_height: int) -> tuple[int, int]:
    """The size of a picture shrunk, undistorted and never enlarged, into a box; at least 1 × 1."""
    scale = min(largest_width / width, largest_height / height, 1.0)
    return max(round(width * scale), 1), max(round(height * scale), 1)


def encode_frame(frame: Frame, settings: WebParameters) -> bytes:
    """A frame as the page shows it: shrunk, mirrored (except a sentence), JPEG."""
    size = fitted_size(frame.width, frame.height, settings.stream_width, settings.stream_height)
    image = frame.image
    if size != (frame.width, frame.height):
        small = size[0] <= frame.width * _AREA_SCALE
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA if small else cv2.INTER_LINEAR)  # type: ignore[assignment]
    if settings.mirrored and not frame.is_placeholder:
        image = cv2.flip(image, 1)  # type: ignore[assignment]
    return encode_jpeg(image, settings.jpeg_quality)


def placeholder_jpeg(sentence: str, settings: WebParameters) -> bytes:
    """A dark picture with a sentence (ASCII) in its middle."""
    width, height = settings.stream_width, settings.stream_height
    large = np.full((height * _SMOOTHING, width * _SMOOTHING, 3), _BACKGROUND_BGR, np.uint8)
    font = cv2.FONT_HERSHEY_DUPLEX
    (text_width, text_height), _ = cv2.getTextSize(sentence, font, 1.0, 1)
    scale = min(width * 0.6 / text_width, height * 0.045 / text_height) * _SMOOTHING
    x = round((large.shape[1] - text_width * scale) / 2)
    y = round((large.shape[0] + text_height * scale) / 2)
    cv2.putText(large, sentence, (x, y), font, scale, _TEXT_BGR, max(round(scale), 1), cv2.LINE_AA)
    small = cv2.resize(large, (width, height), interpolation=cv2.INTER_AREA)
    return encode_jpeg(small, settings.jpeg_quality)  # type: ignore[arg-type]
