"""Pictures from anywhere: decoded only when they are what, and as large as, they should be."""

from __future__ import annotations

import struct
import zlib

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirror_core.errors import UsageError
from mirror_gallery.still_picture import LOSSLESS, encoded_png, encoded_webp, read_colour, read_grey

RNG = np.random.default_rng(7)
COLOUR = RNG.integers(0, 256, (37, 53, 3), np.uint8)
GREY = RNG.integers(0, 256, (37, 53), np.uint8)
SIZE = (53, 37)


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def test_lossless_webp_and_png_come_back_exactly() -> None:
    assert (read_colour(encoded_webp(COLOUR, LOSSLESS), SIZE, "x") == COLOUR).all()
    assert (read_colour(encoded_png(COLOUR), SIZE, "x") == COLOUR).all()
    assert (read_grey(encoded_png(GREY), SIZE, "x") == GREY).all()


@given(st.integers(1, 300), st.integers(1, 300), st.sampled_from([60, 92, LOSSLESS]))
@settings(max_examples=25, deadline=None)
def test_any_size_is_read_back(width: int, height: int, quality: int) -> None:
    image = np.full((height, width, 3), (20, 120, 220), np.uint8)
    back = read_colour(encoded_webp(image, quality), (width, height), "x")
    assert np.abs(back.astype(int) - image).max() <= 6  # colour at half the resolution, 8 bits
    assert (read_grey(encoded_png(image[..., 0]), (width, height), "x") == image[..., 0]).all()


@pytest.mark.parametrize(
    "data", [encoded_webp(COLOUR, 92), encoded_webp(COLOUR, LOSSLESS), encoded_png(COLOUR)]
)
def test_another_size_than_the_manifest_s_is_refused(data: bytes) -> None:
    with pytest.raises(UsageError, match=r"^views/0 is 53 × 37 px, but the manifest says 53 × 38 px\.$"):
        read_colour(data, (53, 38), "views/0")


@pytest.mark.parametrize(
    "data", [encoded_webp(COLOUR, 92), encoded_webp(COLOUR, LOSSLESS), encoded_png(COLOUR)]
)
def test_half_a_picture_is_refused(data: bytes) -> None:
    with pytest.raises(UsageError, match=r"neither|damaged"):
        read_colour(data[:30], SIZE, "x")


def test_other_formats_are_refused() -> None:
    for suffix in (".jpg", ".bmp", ".tiff", ".ppm"):
        data = cv2.imencode(suffix, COLOUR)[1].tobytes()
        with pytest.raises(UsageError, match="neither"):
            read_colour(data, SIZE, "x")


def test_a_huge_picture_is_not_decoded() -> None:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0))
    bomb = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(10**6))) + chunk(b"IEND", b"")
    with pytest.raises(UsageError, match="60000 × 60000 px, but the manifest says 53 × 37"):
        read_colour(bomb, SIZE, "x")


def test_animations_are_refused() -> None:
    plain = encoded_png(COLOUR)
    animated = plain[:33] + chunk(b"acTL", struct.pack(">II", 2, 0)) + plain[33:]
    assert (read_colour(plain, SIZE, "x") == COLOUR).all()
    with pytest.raises(UsageError, match="neither"):
        read_colour(animated, SIZE, "x")
    webp = encoded_webp(COLOUR, 92)
    extended = webp[:12] + b"VP8X" + struct.pack("<I", 10) + b"\x02" + bytes(9) + webp[12:]
    with pytest.raises(UsageError, match="neither"):
        read_colour(extended, SIZE, "x")


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_damaged_pictures_give_a_picture_or_one_sentence(data: st.DataObject) -> None:
    good = data.draw(
        st.sampled_from([encoded_webp(COLOUR, 92), encoded_webp(COLOUR, LOSSLESS), encoded_png(COLOUR)])
    )
    bad = bytearray(good)
    for _ in range(data.draw(st.integers(1, 8))):
        bad[data.draw(st.integers(0, len(bad) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(bad[: data.draw(st.integers(0, len(bad)))])
    try:
        image = read_colour(cut, SIZE, "x")
    except UsageError:
        return
    assert image.shape == (37, 53, 3)
