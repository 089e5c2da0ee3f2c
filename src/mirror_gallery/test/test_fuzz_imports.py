"""Bad imports: face files, photographs, points and consents from anywhere are refused in a sentence."""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as PilImage

pytest.importorskip("mediapipe", reason="mediapipe is not installed")

from mirror_core.errors import UsageError
from mirror_core.testing_fuzz import damaged, fuzz, json_values, odd_numbers, odd_texts, promised
from mirror_gallery.consent import Consent, Scope
from mirror_gallery.face_archive import MOST_FILE_BYTES, unpack
from mirror_gallery.photo import LARGEST_SIDE_PX, read_photograph
from mirror_gallery.points_file import parse_points
from mirror_gallery.portrait import FaceView, Portrait
from mirror_gallery.portrait_file import decode, encode

CREATED = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
VIEW = FaceView(
    np.arange(20 * 16 * 3, dtype=np.uint8).reshape(20, 16, 3),
    np.arange(20 * 16, dtype=np.uint8).reshape(20, 16),
    np.random.default_rng(3).normal(8, 4, (478, 3)).astype(np.float32),
    yaw=12.5,
)
FACE = encode(
    Portrait("ada-1", "Ada", (VIEW, VIEW)), CREATED, Consent(Scope.UNTIL_REVOKED, others_may_wear=True)
)


def entries_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return {name: file.read(name) for name in file.namelist()}


ENTRIES = entries_of(FACE)
MANIFEST = next(name for name in ENTRIES if name.endswith(".json"))


def zipped(entries: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in entries.items():
            file.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


@fuzz(80)
@given(data=damaged(FACE))
def test_damaged_face_files_are_refused(data: bytes) -> None:
    with promised("face file, damaged", UsageError):
        assert np.isfinite(decode(data).portrait.views[0].landmarks).all()


@fuzz(60)
@given(name=st.sampled_from(sorted(ENTRIES)), data=st.data())
def test_face_files_with_another_entry_are_refused(name: str, data: st.DataObject) -> None:
    content = data.draw(damaged(ENTRIES[name]) | st.binary(max_size=64))
    with promised("face file, an entry of it", UsageError):
        decode(zipped({**ENTRIES, name: content}))


@st.composite
def changed_manifests(draw) -> bytes:
    """The manifest with one value, however deep, replaced."""
    content = json.loads(ENTRIES[MANIFEST])
    place = content
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = draw(st.sampled_from(keys))
        deeper = isinstance(place[key], (dict, list)) and place[key] and draw(st.booleans())
        if not deeper:
            break
        place = place[key]
    if draw(st.booleans()):
        place[key] = draw(json_values())
    elif isinstance(place, dict):
        del place[key]
    else:
        place.append(place[key])
    return json.dumps(content).encode("utf-8", "surrogatepass")


@fuzz(80)
@given(manifest=changed_manifests())
def test_face_files_with_another_manifest_are_refused_or_whole(manifest: bytes) -> None:
    with promised("face file, its manifest", UsageError):
        assert decode(zipped({**ENTRIES, MANIFEST: manifest})).portrait.views


@fuzz(60)
@given(
    name=odd_texts().filter(lambda text: "\x00" not in text and len(text) < 2000), count=st.integers(1, 80)
)
def test_face_files_with_foreign_entries_are_refused(name: str, count: int) -> None:
    try:
        data = zipped({**ENTRIES, **{f"{name}{n or ''}": b"x" for n in range(count)}})
    except (UnicodeError, ValueError):  # no zip can hold such a name
        return
    with promised("face file, foreign names", UsageError):
        decode(data)


def test_face_files_that_unpack_to_gigabytes_are_refused() -> None:
    bomb = zipped({MANIFEST: ENTRIES[MANIFEST], "a.npy": bytes(MOST_FILE_BYTES + 1)})
    assert len(bomb) < MOST_FILE_BYTES // 100
    with pytest.raises(UsageError):
        unpack(bomb)
    lying = bytearray(zipped({"a.npy": bytes(MOST_FILE_BYTES * 4)}))
    for at in range(len(lying) - 4):  # the sizes in both heads of the entry
        if lying[at : at + 4] == struct.pack("<I", MOST_FILE_BYTES * 4):
            lying[at : at + 4] = struct.pack("<I", 100)
    with pytest.raises(UsageError):
        unpack(bytes(lying))


def photograph(form: str, size: tuple[int, int] = (40, 30), mode: str = "RGB", **options: object) -> bytes:
    stream = io.BytesIO()
    noise = np.random.default_rng(3).integers(0, 256, (size[1], size[0], 3), np.uint8)
    PilImage.fromarray(noise).convert(mode).save(stream, form, **options)
    return stream.getvalue()


PHOTOGRAPHS = tuple(
    photograph(form, mode=mode)
    for form, mode in (
        *(("JPEG", "RGB"), ("JPEG", "CMYK"), ("PNG", "RGB"), ("PNG", "P"), ("PNG", "RGBA"), ("WEBP", "RGB")),
        *(("GIF", "P"), ("BMP", "RGB"), ("TIFF", "RGB"), ("TIFF", "CMYK")),
    )
)


@fuzz(80)
@given(data=st.one_of(*(damaged(file) for file in PHOTOGRAPHS), st.binary(max_size=64)))
def test_damaged_photographs_are_refused_or_pictures(data: bytes) -> None:
    with promised("photograph, damaged", UsageError):
        image = read_photograph(data).image
        assert image.ndim == 3
        assert image.dtype == np.uint8
        assert max(image.shape) <= LARGEST_SIDE_PX


@fuzz(60)
@given(
    orientation=st.integers(0, 65535) | st.sampled_from((1, 3, 6, 8)),
    odd=st.binary(max_size=200),
    text=odd_texts(),
)
def test_odd_exif_turns_a_photograph_or_is_left_out(orientation: int, odd: bytes, text: str) -> None:
    exif = PilImage.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = text.encode("utf-8", "surrogatepass").decode("latin-1")
    exif[0x927C] = odd
    with promised("photograph, odd EXIF", UsageError):
        found = read_photograph(photograph("JPEG", exif=exif.tobytes()))
        turned = 5 <= orientation <= 8
        assert found.image.shape[:2] == ((40, 30) if turned else (30, 40))


def png_of(width: int, height: int) -> bytes:
    """A PNG of one grey line's bytes that says that it is as large as this."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        body = kind + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


@fuzz(30)
@given(width=st.integers(0, 2**31 - 1), height=st.integers(0, 2**31 - 1))
def test_pictures_that_say_they_are_huge_are_refused(width: int, height: int) -> None:
    with promised("photograph, bomb", UsageError):
        read_photograph(png_of(width, height))


@fuzz(80)
@given(
    text=st.one_of(
        json_values().map(json.dumps),
        st.just("[" * 5000),
        st.builds(lambda points: json.dumps({"points": points, "unit": "share"}), json_values()),
        st.text(max_size=200),
        st.text(st.sampled_from('0123456789,."\r\n#e-\x00'), max_size=60),
        st.just("1,2\r\r3,4"),
        st.lists(st.tuples(st.integers(-2, 500), odd_numbers(), odd_numbers()), max_size=8).map(
            lambda rows: "\n".join(",".join(map(str, row)) for row in rows)
        ),
    ),
    is_csv=st.booleans(),
)
def test_points_are_refused_or_finite(text: str, is_csv: bool) -> None:
    with promised("points placed by hand", UsageError):
        points = parse_points(text, is_csv, (640, 480))
        assert np.isfinite(list(points.values())).all()
