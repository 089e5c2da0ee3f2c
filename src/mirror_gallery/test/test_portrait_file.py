"""Face files: what goes in comes out, and nothing that comes from elsewhere does harm."""

from __future__ import annotations

import io
import json
import math
import struct
import zipfile
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mirror_core.errors import UsageError
from mirror_gallery import face_archive, face_manifest
from mirror_gallery.consent import Consent, Scope
from mirror_gallery.portrait import FaceView, Portrait
from mirror_gallery.portrait_file import LOSSLESS, decode, encode, relabelled

CREATED = datetime(2026, 5, 4, 3, 2, 1, 123456, tzinfo=UTC)
CONSENT = Consent(Scope.UNTIL_DATE, CREATED + timedelta(days=30), others_may_wear=True)
SMALL = FaceView(
    np.arange(20 * 16 * 3, dtype=np.uint8).reshape(20, 16, 3),
    np.arange(20 * 16, dtype=np.uint8).reshape(20, 16),
    np.random.default_rng(3).normal(8, 4, (478, 3)).astype(np.float32),
    yaw=12.5,
    pitch=-3.25,
)
FILE = encode(Portrait("ada-1", "Ada Lovelace", (SMALL, SMALL)), CREATED, CONSENT)

moments = st.datetimes(
    datetime(2000, 1, 1),
    datetime(2100, 1, 1),
    timezones=st.integers(-600, 600).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)
names = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=20)
angles = st.one_of(st.just(math.nan), st.floats(-180, 180))


@st.composite
def views(draw: st.DrawFn) -> FaceView:
    width, height = draw(st.integers(1, 40)), draw(st.integers(1, 40))
    points = draw(st.sampled_from([468, 478]))
    return FaceView(
        draw(hnp.arrays(np.uint8, (height, width, 3))),
        draw(hnp.arrays(np.uint8, (height, width))),
        draw(
            hnp.arrays(
                np.float32,
                (points, 3),
                elements=st.floats(-1e5, 1e5, width=32),
                fill=st.floats(0, 9, width=32),
            )
        ),
        *(draw(angles) for _ in range(3)),
    )


@st.composite
def consents(draw: st.DrawFn) -> Consent:
    scope = draw(st.sampled_from(Scope))
    until = draw(moments) if scope is Scope.UNTIL_DATE else None
    return Consent(scope, until, draw(st.booleans()), draw(st.booleans()))


@given(
    faces=st.lists(views(), min_size=1, max_size=3),
    name=names,
    preset=st.booleans(),
    created=moments,
    consent=st.none() | consents(),
)
@settings(max_examples=40, deadline=None)
def test_a_face_comes_back_as_it_was(
    faces: list[FaceView], name: str, preset: bool, created: datetime, consent: Consent | None
) -> None:
    portrait = Portrait("preset:some-face" if preset else "a1", name, tuple(faces), preset)
    data = encode(portrait, created, consent, LOSSLESS)
    found = decode(data)
    assert (found.portrait.id, found.portrait.preset) == (portrait.id, preset)
    assert found.portrait.name == face_manifest.checked_name(name)
    assert found.created == created
    assert found.consent == consent
    for before, after in zip(faces, found.portrait.views, strict=True):
        assert (after.landmarks == before.landmarks).all()  # exact
        assert (after.opacity == before.opacity).all()
        assert (after.image == before.image).all()
        before_angles, after_angles = (
            (before.yaw, before.pitch, before.roll),
            (after.yaw, after.pitch, after.roll),
        )
        assert np.array_equal(after_angles, before_angles, equal_nan=True)
    assert encode(found.portrait, found.created, found.consent, LOSSLESS) == data


def test_the_usual_quality_is_hardly_seen() -> None:
    y, x = np.mgrid[:200, :200].astype(np.float64)
    waves = np.stack([128 + 90 * np.sin(x / 9 + y / 31 + c) for c in range(3)], 2).astype(np.uint8)
    view = FaceView(waves, np.full((200, 200), 255, np.uint8), np.zeros((468, 3), np.float32))
    found = decode(encode(Portrait("a", "a", (view,)), CREATED, None)).portrait.views[0]
    assert np.abs(found.image.astype(int) - waves).mean() < 2.5  # grey levels
    assert (found.opacity == 255).all()


