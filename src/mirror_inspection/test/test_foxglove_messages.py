"""What Foxglove gets of pictures, faces, bodies, moods and words: decoded from the bytes that travel."""

from __future__ import annotations

import base64
from typing import Any

import cv2
import numpy as np
import pytest

pytest.importorskip("foxglove", reason="foxglove-sdk is not installed")

from mirror_core.bodies import BodySet
from mirror_core.body_points import BONES, BodyPoint
from mirror_core.camera_info import CameraInfo
from mirror_core.frame import Frame
from mirror_core.geometry import CameraIntrinsics
from mirror_core.moods import Mood, MoodLabel, MoodSet
from mirror_core.testing import moving_square, synthetic_body, synthetic_face, synthetic_faces
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
from mirror_inspection.testing import decoder_of
from mirror_tracking.topology import CONTOURS

STAMP_NS = 1_700_000_000_123_456_789
POINTS, LINE_LOOP, LINE_LIST = 1, 2, 4  # foxglove.PointsAnnotation's types


def decoded(message: Any) -> Any:
    """A message as Foxglove decodes it, by the schema that the server sends."""
    schema = message.get_schema()
    return decoder_of(schema.name, "protobuf", base64.b64encode(schema.data).decode())(message.encode())


def places(annotation: Any) -> np.ndarray:
    return np.array([(point.x, point.y) for point in annotation.points])


def assert_stamp(time: Any) -> None:
    assert (time.seconds, time.nanos) == divmod(STAMP_NS, 10**9)


def test_a_picture_keeps_its_size_stamp_and_frame() -> None:
    frame = Frame(moving_square(5, 128, 96), STAMP_NS, "camera_optical")
    image = decoded(compressed_image(frame, 95))
    assert_stamp(image.timestamp)
    assert (image.frame_id, image.format) == ("camera_optical", "jpeg")
    picture = cv2.imdecode(np.frombuffer(image.data, np.uint8), cv2.IMREAD_COLOR)
    assert picture.shape == (96, 128, 3)
    assert cv2.absdiff(picture, frame.image).mean() < 2.0


def test_less_quality_is_less_to_send() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (96, 128, 3), np.uint8)
    frame = Frame(noise, STAMP_NS)
    assert len(compressed_image(frame, 20).encode()) < len(compressed_image(frame, 90).encode()) / 2


def test_every_landmark_lies_at_its_own_pixel() -> None:
    face = synthetic_face((200.0, 150.0), 120.0, track_id=7)
    message = decoded(face_annotations(synthetic_faces(STAMP_NS, face)))
    points, box, *contours = message.points
    assert_stamp(message.timestamp)
    assert_stamp(points.timestamp)
    assert points.type == POINTS
    np.testing.assert_allclose(places(points), face.landmarks[:, :2], atol=1e-4)
    assert box.type == LINE_LOOP
    right, bottom = face.roi.x + face.roi.width, face.roi.y + face.roi.height
    expected = [(face.roi.x, face.roi.y), (right, face.roi.y), (right, bottom), (face.roi.x, bottom)]
    np.testing.assert_allclose(places(box), expected)
    for contour, indices in zip(contours, CONTOURS.values(), strict=True):
        assert contour.type == LINE_LOOP
        np.testing.assert_allclose(places(contour), face.landmarks[list(indices), :2], atol=1e-4)
    (label,) = message.texts
    assert label.text == "face 7"
    assert (label.position.x, label.position.y) == (face.roi.x, face.roi.y)


def test_two_faces_have_different_colours_and_nobody_has_no_annotation() -> None:
    faces = (synthetic_face((150.0, 150.0), track_id=1), synthetic_face((450.0, 150.0), track_id=2))
    message = decoded(face_annotations(synthetic_faces(STAMP_NS, *faces)))
    first, second = (message.points[index * (2 + len(CONTOURS))] for index in (0, 1))
    assert first.outline_color != second.outline_color
    assert first.outline_color.a == 1.0
    nobody = decoded(face_annotations(synthetic_faces(STAMP_NS)))
    assert (len(nobody.points), len(nobody.texts)) == (0, 0)
    assert_stamp(nobody.timestamp)


def test_the_colours_are_those_of_rviz() -> None:
    pytest.importorskip("visualization_msgs", reason="ROS 2 is not installed")
    from mirror_inspection.foxglove_annotations import BODY_POINT_SHOWN, COLOURS
    from mirror_tracking import conversions

    assert COLOURS == conversions.COLOURS
    assert BODY_POINT_SHOWN == conversions.BODY_POINT_SHOWN


