"""Bags as they are found: of other writers, packed, without metadata, cut off anywhere, or none at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("ament_index_python", reason="ROS 2 is not installed")

from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin, Writer
from rosbags.typesys import Stores, get_typestore

from mirror_core.bags.reader import BagReader, BagTopic
from mirror_core.bags.writer import BagWriter
from mirror_core.errors import StoreError, UsageError

STORE = get_typestore(Stores.ROS2_JAZZY)
TEXT = "std_msgs/msg/String"
COUNT = 12


def text(number: int) -> bytes:
    make: Any = STORE.types[TEXT]
    return bytes(STORE.serialize_cdr(make(data=f"message {number}"), TEXT))


def made_by_rosbags(folder: Path, plugin: StoragePlugin, mode: CompressionMode) -> Path:
    """A bag as the library writes it by itself: 12 texts, a tenth of a second apart."""
    writer = Writer(folder, version=8, storage_plugin=plugin)
    if mode is not CompressionMode.NONE:
        writer.set_compression(mode, CompressionFormat.ZSTD)
    with writer:
        connection = writer.add_connection("/texts", TEXT, typestore=STORE)
        for number in range(COUNT):
            writer.write(connection, 10**9 + number * 10**8, text(number))
    return folder


def made_here(folder: Path) -> list[int]:
    """A bag with a chunk for each message; returns the length of its file before each and at the end."""
    bag = BagWriter(folder)
    bag.add_topic("/texts", TEXT)
    file = folder / f"{folder.name}.mcap"
    lengths = [file.stat().st_size]
    for number in range(COUNT):
        bag.write("/texts", text(number), 10**9 + number * 10**8)
        bag.flush()
        lengths.append(file.stat().st_size)
    bag.close()
    return lengths


def texts(reader: BagReader) -> list[str]:
    return [reader.decode(message).data for message in reader.messages()]


ALL = [f"message {number}" for number in range(COUNT)]


@pytest.mark.parametrize(
    ("plugin", "mode"),
    [
        (StoragePlugin.SQLITE3, CompressionMode.NONE),
        (StoragePlugin.SQLITE3, CompressionMode.MESSAGE),
        (StoragePlugin.SQLITE3, CompressionMode.FILE),
        (StoragePlugin.MCAP, CompressionMode.NONE),
        (StoragePlugin.MCAP, CompressionMode.STORAGE),
    ],
    ids=lambda value: value.name.lower(),
)
def test_bags_of_other_writers_are_read(tmp_path: Path, plugin: StoragePlugin, mode: CompressionMode) -> None:
    folder = made_by_rosbags(tmp_path / "bag", plugin, mode)
    with BagReader(folder) as reader:
        assert texts(reader) == ALL
        summary = reader.summary
    assert summary.topics == (BagTopic("/texts", TEXT, COUNT),)
    assert (summary.count, summary.start_ns, summary.damage) == (COUNT, 10**9, "")
    assert summary.duration_s == pytest.approx((COUNT - 1) * 0.1)
    assert summary.storage == plugin.name.lower()
    files = [file for file in folder.iterdir() if file.name != "metadata.yaml"]
    assert summary.size_bytes == sum(file.stat().st_size for file in files)


@pytest.mark.parametrize("plugin", list(StoragePlugin), ids=lambda plugin: plugin.name.lower())
def test_without_metadata_a_bag_is_read_and_said_to_be_unfinished(
    tmp_path: Path, plugin: StoragePlugin
) -> None:
    folder = made_by_rosbags(tmp_path / "bag", plugin, CompressionMode.NONE)
    (folder / "metadata.yaml").unlink()
    with BagReader(folder) as reader:
        assert texts(reader) == ALL
        assert reader.damage == "It was not finished (metadata.yaml is missing)."
        assert reader.topics == (BagTopic("/texts", TEXT, COUNT),)


def test_broken_metadata_do_not_hide_the_messages(tmp_path: Path) -> None:
    folder = made_by_rosbags(tmp_path / "bag", StoragePlugin.MCAP, CompressionMode.NONE)
    (folder / "metadata.yaml").write_text("rosbag2_bagfile_information: {version: ")
    with BagReader(folder) as reader:
        assert texts(reader) == ALL
        assert reader.damage.startswith("It is damaged (Could not load YAML")


def test_a_single_file_is_a_bag_too(tmp_path: Path) -> None:
    made_here(tmp_path / "bag")
    with BagReader(tmp_path / "bag" / "bag.mcap") as reader:
        assert texts(reader) == ALL
        assert reader.damage == ""


def test_a_file_that_is_cut_off_anywhere_is_read_up_to_its_last_whole_chunk(tmp_path: Path) -> None:
    lengths = made_here(tmp_path / "bag")
    whole = (tmp_path / "bag" / "bag.mcap").read_bytes()
    file = tmp_path / "cut.mcap"
    for length in sorted({*lengths, *range(lengths[0], len(whole), 101)} - {len(whole)}):
        file.write_bytes(whole[:length])
        surely = sum(length >= end for end in lengths[1:])
        with BagReader(file) as reader:
            read = texts(reader)
            assert "was read up to its last whole chunk" in reader.damage
            assert reader.summary.count == len(read)
        # a chunk can be read as soon as it is whole; its own index, which follows it, is not needed
        assert read == ALL[: len(read)], length
        assert surely <= len(read) <= surely + 1, length
        if length in lengths:
            assert len(read) == surely


def test_what_was_lost_is_said(tmp_path: Path) -> None:
    lengths = made_here(tmp_path / "bag")
    file = tmp_path / "bag" / "bag.mcap"
    file.write_bytes(file.read_bytes()[: lengths[5] + 20])
    with BagReader(tmp_path / "bag") as reader:
        assert texts(reader) == ALL[:5]
        assert "20 bytes behind it are lost" in reader.damage


def test_a_chunk_that_cannot_be_unpacked_ends_the_reading(tmp_path: Path) -> None:
    with BagWriter(tmp_path / "bag", compress=True) as bag:
        bag.add_topic("/texts", TEXT)
        for number in range(3):
            bag.write("/texts", text(number), number + 1)
            bag.flush()
            if number == 1:
                begin = (tmp_path / "bag" / "bag.mcap").stat().st_size
    file = tmp_path / "bag" / "bag.mcap"
    data = bytearray(file.read_bytes())
    data[begin + 60 : begin + 90] = bytes(30)  # in the packed data of the third
    file.write_bytes(data[:-40])  # and no footer
    (tmp_path / "bag" / "metadata.yaml").unlink()
    with BagReader(tmp_path / "bag") as reader:
        assert texts(reader) == ALL[:2]


@pytest.mark.parametrize("content", [b"", b"this is a letter", b"\x89MCAP0\r\n\x01\x08"])
def test_a_file_without_anything_to_read_is_a_sentence(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "bag.mcap"
    file.write_bytes(content)
    with pytest.raises(StoreError, match=r"cannot be read: nothing of bag\.mcap can be read") as caught:
        BagReader(file)
    assert "\n" not in str(caught.value)


def test_what_is_no_bag_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"There is no bag .*nowhere: give the folder"):
        BagReader(tmp_path / "nowhere")
    with pytest.raises(UsageError, match=r"is no bag: a folder of rosbag2 holds a \.mcap or \.db3 file"):
        BagReader(tmp_path)
    (tmp_path / "clip.mp4").write_bytes(b"x")
    with pytest.raises(UsageError, match=r"is no bag: give a folder of rosbag2, or a file"):
        BagReader(tmp_path / "clip.mp4")


def test_only_the_wanted_topics_are_read(tmp_path: Path) -> None:
    with BagWriter(tmp_path / "bag") as bag:
        for topic in ("/one", "/two"):
            bag.add_topic(topic, TEXT)
        for number in range(4):
            bag.write(("/one", "/two")[number % 2], text(number), number + 1)
    with BagReader(tmp_path / "bag") as reader:
        assert [message.stamp_ns for message in reader.messages(("/two",))] == [2, 4]
        assert [message.stamp_ns for message in reader.messages()] == [1, 2, 3, 4]


def test_a_bag_explains_its_own_types(tmp_path: Path) -> None:
    """A message that has changed since, or is not installed here, is read as the bag defines it."""
    definition = "uint8[] levels\nstring name\n"
    with Writer(tmp_path / "bag", version=8, storage_plugin=StoragePlugin.MCAP) as writer:
        connection = writer.add_connection(
            "/old", "gone_msgs/msg/Old", msgdef=definition, rihs01="RIHS01_" + "0" * 64
        )
        data = b"\x00\x01\x00\x00\x03\x00\x00\x00\x07\x08\x09\x00\x03\x00\x00\x00ab\x00"
        writer.write(connection, 1, data)
    with BagReader(tmp_path / "bag") as reader:
        decoded = reader.decode(next(reader.messages()))
    assert decoded.name == "ab"
    assert np.array_equal(decoded.levels, [7, 8, 9])


def test_a_damaged_message_is_a_sentence(tmp_path: Path) -> None:
    with BagWriter(tmp_path / "bag") as bag:
        bag.add_topic("/texts", TEXT)
        bag.write("/texts", b"\x00\x01\x00\x00\xff\xff\xff\x0fno", 1)
    with (
        BagReader(tmp_path / "bag") as reader,
        pytest.raises(StoreError, match=r"A message of /texts in the bag .* cannot be read"),
    ):
        reader.decode(next(reader.messages()))
