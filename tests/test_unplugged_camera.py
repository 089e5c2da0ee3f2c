"""The camera node on a fake V4L2 device behind OpenCV's interface: agreed with, unplugged, found again."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

WIDTH, HEIGHT = 320, 180
DEACTIVATE, ACTIVATE = 4, 3  # lifecycle_msgs/Transition


@dataclass
class FakeDevice:
    """A camera that exists while its device file does; counts who holds it.

    Attributes:
        file: the device file.
        held: captures that are open now.
        asked: what was asked of the camera, by OpenCV property.
    """

    file: Path
    held: int = 0
    asked: dict[int, float] = field(default_factory=dict)

    def capture(self, number: int, backend: int) -> FakeCapture:
        """In place of cv2.VideoCapture."""
        assert (number, backend) == (7, cv2.CAP_V4L2)
        return FakeCapture(self)


class FakeCapture:
    """The part of cv2.VideoCapture that the source uses; the picture's level counts up."""

    def __init__(self, device: FakeDevice) -> None:
        self._device = device
        self._level = 0
        self._open = device.file.exists()
        device.held += self._open

    def isOpened(self) -> bool:  # noqa: N802
        return self._open

    def grab(self) -> bool:
        time.sleep(0.03)
        self._level = (self._level + 1) % 250
        return self._device.file.exists()

    def retrieve(self) -> tuple[bool, np.ndarray]:
        return True, np.full((HEIGHT, WIDTH, 3), self._level, np.uint8)

    def get(self, prop: int) -> float:
        known = {cv2.CAP_PROP_FRAME_WIDTH: WIDTH, cv2.CAP_PROP_FRAME_HEIGHT: HEIGHT, cv2.CAP_PROP_FPS: 30.0}
        return float(known.get(prop, self._device.asked.get(prop, 0.0)))

    def set(self, prop: int, value: float) -> bool:
        self._device.asked[prop] = value
        return True

    def release(self) -> None:
        self._device.held -= self._open
        self._open = False


@pytest.fixture
def device(tmp_path: Path) -> FakeDevice:
    file = tmp_path / "video7"
    file.touch()
    return FakeDevice(file)


@pytest.fixture
def camera(
    built: None, device: FakeDevice, monkeypatch: pytest.MonkeyPatch, start_host: Callable[..., Any]
) -> Any:
    """The camera node of this process on the fake device; its pictures leave by ROS."""
    from mirror_camera import camera_node
    from mirror_camera.cameras import Camera
    from mirror_camera.v4l2 import V4l2Source

    def found() -> tuple[Camera, ...]:
        return (Camera(device.file, "Fake Cam"),) if device.file.exists() else ()

    def make(name: str, settings: Any) -> V4l2Source:
        assert name == "v4l2"
        return V4l2Source(settings, None, device.capture, found, device.file.parent)

    monkeypatch.setattr(camera_node, "make_source", make)
    words = ["--ros-args", "-p", "source:=v4l2", "-p", "path:=fake cam", "-p", f"width:={WIDTH * 2}", "-p"]
    words += [f"height:={HEIGHT * 2}"]
    return start_host(lambda: camera_node.CameraNode(cli_args=words), "camera")


def test_a_camera_is_agreed_with_unplugged_and_found_again(
    camera: Any, device: FakeDevice, observe: Callable[..., Any], pixels_of: Callable[[Any], np.ndarray]
) -> None:
    from sensor_msgs.msg import CameraInfo, Image

    observer = observe(domain=int(os.environ["ROS_DOMAIN_ID"]))
    images = observer.listen(Image, "/camera/image_raw")
    infos = observer.listen(CameraInfo, "/camera/camera_info")

    def shown() -> str:
        return images.messages[-1].header.frame_id if images.messages else ""

    observer.until(lambda: images.count >= 5 and infos.count >= 5, "pictures of the fake camera")
    assert device.held == 1
    assert device.asked[cv2.CAP_PROP_FRAME_WIDTH] == WIDTH * 2
    assert device.asked[cv2.CAP_PROP_FOURCC] == cv2.VideoWriter.fourcc(*"MJPG")
    levels = [int(pixels_of(message)[0, 0, 0]) for message in images.messages]
    assert len(set(levels)) > 1
    assert pixels_of(images.messages[-1]).shape == (HEIGHT, WIDTH, 3)
    assert (infos.messages[-1].width, infos.messages[-1].height) == (WIDTH, HEIGHT)
    note = f"Asked for {WIDTH * 2}×{HEIGHT * 2}, the camera delivers {WIDTH}×{HEIGHT}."
    observer.until(
        lambda: observer.level("/camera") == 0 and note in observer.status("/camera").message,
        "the note about the other size",
    )

    device.file.unlink()
    observer.until(lambda: shown() == "placeholder", "a placeholder after the camera was unplugged")
    observer.until(lambda: observer.level("/camera") == 1, "WARN from the camera node")
    assert "Fake Cam" in observer.status("/camera").message or "connect" in observer.status("/camera").message
    assert device.held == 0

    device.file.touch()
    observer.until(lambda: shown() == "camera_optical", "pictures after the camera is back")
    observer.until(lambda: observer.level("/camera") == 0, "OK from the camera node")

    assert observer.change_state("/camera", DEACTIVATE)
    assert device.held == 0  # a closed shutter has let go of the camera
    observer.until(lambda: shown() == "placeholder", "the placeholder of a closed shutter")
    assert observer.change_state("/camera", ACTIVATE)
    observer.until(lambda: shown() == "camera_optical", "pictures after the shutter was opened")


def test_the_summary_of_the_mirror_s_health_says_in_words_that_the_camera_is_unplugged(
    camera: Any, device: FakeDevice, observe: Callable[..., Any], start_host: Callable[..., Any]
) -> None:
    from diagnostic_msgs.msg import DiagnosticStatus
    from sensor_msgs.msg import Image

    from mirror_inspection.health_node import LATCHED, HealthNode

    words = ["--ros-args", "-p", "nodes:=[camera]"]
    start_host(lambda: HealthNode(cli_args=words), "health")
    observer = observe(domain=int(os.environ["ROS_DOMAIN_ID"]))
    images = observer.listen(Image, "/camera/image_raw")
    summaries = observer.listen(DiagnosticStatus, "/health", depth=LATCHED)

    def said() -> str:
        return summaries.messages[-1].message if summaries.messages else ""

    observer.until(lambda: images.count and said() == "All is well: 2 nodes run.", "all to be well")
    device.file.unlink()
    observer.until(lambda: said().startswith("The mirror needs attention. camera: "), "the trouble")
    assert "Fake Cam" in said() or "connect" in said()
    assert summaries.messages[-1].level == b"\x01"
    device.file.touch()
    observer.until(lambda: said() == "All is well: 2 nodes run.", "all to be well again")
