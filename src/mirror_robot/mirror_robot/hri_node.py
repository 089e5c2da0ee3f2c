"""The hri node: faces and moods for robots that speak REP-155.

Subscribed: faces (mirror_msgs/FaceArray, only while somebody listens to what is published), moods
(mirror_msgs/MoodArray, only while somebody listens to an expression), camera/image_raw (sensor_msgs/Image,
only while somebody listens to a cropped face). Published: /humans/faces/tracked (hri_msgs/IdsList), /tf
(tf2_msgs/TFMessage, frames face_f<n> and gaze_f<n>). For each face it has the topics roi, landmarks, cropped
and expression under /humans/faces/f<n>; they come and go with the face. Where hri_msgs is not installed, the
node says so and stays idle.
"""

from __future__ import annotations

import importlib
import time
from collections import deque
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from sensor_msgs.msg import Image as ImageMessage
from tf2_msgs.msg import TFMessage

from mirror_core.codecs import FACES, FRAMES, MOODS
from mirror_core.conversions import header, image_to_message
from mirror_core.diagnostics import Level
from mirror_core.faces import Face, FaceSet
from mirror_core.frame import Frame
from mirror_core.hosting import leave, run_node
from mirror_core.moods import MoodSet
from mirror_core.node import MirrorNode
from mirror_core.parameters import parameter
from mirror_robot.rep155 import cropped_face, expression_of, identifier, landmarks_of, region_of

__all__ = ["HriNode", "HriParameters"]

DEPTH = 1  # the newest wins, as with pictures
TF_DEPTH = 100
FRAMES_KEPT = 8  # pictures that wait for their faces
ROOT = "/humans/faces"
NOT_INSTALLED = (
    "hri_msgs is not installed, so that nothing is published for REP-155: install the ROS package hri_msgs "
    "and start this node again."
)


@dataclass(frozen=True)
class HriParameters:
    """REP-155's parameters /humans/faces/width and height, as this node's own."""

    width: int = parameter(128, "Width of cropped faces in pixels.", minimum=16, maximum=1024)
    height: int = parameter(128, "Height of cropped faces in pixels.", minimum=16, maximum=1024)


@dataclass(frozen=True, slots=True)
class _Topics:
    """The publishers of one face."""

    roi: Any
    landmarks: Any
    cropped: Any
    expression: Any

    @property
    def all(self) -> tuple[Any, ...]:
        return (self.roi, self.landmarks, self.cropped, self.expression)


def _is_heard(publisher: Any) -> bool:
    return bool(publisher.get_subscription_count() > 0)


class HriNode(MirrorNode):
    """Speaks REP-155 while somebody listens; see the module."""

    NAME = "hri"
    CONFIG = HriParameters

    def open(self) -> None:
        """Create the outputs, if there is a language to speak."""
        self._messages: ModuleType | None = None
        self._faces: Any = None
        self._moods: Any = None
        self._pictures: Any = None
        self._frames: deque[Frame] = deque(maxlen=FRAMES_KEPT)
        self._topics: dict[int, _Topics] = {}
        self.health.counters.update({"state": self._state, "faces": lambda: len(self._topics)})
        try:
            self._messages = importlib.import_module("mirror_robot.hri_conversions")
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] != "hri_msgs":
                raise
            self.health.set_condition("hri_msgs", Level.WARN, NOT_INSTALLED)
            self.get_logger().warning(NOT_INSTALLED)
            return
        self.health.clear_condition("hri_msgs")
        self._tracked = self.create_publisher(self._messages.IdsList, f"{ROOT}/tracked", DEPTH)
        self._transforms = self.create_publisher(TFMessage, "/tf", TF_DEPTH)
        self.at_close(self.destroy_publisher, self._tracked)
        self.at_close(self.destroy_publisher, self._transforms)
        self.at_close(self._keep_topics_of, ())
        self.follow_demand(self._follow_demand)

    def stop(self) -> None:
        """Forget the faces, and say that none is tracked."""
        if self._messages is not None and self._topics:
            self._tracked.publish(self._messages.IdsList(header=header(self.now_ns(), "")))
        self._keep_topics_of(())

    # ---- only while it is wanted

    def _follow_demand(self) -> None:
        own = [publisher for topics in self._topics.values() for publisher in topics.all]
        wanted = self.is_running and any(_is_heard(p) for p in (self._tracked, self._transforms, *own))
        crops = wanted and any(_is_heard(topics.cropped) for topics in self._topics.values())
        feels = wanted and any(_is_heard(topics.expression) for topics in self._topics.values())
        had = self._faces is not None
        self._pictures = self.follow(self._pictures, crops, FRAMES, "camera/image_raw", self._frames.append)
        self._faces = self.follow(self._faces, wanted, FACES, "faces", self._on_faces)
        self._moods = self.follow(self._moods, feels, MOODS, "moods", self._on_moods)
        if not crops:
            self._frames.clear()
        if had and not wanted:
            self._keep_topics_of(())

    def _state(self) -> str:
        if self._messages is None:
            return "hri_msgs is missing"
        return "idle" if self._faces is None else "publishing"

    def _keep_topics_of(self, faces: tuple[Face, ...]) -> None:
        present = {face.track_id for face in faces}
        for track_id in set(self._topics) - present:
            for publisher in self._topics.pop(track_id).all:
                self.destroy_publisher(publisher)
        messages = self._messages
        if messages is None:
            return
        types = {
            "roi": messages.NormalizedRegionOfInterest2D,
            "landmarks": messages.LandmarksMessage,
            "cropped": ImageMessage,
            "expression": messages.ExpressionMessage,
        }
        for track_id in present - set(self._topics):
            place = f"{ROOT}/{identifier(track_id)}"
            made = {
                name: self.create_publisher(kind, f"{place}/{name}", DEPTH) for name, kind in types.items()
            }
            self._topics[track_id] = _Topics(**made)

    # ---- work

    def _on_faces(self, faces: FaceSet) -> None:
        messages = self._messages
        if messages is None:
            return
        began = time.perf_counter()
        self._keep_topics_of(faces.faces)
        head = header(faces.stamp_ns, faces.frame_id)
        self._tracked.publish(messages.ids_message(faces, head))
        if faces.faces and _is_heard(self._transforms):
            self._transforms.publish(messages.transforms_message(faces, head))
        frame = next((frame for frame in self._frames if frame.stamp_ns == faces.stamp_ns), None)
        for face in faces.faces:
            topics = self._topics[face.track_id]
            if _is_heard(topics.roi):
                topics.roi.publish(messages.region_message(region_of(face, faces.image_size), head))
            if _is_heard(topics.landmarks):
                topics.landmarks.publish(
                    messages.landmarks_message(landmarks_of(face, faces.image_size), head)
                )
            if frame is not None and _is_heard(topics.cropped):
                size = (self.config.width, self.config.height)
                topics.cropped.publish(image_to_message(cropped_face(frame.image, face.roi, size), head))
        self.health.stages["publish"].add(time.perf_counter() - began)
        self.health.rate.tick()

    def _on_moods(self, moods: MoodSet) -> None:
        messages = self._messages
        if messages is None:
            return
        head = header(moods.stamp_ns, moods.frame_id)
        for mood in moods.moods:
            topics, expression = self._topics.get(mood.track_id), expression_of(mood)
            if topics is not None and expression is not None and _is_heard(topics.expression):
                topics.expression.publish(messages.expression_message(expression, head))


def main() -> None:
    """Entry point of the `hri_node` executable."""
    leave(run_node(HriNode))
