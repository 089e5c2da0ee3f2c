"""Reads bags of rosbag2: folders or single files, MCAP or SQLite, zstd or plain, finished or not."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from rosbags.interfaces import Connection, MessageDefinitionFormat, Qos
from rosbags.rosbag2 import Reader as RosbagsReader
from rosbags.typesys.store import Typestore

from mirror_core.bags.message_types import new_typestore, register_definition, register_type
from mirror_core.bags.quality import is_latched
from mirror_core.bags.recovery import RecoveredMcap
from mirror_core.errors import StoreError, UsageError

__all__ = ["BagMessage", "BagReader", "BagSummary", "BagTopic"]

METADATA = "metadata.yaml"
SUFFIXES = (".mcap", ".db3")


@dataclass(frozen=True, slots=True)
class BagTopic:
    """A topic of a bag.

    Attributes:
        name: absolute.
        type_name: e.g. sensor_msgs/msg/Image.
        count: its messages.
        qos: what its publishers offered; empty where the bag does not say.
    """

    name: str
    type_name: str
    count: int
    qos: tuple[Qos, ...] = ()

    @property
    def is_latched(self) -> bool:
        """Whether its last message was offered also to those who came later."""
        return is_latched(self.qos)


@dataclass(frozen=True, slots=True)
class BagSummary:
    """What a bag holds.

    Attributes:
        path: folder or file.
        storage: mcap or sqlite3.
        compression: zstd, or empty.
        start_ns: when the first message came; 0 without any.
        duration_s: from the first to the last message, seconds.
        size_bytes: of its files.
        topics: sorted by name.
        damage: one sentence, empty where the bag is whole.
    """

    path: Path
    storage: str
    compression: str
    start_ns: int
    duration_s: float
    size_bytes: int
    topics: tuple[BagTopic, ...]
    damage: str = ""

    @property
    def count(self) -> int:
        """All messages."""
        return sum(topic.count for topic in self.topics)


@dataclass(frozen=True, slots=True)
class BagMessage:
    """A message of a bag.

    Attributes:
        topic, type_name: of its topic.
        stamp_ns: when it was recorded, nanoseconds.
        data: as it travels (CDR).
    """

    topic: str
    type_name: str
    stamp_ns: int
    data: bytes


class BagReader:
    """An open bag; used as a context.

    Args:
        path: a bag's folder, or one of its files.

    Raises:
        UsageError: if there is no bag.
        StoreError: if nothing of it can be read.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path).expanduser()
        self._stack = ExitStack()
        self._storages: list[Any] = []
        self._damage: list[str] = []
        self._compression = ""
        self._typestore: Typestore | None = None
        if not self.path.exists():
            raise UsageError(
                f"There is no bag {self.path}: give the folder that `ros2 bag` or `mirror record` made."
            )
        self._files = _files_of(self.path)
        try:
            if not self._open_folder():
                self._open_files()
        except BaseException:
            self.close()
            raise
        self._storages.sort(key=lambda storage: storage.metadata.start_time)

    def _open_folder(self) -> bool:
        """Open the bag as its metadata describe it; False where that cannot be done."""
        if not self.path.is_dir():
            return False
        if not (self.path / METADATA).is_file():
            self._damage.append(f"It was not finished ({METADATA} is missing).")
            return False
        try:
            reader = RosbagsReader(self.path)
            reader.open()
        except Exception as error:  # of YAML, SQLite, zstd or rosbags, on a damaged file
            self._damage.append(f"It is damaged ({_cause(error)}).")
            return False
        self._stack.callback(reader.close)
        self._compression = reader.compression_format or ""
        _agree_on_quality(reader.storage)
        self._storages.append(reader.storage)
        return True

    def _open_files(self) -> None:
        for file in self._files:
            try:
                reader = RosbagsReader(file)
                reader.open()
                self._storages.append(reader.storage)
                self._stack.callback(reader.close)
                continue
            except Exception as error:
                cause = _cause(error)
            if file.suffix == ".mcap" and (recovered := self._recover(file)):
                self._storages.append(recovered)
            else:
                self._damage.append(f"Nothing of {file.name} can be read ({cause}).")
        if not self._storages:
            what = " ".join(self._damage) or f"it has no {' or '.join(SUFFIXES)} file"
            raise StoreError(f"The bag {self.path} cannot be read: {what[:1].lower()}{what[1:]}")

    def _recover(self, file: Path) -> RecoveredMcap | None:
        storage = RecoveredMcap(file)
        try:
            storage.open()
        except Exception:  # not even its beginning is whole
            return None
        self._stack.callback(storage.close)
        lost = f"; {storage.lost_bytes} bytes behind it are lost" if storage.lost_bytes else ""
        self._damage.append(f"{file.name} has no index and was read up to its last whole chunk{lost}.")
        return storage

    @property
    def damage(self) -> str:
        """What is wrong with the bag, in words; empty where it is whole."""
        return " ".join(self._damage)

    @property
    def topics(self) -> tuple[BagTopic, ...]:
        """Its topics, sorted by name."""
        topics: dict[str, BagTopic] = {}
        for connection in self._connections():
            name = connection.topic
            before = topics.get(name, BagTopic(name, connection.msgtype, 0))
            topics[name] = BagTopic(
                name,
                connection.msgtype,
                before.count + connection.msgcount,
                before.qos or _quality(connection),
            )
        return tuple(topics[name] for name in sorted(topics))

    @property
    def summary(self) -> BagSummary:
        """What it holds."""
        filled = [each.metadata for each in self._storages if each.metadata.message_count]
        start = min((metadata.start_time for metadata in filled), default=0)
        end = max((metadata.end_time - 1 for metadata in filled), default=0)
        return BagSummary(
            path=self.path,
            storage="sqlite3"
            if any(file.name.removesuffix(".zstd").endswith(".db3") for file in self._files)
            else "mcap",
            compression=self._compression,
            start_ns=start,
            duration_s=(end - start) * 1e-9,
            size_bytes=sum(file.stat().st_size for file in self._files),
            topics=self.topics,
            damage=self.damage,
        )

    def messages(self, topics: Collection[str] = ()) -> Iterator[BagMessage]:
        """The messages in the order of their time.

        Args:
            topics: names to read; empty: all.

        Raises:
            StoreError: where the bag turns out to be damaged.
        """
        for storage in self._storages:
            wanted = [each for each in storage.connections if not topics or each.topic in topics]
            if not wanted:
                continue
            try:
                for connection, stamp_ns, data in storage.messages(wanted):
                    yield BagMessage(connection.topic, connection.msgtype, stamp_ns, data)
            except Exception as error:  # of SQLite, zstd or rosbags, on a damaged file
                raise StoreError(f"The bag {self.path} is damaged here ({_cause(error)}).") from error

    def decode(self, message: BagMessage) -> Any:
        """A message with the fields that ROS's own would have; arrays of numbers are numpy arrays.

        Raises:
            UsageError: if neither the bag nor this machine knows its type.
            StoreError: if it is damaged.
        """
        store = self._types()
        register_type(store, message.type_name)
        try:
            return store.deserialize_cdr(message.data, message.type_name)
        except Exception as error:  # of rosbags' generated code, on rubbish
            raise StoreError(
                f"A message of {message.topic} in the bag {self.path} cannot be read ({_cause(error)})."
            ) from error

    def _types(self) -> Typestore:
        """The types as the bag defines them: messages may have changed since it was recorded."""
        if self._typestore is None:
            self._typestore = new_typestore()
            for connection in self._connections():
                if connection.msgdef.format is not MessageDefinitionFormat.MSG:
                    continue
                try:
                    register_definition(self._typestore, connection.msgtype, connection.msgdef.data)
                except Exception as error:  # of rosbags' parser, on rubbish; this machine's own may fit
                    what = f"The definition of {connection.msgtype} is damaged ({_cause(error)})."
                    self._damage.append(what)
        return self._typestore

    def _connections(self) -> list[Connection]:
        return [connection for storage in self._storages for connection in storage.connections]

    def close(self) -> None:
        """Release the files; harmless when already closed."""
        self._storages.clear()
        self._stack.close()

    def __enter__(self) -> BagReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _quality(connection: Connection) -> tuple[Qos, ...]:
    return tuple(getattr(connection.ext, "offered_qos_profiles", None) or ())


