"""Reads an MCAP file whose end is missing: from its beginning up to the last whole record.

A recording that was killed, or copied in part, has neither index nor footer. Records follow each other
with their lengths (https://mcap.dev/spec), so that everything before the cut can be read.
"""

from __future__ import annotations

from collections.abc import Collection, Generator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from rosbags.interfaces import Connection
from rosbags.rosbag2.storage_mcap import McapReader, decompress, read_string

__all__ = ["RecoveredMcap"]

MAGIC = b"\x89MCAP0\r\n"
HEADER, FOOTER, CHUNK, DATA_END = 0x01, 0x02, 0x06, 0x0F  # kinds of records
RECORD_HEAD = 9  # bytes: kind and length
CHUNK_HEAD = 28  # bytes: first and last time, length, checksum


class RecoveredMcap(McapReader):
    """An MCAP file without its end.

    Attributes:
        lost_bytes: of the file behind the last whole record.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.lost_bytes = 0

    def _open(self) -> None:
        file = self.bio
        if file is None or file.read(len(MAGIC)) != MAGIC:
            raise ValueError("it does not begin as an MCAP file")
        kind, length = _record_head(file)
        if kind != HEADER or read_string(BytesIO(file.read(length))) != "ros2":
            raise ValueError("it is no recording of ROS 2")
        self.data_start = file.tell()
        self.data_end = _end_of_whole_records(file, self.data_start)
        self.lost_bytes = file.seek(0, 2) - self.data_end
        self.meta_scan()
        statistics = self.statistics
        if statistics is None or not statistics.message_count:
            return
        counts = statistics.channel_message_counts
        self.connections = [each._replace(msgcount=counts.get(each.id, 0)) for each in self.connections]
        self.metadata = self.metadata._replace(
            duration=statistics.end_time - statistics.start_time + 1,
            start_time=statistics.start_time,
            end_time=statistics.end_time + 1,
            message_count=statistics.message_count,
        )

    def messages(
        self, connections: Collection[Connection], start: int | None = None, stop: int | None = None
    ) -> Generator[tuple[Connection, int, bytes], None, None]:
        """The messages in the order in which they were written."""
        return self.messages_scan(connections, start, stop)


def _record_head(file: BinaryIO) -> tuple[int, int]:
    """(kind, length) of the record that begins here; (0, 0) where the file ends."""
    head = file.read(RECORD_HEAD)
    return (head[0], int.from_bytes(head[1:], "little")) if len(head) == RECORD_HEAD else (0, 0)


def _end_of_whole_records(file: BinaryIO, start: int) -> int:
    """The place behind the last record that is whole and can be unpacked."""
    size = file.seek(0, 2)
    end = file.seek(start)
    while True:
        kind, length = _record_head(file)
        behind = end + RECORD_HEAD + length
        if kind in (0, FOOTER, DATA_END) or behind > size:
            return end
        if kind == CHUNK and not _is_readable(file, length):
            return end
        end = file.seek(behind)


def _is_readable(file: BinaryIO, length: int) -> bool:
    """Whether the chunk at this place can be unpacked."""
    start = file.tell()
    try:
        head = file.read(CHUNK_HEAD)
        unpacked, checksum = int.from_bytes(head[16:24], "little"), int.from_bytes(head[24:28], "little")
        compression = read_string(file)
        packed = int.from_bytes(file.read(8), "little")
        if file.tell() + packed > start + length:
            return False
        if compression or checksum:
            decompress(file.read(packed), compression, unpacked, checksum)
    except Exception:  # whatever a decompressor says about rubbish
        return False
    return True
