"""What a file is, by its first bytes; its name and what a browser says of it count for nothing."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from mirror_web.catalogue import Texts

__all__ = ["HEAD_BYTES", "PHOTO_OR_FACE", "FileKind", "kind_of", "kinds_words"]

HEAD_BYTES = 16  # of a file's beginning are enough to tell
NAMES = Texts("upload_kinds")


class FileKind(StrEnum):
    """A kind of file that the page takes."""

    PICTURE = "picture"  # JPEG, PNG, WebP
    FACE = "face"  # .mirrorface, a zip
    CLIP = "clip"  # MP4 and QuickTime, WebM and Matroska, AVI


PHOTO_OR_FACE = (FileKind.PICTURE, FileKind.FACE)
_BEGINNINGS = (
    (b"\xff\xd8\xff", FileKind.PICTURE),
    (b"\x89PNG\r\n\x1a\n", FileKind.PICTURE),
    (b"PK\x03\x04", FileKind.FACE),
    (b"\x1a\x45\xdf\xa3", FileKind.CLIP),  # EBML: WebM and Matroska
)
_RIFF = {b"WEBP": FileKind.PICTURE, b"AVI ": FileKind.CLIP}
_STILL_BRANDS = (b"avif", b"avis", b"heic", b"heix", b"mif1", b"msf1")  # pictures in the container of clips


def kind_of(head: bytes) -> FileKind | None:
    """The kind of a file that begins with these bytes; None for any other.

    Args:
        head: its first `HEAD_BYTES` bytes, or all where it has fewer.
    """
    for beginning, kind in _BEGINNINGS:
        if head.startswith(beginning):
            return kind
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12])
    if head[4:8] == b"ftyp" and head[8:12] not in _STILL_BRANDS:  # ISO/IEC 14496-12
        return FileKind.CLIP
    if head[4:8] in (b"moov", b"mdat", b"wide"):  # QuickTime without a type, as old cameras write it
        return FileKind.CLIP
    return None


def kinds_words(kinds: Collection[FileKind]) -> str:
    """The kinds for people."""
    return ", ".join(NAMES[kind] for kind in FileKind if kind in kinds)