def _agree_on_quality(folder: Any) -> None:
    """Let a folder's metadata and its files say the same about how topics were offered.

    Where they do not, or one says nothing, rosbags would silently leave out the topic's messages.
    """
    parts = [folder, *folder.storages]
    known: dict[tuple[str, str], Connection] = {}
    for connection in [each for part in parts for each in part.connections]:
        key = (connection.topic, connection.msgtype)
        if key not in known or not _quality(known[key]):
            known[key] = connection
    for part in parts:
        part.connections = [
            each._replace(ext=known[each.topic, each.msgtype].ext) for each in part.connections
        ]


def _files_of(path: Path) -> list[Path]:
    """The files with messages.

    Raises:
        UsageError: if there are none.
    """
    if path.is_file():
        if path.suffix in SUFFIXES:
            return [path]
        raise UsageError(f"{path} is no bag: give a folder of rosbag2, or a file that ends in .mcap or .db3.")
    files = sorted(file for file in path.iterdir() if file.name.removesuffix(".zstd").endswith(SUFFIXES))
    if not files:
        raise UsageError(f"{path} is no bag: a folder of rosbag2 holds a .mcap or .db3 file.")
    return files


def _cause(error: Exception) -> str:
    text = " ".join(str(error).split()).rstrip(".")
    return text or type(error).__name__
