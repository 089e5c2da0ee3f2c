"""The gestures node among stand-ins for its neighbours: what it publishes, what it does, when it works."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run colcon build first")

from rclpy.action import ActionServer
from rclpy.parameter import Parameter
from rclpy.qos import DurabilityPolicy, QoSProfile
from scipy.spatial.transform import Rotation

from mirror_core import graph_control
from mirror_core.codecs import FACES, FRAMES
from mirror_core.diagnostics import Level
from mirror_core.faces import Face, FaceSet, HeadPose
from mirror_core.gallery_steps import following
from mirror_core.geometry import quaternion_from_matrix
from mirror_core.node import MirrorNode
from mirror_core.parameters import parameter
from mirror_core.testing import synthetic_face
from mirror_msgs.action import CaptureFace
from mirror_msgs.msg import CaptureStatus, Consent, GalleryFace, GalleryState, Gesture, Presence
from mirror_msgs.srv import CheckIn, ListFaces
from mirror_tracking import gesture_gallery
from mirror_tracking.gestures_node import GesturesNode

PLACE = ["--ros-args", "-r", "__ns:=/mirror"]
RATE_HZ = 15.0
FACING = np.array([[0.0, 1, 0], [0, 0, -1], [-1, 0, 0]])


@dataclass(frozen=True)
class Stack:
    """The parameter of the effects node."""

    effects: tuple[str, ...] = parameter(("mask",), "Effects.", choices=("none", "mask", "mood"))


class Effects(MirrorNode):
    """Stands for the effects node."""

    NAME = "effects"
    CONFIG = Stack


class People(MirrorNode):
    """Stands for the faces node: the people in front of the mirror move as told."""

    NAME = "faces"

    def open(self) -> None:
        self.out = self.publisher(FACES, "faces")


class Window(MirrorNode):
    """Stands for the window, which looks at the picture."""

    NAME = "window"

    def open(self) -> None:
        self.subscription(FRAMES, "image", lambda _: None)


class Gallery(MirrorNode):
    """Stands for the gallery: captures what it is asked to, and says so."""

    NAME = "gallery"

    def open(self) -> None:
        self.goals: list[Any] = []
        self.succeeds = True
        self.status = self.create_publisher(CaptureStatus, "gallery/captures", 10)
        self.checked_in: list[tuple[int, str]] = []
        latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        self.state = self.create_publisher(GalleryState, "gallery/state", latched)
        server = ActionServer(self, CaptureFace, "gallery/capture", self._execute)
        self.at_close(server.destroy)
        self.create_service(ListFaces, "gallery/list", self._on_list)
        self.create_service(CheckIn, "gallery/check_in", self._on_check_in)

    def _on_list(self, _: Any, answer: Any) -> Any:
        faces = (("p", "Average", True), ("a", "Ada", False), ("b", "Bo", False), ("c", "Cy", False))
        answer.faces = [GalleryFace(id=id_, name=name, preset=preset) for id_, name, preset in faces]
        return answer

    def _on_check_in(self, request: Any, answer: Any) -> Any:
        self.checked_in.append((request.face_id, request.gallery_id))
        answer.success = True
        self.state.publish(
            GalleryState(
                present=[
                    Presence(face_id=request.face_id, gallery_id=request.gallery_id),
                    Presence(face_id=77, gallery_id="b"),  # somebody else who is there too
                ]
            )
        )
        return answer

    def _execute(self, goal: Any) -> CaptureFace.Result:
        self.goals.append(goal.request)
        if not self.succeeds:
            goal.abort()
            return CaptureFace.Result(message="The face was lost.")
        goal.succeed()
        return CaptureFace.Result(success=True, gallery_id="f1")


def face(track_id: int, yaw: float, pitch: float, roll: float, posed: bool = True) -> Face:
    plain = synthetic_face((200.0 * track_id, 240.0), track_id=track_id)
    turn = FACING @ Rotation.from_euler("ZYX", [yaw, -pitch, -roll], degrees=True).as_matrix()
    pose = HeadPose(quaternion_from_matrix(turn), (0.0, 0.0, 0.7)) if posed else None
    return Face(track_id, 0.9, plain.roi, plain.landmarks, pose)


def nod(time_s: float) -> float:
    """Degrees of pitch: calm for a second, two quick nods, calm again."""
    phase = min(max((time_s - 1.0) * 2.0, 0.0), 2.0)
    return -7.0 * (1.0 - math.cos(2 * math.pi * phase))


class Scene:
    """A gestures node and the people it sees."""

    def __init__(self, start_host: Callable[..., Any], eventually: Callable[..., Any]) -> None:
        self._start, self._eventually = start_host, eventually
        self.people = start_host(lambda: People(cli_args=PLACE), "faces").node
        self.node: Any = None
        self._now_s = 1000.0

    def begin(self, **parameters: Any) -> Any:
        overrides = [Parameter(name, value=value) for name, value in parameters.items()]
        create = lambda: GesturesNode(cli_args=PLACE, parameter_overrides=overrides)  # noqa: E731
        self.node = self._start(create, "gestures").node
        return self.node

    def add(self, create: Callable[..., Any]) -> Any:
        return self._start(lambda: create(cli_args=PLACE), create.NAME).node

    def listens(self) -> None:
        self._eventually(lambda: self.people.out.has_subscribers, "the node to follow the faces")

    def show(self, *faces: Face) -> None:
        """Publish one frame's faces, and wait until the node has looked at them."""
        seen = self.node.health.stages["recognise"]
        count = seen.count
        self._now_s += 1.0 / RATE_HZ
        self.people.out.publish(FaceSet(round(self._now_s * 1e9), "camera_optical", (1280, 720), faces))
        self._eventually(lambda: seen.count > count, "the node to see the faces")

    def play(self, *movements: Callable[[float], tuple[float, float, float]], seconds: float = 2.6) -> None:
        """One movement (seconds → yaw, pitch, roll) of each face, the nearest first; ids from 1."""
        for step in range(round(seconds * RATE_HZ)):
            self.show(*(face(i + 1, *move(step / RATE_HZ)) for i, move in enumerate(movements)))

    def set(self, node: Any, name: str, value: Any) -> Any:
        """Set a parameter in the node's own thread, as its service would."""
        task = node.executor.create_task(lambda: node.set_parameters([Parameter(name, value=value)]))
        self._eventually(task.done, f"{name} to be set")
        (result,) = task.result()
        return result

    def nod(self) -> None:
        self.play(lambda t: (0.0, nod(t), 0.0))


