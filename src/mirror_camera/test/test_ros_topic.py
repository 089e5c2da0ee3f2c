"""Pictures of another ROS node: raw and as JPEG, with stamps and calibration, and when none come."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import cv2
import numpy as np
import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")

from rclpy.executors import SingleThreadedExecutor
from sensor_msgs.msg import CameraInfo, CompressedImage, Image

import mirror_camera.ros_topic
from mirror_camera.ros_topic import RosTopicSource
from mirror_camera.source import SourceClosed, SourceSettings, make_source
from mirror_core.codecs import FRAMES
from mirror_core.compressed import JPEG_FORMAT, compressed_frames
from mirror_core.conversions import PLACEHOLDER_FRAME_ID, header, image_to_message
from mirror_core.errors import SourceError
from mirror_core.frame import Frame
from mirror_core.testing import moving_square
from mirror_core.transport import Publisher

STAMP_NS = 1_234_000_000_567


class Camera:
    """Another node, which publishes what it is told, again and again."""

    def __init__(self, ros: Any) -> None:
        self.node = ros.create_node("elsewhere")
        self._executor = SingleThreadedExecutor()
        self._executor.add_node(self.node)
        self._thread = threading.Thread(target=self._executor.spin, daemon=True)
        self._thread.start()

    def sends(self, topic: str, message: Any) -> Any:
        publisher = self.node.create_publisher(type(message), topic, 1)
        self.node.create_timer(0.02, lambda: publisher.publish(message))
        return publisher

    def close(self) -> None:
        self._executor.shutdown()
        self._thread.join()
        self.node.destroy_node()


@pytest.fixture
def camera(ros: Any) -> Iterator[Camera]:
    camera = Camera(ros)
    yield camera
    camera.close()


@pytest.fixture
def source_of() -> Iterator[Callable[..., RosTopicSource]]:
    made: list[RosTopicSource] = []

    def make(path: str, **more: Any) -> RosTopicSource:
        source = make_source("ros", SourceSettings(path=path, **more))
        assert isinstance(source, RosTopicSource)
        made.append(source)
        return source

    yield make
    for source in made:
        source.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirror_camera.ros_topic, "SILENCE_S", 0.3)


def info() -> CameraInfo:
    k = [400.0, 0.0, 40.0, 0.0, 410.0, 30.0, 0.0, 0.0, 1.0]
    p = [400.0, 0.0, 40.0, 0.0, 0.0, 410.0, 30.0, 0.0, 0.0, 0.0, 1.0, 0.0]
    r = np.eye(3).reshape(-1).tolist()
    return CameraInfo(width=80, height=60, k=k, p=p, r=r, d=[0.1] * 5, distortion_model="plumb_bob")


def test_raw_pictures_keep_their_bytes_and_stamps(camera, source_of, eventually):
    picture = moving_square(3)
    camera.sends("/usb/image_raw", image_to_message(picture, header(STAMP_NS, "usb"), "rgb8"))
    camera.sends("/usb/camera_info", info())
    source = source_of("/usb/image_raw")
    source.open()
    assert source.size == (picture.shape[1], picture.shape[0])
    grab = source.read()
    np.testing.assert_array_equal(grab.image, picture)
    assert (grab.stamp_ns, grab.is_placeholder) == (STAMP_NS, False)
    known = eventually(lambda: source.calibration, "the camera_info beside the pictures")
    assert (known.camera_matrix[0, 0], known.camera_matrix[1, 1], known.distortion[0]) == (400, 410, 0.1)


def test_jpeg_pictures_and_a_camera_that_is_off(camera, source_of):
    picture = moving_square(3)
    frame = Frame(picture, STAMP_NS, "usb", is_placeholder=True)
    message = compressed_frames(lambda: 95).to_message(frame)
    assert (message.format, message.header.frame_id) == (JPEG_FORMAT, PLACEHOLDER_FRAME_ID)
    camera.sends("/usb/image_raw/compressed", message)
    source = source_of("usb/image_raw/compressed", width=32, height=24)
    source.open()
    grab = source.read()
    assert grab.image.shape == (24, 32, 3)
    assert source.size == (32, 24)
    assert (grab.stamp_ns, grab.is_placeholder) == (STAMP_NS, True)
    expected = cv2.resize(picture, (32, 24), interpolation=cv2.INTER_AREA)
    assert np.abs(grab.image.astype(int) - expected).mean() < 4


def test_the_quality_decides_the_size():
    rng = np.random.default_rng(1)
    frame = Frame(rng.integers(0, 255, (60, 80, 3)).astype(np.uint8), 1)
    sizes = [len(compressed_frames(lambda q=q: q).to_message(frame).data) for q in (10, 90)]
    assert sizes[0] < 0.5 * sizes[1]


@pytest.mark.usefixtures("impatient", "ros")
def test_silence_is_said_with_what_to_do(source_of):
    with pytest.raises(
        SourceError, match=r"^No picture has come on /nobody/image_raw for 0\.3 s: start the node"
    ):
        source_of("/nobody/image_raw").open()


def test_pictures_that_stop_are_an_error_of_the_read(camera, source_of, monkeypatch):
    camera.sends("/usb/image_raw", image_to_message(moving_square(0), header(1, "usb")))
    source = source_of("/usb/image_raw")
    source.open()
    monkeypatch.setattr(mirror_camera.ros_topic, "SILENCE_S", 0.3)
    for timer in list(camera.node.timers):
        timer.cancel()
    with pytest.raises(SourceError, match="No picture has come on /usb/image_raw"):
        for _ in range(20):
            source.read()


@pytest.mark.parametrize(
    ("topic", "message", "sentence"),
    [
        ("/usb/image_raw", Image(width=2, height=2, encoding="bayer_rggb8", step=2), "bayer_rggb8"),
        ("/usb/image_raw/compressed", CompressedImage(format="png", data=[1, 2, 3]), "cannot be decoded"),
    ],
)
def test_pictures_that_cannot_be_read_are_said(camera, source_of, topic, message, sentence):
    camera.sends(topic, message)
    with pytest.raises(SourceError, match=f"^{topic}: .*{sentence}"):
        source_of(topic).open()


@pytest.mark.usefixtures("ros")
@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("", "needs a topic"),
        ("/no topic", "is not the name of a topic"),
        ("/own/image_raw/compressed", "itself"),
    ],
)
def test_topics_that_cannot_be_meant_are_refused(ros, source_of, path, sentence):
    node = ros.create_node("camera")
    own = Publisher(node, FRAMES, "/own/image_raw")
    try:
        with pytest.raises(SourceError, match=sentence):
            source_of(path).open()
    finally:
        own.close()
        node.destroy_node()


@pytest.mark.usefixtures("ros")
def test_closing_ends_a_waiting_open(source_of, eventually):
    source = source_of("/nobody/image_raw")
    ended = []

    def wait() -> None:
        with pytest.raises(SourceClosed):
            source.open()
        ended.append(True)

    thread = threading.Thread(target=wait)
    thread.start()
    eventually(lambda: not source._closed.is_set(), "the source to be open")
    source.close()
    thread.join(10)
    assert ended == [True]
    with pytest.raises(SourceClosed):
        source.read()


def test_without_ros_it_says_so(source_of):
    with pytest.raises(SourceError, match="ROS is not running here"):
        source_of("/usb/image_raw").open()
