"""The display node's stage: a face wakes it, one's own face is the camera's picture, links stay secret."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run colcon build first")

from diagnostic_msgs.msg import DiagnosticStatus, KeyValue
from rcl_interfaces.msg import Log, ParameterEvent
from rclpy.parameter import Parameter
from std_srvs.srv import Trigger

from mirror_core.bodies import BodySet
from mirror_core.codecs import BODIES, FACES, FRAMES
from mirror_core.frame import Frame
from mirror_core.node import MirrorNode
from mirror_core.qualities import LATCHED
from mirror_core.testing import synthetic_body, synthetic_face, synthetic_faces
from mirror_core.troubles import TOO_DARK
from mirror_display.actions import WindowAction
from mirror_display.display_node import DisplayNode
from mirror_display.presence import Rest
from mirror_msgs.msg import Gesture

PLACE = ["--ros-args", "-r", "__ns:=/mirror"]
SHORT = ["-p", "idle_after:=0.6", "-p", "attract_after:=0.0", "-p", "dim_after:=0.0"]
AWAKE = ["-p", "idle_after:=0.0"]
SMALL = ["-p", "width:=320", "-p", "height:=180", "-p", "reduced_motion:=true"]
CAMERA, ALTERED = 90, 200  # brightness of the two pictures
LINK = "http://192.168.7.7:8080/pair?code=SECRET-CODE"


class Graph(MirrorNode):
    """Stands for camera, tracker, effects, gestures, health and page."""

    NAME = "graph"

    def open(self) -> None:
        self.someone: Any = None  # "face", "body" or None
        self.raw = self.publisher(FRAMES, "camera/image_raw")
        self.images = self.publisher(FRAMES, "image")
        self.faces = self.publisher(FACES, "faces")
        self.bodies = self.publisher(BODIES, "bodies")
        self.gestures = self.create_publisher(Gesture, "gestures", 10)
        self.health_topic = self.create_publisher(DiagnosticStatus, "health", LATCHED)
        self.events = self.create_publisher(ParameterEvent, "/parameter_events", 10)
        self.answer = (True, LINK)
        self.create_service(Trigger, "page/pair", self._pair)
        self.timer(0.02, self._publish)

    def _publish(self) -> None:
        stamp_ns = self.now_ns()
        self.raw.publish(Frame(np.full((180, 320, 3), CAMERA, np.uint8), stamp_ns))
        self.images.publish(Frame(np.full((180, 320, 3), ALTERED, np.uint8), stamp_ns))
        faces = (synthetic_face(),) if self.someone == "face" else ()
        self.faces.publish(synthetic_faces(stamp_ns, *faces))
        bodies = (synthetic_body(),) if self.someone == "body" else ()
        self.bodies.publish(BodySet(stamp_ns, "camera_optical", 640, 480, bodies))

    def _pair(self, _: Any, response: Any) -> Any:
        response.success, response.message = self.answer
        return response


@pytest.fixture
def start(
    start_host: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Callable[..., tuple[DisplayNode, Graph]]:
    """`start(*words)`: the display with these parameters, and the rest of its graph."""
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")

    def start(*words: str) -> tuple[DisplayNode, Graph]:
        graph = start_host(lambda: Graph(cli_args=PLACE), "graph").node
        display = start_host(lambda: DisplayNode(cli_args=[*PLACE, *SMALL, *words]), "display").node
        display.window.open()  # here no main thread is served, so the test drives the window
        request.addfinalizer(display.window.close)
        return display, graph

    return start


def brightness(display: DisplayNode) -> int:
    """Of the window beside its middle, after another turn."""
    display.window.step(0.02)
    return int(display.window.snapshot()[90, 40, 1])


def toast(display: DisplayNode) -> str:
    shown = display.window.stage.look().toast
    return shown.text if shown is not None else ""


@pytest.mark.parametrize("someone", ["face", "body"])
def test_whoever_appears_wakes_the_resting_window_and_pictures_are_taken_only_then(
    start: Callable[..., Any], eventually: Callable[..., Any], someone: str
) -> None:
    display, graph = start(*SHORT)
    eventually(lambda: display.window.stage.rest is Rest.CLOCK, "the clock")
    eventually(lambda: not graph.images.has_subscribers, "no picture taken")
    eventually(lambda: graph.faces.has_subscribers and graph.bodies.has_subscribers, "a look for people")
    eventually(lambda: brightness(display) == 0, "the clock in the window")
    graph.someone = someone
    eventually(lambda: display.window.stage.rest is Rest.AWAKE, "the window awake")
    eventually(lambda: brightness(display) == ALTERED, "the picture in the window")
    graph.someone = None
    eventually(lambda: display.window.stage.rest is Rest.CLOCK, "the clock again")


def test_ones_own_face_is_the_cameras_untouched_picture_while_the_key_is_held(
    start: Callable[..., Any], eventually: Callable[..., Any]
) -> None:
    display, graph = start(*AWAKE)
    eventually(lambda: brightness(display) == ALTERED, "the mirror's picture")
    assert not graph.raw.has_subscribers
    display.window.stage.hold_own_face(True)
    display._on_action(WindowAction.OWN_FACE)
    eventually(lambda: brightness(display) == CAMERA, "the camera's picture")
    display.window.stage.hold_own_face(False)
    display.window.stage._own_face.end()  # a short press would stay for a while
    eventually(lambda: brightness(display) == ALTERED, "the mirror's picture again")
    eventually(lambda: not graph.raw.has_subscribers, "the camera's pictures left alone")


def test_a_gesture_shows_ones_own_face_once_it_is_set(
    start: Callable[..., Any], eventually: Callable[..., Any]
) -> None:
    display, graph = start(*AWAKE)
    eventually(lambda: brightness(display) == ALTERED, "the mirror's picture")
    assert display.count_subscribers("/mirror/gestures") == 0
    display.set_parameters(
        [Parameter("own_face_gesture", value="shake"), Parameter("own_face_seconds", value=600.0)]
    )
    eventually(lambda: graph.gestures.get_subscription_count() > 0, "an ear for gestures")
    graph.gestures.publish(Gesture(kind=Gesture.SHAKE, confidence=0.4))
    graph.gestures.publish(Gesture(kind=Gesture.NOD, confidence=0.9))
    graph.gestures.publish(Gesture(kind=Gesture.SHAKE, confidence=0.9))
    eventually(lambda: brightness(display) == CAMERA, "the camera's picture")


def test_the_link_for_a_phone_is_shown_and_told_nowhere_else(
    start: Callable[..., Any], eventually: Callable[..., Any], spinner: Any
) -> None:
    pytest.importorskip("segno")
    said: list[str] = []
    listener = spinner.node("listener")
    listener.create_subscription(Log, "/rosout", lambda message: said.append(message.msg), 100)
    display, graph = start(*AWAKE)
    eventually(display._link._client.service_is_ready, "the page")
    display._on_action(WindowAction.PAIR)
    eventually(lambda: display.window.stage.link_is_shown, "the link")
    assert display.window.stage.look().link.url == LINK
    display.window.stage.leave()
    graph.answer = (False, "Remote access is off.")
    display._on_action(WindowAction.PAIR)
    eventually(lambda: toast(display) == "Remote access is off.", "why there is no link")
    display.get_logger().warning("the last word")
    spinner.until(lambda: "the last word" in said, "the log")
    assert not any("SECRET" in sentence for sentence in said)
    assert not any("SECRET" in str(value) for value in display.report().values.values())


def test_changes_from_elsewhere_and_troubles_are_said(
    start: Callable[..., Any], eventually: Callable[..., Any]
) -> None:
    display, graph = start(*AWAKE, "-p", "language:=de")
    changed = Parameter("mask.strength", value=0.5).to_parameter_msg()

    def is_said() -> bool:
        graph.events.publish(ParameterEvent(node="/mirror/effects", changed_parameters=[changed]))
        return toast(display) == "Maske: strength 0.50"

    eventually(is_said, "the change in the window")
    dark = DiagnosticStatus(level=b"\x01", values=[KeyValue(key="camera", value=TOO_DARK)])
    graph.health_topic.publish(dark)
    eventually(lambda: display.window.stage.look().trouble == "too_dark", "the trouble")
    graph.health_topic.publish(DiagnosticStatus(values=[KeyValue(key="camera", value="Running.")]))
    eventually(lambda: display.window.stage.look().trouble == "", "its end")
