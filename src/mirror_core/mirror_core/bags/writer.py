"""Writes a bag: MCAP in chunks that are on their way to the disk after a second, with message definitions.

What has been written when the process is killed stays readable up to the last whole chunk
(`mirror_core.bags.recovery`). Nothing grows with the recording but the index, about 100 bytes a chunk.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from rosbags.interfaces import Connection, Qos
from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin
from rosbags.rosbag2 import Writer as RosbagsWriter
from rosbags.rosbag2.storage_mcap import McapWriter

from mirror_core.bags.message_types import new_typestore, register_type
from mirror_core.errors import StoreError, UsageError

__all__ = ["KEEP_FREE_BYTES", "BagWriter"]

KEEP_FREE_BYTES = 2**30  # of the disk: others need some, too
CHUNK_S = 1.0  # after this long a chunk is closed, so that a crash loses no more
METADATA_VERSION: Literal[8] = 8  # what Jazzy and Kilted read


class _FlushedMcap(McapWriter):
    """MCAP whose whole chunks are handed to the system at once.

    Attributes:
        whole_bytes: length of the file up to the last whole chunk.
    """

    def __init__(self, path: Path, compression: CompressionMode) -> None:
        super().__init__(path, compression)
        self.bio.flush()
        self.whole_bytes = self.bio.tell()

    def close_chunk(self) -> None:
        """Write the chunk; what is interrupted here is lost, what came before is not."""
        super().close_chunk()
        self.bio.flush()
        self.whole_bytes = self.bio.tell()


class _Writer(RosbagsWriter):
    STORAGE_PLUGINS: Mapping[StoragePlugin, Any] = {StoragePlugin.MCAP: _FlushedMcap}


def free_bytes_of(folder: Path) -> int:
    """Free bytes on the disk that holds a folder."""
    return shutil.disk_usage(folder).free


class BagWriter:
    """A new bag; close it (or leave its `with`), so that it gets its index.

    Args:
        folder: to be made; the bag's name is the folder's.
        compress: chunks with zstd.
        keep_free_bytes: on the disk; below that nothing is written any more.
        free_bytes: free space on the disk of a folder; replaced in tests.
        now_s: monotonic time in seconds; replaced in tests.

    Raises:
        UsageError: if the folder is there already, or cannot be made.
        StoreError: if the disk is too full.
    """

    def __init__(
        self,
        folder: Path | str,
        *,
        compress: bool = False,
        keep_free_bytes: int = KEEP_FREE_BYTES,
        free_bytes: Callable[[Path], int] = free_bytes_of,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self.folder = Path(folder)
        self._keep_free_bytes = keep_free_bytes
        self._free_bytes = free_bytes
        self._now_s = now_s
        self._typestore = new_typestore()
        self._connections: dict[str, Connection] = {}
        self._writer = self._open(compress)
        self._chunk_since_s = self._now_s()
        self._checked_at = -1  # length of the file when the disk was looked at last
        self._is_closed = False
        try:
            self._check_disk()
        except StoreError:
            self.close()
            shutil.rmtree(self.folder)  # nothing is in it
            raise

    def _open(self, compress: bool) -> _Writer:
        if self.folder.exists():
            raise UsageError(
                f"{self.folder} exists already: name a folder that does not, nothing is overwritten."
            )
        writer = _Writer(self.folder, version=METADATA_VERSION, storage_plugin=StoragePlugin.MCAP)
        if compress:
            writer.set_compression(CompressionMode.STORAGE, CompressionFormat.ZSTD)
        try:
            writer.open()
        except OSError as error:
            raise UsageError(
                f"The bag {self.folder} cannot be made ({error.strerror}): name another folder."
            ) from error
        return writer

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics added so far."""
        return tuple(self._connections)

    def add_topic(self, topic: str, type_name: str, qos: Sequence[Qos] = ()) -> None:
        """Tell the bag of a topic before its first message; known ones are left as they are.

        Args:
            topic: absolute name.
            type_name: e.g. sensor_msgs/msg/Image.
            qos: what its publishers offer; `ros2 bag play` offers the same.

        Raises:
            UsageError: if the type is not installed.
        """
        if topic in self._connections:
            return
        register_type(self._typestore, type_name)
        self._connections[topic] = self._writer.add_connection(
            topic, type_name, typestore=self._typestore, offered_qos_profiles=qos
        )

    def write(self, topic: str, data: bytes | memoryview, stamp_ns: int) -> None:
        """Append a message.

        Args:
            topic: one that was added.
            data: the message as it travels (CDR).
            stamp_ns: when it came, nanoseconds.

        Raises:
            StoreError: if the disk is too full, or fails; what has been written before stays readable.
        """
        self._check_disk()
        storage = self._storage
        try:
            self._writer.write(self._connections[topic], stamp_ns, data)
            if storage.whole_bytes != self._checked_at:  # that message filled a chunk
                self._chunk_since_s = self._now_s()
            elif self._now_s() - self._chunk_since_s >= CHUNK_S:
                storage.close_chunk()
                self._chunk_since_s = self._now_s()
        except OSError as error:
            self._give_up()
            raise StoreError(self._failure(error)) from error

    def flush(self) -> None:
        """Hand what waits in memory to the system, e.g. while nothing more comes.

        Raises:
            StoreError: if the disk fails.
        """
        try:
            if self._storage.chunk.msgs:
                self._storage.close_chunk()
                self._chunk_since_s = self._now_s()
        except OSError as error:
            self._give_up()
            raise StoreError(self._failure(error)) from error

    def _failure(self, error: OSError) -> str:
        return (
            f"The bag {self.folder} cannot be written ({error.strerror}): what it holds so far can be read."
        )

    @property
    def _storage(self) -> _FlushedMcap:
        storage = self._writer.storage
        if not isinstance(storage, _FlushedMcap):
            raise StoreError(f"The bag {self.folder} is closed: nothing more can be written.")
        return storage

    def _check_disk(self) -> None:
        """Look at the disk once for each chunk."""
        whole_bytes = self._storage.whole_bytes
        if whole_bytes == self._checked_at:
            return
        free = self._free_bytes(self.folder)
        if free < self._keep_free_bytes:
            raise StoreError(
                f"The disk of {self.folder} has {free / 2**20:.0f} MiB left, and "
                f"{self._keep_free_bytes / 2**20:.0f} are kept free: make room, or record elsewhere."
            )
        self._checked_at = whole_bytes

    def _give_up(self) -> None:
        """Leave the whole chunks, without index: a half one would hide what is behind it."""
        storage = self._storage
        self._is_closed = True
        with suppress(OSError):
            self._writer.abort()
        with suppress(OSError):
            os.truncate(storage.path, storage.whole_bytes)

    def close(self) -> None:
        """Write the index; harmless when already closed.

        Raises:
            StoreError: if the disk fails.
        """
        if self._is_closed:
            return
        self._is_closed = True
        try:
            self._writer.close()
        except OSError as error:
            self._is_closed = False
            self._give_up()
            raise StoreError(self._failure(error)) from error

    def __enter__(self) -> BagWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
