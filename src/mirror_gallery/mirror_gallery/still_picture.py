"""Pictures inside face files: WebP and PNG whose size is known before a pixel of them is decoded."""

from __future__ import annotations

import struct

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import UsageError
from mirror_core.picture_size import PNG_SIGNATURE, has_whole_chunks, png_chunks

__all__ = ["LOSSLESS", "encoded_png", "encoded_webp", "read_colour", "read_grey"]

LOSSLESS = 101  # OpenCV's WebP quality above which nothing is lost
ANIMATION = b"acTL"  # PNG chunk that announces further pictures, of their own sizes


def encoded_webp(image: NDArray[np.uint8], quality: int) -> bytes:
    """A WebP file of a uint8 [h, w, 3] BGR picture; `quality` is 1 … 100, or LOSSLESS."""
    return _encoded(".webp", image, [cv2.IMWRITE_WEBP_QUALITY, quality])


def encoded_png(image: NDArray[np.uint8]) -> bytes:
    """A PNG file of a uint8 [h, w] or [h, w, 3] BGR picture."""
    return _encoded(".png", image, [])


def _encoded(suffix: str, image: NDArray[np.uint8], options: list[int]) -> bytes:
    done, data = cv2.imencode(suffix, image, options)
    if not done:
        raise UsageError(
            f"A picture of {image.shape[1]} × {image.shape[0]} px cannot be written as {suffix}."
        )
    return bytes(data.tobytes())


def read_colour(data: bytes, size: tuple[int, int], what: str) -> NDArray[np.uint8]:
    """Decode a WebP or PNG picture of a known size.

    Args:
        data: the file's bytes, from anywhere.
        size: width and height that it must have, in pixels; nothing larger is ever decoded.
        what: names the picture in the error.

    Returns:
        uint8 [h, w, 3], BGR.

    Raises:
        UsageError: if it is something else, broken, or of another size.
    """
    return _read(data, size, cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION, what)


def read_grey(data: bytes, size: tuple[int, int], what: str) -> NDArray[np.uint8]:
    """The same for one channel: uint8 [h, w]."""
    return _read(data, size, cv2.IMREAD_GRAYSCALE | cv2.IMREAD_IGNORE_ORIENTATION, what)


def _read(data: bytes, size: tuple[int, int], flags: int, what: str) -> NDArray[np.uint8]:
    announced = _png_size(data) or _webp_size(data)
    if announced is None:
        raise UsageError(f"{what} is neither a plain PNG nor a plain WebP picture.")
    if announced != size:
        raise UsageError(
            f"{what} is {announced[0]} × {announced[1]} px, but the manifest says {size[0]} × {size[1]} px."
        )
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error:
        image = None
    if image is None or image.shape[1::-1] != size or image.dtype != np.uint8:
        raise UsageError(f"{what} is damaged: it does not decode.")
    return np.asarray(image, np.uint8)


def _png_size(data: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG with one picture in it; None of anything else."""
    if not data.startswith(PNG_SIGNATURE) or not has_whole_chunks(data):
        return None
    size: tuple[int, int] | None = None
    for kind, content in png_chunks(data):
        if size is None:
            if kind != b"IHDR" or len(content) != 13:
                return None
            size = struct.unpack(">II", content[:8])
        elif kind == ANIMATION:
            return None
    return size


def _webp_size(data: bytes) -> tuple[int, int] | None:
    """Width and height of a WebP with one bare picture in it; None of anything else (container formats,
    https://developers.google.com/speed/webp/docs/riff_container)."""
    if len(data) < 30 or data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        return None
    kind = data[12:16]
    if kind == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF  # the upper two bits ask for scaling
    if kind == b"VP8L" and data[20] == 0x2F:
        (bits,) = struct.unpack_from("<I", data, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return None
