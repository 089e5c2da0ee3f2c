"""What fails with every frame is told once in a while, and not thirty times a second."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run make build first")

from rclpy.parameter import Parameter

from mirror_core.codecs import BODIES, FACES, FRAMES, MOODS
from mirror_core.frame import Frame
from mirror_core.node import MirrorNode
from mirror_effects import effects_node
from mirror_effects.effect import Effect
from mirror_effects.effects_node import EffectsNode
from mirror_effects.registry import Registry
from mirror_mood.mood_node import MoodNode
from mirror_tracking import bodies_node, faces_node
from mirror_tracking.bodies_node import BodiesNode
from mirror_tracking.faces_node import FacesNode

FRAMES_SHOWN = 150
MOST_LINES = 12  # of all nodes together
FAULT = "raised on purpose"


class Camera(MirrorNode):
    """Stands for the camera and for everybody who wants something."""

    NAME = "camera"

    def open(self) -> None:
        self.frames = self.publisher(FRAMES, "camera/image_raw")
        self.count = 0
        self.subscription(FRAMES, "image", lambda _: None)
        self.subscription(BODIES, "bodies", lambda _: None)
        self.subscription(MOODS, "moods", lambda _: None)
        self.subscription(FACES, "faces", self.on_faces, depth=10)

    def on_faces(self, _: Any) -> None:
        self.count += 1


class Broken(Effect):
    """Raises whenever it is used."""

    name = "broken"
    needs = frozenset({"faces"})

    def apply(self, *_: Any) -> Any:
        raise ValueError(FAULT)

    prepare = apply


def raises(*_: Any, **__: Any) -> Any:
    raise RuntimeError(FAULT)


def test_faults_of_every_frame_are_folded(
    start_host: Callable[..., Any],
    eventually: Any,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    for module, tracker in ((faces_node, "FaceTracker"), (bodies_node, "BodyTracker")):
        monkeypatch.setattr(getattr(module, tracker), "update", raises)
        monkeypatch.setattr(getattr(module, tracker), "look_around", raises)
    monkeypatch.setattr(effects_node, "find_effects", lambda: Registry({"broken": Broken}, ()))
    effects_node._names.cache_clear()
    camera = start_host(Camera, "camera").node
    values = [Parameter("effects", value=["broken"]), Parameter("governor.on", value=False)]
    hosts = [
        start_host(lambda: EffectsNode(parameter_overrides=values), "effects"),
        start_host(FacesNode, "faces"),
        start_host(BodiesNode, "bodies"),
        start_host(MoodNode, "mood"),
    ]
    eventually(lambda: camera.frames.has_subscribers, "somebody to listen")
    picture = np.zeros((90, 160, 3), np.uint8)
    for number in range(FRAMES_SHOWN):
        count = camera.count
        camera.frames.publish(Frame(picture, 10**12 + number * 10**7))
        eventually(lambda: camera.count > count, "the frame to be tracked")  # noqa: B023
    effects_node._names.cache_clear()
    told = capfd.readouterr().err
    lines = [line for line in told.splitlines() if FAULT in line]
    assert 2 <= len(lines) <= MOST_LINES, told
    assert [host.restarts for host in hosts] == [0] * len(hosts)
    assert FAULT in hosts[1].node.report().message
    assert hosts[0].node.report().message.startswith("Effect broken is off until it is chosen again")
