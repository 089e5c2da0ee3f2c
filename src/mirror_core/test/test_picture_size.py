"""What is asked of a picture's file before anything is decoded: is it one, how large, do its parts fit."""

from __future__ import annotations

import struct

import cv2
import numpy as np
import pytest

from mirror_core.errors import EncodingError
from mirror_core.picture_size import can_be_decoded, has_whole_chunks, png_chunks

PICTURE = np.random.default_rng(1).integers(0, 256, (24, 32, 3), np.uint8)
PNG = cv2.imencode(".png", PICTURE)[1].tobytes()


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".bmp", ".tiff", ".ppm"])
def test_pictures_that_opencv_writes_can_be_decoded(suffix: str) -> None:
    assert can_be_decoded(cv2.imencode(suffix, PICTURE)[1].tobytes(), "It")


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"\xff\xd8", b"RIFF\x00\x00\x00\x00WEBP", PNG[:20]])
def test_what_is_no_picture_cannot(data: bytes) -> None:
    assert not can_be_decoded(data, "It")


def test_a_picture_with_too_many_pixels_is_refused_by_its_head() -> None:
    large = cv2.imencode(".png", np.zeros((300, 400), np.uint8))[1].tobytes()
    assert can_be_decoded(large, "It", 120_000)
    with pytest.raises(EncodingError, match=r"^The mask has more than 0 megapixels; scale it down"):
        can_be_decoded(large, "The mask", 119_999)
    bomb = cv2.imencode(".png", np.zeros((20_000, 20_000), np.uint8))[1].tobytes()
    with pytest.raises(EncodingError, match="more than 67 megapixels"):
        can_be_decoded(bomb, "It")


def test_a_chunk_that_says_it_is_longer_than_the_file_is_seen() -> None:
    assert has_whole_chunks(PNG)
    assert [kind for kind, _ in png_chunks(PNG)] == [b"IHDR", b"IDAT", b"IEND"]
    place = PNG.index(b"IDAT") - 4
    lying = PNG[:place] + struct.pack(">I", 0x7FFFFFFF) + PNG[place + 4 :]
    assert not has_whole_chunks(lying)
    assert not can_be_decoded(lying, "It")
    assert not has_whole_chunks(PNG[:-2])


def test_other_files_have_no_chunks_to_look_at() -> None:
    assert has_whole_chunks(cv2.imencode(".jpg", PICTURE)[1].tobytes())
    assert has_whole_chunks(b"")
