"""Where the pictures of stored faces lie: a folder of this machine, or elsewhere through fsspec (S3)."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote, urlsplit

from mirror_core.errors import StoreError, UsageError
from mirror_gallery.locations import default_pictures, private_folder
from mirror_gallery.store.failures import disk_failure, first_line

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

__all__ = ["FolderPictures", "Pictures", "RemotePictures", "open_pictures"]

PRIVATE = 0o600
PART = ".part"  # ending of a file that is being written


class Pictures(Protocol):
    """A picture store: bytes by key. A key holds only letters, digits, dots and dashes.

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


def open_pictures(url: str = "") -> Pictures:
    """The picture store of a URL.

    Args:
        url: a folder (also as `file:///path`), empty for the default one, `s3://bucket/prefix`, or the
            URL of any other file system that fsspec knows and that is installed.

    Raises:
        UsageError: if the URL is not understood.
    """
    if "://" not in url:
        return FolderPictures(Path(url).expanduser().absolute() if url else default_pictures())
    parts = urlsplit(url)
    if parts.scheme == "file":
        return FolderPictures(Path(unquote(parts.path)))
    if parts.scheme == "s3":
        from mirror_gallery.store.s3 import open_s3

        return RemotePictures(*open_s3(url))
    try:
        from fsspec.core import url_to_fs

        filesystem, root = url_to_fs(url)
    except (ValueError, ImportError) as error:
        raise UsageError(
            f"The pictures' URL {parts.scheme}://… is not understood ({first_line(error)}); use a folder, "
            "s3://bucket/prefix, or install what fsspec asks for."
        ) from None
    return RemotePictures(filesystem, root, f"{parts.scheme}://{parts.hostname or ''}{parts.path}")


class FolderPictures:
    """Pictures as files in one folder, readable by this user alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = str(folder)

    def write(self, key: str, data: bytes) -> None:
        """See `Pictures.write`: a file with this name is always whole."""
        part = self.folder / (key + PART)
        try:
            private_folder(self.folder)
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, PRIVATE)
            try:
                view = memoryview(data)
                while view:
                    view = view[os.write(descriptor, view) :]
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            part.replace(self.folder / key)
            self._sync()
        except OSError as error:
            raise disk_failure(error, f"A picture cannot be written to {self.name}") from error

    def read(self, key: str) -> bytes | None:
        """See `Pictures.read`."""
        try:
            return (self.folder / key).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise disk_failure(error, f"A picture cannot be read from {self.name}") from error

    def delete(self, key: str) -> None:
        """See `Pictures.delete`."""
        if not self.folder.exists():
            return
        try:
            for name in (key, key + PART):
                with contextlib.suppress(FileNotFoundError):
                    (self.folder / name).unlink()
            self._sync()
        except OSError as error:
            raise disk_failure(error, f"A picture cannot be removed from {self.name}") from error

    def _sync(self) -> None:
        """Make renamed and removed names survive a power cut."""
        descriptor = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


class RemotePictures:
    """Pictures as objects of an fsspec file system.

    Args:
        filesystem: from fsspec.
        root: path below which the objects lie.
        name: for messages, without credentials.
    """

    def __init__(self, filesystem: AbstractFileSystem, root: str, name: str) -> None:
        self.name = name
        self._filesystem = filesystem
        self._root = root.rstrip("/")

    def write(self, key: str, data: bytes) -> None:
        """See `Pictures.write`."""
        with self._translated("written to"):
            self._filesystem.pipe_file(self._path(key), data)

    def read(self, key: str) -> bytes | None:
        """See `Pictures.read`."""
        with self._translated("read from"):
            try:
                return bytes(self._filesystem.cat_file(self._path(key)))
            except FileNotFoundError:
                return None

    def delete(self, key: str) -> None:
        """See `Pictures.delete`."""
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
                f"A picture cannot be {doing} {self.name} ({first_line(error)}); check the address, the "
                "network and the credentials."
            ) from error
