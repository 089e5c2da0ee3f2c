"""A disk that is really full, or has become read-only: it is said, nothing is lost, all goes on after."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from mirror_core.errors import MirrorError, StoreError
from mirror_core.moods import MoodLabel
from mirror_effects.film import takes
from mirror_effects.film.takes import FPS, Take
from mirror_gallery.consent import Consent, Scope
from mirror_gallery.portrait import FaceView, Portrait
from mirror_gallery.store import FaceStore
from mirror_mood.log import writer as writer_module
from mirror_mood.log.rows import MoodRow
from mirror_mood.log.store import MoodStore
from mirror_mood.log.writer import MoodWriter, WriterStatus

FOREVER = Consent(Scope.UNTIL_REVOKED)
NOON_S = 1_772_366_400


def portrait(name: str, seed: int) -> Portrait:
    rng = np.random.default_rng(seed)
    side = 64
    view = FaceView(
        rng.integers(0, 256, (side, side, 3), np.uint8),
        rng.integers(128, 256, (side, side), np.uint8),
        rng.normal(side / 2, side / 4, (468, 3)).astype(np.float32),
    )
    return Portrait("not-stored", name, (view,))


def sentence_of(work: Callable[[], Any]) -> str:
    with pytest.raises(MirrorError) as caught:
        work()
    sentence = str(caught.value)
    assert "\n" not in sentence
    return sentence


def test_a_gallery_on_a_full_disk_keeps_what_it_has_and_goes_on_after(small_disk: Any) -> None:
    folder = small_disk.path / "gallery"
    with FaceStore(str(folder / "faces.sqlite"), str(folder / "pictures"), mirror="here") as store:
        kept = store.add(portrait("Ada", 1), FOREVER)
        small_disk.fill()
        assert "disk is full" in sentence_of(lambda: store.add(portrait("Grace", 2), FOREVER))
        assert store.get(kept).name == "Ada"
        assert store.entries()[1] == 1
        small_disk.make_room()
        store.add(portrait("Grace", 2), FOREVER)
        assert store.entries()[1] == 2
        store.erase(kept)
    with FaceStore(str(folder / "faces.sqlite"), str(folder / "pictures"), mirror="here") as store:
        assert [entry.name for entry in store.entries()[0]] == ["Grace"]


@pytest.fixture
def start(small_disk: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], MoodWriter]]:
    monkeypatch.setattr(writer_module, "FIRST_PAUSE_S", 0.02)
    monkeypatch.setattr(writer_module, "LONGEST_PAUSE_S", 0.05)
    url = str(small_disk.path / "mood" / "moods.sqlite")
    writers: list[MoodWriter] = []

    def start() -> MoodWriter:
        writers.append(MoodWriter(lambda: MoodStore(url), 5000, 0.02))
        return writers[-1]

    yield start
    for writer in writers:
        writer.close()


def rows(first: int, count: int) -> Iterator[MoodRow]:
    share = tuple(1 / len(MoodLabel) for _ in MoodLabel)
    for second in range(first, first + count):
        yield MoodRow(
            NOON_S + second,
            mirror="hall",
            person="",
            visit=second,
            probabilities=share,
            valence=0.0,
            arousal=0.0,
            confidence=max(share),
        )


def test_a_mood_log_on_a_full_disk_waits_and_loses_nothing(
    small_disk: Any, start: Callable[[], MoodWriter], eventually: Any
) -> None:
    writer = start()
    writer.put(rows(0, 10))
    eventually(lambda: writer.status.written == 10, "the first rows")
    small_disk.fill()
    writer.put(rows(10, 1000))
    eventually(lambda: writer.status.problem, "the report")
    assert "the disk is full" in writer.status.problem
    assert "\n" not in writer.status.problem
    small_disk.make_room()
    eventually(lambda: writer.status == WriterStatus(written=1010), "all rows")


def test_a_mood_log_on_a_disk_that_became_read_only_waits_and_loses_nothing(
    small_disk: Any, start: Callable[[], MoodWriter], eventually: Any
) -> None:
    writer = start()
    writer.put(rows(0, 10))
    eventually(lambda: writer.status.written == 10, "the first rows")
    writer.close()  # Linux makes no disk read-only that is being written to
    small_disk.allow_writing(False)
    writer = start()
    writer.put(rows(10, 20))
    eventually(lambda: writer.status.problem, "the report")
    assert "read-only" in writer.status.problem
    small_disk.allow_writing(True)
    eventually(lambda: writer.status == WriterStatus(written=20), "all rows")


def test_a_recording_on_a_disk_that_fills_can_be_read(small_disk: Any) -> None:
    pytest.importorskip("rclpy", reason="ROS 2 is not installed")
    from rclpy.serialization import serialize_message

    from mirror_core.bags.reader import BagReader
    from mirror_core.bags.writer import BagWriter
    from mirror_core.codecs import FRAMES
    from mirror_core.frame import Frame

    picture = np.random.default_rng(0).integers(0, 255, (240, 320, 3), np.uint8)
    message = serialize_message(FRAMES.to_message(Frame(picture, NOON_S * 10**9)))
    bag = BagWriter(small_disk.path / "bag", keep_free_bytes=0)
    bag.add_topic("/image", "sensor_msgs/msg/Image")
    written = [0]

    def write(times: int) -> None:
        for _ in range(times):
            bag.write("/image", message, NOON_S * 10**9 + written[0])
            written[0] += 1

    write(6)
    small_disk.fill()
    assert "no space left on device" in sentence_of(lambda: write(60)).lower()
    small_disk.make_room()
    with contextlib.suppress(StoreError):  # its end could not be written: it is read without
        bag.close()
    with BagReader(small_disk.path / "bag") as reader:
        assert len(list(reader.messages())) >= 4


@pytest.mark.parametrize("fault", ["full", "read-only"])
def test_a_take_says_why_nothing_is_written_and_the_next_one_is_well(
    small_disk: Any, monkeypatch: pytest.MonkeyPatch, eventually: Any, fault: str
) -> None:
    monkeypatch.setattr(takes, "KEEP_FREE_BYTES", 2**19)
    folder = small_disk.path / "takes"
    small_disk.fill() if fault == "full" else small_disk.allow_writing(False)
    take = Take("Ada", folder, datetime(2026, 3, 4, tzinfo=UTC))
    take.add(10**9, np.zeros((120, 160, 3), np.uint8))
    eventually(lambda: take.problem, "the sentence")
    assert take.problem.startswith("The take of Ada ")
    assert take.close()
    small_disk.make_room() if fault == "full" else small_disk.allow_writing(True)
    take = Take("Ada", folder, datetime(2026, 3, 4, tzinfo=UTC))
    for number in range(FPS):
        take.add(10**9 + number * 10**9 // FPS, np.zeros((120, 160, 3), np.uint8))
        eventually(lambda: not take._waiting, "the frame to be taken")
    assert take.close()
    assert take.problem == ""
    assert take.file is not None
    assert take.file.stat().st_size > 500
