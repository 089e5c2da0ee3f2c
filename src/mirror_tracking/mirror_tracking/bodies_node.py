"""The bodies node: camera/image_raw in, bodies, bodies/markers and bodies/segmentation out.

Subscribed: camera/image_raw (sensor_msgs/Image), camera/camera_info (sensor_msgs/CameraInfo), faces
(mirror_msgs/FaceArray, only where the parameter match_faces says so), all only while somebody listens,
governor (std_msgs/UInt8), whether only every second frame is to be tracked.
Published: bodies (mirror_msgs/BodyArray), bodies/markers (visualization_msgs/MarkerArray),
bodies/segmentation (sensor_msgs/Image, mono8: 0 nobody's, else 1 + place of the body in `bodies`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sensor_msgs.msg import Image
from visualization_msgs.msg import MarkerArray

from mirror_core.bodies import BodySet
from mirror_core.camera_info import CameraInfo
from mirror_core.codecs import BODIES, CAMERA_INFO, FACES, FRAMES
from mirror_core.conversions import header, labels_to_message
from mirror_core.diagnostics import Level
from mirror_core.errors import ModelError
from mirror_core.faces import FaceSet
from mirror_core.frame import Frame
from mirror_core.geometry import CameraIntrinsics
from mirror_core.governor_topic import GovernedTracking
from mirror_core.hosting import leave, run_node
from mirror_core.node import MirrorNode
from mirror_core.parameters import parameter
from mirror_tracking.body_faces import with_faces
from mirror_tracking.body_silhouette import body_labels
from mirror_tracking.body_tracker import BodyTracker, BodyTrackerParameters
from mirror_tracking.conversions import bodies_to_markers

__all__ = ["BodiesNode", "BodiesParameters"]

FACES_LAST_NS = 300_000_000  # for which faces are good enough to be matched with bodies


@dataclass(frozen=True)
class BodiesParameters(BodyTrackerParameters):
    """Settings of the bodies node."""

    segmentation: bool = parameter(
        False,
        "Make the segmentation of each body also while nobody subscribes to bodies/segmentation, for effects "
        "of the same process; the pose model then takes half as long again.",
    )
    match_faces: bool = parameter(
        False, "Say which face belongs to which body; faces are then tracked as long as bodies are."
    )
    field_of_view: float = parameter(
        60.0,
        "Horizontal field of view in degrees, for cameras that send no calibration; only rviz's markers need "
        "it.",
        minimum=10.0,
        maximum=170.0,
    )


class BodiesNode(MirrorNode):
    """Finds and follows bodies, while somebody listens."""

    NAME = "bodies"
    CONFIG = BodiesParameters

    def open(self) -> None:
        """Create the outputs; inputs and models follow when somebody listens."""
        self._tracker: BodyTracker | None = None
        self._has_failed = False
        self.health.clear_condition("models")
        self._camera: CameraIntrinsics | None = None
        self._newest_faces: FaceSet | None = None
        self._governed = GovernedTracking(self)
        self._frames: Any = None
        self._camera_info: Any = None
        self._faces: Any = None
        self._count = 0
        self._bodies = self.publisher(BODIES, "bodies", depth=5)
        self._markers = self.create_publisher(MarkerArray, "bodies/markers", 1)
        self._segmentation = self.create_publisher(Image, "bodies/segmentation", 1)
        self.at_close(self.destroy_publisher, self._markers)
        self.at_close(self.destroy_publisher, self._segmentation)
        self.follow_demand(self._follow_demand)
        self.health.counters.update(
            {
                "bodies": lambda: self._count,
                "dropped": lambda: self._frames.dropped if self._frames is not None else 0,
            }
        )

    def stop(self) -> None:
        """Forget the bodies; they may be others when work goes on."""
        if self._tracker is not None:
            self._tracker.reset()
        self._newest_faces = None
        self._count = 0

    def config_changed(self, prefix: str, old: Any, new: Any) -> None:
        """Track on with other settings."""
        if not hasattr(self, "_tracker"):
            return
        if self._tracker is not None:
            self._tracker.configure(new)
        self._follow_demand()

    def _follow_demand(self) -> None:
        wanted = self.is_running and (
            self._bodies.has_subscribers
            or self._markers.get_subscription_count() > 0
            or self._segmentation.get_subscription_count() > 0
        )
        if wanted and self._tracker is None:
            wanted = self._load()
        self._frames = self.follow(self._frames, wanted, FRAMES, "camera/image_raw", self._on_frame)
        self._camera_info = self.follow(
            self._camera_info, wanted, CAMERA_INFO, "camera/camera_info", self._on_camera_info
        )
        faces_wanted = wanted and self.config.match_faces
        self._faces = self.follow(self._faces, faces_wanted, FACES, "faces", self._on_faces)
        if not faces_wanted:
            self._newest_faces = None
        if not wanted:
            self._count = 0

    def _load(self) -> bool:
        """Load the models, which takes memory and a moment, when first needed; whether they are there."""
        if self._has_failed:
            return False
        try:
            self._tracker = BodyTracker(self.config)
        except ModelError as error:
            self._has_failed = True  # until the node is configured again: trying on would help nobody
            self.health.set_condition("models", Level.ERROR, f"Bodies are not tracked: {error}")
            self.get_logger().error(f"Bodies are not tracked: {error}")
        return self._tracker is not None

    def _on_camera_info(self, info: CameraInfo) -> None:
        self._camera = info.intrinsics

    def _on_faces(self, faces: FaceSet) -> None:
        self._newest_faces = faces

    def _on_frame(self, frame: Frame) -> None:
        tracker = self._tracker
        if tracker is None:
            return
        if self._governed.may_leave_out():
            self._governed.left_out += 1
            return
        is_segmented = self.config.segmentation or self._segmentation.get_subscription_count() > 0
        try:
            bodies = tracker.update(frame, segmentation=is_segmented, look_later=True)
        except Exception as error:
            # One bad picture must not cost everybody their identities; a lasting fault is said.
            self.health.set_condition("tracker", Level.ERROR, f"Tracking failed ({error}).")
            self.get_logger().error(f"Tracking failed on one frame: {error}", throttle_duration_sec=5.0)
            bodies = BodySet(frame.stamp_ns, frame.frame_id, frame.width, frame.height)
        else:
            self.health.clear_condition("tracker")
        self._count = len(bodies.bodies)
        faces = self._newest_faces
        if faces is not None and abs(bodies.stamp_ns - faces.stamp_ns) <= FACES_LAST_NS:
            bodies = with_faces(bodies, faces)
        self._bodies.publish(bodies)
        self.health.rate.tick()
        self.health.latency.add(frame.trace.age_s())
        self._publish_for_tools(bodies)
        self._look_around(tracker)  # last: whoever waits for the bodies has them
        times = tracker.times
        for stage, seconds, ran in (
            ("detect", times.detect_s, times.detections > 0),
            ("pose", times.pose_s, times.poses > 0),
            ("associate", times.associate_s, times.poses > 0),
        ):
            if ran:
                self.health.stages[stage].add(seconds)

    def _look_around(self, tracker: BodyTracker) -> None:
        try:
            tracker.look_around()
        except Exception as error:
            self.health.set_condition("search", Level.ERROR, f"The search for new people failed ({error}).")
            self.get_logger().error(f"The search for people failed: {error}", throttle_duration_sec=5.0)
        else:
            self.health.clear_condition("search")

    def _publish_for_tools(self, bodies: BodySet) -> None:
        if self._markers.get_subscription_count() > 0:
            size = (bodies.width, bodies.height)
            camera = self._camera
            if camera is None or (camera.width, camera.height) != size:
                camera = CameraIntrinsics.from_field_of_view(*size, self.config.field_of_view)
            self._markers.publish(bodies_to_markers(bodies, replace(camera, distortion=())))
        if self._segmentation.get_subscription_count() > 0:
            head = header(bodies.stamp_ns, bodies.frame_id)
            self._segmentation.publish(labels_to_message(body_labels(bodies), head))


def main() -> None:
    """Entry point of the `bodies_node` executable."""
    leave(run_node(BodiesNode))