def calm(_: float) -> tuple[float, float, float]:
    return (0.0, 0.0, 0.0)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph_control, "POLL_S", 0.05)


@pytest.fixture
def scene(start_host: Callable[..., Any], eventually: Callable[..., Any]) -> Scene:
    return Scene(start_host, eventually)


@pytest.fixture
def listener(spinner: Any) -> Callable[..., list[Gesture]]:
    """`listener()`: the list that gestures arrive in."""

    def listen() -> list[Gesture]:
        messages: list[Gesture] = []
        node = spinner.node("listener", namespace="/mirror")
        node.create_subscription(Gesture, "gestures", messages.append, 10)
        return messages

    return listen


def test_a_nod_is_published_with_the_frames_header(scene: Scene, listener: Any, spinner: Any) -> None:
    messages = listener()
    node = scene.begin()
    scene.listens()
    scene.play(calm, lambda t: (0.0, nod(t), 0.0))
    spinner.until(lambda: messages, "the gesture")
    (message,) = messages
    assert (message.kind, message.face_id) == (Gesture.NOD, 2)
    assert 0.9 < message.confidence <= 1.0
    assert message.header.frame_id == "camera_optical"
    assert 1001.9 < message.header.stamp.sec + message.header.stamp.nanosec * 1e-9 < 1002.5
    assert node.report().values["last gesture"].startswith("nod of face 2 (")
    assert node.report().values["state"] == "watching"


