"""The faces node: camera/image_raw in, faces, faces/markers and /tf out.

Subscribed: camera/image_raw (sensor_msgs/Image), camera/camera_info (sensor_msgs/CameraInfo), both only
while somebody listens, gallery/state (mirror_msgs/GalleryState), who the people are, governor
(std_msgs/UInt8), whether only every second frame is to be tracked; then faces of the others are predicted.
Published: faces (mirror_msgs/FaceArray), faces/markers (visualization_msgs/MarkerArray), /tf
(tf2_msgs/TFMessage, frame face_<id> in the camera's optical frame). Whether somebody wears a medical mask is
looked at beside the frame path (`mask_watch`) and stands in the faces as soon as it is known.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from rclpy.qos import DurabilityPolicy, QoSProfile
from tf2_msgs.msg import TFMessage
from visualization_msgs.msg import MarkerArray

from mirror_core.camera_info import CameraInfo
from mirror_core.codecs import CAMERA_INFO, FACES, FRAMES
from mirror_core.diagnostics import Level
from mirror_core.face_prediction import predicted_faces
from mirror_core.faces import FaceSet
from mirror_core.frame import Frame
from mirror_core.geometry import CameraIntrinsics
from mirror_core.governor_topic import GovernedTracking
from mirror_core.hosting import leave, run_node
from mirror_core.node import MirrorNode
from mirror_core.parameters import parameter
from mirror_msgs.msg import GalleryState
from mirror_tracking.conversions import faces_to_markers, faces_to_transforms
from mirror_tracking.mask_watch import MaskWatch
from mirror_tracking.tracker import FaceTracker, TrackerParameters
from mirror_tracking.unmask_files import load_mask_reader

__all__ = ["FacesNode", "FacesParameters"]

TF_DEPTH = 100  # as tf2_ros's broadcaster has it
STATE_QOS = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)  # latched, as it is published


@dataclass(frozen=True)
class FacesParameters(TrackerParameters):
    """Settings of the tracker and of what is said about its faces."""

    medical_masks: bool = parameter(
        True, "Say which faces wear a medical mask, and where (a look of 15 ms a second and face, beside)."
    )


class FacesNode(MirrorNode):
    """Finds and follows faces, while somebody listens."""

    NAME = "faces"
    CONFIG = FacesParameters

    def open(self) -> None:
        """Load the models and create the outputs."""
        self._tracker = FaceTracker(self.config)
        self.at_close(self._tracker.close)
        self._masks: MaskWatch | None = None
        self.at_close(self._follow_masks, False)
        self._camera: CameraIntrinsics | None = None
        self._frames: Any = None
        self._camera_info: Any = None
        self._governed = GovernedTracking(self)
        self._tracked: tuple[FaceSet | None, FaceSet | None] = (None, None)  # the last but one, the last
        self._count = 0
        self._people: dict[int, str] = {}
        state = self.create_subscription(GalleryState, "gallery/state", self._on_gallery_state, STATE_QOS)
        self.at_close(self.destroy_subscription, state)
        self._faces = self.publisher(FACES, "faces", depth=5)
        self._markers = self.create_publisher(MarkerArray, "faces/markers", 1)
        self._transforms = self.create_publisher(TFMessage, "/tf", TF_DEPTH)
        self.at_close(self.destroy_publisher, self._markers)
        self.at_close(self.destroy_publisher, self._transforms)
        self.follow_demand(self._follow_demand)
        self.health.counters.update(
            {
                "faces": lambda: self._count,
                "dropped": lambda: self._frames.dropped if self._frames is not None else 0,
            }
        )

    def stop(self) -> None:
        """Forget the faces; they may be others when work goes on."""
        self._tracker.reset()
        self._tracked = (None, None)
        self._count = 0
        if self._masks is not None:
            self._masks.reset()

    def config_changed(self, prefix: str, old: Any, new: Any) -> None:
        """Track on with other settings."""
        if hasattr(self, "_tracker"):
            self._tracker.configure(new)
            self._follow_demand()

    def _follow_demand(self) -> None:
        wanted = self.is_running and (
            self._faces.has_subscribers
            or self._markers.get_subscription_count() > 0
            or self._transforms.get_subscription_count() > 0
        )
        # The camera's description first: where both wait, that is also the order in which they are taken.
        self._camera_info = self.follow(
            self._camera_info, wanted, CAMERA_INFO, "camera/camera_info", self._on_camera_info
        )
        self._frames = self.follow(self._frames, wanted, FRAMES, "camera/image_raw", self._on_frame)
        self._follow_masks(wanted and self.config.medical_masks)

    def _follow_masks(self, wanted: bool) -> None:
        if wanted and self._masks is None:
            self._masks = MaskWatch(load_mask_reader, self._on_mask_error)
        elif not wanted and self._masks is not None:
            self._masks.close()
            self._masks = None
            self.health.clear_condition("masks")

    def _on_mask_error(self, error: Exception) -> None:
        self.health.set_condition("masks", Level.WARN, f"Masks are not recognised: {error}")

    def _on_camera_info(self, info: CameraInfo) -> None:
        # OpenCV's pose solver knows no fisheye: without distortion its pose is near enough in the middle.
        fisheye = info.distortion_model == "equidistant"
        self._camera = replace(info.intrinsics, distortion=()) if fisheye else info.intrinsics

    def _on_gallery_state(self, state: GalleryState) -> None:
        self._people = {present.face_id: present.gallery_id for present in state.present}

    def _with_people(self, faces: FaceSet) -> FaceSet:
        """The same faces, with the gallery ids of those who are known to be there."""
        if not any(face.track_id in self._people for face in faces.faces):
            return faces
        people = self._people
        return replace(
            faces,
            faces=tuple(replace(face, person=people.get(face.track_id, "")) for face in faces.faces),
        )

    def _on_frame(self, frame: Frame) -> None:
        predicted = self._predicted(frame) if self._governed.may_leave_out() else None
        if predicted is not None:
            self._governed.left_out += 1
            self._tell(frame, predicted)
            return
        try:
            faces = self._tracker.update(frame, self._camera, look_later=True)
        except Exception as error:
            # One bad picture must not cost everybody their identities; a lasting fault is said.
            self.health.set_condition("tracker", Level.ERROR, f"Tracking failed ({error}).")
            self.get_logger().error(f"Tracking failed on one frame: {error}", throttle_duration_sec=5.0)
            faces = FaceSet(frame.stamp_ns, frame.frame_id, (frame.width, frame.height))
        else:
            self.health.clear_condition("tracker")
        self._tracked = (self._tracked[1], faces)
        faces = self._tell(frame, faces)
        self._look_around()  # last: whoever waits for the faces has them
        if self._masks is not None:
            self._masks.look(frame.image, faces)
        self._note_times(faces)

    def _predicted(self, frame: Frame) -> FaceSet | None:
        """The faces as they should be by now, without a look; None where only a look can tell."""
        before, latest = self._tracked
        if latest is None or latest.image_size != (frame.width, frame.height):
            return None
        faces = predicted_faces(before, latest, frame.stamp_ns)
        if not faces and latest.faces:
            return None
        return FaceSet(frame.stamp_ns, frame.frame_id, latest.image_size, faces)

    def _tell(self, frame: Frame, faces: FaceSet) -> FaceSet:
        """Publish the faces with what else is known of them; returns them so."""
        self._count = len(faces.faces)
        faces = self._with_people(faces)
        if self._masks is not None:
            faces = self._masks.judged(faces)
        self._faces.publish(faces)
        self.health.rate.tick()
        self.health.latency.add(frame.trace.age_s())
        self._publish_for_tools(faces)
        return faces

    def _note_times(self, faces: FaceSet) -> None:
        times = self._tracker.times
        for stage, seconds, ran in (
            ("detect", times.detect_s, times.detections > 0),
            ("mesh", times.mesh_s, times.meshes > 0),
            ("associate", times.associate_s, times.meshes > 0),
            ("head pose", times.pose_s, len(faces.faces) > 0),
            ("shape", times.shape_s, times.shape_s > 0 and len(faces.faces) > 0),
        ):
            if ran:
                self.health.stages[stage].add(seconds)

    def _look_around(self) -> None:
        try:
            self._tracker.look_around()
        except Exception as error:
            self.health.set_condition("search", Level.ERROR, f"The search for new faces failed ({error}).")
            self.get_logger().error(f"The search for faces failed: {error}", throttle_duration_sec=5.0)
        else:
            self.health.clear_condition("search")

    def _publish_for_tools(self, faces: FaceSet) -> None:
        if self._transforms.get_subscription_count() > 0 and faces.faces:
            self._transforms.publish(faces_to_transforms(faces))
        if self._markers.get_subscription_count() > 0:
            camera = self._camera or CameraIntrinsics.from_field_of_view(
                *faces.image_size, self.config.field_of_view
            )
            self._markers.publish(faces_to_markers(faces, camera))


def main() -> None:
    """Entry point of the `faces_node` executable."""
    leave(run_node(FacesNode))
