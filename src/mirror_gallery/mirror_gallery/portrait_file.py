"""A stored face as one file, ending in `.mirrorface`: a zip with a manifest, pictures and landmarks.

Version 1 holds nothing but

    manifest.json            who, when, and what each view is (`face_manifest`)
    views/<n>.webp           the picture, n = 0, 1, …; or views/<n>.png
    views/<n>.opacity.png    where the face is
    views/<n>.landmarks.npy  float32 [468 or 478, 3], exact

A file may come from anywhere. Nothing of it is written to disk or executed, nothing is decoded before its
size is known to be within the limits, and whatever is not as above is refused in one sentence.
"""

from __future__ import annotations

import io
import re
import struct
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ShapeError, UsageError
from mirror_gallery.consent import Consent
from mirror_gallery.face_archive import MOST_FILE_BYTES, pack, unpack
from mirror_gallery.face_manifest import Manifest, ViewEntry
from mirror_gallery.portrait import SURFACE_POINTS, FaceView, Portrait
from mirror_gallery.still_picture import LOSSLESS, encoded_png, encoded_webp, read_colour, read_grey

__all__ = [
    "LOSSLESS",
    "MOST_FILE_BYTES",
    "QUALITY",
    "SUFFIX",
    "PortraitFile",
    "decode",
    "encode",
    "relabelled",
]

SUFFIX = ".mirrorface"
QUALITY = 92  # WebP; no difference is seen when the face is worn 1:1
MANIFEST = "manifest.json"
MOST_COORDINATE_PX = 100_000.0  # of a landmark; far beyond any picture, far from where float32 gets coarse
NPY_VERSION = (1, 0)
NPY_HEADER = re.compile(  # https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
    rb"\x93NUMPY\x01\x00..\{'descr': '<f4', 'fortran_order': False, 'shape': \((?P<points>%d|%d), 3\), \} *\n"
    % (SURFACE_POINTS, SURFACE_POINTS + 10),
    re.DOTALL,
)


@dataclass(frozen=True, slots=True, eq=False)
class PortraitFile:
    """What a face file holds.

    Attributes:
        portrait: with the id and name it had where it was written.
        created: when the face was stored first, in UTC.
        consent: as it was when the file was written; None for a face that belongs to nobody.
    """

    portrait: Portrait
    created: datetime
    consent: Consent | None


def encode(portrait: Portrait, created: datetime, consent: Consent | None, quality: int = QUALITY) -> bytes:
    """The file of a face. The same arguments give the same bytes.

    Args:
        portrait: the face; its name is stored as `checked_name` returns it.
        created: when it was stored first, with a time zone.
        consent: None for a face that belongs to nobody.
        quality: of the pictures, 1 … 100, or LOSSLESS. Opacity and landmarks are always exact.

    Raises:
        UsageError: if something in it is not allowed in a face file (see `face_manifest`).
    """
    views = tuple(
        ViewEntry(index, "webp", view.image.shape[1], view.image.shape[0], view.yaw, view.pitch, view.roll)
        for index, view in enumerate(portrait.views)
    )
    manifest = Manifest(portrait.id, portrait.name, portrait.preset, created, consent, views)
    entries = {MANIFEST: manifest.to_json()}
    for entry, view in zip(views, portrait.views, strict=True):
        _check_coordinates(view.landmarks)
        entries[entry.image] = encoded_webp(view.image, quality)
        entries[entry.opacity] = encoded_png(view.opacity)
        entries[entry.landmarks] = _encoded_landmarks(view.landmarks)
    return _packed(entries)


def decode(data: bytes) -> PortraitFile:
    """Read a face file from anywhere.

    Returns:
        The face. Landmarks and opacity are exactly what was encoded.

    Raises:
        UsageError: if it is not a face file, is damaged, or was made to do harm; in one sentence.
    """
    manifest, entries = _manifest_and_entries(data)
    views = tuple(_view(entry, entries) for entry in manifest.views)
    portrait = Portrait(manifest.id, manifest.name, views, manifest.preset)
    return PortraitFile(portrait, manifest.created, manifest.consent)


def relabelled(data: bytes, portrait_id: str, name: str, created: datetime, consent: Consent | None) -> bytes:
    """The same file with another manifest; its pictures are not decoded, so nothing is lost.

    Args:
        data: a face file.
        portrait_id, name, created, consent: as in `encode`. The result is of a person, never a preset.

    Raises:
        UsageError: as `encode` and `decode`, except that damaged pictures are not found.
    """
    manifest, entries = _manifest_and_entries(data)
    changed = Manifest(portrait_id, name, False, created, consent, manifest.views)
    return _packed({**entries, MANIFEST: changed.to_json()})


def _packed(entries: dict[str, bytes]) -> bytes:
    data = pack(entries)
    if len(data) > MOST_FILE_BYTES:
        raise UsageError(
            f"This face's file would have more than {MOST_FILE_BYTES >> 20} MiB; make the pictures smaller."
        )
    return data


def _manifest_and_entries(data: bytes) -> tuple[Manifest, dict[str, bytes]]:
    entries = unpack(data)
    if MANIFEST not in entries:
        raise UsageError("This is not a face file: it has no manifest.")
    manifest = Manifest.from_json(entries[MANIFEST])
    expected = {MANIFEST}
    for view in manifest.views:
        expected |= {view.image, view.opacity, view.landmarks}
    if missing := expected - entries.keys():
        raise UsageError(f"This face file is damaged: {min(missing)!r} is missing.")
    if surplus := entries.keys() - expected:
        raise UsageError(f"This face file holds {min(surplus)!r}, which a face file has not.")
    return manifest, entries


def _view(entry: ViewEntry, entries: dict[str, bytes]) -> FaceView:
    size = (entry.width, entry.height)
    landmarks = _decoded_landmarks(entries[entry.landmarks], entry.landmarks)
    opacity = read_grey(entries[entry.opacity], size, entry.opacity)
    image = read_colour(entries[entry.image], size, entry.image)
    try:
        return FaceView(image, opacity, landmarks, entry.yaw, entry.pitch, entry.roll)
    except ShapeError as error:
        raise UsageError(f"This face file is damaged: {error}") from None


def _check_coordinates(landmarks: NDArray[np.float32]) -> None:
    if not np.abs(landmarks).max() <= MOST_COORDINATE_PX:  # also of NaN
        raise UsageError(
            f"A landmark of a stored face lies at most {MOST_COORDINATE_PX:.0f} px from the picture's corner."
        )


def _encoded_landmarks(landmarks: NDArray[np.float32]) -> bytes:
    stream = io.BytesIO()
    little_endian = np.ascontiguousarray(landmarks, "<f4")
    np.lib.format.write_array(stream, little_endian, NPY_VERSION, allow_pickle=False)  # type: ignore[no-untyped-call]
    return stream.getvalue()


def _decoded_landmarks(data: bytes, what: str) -> NDArray[np.float32]:
    """Read an .npy file of exactly this kind (numpy's own reader evaluates the header as Python)."""
    header = NPY_HEADER.match(data)
    if header is None or struct.unpack_from("<H", data, 8)[0] != header.end() - 10:
        raise UsageError(f"{what} of this face file must be a float32 array [468 or 478, 3].")
    points = int(header["points"])
    content = data[header.end() :]
    if len(content) != points * 3 * 4:
        raise UsageError(f"{what} of this face file is cut off or too long.")
    landmarks = np.frombuffer(content, "<f4").astype(np.float32).reshape(points, 3)
    _check_coordinates(landmarks)
    return landmarks
