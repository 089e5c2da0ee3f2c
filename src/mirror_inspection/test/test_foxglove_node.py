"""The foxglove node among stand-ins for its neighbours, seen by a client that speaks Foxglove's protocol."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import cv2
import numpy as np
import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run colcon build first")
pytest.importorskip("foxglove", reason="foxglove-sdk is not installed")

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rclpy.serialization import deserialize_message
from tf2_msgs.msg import TFMessage

from mirror_core.bodies import BodySet
from mirror_core.camera_info import CameraInfo
from mirror_core.codecs import BODIES, CAMERA_INFO, FACES, FRAMES, MOODS
from mirror_core.frame import Frame
from mirror_core.geometry import CameraIntrinsics
from mirror_core.moods import Mood, MoodSet
from mirror_core.node import MirrorNode
from mirror_core.qualities import LATCHED
from mirror_core.testing import synthetic_body, synthetic_face, synthetic_faces
from mirror_inspection.foxglove_node import HANDED_ON, FoxgloveNode, channel_kinds
from mirror_inspection.testing import FoxgloveClient
from mirror_tracking.conversions import faces_to_transforms

PLACE = ["--ros-args", "-r", "__ns:=/mirror"]
WIDTH, HEIGHT = 320, 240
FRAME_NS = 40_000_000  # 25 Hz
START_NS = 1_700_000_000 * 10**9


class Neighbours(MirrorNode):
    """Stands for camera, trackers, moods and effects: all about one frame at a time."""

    NAME = "neighbours"

    def open(self) -> None:
        self.outs = {
            "camera/image_raw": self.publisher(FRAMES, "camera/image_raw"),
            "camera/camera_info": self.publisher(CAMERA_INFO, "camera/camera_info"),
            "faces": self.publisher(FACES, "faces"),
            "bodies": self.publisher(BODIES, "bodies"),
            "moods": self.publisher(MOODS, "moods"),
            "image": self.publisher(FRAMES, "image"),
        }
        self.summaries = self.create_publisher(DiagnosticStatus, "health", LATCHED)
        self.summaries.publish(DiagnosticStatus(level=b"\x00", name="mirror", message="All is well."))
        self.heads = self.create_publisher(TFMessage, "/tf", 100)
        self._count = 0
        self.timer(0.02, self.show)

    def show(self) -> None:
        stamp_ns = START_NS + self._count * FRAME_NS
        self._count += 1
        picture = np.full((HEIGHT, WIDTH, 3), 60, np.uint8)
        cv2.rectangle(picture, (40, 30), (99, 89), (0, 0, 255), -1)
        frame = Frame(picture, stamp_ns)
        said = {
            "camera/image_raw": frame,
            "camera/camera_info": CameraInfo(
                stamp_ns, "camera_optical", CameraIntrinsics(WIDTH, HEIGHT, 300.0, 300.0, 160.0, 120.0)
            ),
            "faces": synthetic_faces(stamp_ns, FACE, image_size=(WIDTH, HEIGHT)),
            "bodies": BodySet(stamp_ns, "camera_optical", WIDTH, HEIGHT, (BODY,)),
            "moods": MoodSet(stamp_ns, "camera_optical", (MOOD,)),
            "image": frame.with_image(255 - picture, "effects"),
        }
        for topic, item in said.items():
            self.outs[topic].publish(item)
        self.heads.publish(faces_to_transforms(said["faces"]))


FACE = synthetic_face((70.0, 60.0), 60.0, track_id=5)
BODY = synthetic_body((160.0, 140.0), 120.0, track_id=2)
MOOD = Mood(5, np.array([0.0, 0.0, 0.0, 0.75, 0.0, 0.25, 0.0], np.float32))


class Scene:
    """The node, its neighbours, and whoever looks through Foxglove."""

    def __init__(self, start_host: Callable[..., Any]) -> None:
        self.neighbours = start_host(lambda: Neighbours(cli_args=PLACE), "neighbours").node
        words = [*PLACE, "-p", "port:=0", "-p", "fps:=5.0"]
        self.node = start_host(lambda: FoxgloveNode(cli_args=words), "foxglove").node

    @property
    def listened_to(self) -> set[str]:
        return {topic for topic, out in self.neighbours.outs.items() if out.has_subscribers}


@pytest.fixture
def scene(start_host: Callable[..., Any]) -> Scene:
    return Scene(start_host)


@pytest.fixture
def client(scene: Scene) -> Iterator[FoxgloveClient]:
    with FoxgloveClient(scene.node.server.url) as client:
        yield client


def picture_of(image: Any) -> np.ndarray:
    picture = cv2.imdecode(np.frombuffer(image.data, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    return np.asarray(picture)


def test_it_serves_this_machine_only_unless_told_otherwise(scene: Scene) -> None:
    assert scene.node.server.url == f"ws://127.0.0.1:{scene.node.server.port}"
    report = scene.node.report()
    assert report.message == f"Foxglove finds the mirror at {scene.node.server.url}."
    assert report.values["asked for"] == "nothing"


def test_every_channel_is_offered(client: FoxgloveClient) -> None:
    place = lambda name: name if name.startswith("/") else f"/mirror/{name}"  # noqa: E731
    expected = {*channel_kinds(place), "/mirror/moods", *map(place, HANDED_ON)}
    client.until(lambda: set(client.channels) == expected, "all channels")
    assert client.channels["/diagnostics"]["schemaName"] == "diagnostic_msgs/msg/DiagnosticArray"
    assert "MSG: diagnostic_msgs/KeyValue" in client.channels["/diagnostics"]["schema"]


def test_pictures_and_landmarks_fit_each_other(scene: Scene, client: FoxgloveClient) -> None:
    client.subscribe("/mirror/camera/image", "/mirror/image", "/mirror/faces/annotations")
    together: set[int] = set()

    def stamps(topic: str) -> set[int]:
        return {message.stamp_ns for message in client.received.get(topic, [])}

    def are_complete() -> bool:
        nonlocal together
        together = (
            stamps("/mirror/camera/image") & stamps("/mirror/image") & stamps("/mirror/faces/annotations")
        )
        return len(together) >= 3

    client.until(are_complete, "three moments of all")
    raw = client.newest("/mirror/camera/image").content
    seen, shown = picture_of(raw), picture_of(client.newest("/mirror/image").content)
    assert raw.frame_id == "camera_optical"
    assert seen.shape == (HEIGHT, WIDTH, 3)
    # The annotated face lies on the red square of the picture; JPEG moves colours a little.
    points = client.newest("/mirror/faces/annotations").content.points[0].points
    places = np.array([(point.x, point.y) for point in points])
    np.testing.assert_allclose(places, FACE.landmarks[:, :2], atol=1e-4)
    x, y = places.mean(axis=0).round().astype(int)
    np.testing.assert_allclose(seen[y, x], (0, 0, 255), atol=12)
    np.testing.assert_allclose(shown[y, x], (255, 255, 0), atol=12)
    np.testing.assert_allclose(seen[HEIGHT - 5, 5], (60, 60, 60), atol=4)


def test_pictures_come_no_faster_than_was_asked(scene: Scene, client: FoxgloveClient) -> None:
    client.subscribe("/mirror/camera/image")
    client.until(lambda: len(client.received.get("/mirror/camera/image", [])) >= 6, "six pictures")
    times = [message.stamp_ns for message in client.received["/mirror/camera/image"]]
    assert min(np.diff(times)) >= 0.9 * 10**9 / 5.0  # fps 5 of the frames' own time


def test_only_what_somebody_asks_for_is_worked_for(
    scene: Scene, client: FoxgloveClient, eventually: Callable[..., Any]
) -> None:
    assert scene.listened_to == set()
    client.subscribe("/mirror/moods")
    eventually(lambda: scene.listened_to == {"moods"}, "the moods to be listened to")
    client.subscribe("/mirror/faces/annotations")
    eventually(lambda: scene.listened_to == {"moods", "faces"}, "the faces to be listened to")
    client.close()
    eventually(lambda: scene.listened_to == set(), "nobody to be listened to")


def test_moods_bodies_heads_and_the_camera_arrive(client: FoxgloveClient) -> None:
    client.subscribe("/mirror/moods", "/mirror/bodies/annotations", "/tf", "/mirror/camera/calibration")
    (mood,) = client.newest("/mirror/moods").content["faces"]
    assert (mood["face_id"], mood["mood"], mood["happy"]) == (5, "happy", 0.75)
    bodies = client.newest("/mirror/bodies/annotations").content
    assert bodies.texts[0].text == "body 2"
    (head,) = client.newest("/tf").content.transforms
    assert (head.parent_frame_id, head.child_frame_id) == ("camera_optical", "face_5")
    assert client.newest("/mirror/camera/calibration").content.K[0] == 300.0


def test_diagnostics_pass_as_they_are_and_health_is_told_to_late_comers(
    scene: Scene, client: FoxgloveClient
) -> None:
    client.subscribe("/diagnostics", "/mirror/health")
    array = deserialize_message(client.newest("/diagnostics").content, DiagnosticArray)
    assert array.status[0].name in ("mirror/neighbours", "mirror/foxglove")
    assert deserialize_message(client.newest("/mirror/health").content, DiagnosticStatus).message == (
        "All is well."
    )
    with FoxgloveClient(client.url) as late:
        late.subscribe("/mirror/health")
        assert late.newest("/mirror/health").content == client.newest("/mirror/health").content


def test_what_nodes_say_is_in_the_log(scene: Scene, client: FoxgloveClient) -> None:
    client.subscribe("/log")

    def said() -> list[str]:
        return [message.content.message for message in client.received.get("/log", [])]

    client.until(
        lambda: any("Foxglove finds the mirror at" in text for text in said()), "what was said before"
    )
    scene.neighbours.get_logger().warning("It is dark.")
    client.until(lambda: "It is dark." in said(), "the warning")
    dark = next(m.content for m in client.received["/log"] if m.content.message == "It is dark.")
    assert (dark.level, dark.name) == (3, "mirror.neighbours")


def test_the_rate_and_the_quality_can_be_changed_while_it_runs(scene: Scene, client: FoxgloveClient) -> None:
    from rclpy.parameter import Parameter

    client.subscribe("/mirror/camera/image")
    size = len(client.newest("/mirror/camera/image").content.data)
    results = scene.node.set_parameters([Parameter("jpeg_quality", value=10), Parameter("fps", value=60.0)])
    assert all(result.successful for result in results)
    client.until(lambda: len(client.newest("/mirror/camera/image").content.data) < size, "a smaller picture")
    client.received.clear()
    client.until(lambda: len(client.received.get("/mirror/camera/image", [])) >= 6, "more pictures")
    times = [message.stamp_ns for message in client.received["/mirror/camera/image"]]
    assert min(np.diff(times)) == FRAME_NS