def test_relabelling_changes_the_manifest_and_no_picture() -> None:
    consent = Consent(Scope.THIS_VISIT, recognise=True)
    found = decode(relabelled(FILE, "b2", "  Grace ", CREATED + timedelta(1), consent))
    assert (found.portrait.id, found.portrait.name, found.portrait.preset) == ("b2", "Grace", False)
    assert (found.created, found.consent) == (CREATED + timedelta(1), consent)
    with zipfile.ZipFile(io.BytesIO(FILE)) as before:
        pictures = {name: before.read(name) for name in before.namelist() if name != "manifest.json"}
    with zipfile.ZipFile(io.BytesIO(relabelled(FILE, "b2", "Grace", CREATED, None))) as after:
        assert {name: after.read(name) for name in after.namelist() if name != "manifest.json"} == pictures


# ---- what encode refuses, so that decode never meets it in our own files


def blank(width: int, height: int) -> FaceView:
    return FaceView(
        np.zeros((height, width, 3), np.uint8),
        np.zeros((height, width), np.uint8),
        np.zeros((468, 3), np.float32),
    )


@pytest.mark.parametrize(
    ("portrait", "why"),
    [
        (Portrait("a", " ", (SMALL,)), "needs a name"),
        (Portrait("../a", "a", (SMALL,)), "A face's id consists"),
        (Portrait("", "a", (SMALL,)), "A face's id consists"),
        (Portrait("a", "a", (blank(4097, 2),)), "at most 4096 px"),
        (Portrait("a", "a", (blank(4096, 4096), blank(4096, 4096))), "32 million pixels"),
        (Portrait("a", "a", (SMALL,) * 17), "1 to 16 views"),
    ],
)
def test_faces_that_do_not_fit_into_a_file(portrait: Portrait, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        encode(portrait, CREATED, None)


def test_landmarks_far_from_the_picture_are_refused() -> None:
    landmarks = np.zeros((468, 3), np.float32)
    landmarks[7, 1] = 2e5
    view = FaceView(np.zeros((4, 4, 3), np.uint8), np.zeros((4, 4), np.uint8), landmarks)
    with pytest.raises(UsageError, match="100000 px"):
        encode(Portrait("a", "a", (view,)), CREATED, None)


def test_a_creation_time_without_a_time_zone_is_refused() -> None:
    with pytest.raises(UsageError, match="time zone"):
        encode(Portrait("a", "a", (SMALL,)), datetime(2026, 1, 1), None)


# ---- files from elsewhere


def entries() -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(FILE)) as file:
        return {name: file.read(name) for name in file.namelist()}


def zipped(content: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as file:
        for name, data in content.items():
            file.writestr(name, data)
    return stream.getvalue()


def with_manifest(change: Callable[[dict[str, Any]], Any]) -> bytes:
    content = entries()
    manifest = json.loads(content["manifest.json"])
    change(manifest)
    return zipped({**content, "manifest.json": json.dumps(manifest).encode()})


def npy(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=True)
    return stream.getvalue()


def huge_npy() -> bytes:
    header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000, 100), }\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header


def refused(data: bytes, why: str) -> None:
    with pytest.raises(UsageError, match=why) as caught:
        decode(data)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert sentence.endswith(".")
    assert len(sentence) < 250


def test_the_changes_below_start_from_a_good_file() -> None:
    assert decode(zipped(entries())).portrait.name == "Ada Lovelace"
    assert decode(with_manifest(lambda m: m.update(later="ignored"))).portrait.name == "Ada Lovelace"


