"""Effects that need bodies get the newest ones, without a frame waiting for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run colcon build first")

from rclpy.parameter import Parameter

from mirror_core.bodies import BodySet
from mirror_core.codecs import BODIES, FRAMES
from mirror_core.frame import Frame, Image
from mirror_core.node import MirrorNode
from mirror_core.testing import synthetic_body
from mirror_effects import effects_node
from mirror_effects.effect import INPUTS, JOINED, Effect, Scene
from mirror_effects.effects_node import BODIES_LAST_NS, EffectsNode
from mirror_effects.plain import PlainEffect
from mirror_effects.registry import Registry

PLACE = ["--ros-args", "-r", "__ns:=/mirror"]
START_NS = 10**12


class Figure(Effect):
    """Notes which bodies it is given."""

    name = "figure"
    needs = frozenset({"bodies"})
    seen: list[tuple[int, tuple[int, ...]]]

    def apply(self, image: Image, scene: Scene) -> Image:
        noted.append((scene.stamp_ns, tuple(body.track_id for body in scene.bodies)))
        return image


noted: list[tuple[int, tuple[int, ...]]] = []


class Sources(MirrorNode):
    """Stands for camera and body tracker."""

    NAME = "sources"

    def open(self) -> None:
        self.frames = self.publisher(FRAMES, "camera/image_raw")
        self.bodies = self.publisher(BODIES, "bodies")


class Window(MirrorNode):
    """Stands for the window."""

    NAME = "window"

    def open(self) -> None:
        self.shown: list[int] = []
        self.subscription(FRAMES, "image", lambda frame: self.shown.append(frame.stamp_ns), depth=10)


@pytest.fixture
def nodes(
    start_host: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], tuple[Any, Any, Any]]:
    noted.clear()
    effects: dict[str, type[Effect]] = {"none": PlainEffect, "figure": Figure}
    monkeypatch.setattr(effects_node, "find_effects", lambda: Registry(effects, ()))
    effects_node._names.cache_clear()

    def start(effect: str) -> tuple[Any, Any, Any]:
        sources = start_host(lambda: Sources(cli_args=PLACE), "sources").node
        overrides = [Parameter("effects", value=[effect])]
        create = lambda: EffectsNode(cli_args=PLACE, parameter_overrides=overrides)  # noqa: E731
        tested = start_host(create, "effects").node
        window = start_host(lambda: Window(cli_args=PLACE), "window").node
        return sources, tested, window

    yield start
    effects_node._names.cache_clear()


def frame(stamp_ns: int) -> Frame:
    return Frame(np.zeros((480, 640, 3), np.uint8), stamp_ns)


def bodies(stamp_ns: int, *ids: int) -> BodySet:
    found = tuple(synthetic_body((100.0 * track_id, 260.0), track_id=track_id) for track_id in ids)
    return BodySet(stamp_ns, "camera_optical", 640, 480, found)


def test_bodies_are_an_input_that_no_frame_waits_for() -> None:
    assert "bodies" in INPUTS
    assert "bodies" not in JOINED
    assert Scene(0).bodies == ()


def test_an_effect_gets_the_newest_bodies_of_about_the_frames_time(nodes: Any, eventually: Any) -> None:
    sources, tested, window = nodes("figure")
    eventually(lambda: sources.frames.has_subscribers and sources.bodies.has_subscribers, "the inputs")

    def show(stamp_ns: int) -> tuple[int, ...]:
        before = len(noted)
        sources.frames.publish(frame(stamp_ns))
        eventually(lambda: len(noted) > before, "the frame")
        assert noted[-1][0] == stamp_ns
        return noted[-1][1]

    assert show(START_NS) == ()  # none have come, and the frame is shown
    sources.bodies.publish(bodies(START_NS, 1, 2))
    eventually(lambda: tested._newest_bodies is not None, "the bodies")
    assert show(START_NS + 40_000_000) == (1, 2)
    assert show(START_NS + BODIES_LAST_NS) == (1, 2)
    assert show(START_NS + BODIES_LAST_NS + 1_000_000) == ()  # the tracker says nothing any more
    sources.bodies.publish(bodies(START_NS + 10**9))
    eventually(lambda: tested._newest_bodies.stamp_ns == START_NS + 10**9, "the bodies")
    assert show(START_NS + 10**9) == ()  # nobody is there
    eventually(lambda: len(window.shown) == len(noted), "the window")


def test_bodies_are_not_asked_for_by_effects_that_do_not_need_them(nodes: Any, eventually: Any) -> None:
    sources, tested, _ = nodes("none")
    eventually(lambda: sources.frames.has_subscribers, "frames to be taken")
    assert not sources.bodies.has_subscribers
    tested.set_parameters([Parameter("effects", value=["figure"])])
    eventually(lambda: sources.bodies.has_subscribers, "bodies to be taken")
    tested.set_parameters([Parameter("effects", value=["none"])])
    eventually(lambda: not sources.bodies.has_subscribers, "bodies to be left alone")
