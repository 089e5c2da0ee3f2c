"""Zip archives from anywhere, read within limits and never onto the disk."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping

from mirror_core.errors import UsageError

__all__ = ["MOST_ENTRIES", "MOST_FILE_BYTES", "pack", "unpack"]

MOST_FILE_BYTES = 64 * 2**20  # of a file, and of all that it unpacks to
MOST_ENTRIES = 64
MOST_DIRECTORY_BYTES = 200 * MOST_ENTRIES  # the zip's table of contents
END_BYTES = 22  # the record at the end of a zip without a comment
LOCATOR_BYTES = 20  # the record before it, if the zip is of the 64-bit kind
PLAIN_NAME = re.compile(r"[a-z0-9_]+(/[a-z0-9_]+)?(\.[a-z0-9]+)*", re.ASCII)
ENCRYPTED = 0x1  # flag bit of an entry
EPOCH = (1980, 1, 1, 0, 0, 0)  # every entry's time, so that the same face gives the same bytes
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    RuntimeError,
    NotImplementedError,
)


def pack(entries: Mapping[str, bytes]) -> bytes:
    """A zip of these entries, by name; the same entries always give the same bytes."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        for name, content in entries.items():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.external_attr = 0o600 << 16
            entry.compress_type = (
                zipfile.ZIP_STORED if name.endswith((".webp", ".png")) else zipfile.ZIP_DEFLATED
            )
            file.writestr(entry, content)
    return archive.getvalue()


def unpack(data: bytes) -> dict[str, bytes]:
    """The entries of a zip, by name.

    Raises:
        UsageError: if it is no zip, broken, larger than the limits, or holds names or kinds of entries
            that a face file never has.
    """
    if len(data) > MOST_FILE_BYTES:
        raise UsageError(
            f"A face file has at most {MOST_FILE_BYTES >> 20} MiB, and this one has {len(data) / 2**20:.0f}."
        )
    _check_end(data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            return _read(file)
    except UsageError:
        raise
    except BROKEN:
        raise UsageError("This face file is damaged: its parts cannot be unpacked.") from None


def _check_end(data: bytes) -> None:
    """Look at the table of contents' size before it is read."""
    end = data[-END_BYTES:]
    if not data.startswith(b"PK\x03\x04") or not end.startswith(b"PK\x05\x06") or len(end) < END_BYTES:
        raise UsageError("This is not a face file, or it is cut off at the end.")
    entries, directory_bytes = struct.unpack_from("<HI", end, 10)
    locator = data[-END_BYTES - LOCATOR_BYTES : -END_BYTES]
    if entries > MOST_ENTRIES or directory_bytes > MOST_DIRECTORY_BYTES or locator.startswith(b"PK\x06\x07"):
        raise UsageError(f"A face file has at most {MOST_ENTRIES} parts, and this one claims more.")


def _read(file: zipfile.ZipFile) -> dict[str, bytes]:
    entries: dict[str, bytes] = {}
    left = MOST_FILE_BYTES
    for entry in file.infolist():
        if not PLAIN_NAME.fullmatch(entry.filename):
            raise UsageError(f"A face file has no part named {entry.filename[:60]!r}.")
        if entry.filename in entries:
            raise UsageError(f"This face file is damaged: it holds {entry.filename[:60]!r} twice.")
        if entry.flag_bits & ENCRYPTED or entry.compress_type not in (
            zipfile.ZIP_STORED,
            zipfile.ZIP_DEFLATED,
        ):
            raise UsageError(
                f"The part {entry.filename!r} of this face file is packed in a way that Mirror does not use."
            )
        with file.open(entry) as stream:
            content = stream.read(left + 1)  # whatever size the table of contents claims
        left -= len(content)
        if left < 0:
            raise UsageError(f"This face file unpacks to more than {MOST_FILE_BYTES >> 20} MiB.")
        entries[entry.filename] = content
    return entries
