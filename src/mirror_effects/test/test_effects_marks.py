"""The effects node: its watermark is live, and nothing is kept of the time before the shutter closed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run colcon build first")

from rclpy.parameter import Parameter

from mirror_core.codecs import FRAMES
from mirror_core.frame import Frame, Image
from mirror_core.node import MirrorNode
from mirror_effects import effects_node
from mirror_effects.effect import Effect, Scene, writable
from mirror_effects.effects_node import EffectsNode
from mirror_effects.plain import PlainEffect
from mirror_effects.registry import Registry

PLACE = ["--ros-args", "-r", "__ns:=/mirror"]
START_NS = 10**12


class Paint(Effect):
    """Paints the middle; notes what it is told."""

    name = "paint"
    told: list[Any]

    def apply(self, image: Image, scene: Scene) -> Image:
        image = writable(image)
        image[200:280, 280:360] = 255
        return image

    def shown(self, image: Image, stamp_ns: int) -> None:
        told.append((stamp_ns, image))

    def forget(self) -> None:
        told.append("forget")


told: list[Any] = []


class Camera(MirrorNode):
    """Stands for the camera."""

    NAME = "camera"

    def open(self) -> None:
        self.frames = self.publisher(FRAMES, "camera/image_raw")


class Window(MirrorNode):
    """Stands for the window."""

    NAME = "window"

    def open(self) -> None:
        self.images: dict[int, Image] = {}
        self.subscription(FRAMES, "image", lambda f: self.images.__setitem__(f.stamp_ns, f.image), depth=10)


@pytest.fixture
def mirror(
    start_host: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, eventually: Callable[..., Any]
) -> Any:
    told.clear()
    effects: dict[str, type[Effect]] = {"none": PlainEffect, "paint": Paint}
    monkeypatch.setattr(effects_node, "find_effects", lambda: Registry(effects, ()))
    effects_node._names.cache_clear()
    camera = start_host(lambda: Camera(cli_args=PLACE), "camera").node
    overrides = [Parameter("effects", value=["paint"])]
    node = start_host(lambda: EffectsNode(cli_args=PLACE, parameter_overrides=overrides), "effects").node
    window = start_host(lambda: Window(cli_args=PLACE), "window").node
    eventually(lambda: node._frames is not None and camera.frames.has_subscribers, "the graph")
    count = 0

    def show(*, placeholder: bool = False) -> Image:
        nonlocal count
        count += 1
        stamp_ns = START_NS + count

        def came() -> bool:
            picture = np.full((480, 640, 3), 100, np.uint8)
            camera.frames.publish(Frame(picture, stamp_ns, is_placeholder=placeholder))
            return stamp_ns in window.images

        eventually(came, "the picture")
        return window.images[stamp_ns]

    yield node, show
    effects_node._names.cache_clear()


def test_altered_pictures_are_marked_while_that_is_wished_and_untouched_ones_never(
    mirror: Any, tmp_path: Path
) -> None:
    node, show = mirror
    corner = np.s_[420:, :320]  # the lower right corner as shown
    assert (show()[corner] == 100).all()
    node.set_parameters([Parameter("watermark.show", value="text")])
    english = show()
    assert (english[corner] != 100).any(axis=2).sum() > 300
    assert (english[200:280, 280:360] == 255).all()
    assert (english[:400, :200] == 100).all()
    recorded = next(entry for entry in reversed(told) if entry != "forget")[1]
    np.testing.assert_array_equal(recorded, english)  # a take has it, too
    node.set_parameters([Parameter("language", value="de")])
    assert (show()[corner] != english[corner]).any()
    wrong = tmp_path / "none.png"
    node.set_parameters([Parameter("watermark.picture", value=str(wrong))])
    (answer,) = node.set_parameters([Parameter("watermark.show", value="picture")])
    assert not answer.successful
    assert answer.reason.startswith(f"watermark.picture = {wrong} is refused")
    assert (show()[corner] != 100).any()
    node.set_parameters([Parameter("effects", value=["none"])])
    assert (show() == 100).all()


def test_effects_forget_when_the_shutter_closes(mirror: Any) -> None:
    _, show = mirror
    show()
    assert "forget" not in told
    show(placeholder=True)
    assert "forget" in told
