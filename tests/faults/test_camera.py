"""The camera node on a fake V4L2 device: agreed with, unplugged, frozen, sending garbage, resized."""

from __future__ import annotations

import itertools
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

WIDTH, HEIGHT = 320, 180
HANG_S = 30.0
DEACTIVATE, ACTIVATE = 4, 3  # lifecycle_msgs/Transition


@dataclass
class FakeDevice:
    """A camera that exists while its device file does; counts who holds it.

    Attributes:
        file: the device file.
        held: captures that are open now.
        asked: what was asked of the camera, by OpenCV property.
        size: of its pictures, which may change at any time.
        garbage: in place of its next pictures.
        goes: while it is not set, the camera hangs in its driver.
    """

    file: Path
    held: int = 0
    asked: dict[int, float] = field(default_factory=dict)
    size: tuple[int, int] = (WIDTH, HEIGHT)
    garbage: Iterator[Any] = field(default_factory=lambda: iter(()))
    goes: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.goes.set()

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
        self._device.goes.wait(HANG_S)
        self._level = (self._level + 1) % 250
        return self._device.file.exists()

    def retrieve(self) -> Any:
        for garbage in self._device.garbage:
            return garbage
        width, height = self._device.size
        return True, np.full((height, width, 3), self._level, np.uint8)

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
def device(tmp_path: Path) -> Iterator[FakeDevice]:
    file = tmp_path / "video7"
    file.touch()
    device = FakeDevice(file)
    yield device
    device.goes.set()


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


@pytest.fixture
def watched(camera: Any, observe: Callable[..., Any]) -> tuple[Any, Any]:
    """An observer of the camera, and its pictures once they come."""
    from sensor_msgs.msg import Image

    observer = observe(domain=int(os.environ["ROS_DOMAIN_ID"]))
    images = observer.listen(Image, "/camera/image_raw")
    observer.until(lambda: images.count >= 5, "pictures of the fake camera")
    return observer, images


def test_a_camera_that_freezes_is_said_and_found_again(watched: tuple[Any, Any], device: FakeDevice) -> None:
    observer, images = watched
    device.goes.clear()
    observer.until(lambda: images.messages[-1].header.frame_id == "placeholder", "a placeholder")
    observer.until(lambda: observer.level("/camera") == 1, "WARN from the camera node")
    assert "has sent no picture for" in observer.status("/camera").message
    device.goes.set()
    observer.until(lambda: images.messages[-1].header.frame_id == "camera_optical", "pictures")
    observer.until(lambda: observer.level("/camera") == 0, "OK from the camera node")
    observer.until(lambda: device.held == 1, "the hanging capture to be released")
    assert observer.number("/camera", "restarts") == 0


@pytest.mark.parametrize(
    "garbage",
    [(False, None), (True, np.zeros((HEIGHT, WIDTH, 3), np.float64)), (True, np.zeros((0, 0, 3), np.uint8))],
    ids=["a picture that cannot be decoded", "numbers that are no picture", "an empty picture"],
)
def test_garbage_now_and_then_is_left_out_and_counted(
    watched: tuple[Any, Any], device: FakeDevice, garbage: Any
) -> None:
    observer, images = watched
    for times in range(1, 4):
        device.garbage = iter([garbage] * 5)
        observer.until(lambda: observer.number("/camera", "corrupt") == 5 * times, "garbage to be counted")  # noqa: B023
        count = images.count
        observer.until(lambda: images.count > count + 3, "pictures after the garbage")  # noqa: B023
    assert all(message.header.frame_id == "camera_optical" for message in images.messages)
    assert observer.level("/camera") == 0
    assert observer.number("/camera", "reconnections") == 0


def test_garbage_without_end_is_said_with_what_to_do(watched: tuple[Any, Any], device: FakeDevice) -> None:
    observer, images = watched
    device.garbage = itertools.repeat((False, None))
    observer.until(lambda: images.messages[-1].header.frame_id == "placeholder", "a placeholder")
    observer.until(lambda: observer.level("/camera") == 1, "WARN from the camera node")
    sentence = "sends pictures that cannot be decoded: try another fourcc."
    observer.until(lambda: sentence in observer.status("/camera").message, "the reason")
    device.garbage = iter(())
    observer.until(lambda: images.messages[-1].header.frame_id == "camera_optical", "pictures")
    observer.until(lambda: observer.level("/camera") == 0, "OK from the camera node")


def test_a_camera_that_changes_its_size_is_followed_by_all_of_the_mirror(
    watched: tuple[Any, Any],
    device: FakeDevice,
    start_host: Callable[..., Any],
    observe: Callable[..., Any],
    pixels_of: Callable[[Any], np.ndarray],
) -> None:
    from rclpy.parameter import Parameter
    from sensor_msgs.msg import CameraInfo, Image

    from mirror_effects.effects_node import EffectsNode
    from mirror_tracking.faces_node import FacesNode

    observer, _ = watched
    values = [Parameter("effects", value=["landmarks"]), Parameter("governor.on", value=False)]
    start_host(lambda: FacesNode(cli_args=[]), "faces")
    start_host(lambda: EffectsNode(cli_args=[], parameter_overrides=values), "effects")
    shown, infos = observer.listen(Image, "/image"), observer.listen(CameraInfo, "/camera/camera_info")
    sizes = [(640, 480), (90, 160), (WIDTH, HEIGHT)]
    for size in sizes:
        device.size = size
        observer.until(
            lambda size=size: (
                shown.messages and (shown.messages[-1].width, shown.messages[-1].height) == size
            ),
            f"shown pictures of {size}",
        )
        assert pixels_of(shown.messages[-1]).shape == (size[1], size[0], 3)
        observer.until(
            lambda size=size: (
                infos.messages and (infos.messages[-1].width, infos.messages[-1].height) == size
            ),
            "the camera's description for this size",
        )
    for node in ("/camera", "/faces", "/effects"):
        observer.until(lambda node=node: observer.level(node) == 0, f"OK from {node}")
        assert observer.number(node, "restarts") == 0
