"""The clock jumps forth and back by seconds, hours and years: frames go on, each with its own faces."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run make build first")

from rclpy.parameter import Parameter

from mirror_core.codecs import FACES, FRAMES, MOODS
from mirror_core.frame import Frame
from mirror_core.node import MirrorNode
from mirror_effects.effects_node import EffectsNode
from mirror_mood.mood_node import MoodNode
from mirror_tracking.faces_node import FacesNode

NOW_NS = 1_772_366_400 * 10**9
STEP_NS = 33_000_000
HOUR_NS = 3600 * 10**9
FRAMES_EACH = 8
# Where the clock is after each jump: an hour on, back, some seconds back, at the epoch, in ten years, now.
TIMES = (NOW_NS, NOW_NS + HOUR_NS, NOW_NS, NOW_NS - 5 * 10**9, 10**9, NOW_NS + 87_600 * HOUR_NS, NOW_NS)
PATIENCE_S = 5.0  # a frame that waits for its faces would take as long


class Camera(MirrorNode):
    """Stands for the camera; hears what is shown."""

    NAME = "camera"

    def open(self) -> None:
        self.frames = self.publisher(FRAMES, "camera/image_raw")
        self.shown: list[int] = []
        self.faces: list[int] = []
        self.subscription(FRAMES, "image", lambda frame: self.shown.append(frame.stamp_ns), depth=10)
        self.subscription(FACES, "faces", lambda faces: self.faces.append(faces.stamp_ns), depth=10)
        self.subscription(MOODS, "moods", lambda moods: None)


def test_frames_and_faces_go_on_whatever_the_clock_does(
    start_host: Callable[..., Any], eventually: Any
) -> None:
    camera = start_host(Camera, "camera").node
    values = [
        Parameter("effects", value=["landmarks"]),
        Parameter("patience", value=PATIENCE_S),
        Parameter("governor.on", value=False),
    ]
    hosts = [
        start_host(lambda: EffectsNode(parameter_overrides=values), "effects"),
        start_host(FacesNode, "faces"),
        start_host(MoodNode, "mood"),
    ]
    effects = hosts[0].node
    eventually(lambda: camera.frames.has_subscribers and effects._faces is not None, "all to listen")
    picture = np.full((180, 320, 3), 90, np.uint8)
    for begin_ns in TIMES:
        camera.shown.clear()
        camera.faces.clear()
        stamps = [begin_ns + number * STEP_NS for number in range(FRAMES_EACH)]
        for stamp_ns in stamps:
            count = len(camera.shown)
            camera.frames.publish(Frame(picture, stamp_ns))
            eventually(lambda: len(camera.shown) > count, "the frame to be shown")  # noqa: B023
        assert camera.shown == stamps
        assert camera.faces == stamps
    assert effects._joiner.late == 0
    assert [host.restarts for host in hosts] == [0, 0, 0]
    assert [host.node.report().level for host in hosts] == [0, 0, 0]
