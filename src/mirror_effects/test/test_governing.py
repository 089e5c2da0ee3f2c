"""The effects node lowers work while frames are shown late, says so, and takes it back."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run colcon build first")

from rclpy.parameter import Parameter
from std_msgs.msg import UInt8

from mirror_core.codecs import FACES, FRAMES
from mirror_core.diagnostics import Level
from mirror_core.frame import Frame, Image
from mirror_core.node import MirrorNode
from mirror_core.qualities import LATCHED
from mirror_core.testing import synthetic_faces
from mirror_effects import effects_node, governing
from mirror_effects.effect import Effect, Scene
from mirror_effects.effects_node import EffectsNode
from mirror_effects.registry import Registry

PLACE = ["--ros-args", "-r", "__ns:=/mirror"]
PERIOD_S = 0.01
SLOW_S = 0.12
WINDOW_S = 0.15
TARGET = {"governor.latency": 0.06, "governor.rate": 1.0}  # only the age of frames counts here


class Slow(Effect):
    """Takes long while it is told to."""

    name = "slow"
    needs = frozenset({"faces"})
    gains_by_resolution = True

    def apply(self, image: Image, scene: Scene) -> Image:
        sizes.append(image.shape[1])
        if slow.is_set():
            time.sleep(SLOW_S)
        return image


slow = threading.Event()
sizes: list[int] = []


class Sources(MirrorNode):
    """Stands for camera and face tracker, and follows the level as a tracker does."""

    NAME = "sources"

    def open(self) -> None:
        self.frames = self.publisher(FRAMES, "camera/image_raw")
        self.faces = self.publisher(FACES, "faces")
        self.levels: list[int] = []
        self.create_subscription(UInt8, "governor", lambda m: self.levels.append(int(m.data)), LATCHED)
        self.timer(PERIOD_S, self.show)

    def show(self) -> None:
        stamp_ns = time.time_ns()
        self.faces.publish(synthetic_faces(stamp_ns, image_size=(60, 40)))
        self.frames.publish(Frame(np.zeros((40, 60, 3), np.uint8), stamp_ns))


class Window(MirrorNode):
    """Stands for the window."""

    NAME = "window"

    def open(self) -> None:
        self.subscription(FRAMES, "image", lambda _: None)


@pytest.fixture
def start(start_host: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Any, Any]]:
    slow.clear()
    effects: dict[str, type[Effect]] = {"slow": Slow}
    monkeypatch.setattr(effects_node, "find_effects", lambda: Registry(effects, ()))
    monkeypatch.setattr(governing, "WINDOW_S", WINDOW_S)
    effects_node._names.cache_clear()

    def start(**more: Any) -> tuple[Any, Any]:
        sources = start_host(lambda: Sources(cli_args=PLACE), "sources").node
        values = {"effects": ["slow"], **TARGET, **more}
        overrides = [Parameter(name, value=value) for name, value in values.items()]
        create = lambda: EffectsNode(cli_args=PLACE, parameter_overrides=overrides)  # noqa: E731
        tested = start_host(create, "effects").node
        start_host(lambda: Window(cli_args=PLACE), "window")
        return sources, tested

    yield start
    slow.clear()
    effects_node._names.cache_clear()


def test_the_level_rises_while_frames_are_late_and_falls_again(start: Any, eventually: Any) -> None:
    sources, tested = start()
    eventually(lambda: tested.health.rate.rate() > 0, "frames")
    eventually(lambda: sources.levels == [0], "the level without need")
    slow.set()
    eventually(lambda: sources.levels[-1] == 4, "the highest level")
    report = tested.report()
    assert report.level is Level.WARN
    assert report.message.startswith("The processor is short of time (")
    assert "every second frame is tracked, effects draw at half the resolution." in report.message
    assert report.values["work lowered"] == "level 4 of 4"
    eventually(lambda: sizes[-1] == 30, "effects that draw in a smaller picture")
    slow.clear()
    eventually(lambda: sources.levels[-1] == 0, "the level to fall")
    assert set(sources.levels) == {0, 3, 4}  # the steps of film and mask removal would lower nothing
    assert sources.levels.index(3) < sources.levels.index(4)
    eventually(lambda: tested.report().level is Level.OK, "health")
    assert tested.report().values["work lowered"] == "no"
    eventually(lambda: sizes[-1] == 60, "effects that draw in the whole picture")


def test_switched_off_the_level_falls_at_once(start: Any, eventually: Any) -> None:
    sources, tested = start()
    slow.set()
    eventually(lambda: sources.levels and sources.levels[-1] == 4, "the highest level")
    (result,) = tested.set_parameters([Parameter("governor.on", value=False)])
    assert result.successful
    eventually(lambda: sources.levels[-1] == 0, "the level to fall")
    assert tested.report().level is Level.OK
