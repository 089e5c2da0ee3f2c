"""While the processor is short of time, every second frame is tracked; faces in between are predicted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run colcon build first")

from rclpy.parameter import Parameter
from std_msgs.msg import UInt8

from mirror_core.bodies import BodySet
from mirror_core.codecs import BODIES, FACES, FRAMES
from mirror_core.faces import FaceSet
from mirror_core.frame import Frame
from mirror_core.governor import Step
from mirror_core.node import MirrorNode
from mirror_core.qualities import LATCHED
from mirror_core.testing import synthetic_face, synthetic_faces
from mirror_tracking import bodies_node, faces_node
from mirror_tracking.bodies_node import BodiesNode
from mirror_tracking.body_tracker import BodyTimes
from mirror_tracking.faces_node import FacesNode
from mirror_tracking.tracker import StageTimes

PLACE = ["--ros-args", "-r", "__ns:=/mirror"]
SPEED = 4.0  # pixels a frame that the person walks to the right
FRAME_NS = 33_000_000
START_NS = 10**12


class Tracker:
    """Finds whoever walks by, where he is at each frame's time."""

    def __init__(self, *_: Any) -> None:
        self.times = StageTimes()
        self.seen: list[int] = []
        self.somebody = True
        trackers.append(self)

    def update(self, frame: Frame, *_: Any, **__: Any) -> FaceSet:
        self.seen.append(number(frame.stamp_ns))
        x = 200.0 + SPEED * number(frame.stamp_ns)
        there = [synthetic_face((x, 200.0))] if self.somebody else []
        return synthetic_faces(frame.stamp_ns, *there)

    def look_around(self) -> None:
        """Nobody else is there."""

    reset = close = configure = lambda *_: None


class BodyTracker(Tracker):
    """Finds nobody."""

    def __init__(self, *_: Any) -> None:
        super().__init__()
        self.times = BodyTimes()  # type: ignore[assignment]

    def update(self, frame: Frame, *_: Any, **__: Any) -> Any:
        self.seen.append(number(frame.stamp_ns))
        return BodySet(frame.stamp_ns, frame.frame_id, frame.width, frame.height)


trackers: list[Tracker] = []


def number(stamp_ns: int) -> int:
    """Which frame this is."""
    return (stamp_ns - START_NS) // FRAME_NS


class Neighbours(MirrorNode):
    """Stands for the camera, the effects node with its governor, and whoever wants faces and bodies."""

    NAME = "neighbours"

    def open(self) -> None:
        self.frames = self.publisher(FRAMES, "camera/image_raw")
        self.levels = self.create_publisher(UInt8, "governor", LATCHED)
        self.heard: list[FaceSet] = []
        self.subscription(FACES, "faces", self.heard.append, depth=20)
        self.subscription(BODIES, "bodies", self.heard.append, depth=20)


@pytest.fixture
def start(
    start_host: Callable[..., Any], eventually: Any, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Any], tuple[Any, Any, Callable[[int], list[int]]]]:
    trackers.clear()
    monkeypatch.setattr(faces_node, "FaceTracker", Tracker)
    monkeypatch.setattr(bodies_node, "BodyTracker", BodyTracker)

    def start(node_class: Any) -> tuple[Any, Any, Callable[[int], list[int]]]:
        around = start_host(lambda: Neighbours(cli_args=PLACE), "neighbours").node
        masks = [Parameter("medical_masks", value=False)] if node_class is FacesNode else []
        create = lambda: node_class(cli_args=PLACE, parameter_overrides=masks)  # noqa: E731
        node = start_host(create, "tested").node
        eventually(lambda: around.frames.has_subscribers, "frames to be taken")
        count = [0]

        def show(frames: int) -> list[int]:
            """Show frames one after the other; the numbers of those that were tracked."""
            (tracker,) = trackers
            before, shown = len(tracker.seen), node.health.counters
            for _ in range(frames):
                count[0] += 1
                done = len(tracker.seen) + node._governed.left_out
                around.frames.publish(
                    Frame(np.zeros((480, 640, 3), np.uint8), START_NS + count[0] * FRAME_NS)
                )
                eventually(
                    lambda done=done: len(tracker.seen) + node._governed.left_out > done,
                    "the frame to be taken",
                )
            assert "not tracked, to save time" in shown
            return tracker.seen[before:]

        return around, node, show

    return start


def set_level(around: Any, node: Any, level: int, eventually: Any) -> None:
    around.levels.publish(UInt8(data=level))
    eventually(lambda: node._governed.level == level, "the level to arrive")


def test_faces_between_two_looks_are_where_they_should_be_by_then(start: Any, eventually: Any) -> None:
    around, node, show = start(FacesNode)
    set_level(around, node, Step.UNMASK, eventually)
    assert show(4) == [1, 2, 3, 4]
    set_level(around, node, Step.TRACKING, eventually)
    assert show(6) == [6, 8, 10]
    eventually(lambda: len(around.heard) == 10, "faces of every frame")
    stamps = [number(faces.stamp_ns) for faces in around.heard]
    assert stamps == list(range(1, 11))  # no frame waits for faces that do not come
    for faces in around.heard:
        (face,) = faces.faces
        true = synthetic_face((200.0 + SPEED * number(faces.stamp_ns), 200.0))
        assert face.roi.centre == pytest.approx(true.roi.centre, abs=0.01)
        assert face.landmarks == pytest.approx(true.landmarks, abs=0.01)
    assert node._governed.left_out == 3
    set_level(around, node, Step.NONE, eventually)
    assert show(3) == [11, 12, 13]


def test_where_nobody_was_nobody_is_predicted(start: Any, eventually: Any) -> None:
    around, node, show = start(FacesNode)
    trackers[0].somebody = False
    set_level(around, node, Step.RESOLUTION, eventually)
    assert show(1) == [1]  # before anything is known, there is nothing to predict from
    assert show(4) == [2, 4]
    eventually(lambda: len(around.heard) == 5, "faces of every frame")
    assert all(faces.faces == () for faces in around.heard)


def test_bodies_are_looked_for_in_every_second_frame(start: Any, eventually: Any) -> None:
    around, node, show = start(BodiesNode)
    assert show(3) == [1, 2, 3]
    set_level(around, node, Step.TRACKING, eventually)
    assert show(6) == [5, 7, 9]
    eventually(lambda: len(around.heard) == 6, "bodies")
