"""The hri node: what REP-155's readers get, and what it says where their messages are missing."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run colcon build first")

from sensor_msgs.msg import Image
from tf2_msgs.msg import TFMessage

from mirror_core.codecs import FACES, FRAMES, MOODS
from mirror_core.diagnostics import Level
from mirror_core.faces import FaceSet
from mirror_core.frame import Frame
from mirror_core.moods import Mood, MoodLabel, MoodSet
from mirror_core.node import MirrorNode
from mirror_robot.hri_node import HriNode

PLACE = ["--ros-args", "-r", "__ns:=/mirror"]
SIZE = (640, 480)


class Mirror(MirrorNode):
    """Stands for camera, faces and moods."""

    NAME = "mirror"

    def open(self) -> None:
        self.frames = self.publisher(FRAMES, "camera/image_raw")
        self.faces = self.publisher(FACES, "faces")
        self.moods = self.publisher(MOODS, "moods")


def test_without_its_messages_it_says_so_and_stays_idle(
    start_host: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "hri_msgs", None)  # as if it were not installed
    for name in [name for name in sys.modules if name.startswith(("hri_msgs.", "mirror_robot.hri_conv"))]:
        monkeypatch.delitem(sys.modules, name)
    mirror = start_host(lambda: Mirror(cli_args=PLACE), "mirror").node
    node = start_host(lambda: HriNode(cli_args=PLACE), "hri").node
    report = node.report()
    assert report.level == Level.WARN
    assert report.message.startswith("hri_msgs is not installed")
    assert report.values["state"] == "hri_msgs is missing"
    assert not mirror.faces.has_subscribers
    assert not [n for n, _ in node.get_topic_names_and_types() if n.startswith("/humans")]


def test_readers_of_rep155_get_the_faces(
    start_host: Callable[..., Any], spinner: Any, make_face: Any
) -> None:
    pytest.importorskip("hri_msgs", reason="hri_msgs is not installed")
    messages = importlib.import_module("hri_msgs.msg")
    mirror = start_host(lambda: Mirror(cli_args=PLACE), "mirror").node
    node = start_host(lambda: HriNode(cli_args=PLACE), "hri").node
    reader = spinner.node("reader")
    got: dict[str, Any] = {}

    def listen(kind: Any, topic: str) -> Any:
        return reader.create_subscription(kind, topic, lambda m: got.__setitem__(topic, m), 10)

    tracked, roi = "/humans/faces/tracked", "/humans/faces/f7/roi"
    landmarks, cropped = "/humans/faces/f7/landmarks", "/humans/faces/f7/cropped"
    expression = "/humans/faces/f7/expression"
    listen(messages.IdsList, tracked)
    listen(TFMessage, "/tf")
    listen(messages.NormalizedRegionOfInterest2D, roi)
    listen(messages.FacialLandmarks, landmarks)
    listen(Image, cropped)
    listen(messages.Expression, expression)
    face = make_face(track_id=7, scale=60.0)
    probabilities = np.full(7, 0.05, np.float32)
    probabilities[MoodLabel.HAPPY] = 0.7
    stamp_ns = 10**12

    def show(*faces: Any) -> None:
        nonlocal stamp_ns
        stamp_ns += 33_333_333
        mirror.frames.publish(Frame(np.full((480, 640, 3), 90, np.uint8), stamp_ns))
        mirror.faces.publish(FaceSet(stamp_ns, "camera_optical", SIZE, faces))
        mirror.moods.publish(
            MoodSet(stamp_ns, "camera_optical", (Mood(7, probabilities, valence=0.6, arousal=0.2),))
        )

    topics = {tracked, "/tf", roi, landmarks, cropped, expression}
    spinner.until(lambda: (show(face), topics <= set(got))[1], "all that there is of a face")
    assert list(got[tracked].ids) == ["f7"]
    assert got[roi].xmin == pytest.approx(face.roi.x / 640, abs=1e-6)
    assert len(got[landmarks].landmarks) == 70
    assert got[landmarks].landmarks[30].x == pytest.approx(face.landmarks[1, 0] / 640, abs=1e-6)
    assert (got[landmarks].width, got[landmarks].height) == SIZE
    assert (got[cropped].width, got[cropped].height, got[cropped].encoding) == (128, 128, "bgr8")
    assert max(got[cropped].data) == 90
    assert got[expression].expression == "happy"
    assert got[expression].valence == pytest.approx(0.6)
    assert {t.child_frame_id for t in got["/tf"].transforms} == {"face_f7", "gaze_f7"}
    for topic in (tracked, roi, landmarks, cropped):
        assert got[topic].header.frame_id == "camera_optical"
    assert node.report().level == Level.OK

    spinner.until(lambda: (show(), not list(got[tracked].ids))[1], "the face to go")
    assert node.count_publishers(roi) == 0