def test_without_listener_and_action_it_does_nothing(
    scene: Scene, start_host: Any, eventually: Any, listener: Any, spinner: Any
) -> None:
    node = scene.begin()
    window = scene.add(Window)
    assert not scene.people.out.has_subscribers
    assert node.report().values["state"] == "idle"
    messages = listener()
    scene.listens()
    for listening in list(spinner.executor.get_nodes()):
        spinner.destroy(listening)
    eventually(lambda: not scene.people.out.has_subscribers, "the node to let go of the faces")
    assert messages == []
    assert window.is_running


def test_with_an_action_it_works_only_while_somebody_looks_at_the_picture(
    scene: Scene, start_host: Any, eventually: Any
) -> None:
    scene.begin(on_nod="next_effect")
    window_host = start_host(lambda: Window(cli_args=PLACE), "window")
    scene.listens()
    window_host.request_stop()
    eventually(lambda: not scene.people.out.has_subscribers, "the node to let go of the faces")


def steered(scene: Scene, eventually: Any, **parameters: Any) -> tuple[Any, Any]:
    """A node with actions, and the effects that it steers."""
    node = scene.begin(**parameters)
    scene.add(Window)
    effects = scene.add(Effects)
    scene.listens()
    eventually(lambda: node._control and node._control.effects, "the names of the effects")
    eventually(lambda: node._control.active_effects == ("mask",), "the stack")
    return node, effects


def test_a_nod_shows_the_next_effect_once(scene: Scene, eventually: Any) -> None:
    node, effects = steered(scene, eventually, on_nod="next_effect", on_shake="previous_effect")
    scene.play(lambda t: (0.0, nod(t), 0.0), lambda t: (0.0, nod(t), 0.0))  # two people together
    eventually(lambda: effects.config.effects == ("mood",), "the next effect")
    eventually(lambda: node.report().values["actions"] == "1", "one action")
    assert node.report().values["last action"].startswith("mood after nod of face 1 (")
    eventually(lambda: node._control.active_effects == ("mood",), "the node to know")
    shake = lambda t: (10 * math.sin(2 * math.pi * 1.5 * min(max(t - 1.0, 0.0), 4 / 3)), 0.0, 0.0)  # noqa: E731
    scene.play(shake, seconds=3.0)
    eventually(lambda: effects.config.effects == ("mask",), "the effect before")


def test_plain_shows_the_unaltered_picture_and_brings_the_stack_back(scene: Scene, eventually: Any) -> None:
    node, effects = steered(scene, eventually, on_nod="plain")
    assert scene.set(effects, "effects", ["mood", "mask"]).successful
    eventually(lambda: node._control.active_effects == ("mood", "mask"), "the stack of two")
    scene.nod()
    eventually(lambda: effects.config.effects == ("none",), "the plain picture")
    eventually(lambda: node._control.active_effects == ("none",), "the node to know")
    scene.nod()
    eventually(lambda: effects.config.effects == ("mood", "mask"), "the stack of before")


def test_a_tilt_begins_a_capture_of_that_face_for_this_visit(scene: Scene, eventually: Any) -> None:
    node = scene.begin(on_tilt_left="capture")
    scene.add(Window)
    gallery = scene.add(Gallery)
    scene.listens()
    eventually(lambda: node._gallery is not None and node._gallery.is_ready, "the gallery")
    scene.play(lambda t: (0.0, 0.0, min(max((t - 1.0) * 60, 0.0), 20.0)), calm)
    eventually(lambda: gallery.goals, "the capture")
    (goal,) = gallery.goals
    assert goal.face_id == 1
    assert goal.name.startswith("Guest ")
    assert goal.consent.scope == Consent.THIS_VISIT
    assert not goal.consent.others_may_wear
    assert not goal.consent.recognise
    eventually(lambda: node.report().values["actions"] == "1", "one action")
    assert node.report().level == Level.OK


