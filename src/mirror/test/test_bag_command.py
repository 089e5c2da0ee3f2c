"""`mirror record` on topics of the test's own, ended by Ctrl-C and by force; `mirror bag info`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run colcon build first")

from mirror.command import app
from mirror_core.bags.pictures import picture_of
from mirror_core.bags.reader import BagReader
from mirror_core.bags.writer import BagWriter
from mirror_core.codecs import FRAMES
from mirror_core.errors import UsageError
from mirror_core.frame import Frame

runner = CliRunner()
ENOUGH = 5  # pictures
PATIENCE_S = 60.0
CHUNK_S = 1.0  # see mirror_core.bags.writer


class Recording:
    """`mirror record --out FOLDER …`, and a node that publishes pictures and latched words until it ends."""

    def __init__(self, spinner: Any, folder: Path, *words: str) -> None:
        from rclpy.qos import DurabilityPolicy, QoSProfile
        from sensor_msgs.msg import Image
        from std_msgs.msg import String

        self.folder = folder
        self._spinner = spinner
        node = spinner.node("pretended_mirror", namespace="/mirror")
        self._images = node.create_publisher(Image, "camera/image_raw", 10)
        self._words = node.create_publisher(
            String, "words", QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        )
        self._words.publish(String(data="said before"))
        self.sent: list[np.ndarray] = []
        self.popen = subprocess.Popen(
            [sys.executable, "-m", "mirror.command", "record", "--out", str(folder), *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "COLUMNS": "200"},
        )

    def publish_until_written(self) -> None:
        """Publish pictures until several have reached the disk."""
        self._spinner.until(lambda: self._images.get_subscription_count() > 0, "a recorder", PATIENCE_S)
        until_s = time.monotonic() + 2 * CHUNK_S

        def done() -> bool:
            self._publish()
            return time.monotonic() > until_s and len(self.sent) > 2 * ENOUGH

        self._spinner.until(done, "pictures to be sent", PATIENCE_S)

    def _publish(self) -> None:
        picture = np.full((48, 64, 3), len(self.sent) % 250, np.uint8)
        self.sent.append(picture)
        self._images.publish(FRAMES.to_message(Frame(picture, len(self.sent) * 10**9)))
        time.sleep(0.05)

    def end(self, number: int) -> tuple[int, str]:
        """Send a signal; returns the exit status and what was said."""
        self.popen.send_signal(number)
        said, _ = self.popen.communicate(timeout=PATIENCE_S)
        return self.popen.returncode, said


@pytest.fixture
def record(spinner: Any, tmp_path: Path) -> Any:
    """`record("words", …)`: a recording, killed after the test where it still runs."""
    recordings: list[Recording] = []

    def start(*words: str) -> Recording:
        recordings.append(Recording(spinner, tmp_path / "bag", *words))
        return recordings[-1]

    yield start
    for recording in recordings:
        recording.popen.kill()
        recording.popen.wait()


def test_ctrl_c_finishes_the_bag_and_says_what_is_in_it(record: Callable[..., Recording]) -> None:
    recording = record("--also", "words")
    recording.publish_until_written()
    status, said = recording.end(signal.SIGINT)
    assert status == 0, said
    assert "Traceback" not in said
    with BagReader(recording.folder) as reader:
        assert reader.damage == ""
        counts = {topic.name: topic.count for topic in reader.topics}
        pictures = [
            (message, reader.decode(message)) for message in reader.messages(("/mirror/camera/image_raw",))
        ]
        (words,) = [reader.decode(message).data for message in reader.messages(("/mirror/words",))]
        latched = {topic.name: topic.is_latched for topic in reader.topics}
    assert words == "said before"  # latched, so it came although nobody listened then
    assert [name for name, is_latched in latched.items() if is_latched] == ["/mirror/words"]
    assert "/mirror/faces" in latched  # without a message, and named all the same
    shown = runner.invoke(app, ["bag", "info", str(recording.folder)], env={"COLUMNS": "200"}).output
    assert [line for line in shown.splitlines() if "latched" in line] == [
        line for line in shown.splitlines() if "/mirror/words" in line
    ]
    assert len(pictures) >= ENOUGH
    for _, message in pictures:
        number = message.header.stamp.sec - 1
        assert np.array_equal(picture_of(message), recording.sent[number])
    row = next(line for line in said.splitlines() if "/mirror/camera/image_raw" in line)
    assert "sensor_msgs/msg/Image" in row
    assert str(counts["/mirror/camera/image_raw"]) in row


def test_compressed_pictures_are_jpeg_on_the_topic_that_image_transport_uses(
    record: Callable[..., Recording],
) -> None:
    recording = record("--compressed", "--zstd", "camera/image_raw")
    recording.publish_until_written()
    assert recording.end(signal.SIGTERM)[0] == 0
    with BagReader(recording.folder) as reader:
        (topic,) = reader.topics
        assert (topic.name, topic.type_name) == (
            "/mirror/camera/image_raw/compressed",
            "sensor_msgs/msg/CompressedImage",
        )
        for message in reader.messages():
            decoded = reader.decode(message)
            sent = recording.sent[decoded.header.stamp.sec - 1].astype(int)
            assert np.abs(picture_of(decoded) - sent).max() <= 3
    assert topic.count >= ENOUGH


def test_a_killed_recording_can_be_read(record: Callable[..., Recording]) -> None:
    recording = record("camera/image_raw")
    recording.publish_until_written()
    recording.end(signal.SIGKILL)
    with BagReader(recording.folder) as reader:
        assert len([reader.decode(message) for message in reader.messages()]) >= ENOUGH
    shown = runner.invoke(app, ["bag", "info", str(recording.folder)], env={"COLUMNS": "200"})
    assert shown.exit_code == 0
    assert "/mirror/camera/image_raw" in shown.output
    assert "It was not finished (metadata.yaml is missing)." in shown.output


def test_info_counts_and_measures(tmp_path: Path) -> None:
    with BagWriter(tmp_path / "bag") as bag:
        bag.add_topic("/tf", "tf2_msgs/msg/TFMessage")
        for number in range(11):
            bag.write("/tf", bytes([0, 1, 0, 0, 0, 0, 0, 0]), 10**9 + number * 500_000_000)
    shown = runner.invoke(app, ["bag", "info", str(tmp_path / "bag")], env={"COLUMNS": "200"}).output
    assert "mcap; 0.0 MiB; 11 messages; 5.0 s from 1970-01-01" in " ".join(shown.split())
    assert [
        word for word in next(line for line in shown.splitlines() if "/tf" in line).split() if word != "│"
    ] == [
        "/tf",
        "tf2_msgs/msg/TFMessage",
        "11",
        "2.0",
    ]


def test_what_cannot_be_recorded_or_read_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    for words, sentence in (
        (["record", "--out", str(tmp_path / "there")], "exists already"),
        (["record", "--out", str(tmp_path / "new"), "--keep-free", str(2**40)], "are kept free: make room"),
        (["bag", "info", str(tmp_path / "there")], "is no bag"),
        (["replay", str(tmp_path / "there"), "--step"], "is no bag"),
        (["replay", str(tmp_path / "there"), "--step", "loop:=true"], "it would never end."),
        (["replay", str(tmp_path / "there"), "--step", "colour:=red"], "colour:= is not an argument"),
        (["replay", str(tmp_path / "there"), "--out", "results.json"], "--out and --against need --step"),
        (["replay", str(tmp_path / "there"), "--step", "--against", "none.json"], "results none.json cannot"),
    ):
        result = runner.invoke(app, words)
        assert isinstance(result.exception, UsageError), result.output
        assert sentence in str(result.exception)
    assert not (tmp_path / "new").exists()
