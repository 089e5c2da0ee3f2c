"""How large a picture is, asked of its file's first bytes: nothing is decoded that would fill the memory."""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Iterator

from PIL import Image as PilImage

from mirror_core.errors import EncodingError

__all__ = ["MOST_PIXELS", "PNG_SIGNATURE", "can_be_decoded", "has_whole_chunks", "png_chunks"]

MOST_PIXELS = 8192 * 8192  # 200 MB decoded; no camera before a mirror has more
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
CHUNK_BYTES = 12  # of a PNG's chunk beside its content: length, kind, checksum
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "PPM")


def can_be_decoded(data: bytes | memoryview, what: str, most_pixels: int = MOST_PIXELS) -> bool:
    """Whether a file begins as a picture of a size that it may have.

    Args:
        data: the file's bytes, from anywhere.
        what: names it at the beginning of the sentence.
        most_pixels: that it may have.

    Returns:
        False where it is no picture of a known kind. OpenCV must not see it then: of a damaged head it takes
        a gigabyte before it finds out.

    Raises:
        EncodingError: if it has more pixels.
    """
    if not has_whole_chunks(data):
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # PIL's own of large pictures, and of odd metadata
            with PilImage.open(io.BytesIO(data), formats=FORMATS) as opened:
                width, height = opened.size
    except PilImage.DecompressionBombError:
        width, height = most_pixels, 2
    except Exception:  # a damaged head may raise anything
        return False
    if width * height > most_pixels:
        raise EncodingError(
            f"{what} has more than {most_pixels / 1e6:.0f} megapixels; scale it down and try again."
        )
    return min(width, height) > 0


def png_chunks(data: bytes | memoryview) -> Iterator[tuple[bytes, bytes | memoryview]]:
    """Kind and content of each chunk of a PNG, as far as the file goes."""
    at = len(PNG_SIGNATURE)
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        yield kind, data[at + 8 : at + 8 + length]
        at += CHUNK_BYTES + length


def has_whole_chunks(data: bytes | memoryview) -> bool:
    """Whether the chunks of a PNG end where the file does, or before; True of all other files.

    OpenCV takes as much memory as a chunk says that it is long, up to two gigabytes, before it reads it.
    """
    if bytes(data[: len(PNG_SIGNATURE)]) != PNG_SIGNATURE:
        return True
    end = len(PNG_SIGNATURE)
    while end + 8 <= len(data):
        (length,) = struct.unpack_from(">I", data, end)
        end += CHUNK_BYTES + length
    return end == len(data) or (end < len(data) < end + 8)
