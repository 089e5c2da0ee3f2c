"""The bodies node among stand-ins for its neighbours: what it publishes, for whom it works, what it says."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest
from skimage import data

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run colcon build first")

from rclpy.parameter import Parameter
from sensor_msgs.msg import Image as ImageMessage
from visualization_msgs.msg import Marker, MarkerArray

from mirror_core.bodies import Body, BodySet
from mirror_core.body_points import BODY_POINT_COUNT, BONES, BodyPoint
from mirror_core.camera_info import CameraInfo
from mirror_core.codecs import BODIES, CAMERA_INFO, FACES, FRAMES
from mirror_core.conversions import stamp_of
from mirror_core.diagnostics import Level
from mirror_core.errors import ModelError
from mirror_core.faces import Roi
from mirror_core.frame import Frame
from mirror_core.geometry import CameraIntrinsics
from mirror_core.node import MirrorNode
from mirror_core.testing import synthetic_body, synthetic_face, synthetic_faces
from mirror_msgs.msg import BodyArray
from mirror_tracking import bodies_node
from mirror_tracking.bodies_node import BodiesNode
from mirror_tracking.body_tracker import BodyTimes, BodyTrackerParameters

PLACE = ["--ros-args", "-r", "__ns:=/mirror"]
HIPS, HEIGHT_PX = (320.0, 260.0), 322.0


class Tracker:
    """Stands for the tracker: somebody stands there, in whatever picture."""

    def __init__(self, parameters: BodyTrackerParameters) -> None:
        self.parameters = parameters
        self.times = BodyTimes(pose_s=0.01, poses=1)
        self.is_segmented: list[bool] = []
        self.resets = self.searches = 0
        self.error: Exception | None = None
        made.append(self)

    def configure(self, parameters: BodyTrackerParameters) -> None:
        self.parameters = parameters

    def reset(self) -> None:
        self.resets += 1

    def update(self, frame: Frame, *, segmentation: bool, look_later: bool) -> BodySet:
        assert look_later
        self.is_segmented.append(segmentation)
        if self.error is not None:
            raise self.error
        roi = Roi(200.0, 40.0, 240.0, 420.0)
        mask = np.full((420, 240), 255, np.uint8) if segmentation else None
        body = dataclasses.replace(synthetic_body(HIPS, HEIGHT_PX, track_id=5), roi=roi, segmentation=mask)
        return BodySet(frame.stamp_ns, frame.frame_id, frame.width, frame.height, (body,))

    def look_around(self) -> None:
        self.searches += 1


made: list[Tracker] = []


class Neighbours(MirrorNode):
    """Stands for camera and face tracker."""

    NAME = "neighbours"

    def open(self) -> None:
        self.frames = self.publisher(FRAMES, "camera/image_raw")
        self.info = self.publisher(CAMERA_INFO, "camera/camera_info")
        self.faces = self.publisher(FACES, "faces")


class Listener(MirrorNode):
    """Stands for an effect in the same process."""

    NAME = "listener"

    def open(self) -> None:
        self.heard: list[BodySet] = []
        self.subscription(BODIES, "bodies", self.heard.append, depth=10)


class Scene:
    """A bodies node and who stands around it."""

    def __init__(self, start_host: Callable[..., Any], eventually: Callable[..., Any]) -> None:
        self.start, self.eventually = start_host, eventually
        self.neighbours = start_host(lambda: Neighbours(cli_args=PLACE), "neighbours").node
        self.node: Any = None
        self.stamp_ns = 10**12

    def begin(self, **parameters: Any) -> Any:
        overrides = [Parameter(name, value=value) for name, value in parameters.items()]
        create = lambda: BodiesNode(cli_args=PLACE, parameter_overrides=overrides)  # noqa: E731
        self.node = self.start(create, "bodies").node
        return self.node

    def listen(self) -> Any:
        listener = self.start(lambda: Listener(cli_args=PLACE), "listener").node
        self.eventually(lambda: self.neighbours.frames.has_subscribers, "the node to take frames")
        return listener

    def show(self, image: Any = None) -> int:
        self.stamp_ns += 40_000_000
        picture = np.zeros((480, 640, 3), np.uint8) if image is None else image
        self.neighbours.frames.publish(Frame(picture, self.stamp_ns))
        return self.stamp_ns


@pytest.fixture
def scene(start_host: Any, eventually: Any) -> Scene:
    return Scene(start_host, eventually)


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    made.clear()
    monkeypatch.setattr(bodies_node, "BodyTracker", Tracker)


@pytest.mark.usefixtures("made_up")
def test_nothing_is_done_while_nobody_asks(scene: Scene, eventually: Any) -> None:
    node = scene.begin()
    scene.show()
    assert not scene.neighbours.frames.has_subscribers
    assert made == []
    scene.listen()
    assert len(made) == 1
    assert not scene.neighbours.faces.has_subscribers
    assert node.report().level == Level.OK


@pytest.mark.usefixtures("made_up")
def test_bodies_reach_effects_as_they_are_and_others_as_a_message(
    scene: Scene, eventually: Any, spinner: Any
) -> None:
    outside: list[BodyArray] = []
    spinner.node("outside", namespace="/mirror").create_subscription(BodyArray, "bodies", outside.append, 10)
    node = scene.begin()
    listener = scene.listen()
    spinner.until(lambda: node._bodies._ros.get_subscription_count() > 0, "the subscriber outside")
    stamp_ns = scene.show()
    spinner.until(lambda: outside, "a message")
    eventually(lambda: listener.heard, "bodies")
    (bodies,) = listener.heard
    assert (bodies.stamp_ns, bodies.frame_id, bodies.width) == (stamp_ns, "camera_optical", 640)
    (message,) = outside
    assert stamp_of(message.header) == stamp_ns
    assert message.header.frame_id == "camera_optical"
    assert message.bodies[0].id == 5
    assert np.allclose(np.reshape(message.bodies[0].landmarks, (33, 3)), bodies.bodies[0].landmarks)
    eventually(lambda: made[0].searches == 1, "the search afterwards")
    values = node.report().values
    assert values["bodies"] == "1"
    assert values["dropped"] == "0"
    assert values["pose p50 [ms]"] == "10.00"
    assert "latency p99 [ms]" in values


@pytest.mark.usefixtures("made_up")
def test_markers_show_the_skeleton_in_metres_where_the_body_stands(
    scene: Scene, eventually: Any, spinner: Any
) -> None:
    heard: list[MarkerArray] = []
    tool = spinner.node("tool", namespace="/mirror")
    scene.begin()
    tool.create_subscription(MarkerArray, "bodies/markers", heard.append, 10)
    spinner.until(lambda: scene.neighbours.frames.has_subscribers, "the node to take frames")
    camera = CameraIntrinsics(640, 480, 600.0, 600.0, 319.5, 239.5, (0.1, 0.0, 0.0, 0.0))
    scene.neighbours.info.publish(CameraInfo(1, "camera_optical", camera))
    spinner.until(lambda: scene.node._camera is not None, "the calibration")
    stamp_ns = scene.show()
    spinner.until(lambda: heard, "markers")
    markers = {marker.ns: marker for marker in heard[0].markers}
    assert set(markers) == {"skeleton", "points", "id"}
    assert {marker.id for marker in markers.values()} == {5}
    skeleton = markers["skeleton"]
    assert stamp_of(skeleton.header) == stamp_ns
    assert (skeleton.type, len(skeleton.points)) == (Marker.LINE_LIST, 2 * len(BONES))
    assert len(markers["points"].points) == BODY_POINT_COUNT
    # 200 px a metre at a focal length of 600 px: three metres away.
    hip = markers["points"].points[BodyPoint.LEFT_HIP]
    assert (hip.x, hip.y, hip.z) == pytest.approx((0.1, 0.1, 3.0), abs=0.1)
    assert markers["id"].text == "#5"
    assert made[0].is_segmented == [False]


@pytest.mark.usefixtures("made_up")
def test_the_segmentation_is_made_and_sent_while_somebody_looks_at_it(
    scene: Scene, eventually: Any, spinner: Any
) -> None:
    heard: list[ImageMessage] = []
    tool = spinner.node("tool", namespace="/mirror")
    scene.begin()
    listener = scene.listen()
    scene.show()
    eventually(lambda: listener.heard, "bodies")
    assert made[0].is_segmented == [False]
    assert listener.heard[0].bodies[0].segmentation is None
    looking = tool.create_subscription(ImageMessage, "bodies/segmentation", heard.append, 10)
    spinner.until(lambda: scene.node._segmentation.get_subscription_count() > 0, "the node to know")
    stamp_ns = scene.show()
    spinner.until(lambda: heard, "a segmentation")
    (message,) = heard
    assert (message.encoding, message.width, message.height) == ("mono8", 640, 480)
    assert stamp_of(message.header) == stamp_ns
    labels = np.frombuffer(message.data, np.uint8).reshape(480, 640)
    assert (labels[40:460, 200:440] == 1).all()
    assert np.count_nonzero(labels) == 420 * 240
    tool.destroy_subscription(looking)
    spinner.until(lambda: scene.node._segmentation.get_subscription_count() == 0, "the node to know")
    scene.show()
    eventually(lambda: len(made[0].is_segmented) == 3, "the third frame")
    assert made[0].is_segmented == [False, True, False]


@pytest.mark.usefixtures("made_up")
def test_a_parameter_makes_the_segmentation_for_effects(scene: Scene, eventually: Any) -> None:
    scene.begin(segmentation=True, max_bodies=1)
    listener = scene.listen()
    scene.show()
    eventually(lambda: listener.heard, "bodies")
    assert listener.heard[0].bodies[0].segmentation is not None
    assert made[0].parameters.max_bodies == 1


@pytest.mark.usefixtures("made_up")
def test_faces_are_asked_for_and_matched_where_a_parameter_says_so(scene: Scene, eventually: Any) -> None:
    node = scene.begin(match_faces=True)
    listener = scene.listen()
    eventually(lambda: scene.neighbours.faces.has_subscribers, "the node to take faces")
    x, y = synthetic_body(HIPS, HEIGHT_PX).landmarks[BodyPoint.NOSE, :2]
    face = synthetic_face((float(x), float(y)), 40.0, track_id=77)
    scene.neighbours.faces.publish(synthetic_faces(scene.stamp_ns, face))
    eventually(lambda: node._newest_faces is not None, "the faces")
    scene.show()
    eventually(lambda: listener.heard, "bodies")
    assert [body.face_id for body in listener.heard[0].bodies] == [77]
    scene.stamp_ns += 10**9  # the faces are now too old
    scene.show()
    eventually(lambda: len(listener.heard) == 2, "bodies")
    assert [body.face_id for body in listener.heard[1].bodies] == [None]
    node.set_parameters([Parameter("match_faces", value=False)])
    eventually(lambda: not scene.neighbours.faces.has_subscribers, "the node to leave the faces alone")


@pytest.mark.usefixtures("made_up")
def test_a_picture_that_fails_is_told_and_the_next_one_is_tracked(scene: Scene, eventually: Any) -> None:
    node = scene.begin()
    listener = scene.listen()
    made[0].error = ModelError("The pose model failed on a picture.")
    scene.show()
    eventually(lambda: listener.heard, "an empty set")
    assert listener.heard[0].bodies == ()
    report = node.report()
    assert (report.level, report.message) == (
        Level.ERROR,
        "Tracking failed (The pose model failed on a picture.).",
    )
    made[0].error = None
    scene.show()
    eventually(lambda: len(listener.heard) == 2, "bodies")
    assert len(listener.heard[1].bodies) == 1
    assert node.report().level == Level.OK


def test_missing_models_are_told_once_and_cost_nothing(
    scene: Scene, eventually: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[int] = []

    def fail(parameters: BodyTrackerParameters) -> None:
        tries.append(1)
        raise ModelError("This mediapipe carries no pose model.")

    monkeypatch.setattr(bodies_node, "BodyTracker", fail)
    node = scene.begin()
    scene.start(lambda: Listener(cli_args=PLACE), "listener")
    eventually(lambda: node.report().level == Level.ERROR, "the fault")
    assert node.report().message == "Bodies are not tracked: This mediapipe carries no pose model."
    node._follow_demand()
    assert tries == [1]
    assert not scene.neighbours.frames.has_subscribers


@pytest.mark.usefixtures("made_up")
def test_settings_change_live_and_a_wrong_one_is_refused(scene: Scene, eventually: Any) -> None:
    node = scene.begin()
    scene.listen()
    (result,) = node.set_parameters([Parameter("max_bodies", value=3)])
    assert result.reason == "max_bodies = 3 is refused: allowed is 1 … 2."
    (result,) = node.set_parameters([Parameter("max_bodies", value=1)])
    assert result.successful
    assert made[0].parameters.max_bodies == 1


def test_a_real_person_before_the_camera_is_published(scene: Scene, eventually: Any) -> None:
    pytest.importorskip("ai_edge_litert", reason="ai-edge-litert is not installed")
    scene.begin()
    listener = scene.listen()
    picture = np.asarray(cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2BGR), np.uint8)
    scene.show(picture)
    eventually(lambda: listener.heard, "bodies")
    (body,) = listener.heard[0].bodies
    assert isinstance(body, Body)
    assert body.landmarks[BodyPoint.NOSE, :2] == pytest.approx((222, 128), abs=12)
    assert body.confidence > 0.8
