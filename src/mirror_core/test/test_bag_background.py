"""The thread that writes a bag: nothing is lost at the end, nobody waits, memory is bounded."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

pytest.importorskip("ament_index_python", reason="ROS 2 is not installed")

from mirror_core.bags.background import BackgroundWriter
from mirror_core.bags.reader import BagReader
from mirror_core.bags.writer import BagWriter
from mirror_core.errors import EncodingError, StoreError

TYPE = "tf2_msgs/msg/TFMessage"
EMPTY = bytes([0, 1, 0, 0, 0, 0, 0, 0])


def test_all_that_was_offered_is_written_before_it_closes(tmp_path: Path) -> None:
    writer = BackgroundWriter(BagWriter(tmp_path / "bag"))
    writer.add_topic("/tf", TYPE)
    for number in range(500):
        writer.offer("/tf", EMPTY, number + 1)
    writer.close()
    assert (writer.written["/tf"], writer.dropped.total()) == (500, 0)
    with BagReader(tmp_path / "bag") as reader:
        assert [message.stamp_ns for message in reader.messages()] == list(range(1, 501))


def test_what_does_not_fit_is_dropped_and_counted(tmp_path: Path) -> None:
    writer = BackgroundWriter(BagWriter(tmp_path / "bag"), capacity_bytes=3 * len(EMPTY))
    writer.add_topic("/tf", TYPE)
    begun, go_on = threading.Event(), threading.Event()

    def slow(data: bytes) -> bytes:
        begun.set()
        assert go_on.wait(30.0)
        return data

    writer.offer("/tf", EMPTY, 1, slow)
    assert begun.wait(30.0)  # it no longer waits: the queue is empty
    for number in range(5):
        writer.offer("/tf", EMPTY, number + 2)
    go_on.set()
    writer.close()
    assert (writer.written["/tf"], writer.dropped["/tf"]) == (4, 2)


def test_what_cannot_be_converted_is_left_out_with_the_reason(tmp_path: Path) -> None:
    def refuse(data: bytes) -> bytes:
        raise EncodingError("no picture")

    writer = BackgroundWriter(BagWriter(tmp_path / "bag"))
    writer.add_topic("/tf", TYPE)
    writer.offer("/tf", EMPTY, 1, refuse)
    writer.offer("/tf", EMPTY, 2)
    writer.close()
    assert writer.refused == {"/tf": "no picture"}
    assert writer.written["/tf"] == 1


def test_a_disk_that_fills_ends_it_and_the_bag_stays_whole(tmp_path: Path) -> None:
    free = [1000]
    bag = BagWriter(tmp_path / "bag", keep_free_bytes=500, free_bytes=lambda _: free[0])
    writer = BackgroundWriter(bag)
    writer.add_topic("/tf", TYPE)
    written = threading.Event()

    def mark(data: bytes) -> bytes:
        written.set()
        return data

    writer.offer("/tf", EMPTY + bytes(2**21), 1, mark)
    assert written.wait(30.0)
    free[0] = 100
    for number in range(3):
        writer.offer("/tf", EMPTY + bytes(2**21), number + 2)
    with pytest.raises(StoreError, match="kept free"):
        writer.close()
    assert writer.failure is not None
    with BagReader(tmp_path / "bag") as reader:
        assert reader.damage == ""
        assert reader.summary.count == writer.written["/tf"] < 4


def test_who_offers_does_not_wait_for_the_disk(tmp_path: Path) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow_disk(folder: Path) -> int:
        if begun_writing:
            begun.set()
            assert go_on.wait(30.0)
        return 2**40

    begun_writing: list[bool] = []
    writer = BackgroundWriter(BagWriter(tmp_path / "bag", free_bytes=slow_disk))
    writer.add_topic("/tf", TYPE)
    begun_writing.append(True)
    writer.offer("/tf", EMPTY + bytes(2**21), 1)  # fills a chunk
    writer.offer("/tf", EMPTY, 2)  # before it, the disk is looked at
    assert begun.wait(30.0)
    writer.offer("/tf", EMPTY, 3)  # would hang if it waited
    go_on.set()
    writer.close()
    assert writer.written["/tf"] == 3