def test_a_nod_says_that_one_is_the_next_person_who_is_not_there_yet(scene: Scene, eventually: Any) -> None:
    node = scene.begin(on_nod="check_in")
    scene.add(Window)
    gallery = scene.add(Gallery)
    scene.listens()
    eventually(lambda: node._gallery is not None and node._gallery.is_ready, "the gallery")
    for said, known in (("a", "Ada"), ("c", "Cy"), ("", "nobody known")):
        scene.nod()
        eventually(lambda said=said: gallery.checked_in[-1:] == [(1, said)], f"to be {known}")
        expected = f"face 1 is {known} after nod of face 1 ("
        eventually(
            lambda text=expected: node.report().values["last action"].startswith(text), f"to be told {known}"
        )
        eventually(
            lambda said=said: [p.gallery_id for p in node._gallery._state.present][:1] == [said],
            "the gallery's state",
        )
    assert len(gallery.checked_in) == 3


def test_after_the_last_person_comes_nobody_and_then_the_first() -> None:
    assert [following(("a", "b"), current) for current in ("", "a", "b", "gone")] == ["a", "b", "", "a"]
    assert following((), "a") == ""


def test_a_capture_that_fails_is_told(scene: Scene, eventually: Any) -> None:
    node = scene.begin(on_nod="capture")
    scene.add(Window)
    gallery = scene.add(Gallery)
    gallery.succeeds = False
    scene.listens()
    eventually(lambda: node._gallery is not None and node._gallery.is_ready, "the gallery")
    scene.nod()
    eventually(lambda: node.report().message == "The face was lost.", "the reason")
    assert node.report().level == Level.WARN


def test_while_a_face_is_captured_no_gesture_acts(
    scene: Scene, eventually: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gesture_gallery, "CAPTURE_SILENCE_S", 1e6)
    node, effects = steered(scene, eventually, on_nod="next_effect")
    gallery = scene.add(Gallery)
    eventually(lambda: gallery.status.get_subscription_count() > 0, "the node to follow captures")
    gallery.status.publish(CaptureStatus(state=CaptureStatus.RUNNING))
    eventually(lambda: node.report().values["state"] == "waits for a capture to end", "the node to wait")
    scene.nod()
    assert node.report().values["gestures"] == "1"
    assert node.report().values["actions"] == "0"
    gallery.status.publish(CaptureStatus(state=CaptureStatus.DONE))
    eventually(lambda: node.report().values["state"] == "watching", "the node to go on")
    scene.nod()
    eventually(lambda: effects.config.effects == ("mood",), "the next effect")


@pytest.mark.parametrize(
    ("action", "sentence"),
    [
        ("next_effect", "The effects node does not answer, so that a gesture cannot change the effects."),
        ("capture", gesture_gallery.NO_GALLERY),
        ("check_in", gesture_gallery.NO_GALLERY),
    ],
)
def test_without_the_node_that_it_needs_a_gesture_says_so(
    scene: Scene, eventually: Any, action: str, sentence: str
) -> None:
    node = scene.begin(on_nod=action)
    scene.add(Window)
    scene.listens()
    scene.nod()
    eventually(lambda: node.report().message == sentence, "the sentence")
    assert node.report().level == Level.WARN
    assert scene.set(node, "on_nod", "none").successful
    assert node.report().level == Level.OK


def test_faces_without_pose_are_told(scene: Scene, listener: Any) -> None:
    messages = listener()
    node = scene.begin()
    scene.listens()
    scene.show(face(1, 0.0, 0.0, 0.0, posed=False))
    assert node.report().message.startswith("The faces have no head pose: set head_pose")
    scene.show(face(1, 0.0, 0.0, 0.0))
    assert node.report().level == Level.OK
    assert messages == []


def test_parameters_change_live_and_a_wrong_one_is_refused(scene: Scene, eventually: Any) -> None:
    node, effects = steered(scene, eventually, on_nod="previous_effect")
    reason = scene.set(node, "on_nod", "off").reason
    assert reason.startswith(
        "on_nod = off is refused: allowed is none | next_effect | previous_effect | plain"
    )
    assert reason.endswith("| capture | check_in.")
    assert scene.set(node, "on_nod", "next_effect").successful
    scene.nod()
    eventually(lambda: effects.config.effects == ("mood",), "the next effect")