def test_a_body_is_shown_by_the_bones_that_are_seen() -> None:
    body = synthetic_body((300.0, 260.0), 300.0, track_id=3)
    message = decoded(body_annotations(BodySet(STAMP_NS, "camera_optical", 640, 480, (body,))))
    skeleton, box = message.points
    assert skeleton.type == LINE_LIST
    ends = [end for bone in BONES for end in bone]
    np.testing.assert_allclose(places(skeleton), body.landmarks[ends, :2], atol=1e-4)
    np.testing.assert_allclose(places(box)[0], (body.roi.x, body.roi.y))
    assert message.texts[0].text == "body 3"

    body.visibility[BodyPoint.LEFT_WRIST] = 0.0
    hidden = decoded(body_annotations(BodySet(STAMP_NS, "camera_optical", 640, 480, (body,))))
    gone = sum(BodyPoint.LEFT_WRIST in bone for bone in BONES)
    assert gone > 0
    assert len(hidden.points[0].points) == len(skeleton.points) - 2 * gone


def test_the_calibration_keeps_every_number() -> None:
    camera = CameraIntrinsics(1280, 720, 1000.0, 1001.0, 639.5, 359.5, (0.1, -0.2, 0.01, 0.02, 0.05))
    info = CameraInfo(STAMP_NS, "camera_optical", camera)
    message = decoded(camera_calibration(info))
    assert_stamp(message.timestamp)
    assert (message.width, message.height, message.distortion_model) == (1280, 720, "plumb_bob")
    assert list(message.D) == list(camera.distortion)
    assert list(message.K) == [1000.0, 0.0, 639.5, 0.0, 1001.0, 359.5, 0.0, 0.0, 1.0]
    assert list(message.R) == [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]
    assert list(message.P) == [1000.0, 0.0, 639.5, 0.0, 0.0, 1001.0, 359.5, 0.0, 0.0, 0.0, 1.0, 0.0]


def test_a_head_is_a_frame_below_the_camera_s() -> None:
    head = PlacedFrame(STAMP_NS, "camera_optical", "face_4", (0.1, -0.2, 0.7), (0.5, 0.5, -0.5, 0.5))
    message = decoded(frame_transforms([head]))
    (transform,) = message.transforms
    assert_stamp(transform.timestamp)
    assert (transform.parent_frame_id, transform.child_frame_id) == ("camera_optical", "face_4")
    moved, turned = transform.translation, transform.rotation
    assert (moved.x, moved.y, moved.z) == head.position
    assert (turned.x, turned.y, turned.z, turned.w) == head.quaternion


def test_each_mood_is_a_number_that_a_plot_can_name() -> None:
    shares = np.array([0.05, 0.0, 0.05, 0.7, 0.0, 0.1, 0.1], np.float32)
    sure = Mood(1, shares, valence=0.6, arousal=0.2, person="somebody")
    unsure = Mood(2, shares, unsure=True, source="shape")
    record = mood_record(MoodSet(STAMP_NS, "camera_optical", (sure, unsure)))
    assert (record["timestamp"]["sec"], record["timestamp"]["nsec"]) == divmod(STAMP_NS, 10**9)
    first, second = record["faces"]
    assert (first["face_id"], first["mood"], first["unsure"]) == (1, "happy", False)
    assert [first[label.word] for label in MoodLabel] == pytest.approx(shares.tolist())
    assert (first["valence"], first["arousal"]) == (0.6, 0.2)
    assert (second["mood"], second["unsure"], second["source"]) == ("unsure", True, "shape")
    described = MOODS_SCHEMA["properties"]["faces"]["items"]["properties"]
    assert set(first) == set(second) == set(described)
    assert "somebody" not in str(record)  # who it is leaves this host with no plot


@pytest.mark.parametrize(("level", "expected"), [(10, 1), (20, 2), (30, 3), (40, 4), (50, 5), (99, 0)])
def test_what_a_node_says_keeps_its_level_and_words(level: int, expected: int) -> None:
    message = decoded(
        log_entry(STAMP_NS, level, "mirror.camera", "It is dark.", file="camera_node.py", line=12)
    )
    assert_stamp(message.timestamp)
    assert message.level == expected
    assert (message.name, message.message) == ("mirror.camera", "It is dark.")
    assert (message.file, message.line) == ("camera_node.py", 12)
