"""The foxglove node: the running graph for Foxglove, over its WebSocket protocol.

Subscribed: image (sensor_msgs/Image), camera/image_raw (sensor_msgs/Image), camera/camera_info
(sensor_msgs/CameraInfo), faces (mirror_msgs/FaceArray), bodies (mirror_msgs/BodyArray), moods
(mirror_msgs/MoodArray), faces/markers (visualization_msgs/MarkerArray), bodies/markers
(visualization_msgs/MarkerArray), joint_states (sensor_msgs/JointState), robot_description
(std_msgs/String), health (diagnostic_msgs/DiagnosticStatus), /diagnostics (diagnostic_msgs/DiagnosticArray),
/tf (tf2_msgs/TFMessage), /rosout (rcl_interfaces/Log). Each is subscribed only while somebody in Foxglove has
asked for what is made of it. Pictures go out as JPEG at a limited rate, faces and bodies as annotations of
the same pictures, heads as transforms.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rcl_interfaces.msg import Log
from rclpy.qos import QoSProfile
from sensor_msgs.msg import JointState
from std_msgs.msg import String
from tf2_msgs.msg import TFMessage
from visualization_msgs.msg import MarkerArray

from mirror_core.bags.message_types import new_typestore
from mirror_core.bodies import BodySet
from mirror_core.camera_info import CameraInfo
from mirror_core.codecs import BODIES, CAMERA_INFO, FACES, FRAMES, MOODS, Codec
from mirror_core.conversions import NANOSECONDS_PER_SECOND, stamp_of
from mirror_core.diagnostics import Level
from mirror_core.faces import FaceSet
from mirror_core.frame import Frame
from mirror_core.hosting import leave, run_node
from mirror_core.moods import MoodSet
from mirror_core.node import MirrorNode
from mirror_core.parameters import parameter
from mirror_core.qualities import LATCHED, ROSOUT
from mirror_inspection.foxglove_annotations import body_annotations, face_annotations
from mirror_inspection.foxglove_messages import (
    MOODS_SCHEMA,
    PlacedFrame,
    camera_calibration,
    compressed_image,
    frame_transforms,
    log_entry,
    mood_record,
)
from mirror_inspection.foxglove_server import FoxgloveServer, RosChannel
from mirror_inspection.shared_rate import SharedRate

__all__ = ["DEFAULT_PORT", "FoxgloveNode", "FoxgloveParameters", "channel_kinds"]

DEFAULT_PORT = 8765  # Foxglove's own proposal
REPEAT_S = 1.0  # how often the latched health is sent again: whoever connects later must see it too
DEPTH = 20
TF_QOS = QoSProfile(depth=100)

# What is handed on as it is: (type, reliable and latched)
HANDED_ON: dict[str, tuple[Any, bool]] = {
    "/diagnostics": (DiagnosticArray, False),
    "health": (DiagnosticStatus, True),
    "faces/markers": (MarkerArray, False),
    "bodies/markers": (MarkerArray, False),
    "joint_states": (JointState, False),
    "robot_description": (String, True),
}


@dataclass(frozen=True)
class FoxgloveParameters:
    """Where Foxglove finds the mirror, and how pictures are sent."""

    host: str = parameter(
        "127.0.0.1",
        "Address to serve at; 127.0.0.1 is this machine only, 0.0.0.0 the whole network.",
        live=False,
    )
    port: int = parameter(
        DEFAULT_PORT, "First port to try; 0 takes any free one.", minimum=0, maximum=65535, live=False
    )
    fps: float = parameter(
        10.0,
        "Most pictures a second, of each stream; annotations belong to the same ones.",
        minimum=0.5,
        maximum=60.0,
    )
    jpeg_quality: int = parameter(80, "JPEG quality of the pictures.", minimum=10, maximum=100)


def channel_kinds(place: Callable[[str], str]) -> dict[str, str]:
    """Topic → kind of each channel with Foxglove's own messages.

    Args:
        place: makes a relative name a full one, "faces" → "/mirror/faces".
    """
    return {
        place("image"): "image",
        place("camera/image"): "image",
        place("camera/calibration"): "calibration",
        place("faces/annotations"): "annotations",
        place("bodies/annotations"): "annotations",
        "/tf": "transforms",
        "/log": "log",
    }


def _type_name(message_type: Any) -> str:
    package = message_type.__module__.partition(".")[0]
    return f"{package}/msg/{message_type.__name__}"


class FoxgloveNode(MirrorNode):
    """Serves the graph to Foxglove; see the module."""

    NAME = "foxglove"
    CONFIG = FoxgloveParameters

    def open(self) -> None:
        """Take the port; what is asked for is subscribed to later."""
        self._subscriptions_of: dict[str, Any] = {}
        self._handed_on: dict[str, Any] = {}
        self._latched: dict[str, bytes] = {}
        self._rate = SharedRate(self.config.fps)
        names = {name: self.resolve_topic_name(name) for name in HANDED_ON}
        store = new_typestore(_type_name(kind) for kind, _ in HANDED_ON.values())
        ros = {}
        for name, (kind, _) in HANDED_ON.items():
            definition, _ = store.generate_msgdef(_type_name(kind), ros_version=2)
            ros[names[name]] = RosChannel(_type_name(kind), definition)
        self._server = FoxgloveServer(
            self.get_namespace().strip("/") or "mirror",
            self.config.host,
            self.config.port,
            kinds=channel_kinds(self.resolve_topic_name),
            ros=ros,
            records={self.resolve_topic_name("moods"): MOODS_SCHEMA},
        )
        self.at_close(self._server.stop)
        sentence = f"Foxglove finds the mirror at {self._server.url}."
        self.get_logger().info(sentence)
        self.health.set_condition("address", Level.OK, sentence)
        self.health.counters.update(
            {
                "address": lambda: self._server.url,
                "sent": lambda: self._server.sent,
                "asked for": lambda: ", ".join(self._server.wanted()) or "nothing",
            }
        )
        self.at_close(self._hand_on_nothing)
        self.timer(REPEAT_S, self._repeat_latched)
        self.follow_demand(self._follow_demand)

    @property
    def server(self) -> FoxgloveServer:
        """The server; for tests."""
        return self._server

    def config_changed(self, prefix: str, old: Any, new: Any) -> None:
        """Send pictures at the new rate."""
        if hasattr(self, "_rate"):
            self._rate.rate_hz = new.fps

    # ---- only while it is wanted

    def _follow_demand(self) -> None:
        place = self.resolve_topic_name
        demands: tuple[tuple[str, Codec[Any], Callable[[Any], None], tuple[str, ...]], ...] = (
            ("image", FRAMES, partial(self._on_frame, place("image")), (place("image"),)),
            (
                "camera/image_raw",
                FRAMES,
                partial(self._on_frame, place("camera/image")),
                (place("camera/image"),),
            ),
            ("camera/camera_info", CAMERA_INFO, self._on_camera_info, (place("camera/calibration"),)),
            ("faces", FACES, self._on_faces, (place("faces/annotations"),)),
            ("bodies", BODIES, self._on_bodies, (place("bodies/annotations"),)),
            ("moods", MOODS, self._on_moods, (place("moods"),)),
        )
        for topic, codec, callback, channels in demands:
            wanted = self.is_running and self._server.wants(*channels)
            had = self._subscriptions_of.get(topic)
            self._subscriptions_of[topic] = self.follow(had, wanted, codec, topic, callback)
        for topic, (kind, is_latched) in HANDED_ON.items():
            self._hand_on(topic, kind, is_latched, self.is_running and self._server.wants(place(topic)))
        self._take(
            "/tf", TFMessage, self._on_transforms, TF_QOS, self.is_running and self._server.wants("/tf")
        )
        self._take("/rosout", Log, self._on_log, ROSOUT, self.is_running and self._server.wants("/log"))

    def _hand_on(self, topic: str, kind: Any, is_latched: bool, wanted: bool) -> None:
        qos = LATCHED if is_latched else QoSProfile(depth=DEPTH)
        self._take(topic, kind, partial(self._on_raw, topic, is_latched), qos, wanted, raw=True)
        if not wanted:
            self._latched.pop(topic, None)

    def _take(
        self,
        topic: str,
        kind: Any,
        callback: Callable[[Any], None],
        qos: QoSProfile,
        wanted: bool,
        **how: bool,
    ) -> None:
        """Make, keep or end a plain ROS subscription."""
        if wanted and topic not in self._handed_on:
            self._handed_on[topic] = self.create_subscription(kind, topic, callback, qos, **how)
        elif not wanted and topic in self._handed_on:
            self.destroy_subscription(self._handed_on.pop(topic))

    def _hand_on_nothing(self) -> None:
        while self._handed_on:
            self.destroy_subscription(self._handed_on.popitem()[1])

    # ---- work

    def _on_frame(self, channel: str, frame: Frame) -> None:
        if self._rate.wants(channel, frame.stamp_ns):
            with self.health.stages["JPEG"].measure():
                image = compressed_image(frame, self.config.jpeg_quality)
            self._server.send(channel, image, frame.stamp_ns)
            self.health.latency.add(frame.trace.age_s())
            self.health.rate.tick()

    def _on_camera_info(self, info: CameraInfo) -> None:
        self._server.send(
            self.resolve_topic_name("camera/calibration"), camera_calibration(info), info.stamp_ns
        )

    def _on_faces(self, faces: FaceSet) -> None:
        channel = self.resolve_topic_name("faces/annotations")
        if self._rate.wants(channel, faces.stamp_ns):
            with self.health.stages["annotations"].measure():
                annotations = face_annotations(faces)
            self._server.send(channel, annotations, faces.stamp_ns)

    def _on_bodies(self, bodies: BodySet) -> None:
        channel = self.resolve_topic_name("bodies/annotations")
        if self._rate.wants(channel, bodies.stamp_ns):
            self._server.send(channel, body_annotations(bodies), bodies.stamp_ns)

    def _on_moods(self, moods: MoodSet) -> None:
        self._server.send(self.resolve_topic_name("moods"), mood_record(moods), moods.stamp_ns)

    def _on_transforms(self, message: TFMessage) -> None:
        frames = []
        for each in message.transforms:
            moved, turned = each.transform.translation, each.transform.rotation
            frames.append(
                PlacedFrame(
                    stamp_of(each.header),
                    each.header.frame_id,
                    each.child_frame_id,
                    (moved.x, moved.y, moved.z),
                    (turned.x, turned.y, turned.z, turned.w),
                )
            )
        if frames:
            self._server.send("/tf", frame_transforms(frames), frames[0].stamp_ns)

    def _on_raw(self, topic: str, is_latched: bool, message: bytes) -> None:
        if is_latched:
            self._latched[topic] = message
        self._server.send(self.resolve_topic_name(topic), message, self.now_ns())

    def _repeat_latched(self) -> None:
        for topic, message in self._latched.items():
            self._server.send(self.resolve_topic_name(topic), message, self.now_ns())

    def _on_log(self, log: Log) -> None:
        stamp_ns = max(0, log.stamp.sec * NANOSECONDS_PER_SECOND + log.stamp.nanosec)
        entry = log_entry(stamp_ns, int(log.level), log.name, log.msg, file=log.file, line=log.line)
        self._server.send("/log", entry, stamp_ns)


def main() -> None:
    """Entry point of the `foxglove_node` executable."""
    leave(run_node(FoxgloveNode))
