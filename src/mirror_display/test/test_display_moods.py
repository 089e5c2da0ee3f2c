"""The display node and moods: taken only while they are shown, and then around the faces in the window."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run colcon build first")

from rclpy.parameter import Parameter

from mirror_core.codecs import FACES, FRAMES, MOODS
from mirror_core.frame import Frame
from mirror_core.mood_colours import MOOD_COLOURS
from mirror_core.moods import Mood, MoodLabel, MoodSet
from mirror_core.node import MirrorNode
from mirror_core.testing import synthetic_face, synthetic_faces
from mirror_display.actions import WindowAction
from mirror_display.display_node import DisplayNode

PLACE = ["--ros-args", "-r", "__ns:=/mirror"]
AWAKE = [*PLACE, "-p", "idle_after:=0.0"]  # else faces are looked for to see whether anybody is there
HAPPY = np.array([0.0, 0.0, 0.0, 0.9, 0.0, 0.0, 0.1], np.float32)


class Reader(MirrorNode):
    """Stands for camera, tracker and mood node: one face, which is happy."""

    NAME = "reader"

    def open(self) -> None:
        self.images = self.publisher(FRAMES, "image")
        self.faces = self.publisher(FACES, "faces")
        self.moods = self.publisher(MOODS, "moods")
        self.timer(0.02, self._publish)

    def _publish(self) -> None:
        stamp_ns = self.now_ns()
        self.images.publish(Frame(np.full((480, 640, 3), 128, np.uint8), stamp_ns))
        self.faces.publish(synthetic_faces(stamp_ns, synthetic_face((200.0, 240.0), track_id=7)))
        self.moods.publish(MoodSet(stamp_ns, "camera_optical", (Mood(7, HAPPY),)))


@pytest.fixture
def display(start_host: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> DisplayNode:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    node = start_host(lambda: DisplayNode(cli_args=AWAKE), "display").node
    assert isinstance(node, DisplayNode)
    return node


@pytest.fixture
def reader(display: DisplayNode, start_host: Callable[..., Any]) -> Reader:
    node = start_host(lambda: Reader(cli_args=PLACE), "reader").node
    assert isinstance(node, Reader)
    return node


def listens(display: DisplayNode) -> tuple[bool, bool]:
    return display._moods is not None, display._faces is not None


def test_moods_and_faces_are_taken_exactly_while_moods_are_shown(
    display: DisplayNode, reader: Reader, eventually: Callable[..., Any]
) -> None:
    eventually(lambda: reader.images.has_subscribers, "the display")
    assert listens(display) == (False, False)
    assert not reader.moods.has_subscribers and not reader.faces.has_subscribers
    display.set_parameters([Parameter("mood_ring", value=True)])
    eventually(lambda: listens(display) == (True, True), "the subscriptions")
    eventually(
        lambda: reader.moods.has_subscribers and reader.faces.has_subscribers, "them at the publishers"
    )
    display.set_parameters([Parameter("mood_ring", value=False)])
    eventually(lambda: listens(display) == (False, False), "the subscriptions' end")
    eventually(lambda: not reader.moods.has_subscribers, "their end at the publisher")


def test_a_node_that_does_not_run_takes_no_moods(
    display: DisplayNode, reader: Reader, eventually: Callable[..., Any]
) -> None:
    display.set_parameters([Parameter("mood_ring", value=True)])
    eventually(lambda: listens(display) == (True, True), "the subscriptions")
    display.trigger_deactivate()
    eventually(lambda: listens(display) == (False, False), "the subscriptions' end")


def test_the_key_and_the_parameter_are_the_same(display: DisplayNode, eventually: Callable[..., Any]) -> None:
    for wanted in (True, False):
        display.window._act(WindowAction.TOGGLE_MOOD_RING)
        assert display.config.mood_ring is wanted and display.window.settings.mood_ring is wanted
    display.set_parameters([Parameter("mood_ring", value=True)])
    assert display.window.settings.mood_ring


def test_the_key_says_so_where_nobody_reads_moods(display: DisplayNode) -> None:
    display.window._act(WindowAction.TOGGLE_MOOD_RING)
    toast = display.window.stage.look().toast
    assert toast is not None
    assert toast.text == "Nobody reads moods: the mood node is not running."


def test_the_mood_is_in_the_window_around_the_face(
    display: DisplayNode,
    reader: Reader,
    eventually: Callable[..., Any],
    request: pytest.FixtureRequest,
) -> None:
    window, shown = display.window, display.window._rings
    window.open()  # here no main thread is served, so the test drives the window
    request.addfinalizer(window.close)
    display.set_parameters([Parameter("mood_ring", value=True)])

    def view_shown() -> Any:
        window.step(0.02)
        return shown._moods and shown._moods[0].presence == 1.0 and shown._moods[0]

    view = eventually(view_shown, "the ring")
    assert (view.track_id, view.reading.shares[0]) == (7, (MoodLabel.HAPPY, 90))
    assert view.box.centre == pytest.approx(synthetic_face((200.0, 240.0)).roi.centre, abs=1.0)

    def yellow() -> Any:
        window.step(0.02)
        seen = window.snapshot().astype(int)
        return np.abs(seen - MOOD_COLOURS[MoodLabel.HAPPY][::-1]).max(axis=2) < 12

    is_yellow = eventually(lambda: (found := yellow()).any() and [found], "the ring's colour")[0]
    # The face stands on the picture's left, so the mirrored window shows it on the right.
    assert is_yellow[:, 640:].sum() > 500 and is_yellow[:, :300].sum() == 0
    display.set_parameters([Parameter("mood_ring", value=False)])
    eventually(lambda: not yellow().any(), "the ring's end")
