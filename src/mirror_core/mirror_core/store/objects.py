"""Bytes by name: files of a folder of this machine, or objects elsewhere through fsspec (S3)."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote, urlsplit

from mirror_core.errors import StoreError, UsageError
from mirror_core.store.failures import disk_failure, first_line
from mirror_core.store.places import private_folder, require_allowed

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

__all__ = ["FolderObjects", "Objects", "RemoteObjects", "open_objects"]

PRIVATE = 0o600
PART = ".part"  # ending of a file that is being written


class Objects(Protocol):
    """Bytes by key. A key holds only letters, digits, dots, dashes, = and %, and slashes between its parts.

    Attributes:
        name: for messages, without credentials.
    """

    name: str

    def write(self, key: str, data: bytes) -> None:
        """Store bytes; when this returns they survive a power cut.

        Raises:
            StoreError: if that fails; part of the data may then be left under the key.
        """

    def read(self, key: str) -> bytes | None:
        """The bytes; None if there are none.

        Raises:
            StoreError: if the store cannot be read.
        """

    def delete(self, key: str) -> None:
        """Remove the bytes and what an interrupted `write` left of them, for good; none is fine.

        Raises:
            StoreError: if they may still be there.
        """


def open_objects(url: str, what: str, place: str) -> Objects:
    """The objects below a URL.

    Args:
        url: a folder (also as `file:///path`), `s3://bucket/prefix` (see `mirror_core.store.s3`), or the
            URL of any other file system that fsspec knows and that is installed.
        what: names one of them at the beginning of a sentence: "A picture".
        place: names the URL at the beginning of a sentence: "The pictures' URL".

    Raises:
        UsageError: if the URL is not understood.
    """
    if "://" not in url:
        require_allowed(url, what)
        return FolderObjects(Path(url).expanduser().absolute(), what)
    parts = urlsplit(url)
    require_allowed(unquote(parts.path) if parts.scheme == "file" else None, what)
    if parts.scheme == "file":
        return FolderObjects(Path(unquote(parts.path)), what)
    if parts.scheme == "s3":
        from mirror_core.store.s3 import open_s3

        return RemoteObjects(*open_s3(url, place), what)
    try:
        from fsspec.core import url_to_fs

        filesystem, root = url_to_fs(url)
    except (ValueError, ImportError) as error:
        raise UsageError(
            f"{place} {parts.scheme}://… is not understood ({first_line(error)}); use a folder, "
            "s3://bucket/prefix, or install what fsspec asks for."
        ) from None
    return RemoteObjects(filesystem, root, f"{parts.scheme}://{parts.hostname or ''}{parts.path}", what)


class FolderObjects:
    """Objects as files below one folder, readable by this user alone.

    Args:
        folder: made with the first object.
        what: see `open_objects`.
    """

    def __init__(self, folder: Path, what: str) -> None:
        self.folder = folder
        self.name = str(folder)
        self._what = what

    def write(self, key: str, data: bytes) -> None:
        """See `Objects.write`: a file with this name is always whole."""
        file = self.folder / key
        part = self.folder / (key + PART)
        try:
            private_folder(file.parent)
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, PRIVATE)
            try:
                view = memoryview(data)
                while view:
                    view = view[os.write(descriptor, view) :]
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            part.replace(file)
            _sync(file.parent)
        except OSError as error:
            raise disk_failure(error, f"{self._what} cannot be written to {self.name}") from error

    def read(self, key: str) -> bytes | None:
        """See `Objects.read`."""
        try:
            return (self.folder / key).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise disk_failure(error, f"{self._what} cannot be read from {self.name}") from error

    def delete(self, key: str) -> None:
        """See `Objects.delete`."""
        if not (self.folder / key).parent.exists():
            return
        try:
            for name in (key, key + PART):
                with contextlib.suppress(FileNotFoundError):
                    (self.folder / name).unlink()
            _sync((self.folder / key).parent)
        except OSError as error:
            raise disk_failure(error, f"{self._what} cannot be removed from {self.name}") from error


def _sync(folder: Path) -> None:
    """Make renamed and removed names survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class RemoteObjects:
    """Objects of an fsspec file system.

    Args:
        filesystem: from fsspec.
        root: path below which the objects lie.
        name: for messages, without credentials.
        what: see `open_objects`.
    """

    def __init__(self, filesystem: AbstractFileSystem, root: str, name: str, what: str) -> None:
        self.name = name
        self._filesystem = filesystem
        self._root = root.rstrip("/")
        self._what = what

    def write(self, key: str, data: bytes) -> None:
        """See `Objects.write`."""
        with self._translated("written to"):
            self._filesystem.pipe_file(self._path(key), data)

    def read(self, key: str) -> bytes | None:
        """See `Objects.read`."""
        with self._translated("read from"):
            try:
                return bytes(self._filesystem.cat_file(self._path(key)))
            except FileNotFoundError:
                return None

    def delete(self, key: str) -> None:
        """See `Objects.delete`."""
        with self._translated("removed from"), contextlib.suppress(FileNotFoundError):
            self._filesystem.rm_file(self._path(key))

    def _path(self, key: str) -> str:
        return f"{self._root}/{key}"

    @contextlib.contextmanager
    def _translated(self, doing: str) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # each file system has its own errors
            raise StoreError(
                f"{self._what} cannot be {doing} {self.name} ({first_line(error)}); check the address, the "
                "network and the credentials."
            ) from error