@pytest.mark.parametrize("data", [b"", b"PK", b"hello" * 100, FILE[:-1], FILE[: len(FILE) // 2], FILE[5:]])
def test_what_is_no_whole_zip_is_refused(data: bytes) -> None:
    refused(data, "not a face file")


def test_every_cut_off_file_is_refused() -> None:
    for length in range(0, len(FILE), 37):
        refused(FILE[:length], r"not a face file|damaged")


def test_a_zip_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(face_archive, "MOST_FILE_BYTES", 2**20)
    bomb = zipped({**entries(), "views/0.webp": bytes(2**24)})
    assert len(bomb) < 2**16
    refused(bomb, "unpacks to more than 1 MiB")


def test_a_bomb_that_lies_about_its_size_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(face_archive, "MOST_FILE_BYTES", 2**20)
    bomb = zipped({**entries(), "views/0.webp": bytes(2**24)})
    small = bomb.replace(struct.pack("<I", 2**24), struct.pack("<I", 100))
    assert small != bomb
    refused(small, "damaged|unpacks to more")


def test_a_file_that_is_too_long_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(face_archive, "MOST_FILE_BYTES", 100)
    refused(FILE, "has at most")


def test_a_zip_with_too_many_parts_is_not_read() -> None:
    refused(zipped({f"views/{i}": b"" for i in range(65)}), "at most 64 parts")
    end = FILE[-22:]
    locator = b"PK\x06\x07" + bytes(16)  # says that the real table of contents is elsewhere
    refused(FILE[:-22] + locator + end, "at most 64 parts")


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "/etc/passwd",
        "views/../../evil",
        "C:\\evil",
        "views\\0.webp",
        "Views/0",
        "a/b/c",
        ".hidden",
    ],
)
def test_names_that_lead_elsewhere_are_refused(name: str) -> None:
    refused(zipped({**entries(), name: b"x"}), "has no part named")


def test_two_parts_with_one_name_are_refused() -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        stream = io.BytesIO(FILE)
        with zipfile.ZipFile(stream, "a") as file:
            file.writestr("views/0.webp", b"x")
    refused(stream.getvalue(), "twice")


def test_parts_that_do_not_belong_there_are_refused() -> None:
    refused(zipped({**entries(), "views/2.webp": b"x"}), "holds 'views/2.webp'")


@pytest.mark.parametrize("name", ["views/1.webp", "views/0.opacity.png", "views/1.landmarks.npy"])
def test_missing_parts_are_named(name: str) -> None:
    content = entries()
    del content[name]
    refused(zipped(content), f"'{name}' is missing")


def test_a_file_without_a_manifest_is_refused() -> None:
    content = entries()
    del content["manifest.json"]
    refused(zipped(content), "no manifest")


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_other_packings_are_refused(method: int) -> None:
    refused(zipped(entries(), method), "packed in a way")


def test_encrypted_parts_are_refused() -> None:
    data = bytearray(zipped(entries()))
    central = data.index(b"PK\x01\x02")
    data[central + 8] |= 1
    refused(bytes(data), "packed in a way")


def test_newer_files_say_so() -> None:
    refused(with_manifest(lambda m: m.update(version=2)), "version 2, made by a newer Mirror.*update")


def deep(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


@pytest.mark.parametrize(
    ("manifest", "why"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (deep(30_000), "not JSON"),
        (b'{"format": "mirrorface", "version": NaN}', "not JSON"),
        (b"9" * 10_000, "not JSON"),
        (b"[]", "something else"),
        (b'{"format": "zip"}', "something else"),
        (b'{"format": "mirrorface"}', "'version' is missing"),
        (b" " * 70_000, "too long"),
    ],
)
def test_manifests_that_are_none(manifest: bytes, why: str) -> None:
    refused(zipped({**entries(), "manifest.json": manifest}), why)


@pytest.mark.parametrize(
    ("key", "value", "why"),
    [
        ("version", 0, "never existed"),
        ("version", True, "'version' is missing"),
        ("version", "1", "'version' is missing"),
        ("id", "../../x", "A face's id"),
        ("id", 5, "'id' is missing"),
        ("name", "A\u0000", "control"),
        ("name", "\ud800", "control"),
        ("name", None, "'name' is missing"),
        ("name", "x" * 200, "at most 80"),
        ("created", "yesterday", "'created' is missing"),
        ("created", "2026-01-01", "time zone"),
        ("preset", 1, "'preset' is missing"),
        ("consent", [], "'consent' is missing"),
        ("consent", {"scope": "forever"}, "'scope' is missing"),
        ("consent", {"scope": "until_date", "others_may_wear": True, "recognise": True}, "needs that date"),
        ("consent", {"scope": "until_revoked"}, "'others_may_wear' is missing"),
        ("views", [], "1 to 16 views"),
        ("views", [{}] * 1000, "1 to 16 views"),
        ("views", ["x"], "'views' is missing"),
        ("views", [{"image": "views/0.webp"}], "'width' is missing"),
        ("views", [{"image": "views/0.webp", "width": 16, "height": 20, "yaw": "x"}], "'yaw' is missing"),
        ("views", [{"image": "views/0.webp", "width": 16, "height": 20, "yaw": 1e999}], "not JSON"),
        ("views", [{"image": "views/0.webp", "width": 16, "height": 20, "yaw": 400}], "'yaw' is missing"),
        ("views", [{"image": "views/1.webp", "width": 16, "height": 20}], "'image' is missing"),
        ("views", [{"image": "/etc/passwd", "width": 16, "height": 20}], "'image' is missing"),
        ("views", [{"image": "views/0.webp", "width": 10**12, "height": 20}], "at most 4096 px"),
        ("views", [{"image": "views/0.webp", "width": -1, "height": 20}], "at most 4096 px"),
        ("views", [{"image": "views/0.webp", "width": 17, "height": 20}], "holds|17 × 20"),
    ],
)
def test_manifests_that_say_what_cannot_be(key: str, value: Any, why: str) -> None:
    refused(with_manifest(lambda manifest: manifest.__setitem__(key, value)), why)


def test_sizes_are_compared_with_the_pictures() -> None:
    def widen(manifest: dict[str, Any]) -> None:
        manifest["views"][1]["width"] = 17

    refused(with_manifest(widen), "the manifest says 17 × 20 px")


@pytest.mark.parametrize(
    ("landmarks", "why"),
    [
        (npy(np.zeros((467, 3), np.float32)), r"must be a float32 array \[468 or 478, 3\]"),
        (npy(np.zeros((468, 3), np.float64)), "must be a float32"),
        (npy(np.zeros((468, 3), ">f4")), "must be a float32"),
        (npy(np.asfortranarray(np.zeros((468, 3), np.float32))), "must be a float32"),
        (
            npy(np.full((468, 3), object(), object)),
            "must be a float32",
        ),  # would run code if it were unpickled
        (npy(np.full((468, 3), np.nan, np.float32)), "100000 px"),
        (npy(np.full((468, 3), 1e9, np.float32)), "100000 px"),
        (npy(np.zeros((468, 3), np.float32))[:-4], "cut off"),
        (npy(np.zeros((468, 3), np.float32)) + b"x", "too long"),
        (huge_npy(), "must be a float32"),
        (b"\x93NUMPY\x01\x00\xff\xff" + b"(" * 60_000, "must be a float32"),
        (b"", "must be a float32"),
    ],
)
def test_landmarks_of_other_kinds_are_refused(landmarks: bytes, why: str) -> None:
    refused(zipped({**entries(), "views/1.landmarks.npy": landmarks}), why)


def test_pictures_are_checked_too() -> None:
    refused(zipped({**entries(), "views/0.webp": b"GIF89a" + bytes(50)}), "neither a plain PNG")
    content = entries()
    refused(zipped({**content, "views/0.opacity.png": content["views/0.webp"][:40]}), "damaged|neither")


def test_a_png_may_stand_for_the_webp() -> None:
    from mirror_gallery.still_picture import encoded_png

    content = entries()
    del content["views/1.webp"]
    content["views/1.png"] = encoded_png(SMALL.image)
    manifest = json.loads(content["manifest.json"])
    manifest["views"][1]["image"] = "views/1.png"
    content["manifest.json"] = json.dumps(manifest).encode()
    assert (decode(zipped(content)).portrait.views[1].image == SMALL.image).all()


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_a_damaged_file_gives_a_face_or_one_sentence(data: st.DataObject) -> None:
    bad = bytearray(FILE)
    for _ in range(data.draw(st.integers(1, 6))):
        bad[data.draw(st.integers(0, len(bad) - 1))] = data.draw(st.integers(0, 255))
    try:
        decode(bytes(bad))
    except UsageError as error:
        assert "\n" not in str(error)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_damaged_parts_with_correct_checksums_give_a_face_or_one_sentence(data: st.DataObject) -> None:
    content = entries()
    name = data.draw(st.sampled_from(sorted(content)))
    bad = bytearray(content[name])
    for _ in range(data.draw(st.integers(1, 6))):
        bad[data.draw(st.integers(0, len(bad) - 1))] = data.draw(st.integers(0, 255))
    content[name] = bytes(bad[: data.draw(st.integers(0, len(bad)))])
    try:
        decode(zipped(content))
    except UsageError as error:
        assert "\n" not in str(error)


def test_checksums_are_looked_at() -> None:
    stored = zipped(entries(), zipfile.ZIP_STORED)
    picture = entries()["views/0.webp"]
    at = stored.index(picture) + len(picture) - 3
    flipped = stored[:at] + bytes([stored[at] ^ 0x40]) + stored[at + 1 :]
    assert zlib.crc32(flipped) != zlib.crc32(stored)
    refused(flipped, "damaged")
