"""The mimic node among stand-ins for its neighbours: how joints move, where it looks, when it works."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run colcon build first")

from geometry_msgs.msg import PointStamped
from rclpy.parameter import Parameter
from sensor_msgs.msg import JointState
from std_msgs.msg import Float32

from mirror_core.codecs import FACES
from mirror_core.diagnostics import Level
from mirror_core.faces import FaceSet
from mirror_core.node import MirrorNode
from mirror_robot.joints import MIRROR_HEAD
from mirror_robot.mimic_node import MimicNode

PLACE = ["--ros-args", "-r", "__ns:=/mirror"]
LIMITS = {joint.name: joint for joint in MIRROR_HEAD}


class People(MirrorNode):
    """Stands for the faces node: the people in front of the mirror stand as told."""

    NAME = "faces"

    def open(self) -> None:
        self.out = self.publisher(FACES, "faces")


class Scene:
    """A mimic node, the people that it sees, and somebody who looks at its joints."""

    def __init__(self, start_host: Callable[..., Any], spinner: Any) -> None:
        self._start, self._spinner = start_host, spinner
        self.people = start_host(lambda: People(cli_args=PLACE), "faces").node
        self.states: list[JointState] = []
        self.points: list[PointStamped] = []
        self.distances: list[float] = []
        self._stamp_ns = 10**12
        self._faces: tuple[Any, ...] = ()
        self._shown_s = 0.0
        self.node: Any = None

    def begin(self, **parameters: Any) -> Any:
        overrides = [Parameter(name, value=value) for name, value in parameters.items()]
        create = lambda: MimicNode(cli_args=PLACE, parameter_overrides=overrides)  # noqa: E731
        self.node = self._start(create, "mimic").node
        return self.node

    def listen(self) -> Any:
        listener = self._spinner.node("listener", namespace="/mirror")
        listener.create_subscription(JointState, "joint_states", self.states.append, 50)
        listener.create_subscription(PointStamped, "look_at", self.points.append, 10)
        listener.create_subscription(Float32, "person_distance", lambda m: self.distances.append(m.data), 10)
        return listener

    def show(self, *faces: Any) -> None:
        self._faces = faces

    def until(self, condition: Callable[[], Any], what: str) -> Any:
        """Show the faces again and again until a condition holds."""

        def look() -> Any:
            if time.monotonic() - self._shown_s > 0.03:
                self._shown_s = time.monotonic()
                self._stamp_ns += 33_333_333
                self.people.out.publish(FaceSet(self._stamp_ns, "camera_optical", (640, 480), self._faces))
            return condition()

        return self._spinner.until(look, what)

    def joint(self, name: str) -> float:
        """The newest position of a joint, NaN before any."""
        if not self.states:
            return math.nan
        return float(self.states[-1].position[list(self.states[-1].name).index(name)])

    def set(self, name: str, value: Any) -> Any:
        """Set a parameter in the node's own thread, as its service would."""
        task = self.node.executor.create_task(
            lambda: self.node.set_parameters([Parameter(name, value=value)])
        )
        self._spinner.until(task.done, f"{name} to be set")
        (result,) = task.result()
        return result


@pytest.fixture
def scene(start_host: Callable[..., Any], spinner: Any) -> Iterator[Scene]:
    return Scene(start_host, spinner)


def open_mouth(points: Any, eyes: float) -> None:
    points[[14, 87, 178, 88, 95, 317, 402, 318, 324, 17, 84, 314, 152], 1] += 0.3 * eyes


def test_joints_follow_the_person_and_go_back_to_rest(scene: Scene, make_face: Any) -> None:
    scene.begin(rest_after_s=0.3)
    scene.listen()
    scene.until(lambda: len(scene.states) > 3, "joint states")
    assert list(scene.states[-1].name) == [joint.name for joint in MIRROR_HEAD]
    assert list(scene.states[-1].position) == pytest.approx([joint.rest for joint in MIRROR_HEAD])
    scene.show(make_face(open_mouth, yaw=0.4, pitch=0.2))
    scene.until(lambda: scene.joint("head_yaw") < -0.35 and scene.joint("jaw") > 0.2, "the head to follow")
    assert scene.joint("head_pitch") == pytest.approx(-0.2, abs=0.08)
    scene.show()
    scene.until(
        lambda: (
            list(scene.states[-1].position) == pytest.approx([joint.rest for joint in MIRROR_HEAD], abs=1e-3)
        ),
        "the head to come to rest",
    )
    for state in scene.states:
        for name, position, speed in zip(state.name, state.position, state.velocity, strict=True):
            assert LIMITS[name].lower <= position <= LIMITS[name].upper
            assert abs(speed) <= LIMITS[name].speed * (1 + 1e-9)
    stamps = [state.header.stamp.sec + state.header.stamp.nanosec * 1e-9 for state in scene.states]
    assert stamps == sorted(stamps)


def test_it_looks_at_the_nearest_person(scene: Scene, make_face: Any) -> None:
    scene.begin()
    scene.listen()
    scene.until(lambda: scene.distances, "a distance")
    assert scene.distances[-1] == math.inf
    scene.show(make_face(track_id=1, place=(0.0, 0.0, 1.5)), make_face(track_id=2, place=(0.3, 0.0, 0.4)))
    scene.until(lambda: scene.points, "a point to look at")
    point = scene.points[-1]
    assert (point.point.x, point.point.y, point.point.z) == pytest.approx((0.3, 0.0, 0.4))
    assert point.header.frame_id == "camera_optical"
    scene.until(lambda: scene.distances[-1] == pytest.approx(0.5), "the distance")
    assert scene.node.report().values["state"] == "follows face 2"


def test_without_a_pose_it_moves_but_says_that_it_has_nothing_to_look_at(
    scene: Scene, make_face: Any
) -> None:
    scene.begin()
    scene.listen()
    scene.show(make_face(yaw=0.4, posed=False))
    scene.until(lambda: scene.joint("head_yaw") < -0.2, "the head to follow")
    assert scene.node.report().level == Level.WARN
    assert "no head pose" in scene.node.report().message
    assert scene.points == []


def test_it_works_only_while_somebody_listens(scene: Scene, spinner: Any, make_face: Any) -> None:
    node = scene.begin()
    scene.show(make_face())
    assert not scene.people.out.has_subscribers
    assert node.report().values["state"] == "idle"
    listener = scene.listen()
    scene.until(lambda: scene.states, "joint states")
    assert scene.people.out.has_subscribers
    spinner.destroy(listener)
    spinner.until(lambda: not scene.people.out.has_subscribers, "the node to rest")


def test_settings_change_while_it_runs(scene: Scene, make_face: Any) -> None:
    scene.begin()
    scene.listen()
    scene.show(make_face(yaw=0.4))
    scene.until(lambda: scene.joint("head_yaw") < -0.35, "the head to follow")
    assert scene.set("mirrored", False).successful
    scene.until(lambda: scene.joint("head_yaw") > 0.35, "the head to turn to the other side")
    assert scene.set("rate", 100.0).successful
    assert scene.set("response", 30.0).successful
    line = "name=neck unit=head_yaw lower=-0.1 upper=0.1 speed=1 acceleration=9"
    assert scene.set("joints", [line]).successful
    scene.until(lambda: list(scene.states[-1].name) == ["neck"], "the other robot's joints")
    scene.until(lambda: scene.joint("neck") == pytest.approx(0.1, abs=1e-3), "its limit")
    refused = scene.set("joints", [line.replace("speed=1", "speed=-1")])
    assert not refused.successful
    assert "speed and acceleration must be above 0" in refused.reason
