"""Messages to dataclasses and back: every encoding, every layout, nothing lost, nothing invented."""

from __future__ import annotations

import array
import dataclasses
import math
import time
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("sensor_msgs", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run colcon build first")

from mirror_core.bodies import BodySet
from mirror_core.camera_info import CameraInfo
from mirror_core.conversions import (
    ENCODINGS,
    PLACEHOLDER_FRAME_ID,
    bodies_to_message,
    camera_info_to_message,
    faces_to_message,
    frame_to_message,
    header,
    image_to_message,
    labels_to_message,
    message_to_bodies,
    message_to_camera_info,
    message_to_faces,
    message_to_frame,
    message_to_image,
    message_to_moods,
    moods_to_message,
    stamp_of,
    time_message,
)
from mirror_core.errors import EncodingError, ShapeError
from mirror_core.faces import Face, FaceSet, Roi
from mirror_core.frame import Frame
from mirror_core.geometry import CameraIntrinsics
from mirror_core.moods import Mood, MoodLabel, MoodSet
from mirror_core.testing import synthetic_body, synthetic_face, synthetic_faces
from mirror_msgs.msg import Body as BodyMessage

HEADER = header(1_500_000_000_123_456_789, "camera_optical")
COLOURS = ["bgr8", "rgb8", "bgra8", "rgba8"]


def noise(height: int = 5, width: int = 7) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8)


def image_message(encoding: str = "bgr8", **fields: Any) -> Any:
    """A message of 5 × 7 pixels with some fields changed."""
    message = image_to_message(noise(), HEADER, encoding)
    for name, value in fields.items():
        setattr(message, name, value)
    return message


# ---- images


@given(
    encoding=st.sampled_from(COLOURS),
    height=st.integers(1, 9),
    width=st.integers(1, 9),
    seed=st.integers(0, 99),
)
def test_a_colour_picture_survives_every_colour_encoding(
    encoding: str, height: int, width: int, seed: int
) -> None:
    image = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    message = image_to_message(image, HEADER, encoding)
    assert (message.encoding, message.height, message.width) == (encoding, height, width)
    assert message.step == width * ENCODINGS[encoding][0]
    assert len(message.data) == height * message.step
    assert np.array_equal(message_to_image(message), image)


def test_a_grey_picture_survives_mono8() -> None:
    grey = np.repeat(noise()[:, :, :1], 3, axis=2)
    assert np.array_equal(message_to_image(image_to_message(grey, HEADER, "mono8")), grey)


@pytest.mark.parametrize(
    ("encoding", "pixel"),
    [
        ("bgr8", [10, 20, 30]),
        ("rgb8", [30, 20, 10]),
        ("bgra8", [10, 20, 30, 255]),
        ("rgba8", [30, 20, 10, 255]),
        ("mono8", [round(0.114 * 10 + 0.587 * 20 + 0.299 * 30)]),
    ],
)
def test_the_bytes_stand_in_the_order_that_the_encoding_names(encoding: str, pixel: list[int]) -> None:
    image = np.full((1, 2, 3), (10, 20, 30), np.uint8)
    assert list(image_to_message(image, HEADER, encoding).data) == pixel * 2


@given(
    encoding=st.sampled_from([*COLOURS, "mono8"]), padding=st.integers(0, 13), last_is_padded=st.booleans()
)
def test_padding_at_the_end_of_rows_is_left_out(encoding: str, padding: int, last_is_padded: bool) -> None:
    tight = image_to_message(noise(), HEADER, encoding)
    rows = np.frombuffer(tight.data, np.uint8).reshape(tight.height, tight.step)
    padded = np.pad(rows, ((0, 0), (0, padding)), constant_values=77).tobytes()
    message = image_message(encoding, step=tight.step + padding)
    message.data = array.array("B", padded if last_is_padded else padded[: len(padded) - padding])
    assert np.array_equal(message_to_image(message), message_to_image(tight))


def test_a_bgr8_message_is_read_without_a_copy_and_cannot_be_drawn_on() -> None:
    message = image_message()
    image = message_to_image(message)
    assert np.shares_memory(image, np.frombuffer(message.data, np.uint8))
    assert not image.flags.writeable


def test_a_picture_that_is_a_view_of_a_larger_one_is_sent_as_it_looks() -> None:
    large = noise(20, 30)
    view = large[2:12:2, 20:6:-3]
    assert np.array_equal(message_to_image(image_to_message(view, HEADER)), view)


@pytest.mark.parametrize("encoding", ["yuv422", "16UC1", "", "BGR8"])
def test_an_encoding_that_is_not_supported_is_refused_by_its_name(encoding: str) -> None:
    allowed = "bgr8, rgb8, bgra8, rgba8, mono8"
    with pytest.raises(EncodingError, match=f"{encoding!r} is not supported: allowed are {allowed}"):
        message_to_image(image_message(encoding=encoding))
    with pytest.raises(EncodingError, match=f"{encoding!r} is not supported"):
        image_to_message(noise(), HEADER, encoding)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"height": 0}, "must be 1 or more, not 7 × 0"),
        ({"width": 0}, "must be 1 or more, not 0 × 5"),
        ({"step": 20}, "at least 21 bytes for 7 pixels of bgr8, not 20"),
        ({"step": 0}, "at least 21 bytes for 7 pixels of bgr8, not 0"),
        ({"step": 22}, "must be 110 bytes for 5 rows of 22, not 105"),
        ({"height": 6}, "must be 126 bytes for 6 rows of 21, not 105"),
        ({"data": array.array("B", bytes(104))}, "must be 105 bytes for 5 rows of 21, not 104"),
        ({"data": array.array("B")}, "must be 105 bytes for 5 rows of 21, not 0"),
        ({"step": 2**32 - 1}, "bytes for 5 rows of 4294967295, not 105"),
    ],
)
def test_a_layout_that_does_not_fit_is_refused_with_its_numbers(
    fields: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(EncodingError, match=sentence):
        message_to_image(image_message(**fields))


def test_what_is_no_picture_is_not_sent() -> None:
    with pytest.raises(ShapeError):
        image_to_message(np.zeros((4, 4), np.uint8), HEADER)


@pytest.mark.parametrize("encoding", [*COLOURS, "mono8"])
def test_pictures_equal_those_of_cv_bridge(encoding: str) -> None:
    cv_bridge = pytest.importorskip("cv_bridge", reason="cv_bridge is not installed")
    message = image_message(encoding)
    theirs = cv_bridge.CvBridge().imgmsg_to_cv2(message, "bgr8")
    assert np.array_equal(message_to_image(message), theirs)


# ---- stamps and frames


@given(st.integers(0, 2**31 * 1_000_000_000 - 1))
def test_a_stamp_survives_to_the_nanosecond(stamp_ns: int) -> None:
    assert stamp_of(header(stamp_ns, "")) == stamp_ns
    assert 0 <= time_message(stamp_ns).nanosec < 1_000_000_000


def test_a_time_before_1970_counts_as_0() -> None:
    message = header(0, "")
    message.stamp.sec = -5
    assert stamp_of(message) == 0


def test_a_frame_survives_the_way_through_a_message() -> None:
    before = Frame(noise(), 1_234_567_890_123_456_789, "left_camera")
    after = message_to_frame(frame_to_message(before))
    assert np.array_equal(after.image, before.image)
    assert (after.stamp_ns, after.frame_id, after.is_placeholder) == (before.stamp_ns, "left_camera", False)


def test_a_placeholder_is_told_by_its_frame_id() -> None:
    message = frame_to_message(Frame(noise(), 5, "camera_optical", is_placeholder=True))
    assert message.header.frame_id == PLACEHOLDER_FRAME_ID
    assert message_to_frame(message).is_placeholder


@pytest.mark.parametrize(
    ("age_s", "counted_s"),
    [
        (0.25, 0.25),  # this host's clock: the way through ROS counts
        (3600.0, 0.0),  # from a bag
        (-1.0, 0.0),  # from a clock that is ahead
    ],
)
def test_the_latency_of_a_received_frame_counts_from_its_stamp_if_that_is_recent(
    monkeypatch: pytest.MonkeyPatch, age_s: float, counted_s: float
) -> None:
    now_ns = 1_700_000_000 * 10**9
    monkeypatch.setattr(time, "time_ns", lambda: now_ns)
    monkeypatch.setattr(time, "monotonic_ns", lambda: 50 * 10**9)
    frame = message_to_frame(frame_to_message(Frame(noise(), now_ns - round(age_s * 1e9))))
    assert frame.trace.age_s() == pytest.approx(counted_s)


# ---- calibration


def test_a_calibration_survives_the_way_through_a_message() -> None:
    intrinsics = CameraIntrinsics(640, 480, 500.0, 510.0, 320.5, 240.25, (0.1, -0.2, 0.001, 0.002, 0.05))
    before = CameraInfo(
        7_000_000_001,
        "left",
        intrinsics,
        "rational_polynomial",
        rectification=(0.0, -1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0),
        projection=tuple(float(i) for i in range(12)),
    )
    assert message_to_camera_info(camera_info_to_message(before)) == before


def test_a_missing_projection_is_made_from_the_intrinsics() -> None:
    info = CameraInfo(0, "left", CameraIntrinsics(640, 480, 500.0, 510.0, 320.0, 240.0))
    message = camera_info_to_message(info)
    assert message.k.tolist() == [500, 0, 320, 0, 510, 240, 0, 0, 1]
    assert message.p.tolist() == [500, 0, 320, 0, 0, 510, 240, 0, 0, 0, 1, 0]
    assert message.r.tolist() == [1, 0, 0, 0, 1, 0, 0, 0, 1]


def test_a_camera_that_is_not_calibrated_is_refused() -> None:
    message = camera_info_to_message(CameraInfo(0, "", CameraIntrinsics(640, 480, 1.0, 1.0, 0.0, 0.0)))
    message.k = [0.0] * 9
    with pytest.raises(ShapeError, match="focal lengths must be above 0"):
        message_to_camera_info(message)


def test_a_calibration_with_a_wrong_count_of_numbers_is_refused() -> None:
    intrinsics = CameraIntrinsics(640, 480, 1.0, 1.0, 0.0, 0.0)
    with pytest.raises(ShapeError, match=r"9 numbers of rectification and 12 .* not 8 and 0"):
        CameraInfo(0, "", intrinsics, rectification=(0.0,) * 8)
    with pytest.raises(ShapeError, match="not 9 and 11"):
        CameraInfo(0, "", intrinsics, projection=(0.0,) * 11)


# ---- faces


def there_and_back(*faces: Face, image_size: tuple[int, int] = (640, 480)) -> FaceSet:
    return message_to_faces(faces_to_message(synthetic_faces(9_000_000_001, *faces, image_size=image_size)))


def test_faces_survive_the_way_through_a_message() -> None:
    shape = np.array([0.5, -1.25], np.float32)
    one = dataclasses.replace(
        synthetic_face(track_id=2**32 - 1),
        confidence=0.75,
        mask_probability=0.25,
        person="ada",
        shape_parameters=shape,
        shape_reconstruction=synthetic_face().landmarks + np.float32(1.5),
    )
    faces = there_and_back(one, synthetic_face((100, 90), 50, track_id=3))
    assert (faces.stamp_ns, faces.frame_id, faces.image_size) == (9_000_000_001, "camera_optical", (640, 480))
    assert [face.track_id for face in faces.faces] == [2**32 - 1, 3]
    back = faces.faces[0]
    assert np.array_equal(back.landmarks, one.landmarks)
    assert back.landmarks[:, 2].min() < -60  # nearer than the head's centre
    assert (back.confidence, back.mask_probability, back.person) == (0.75, 0.25, "ada")
    assert back.roi == Roi.around(one.landmarks)
    assert np.array_equal(back.shape_parameters, shape)
    assert np.array_equal(back.shape_reconstruction, one.shape_reconstruction)
    assert back.head_pose is not None
    assert one.head_pose is not None
    assert back.head_pose.quaternion == one.head_pose.quaternion
    assert back.head_pose.position_m == one.head_pose.position_m


def test_what_is_not_known_of_a_face_stays_unknown() -> None:
    back = there_and_back(dataclasses.replace(synthetic_face(), head_pose=None)).faces[0]
    assert back.head_pose is None
    assert math.isnan(back.mask_probability)
    assert back.shape_parameters.shape == (0,)
    assert back.shape_reconstruction.shape == (0, 3)
    assert back.person == ""


def test_no_faces_are_no_faces() -> None:
    assert there_and_back().faces == ()


@given(st.floats(-300, 900), st.floats(-300, 700), st.floats(5, 400))
def test_the_sent_rectangle_holds_the_visible_landmarks_and_stays_in_the_image(
    x: float, y: float, size: float
) -> None:
    face = synthetic_face((x, y), size)
    roi = faces_to_message(synthetic_faces(0, face)).faces[0].roi
    assert roi.x_offset + roi.width <= 640
    assert roi.y_offset + roi.height <= 480
    points = face.landmarks[:, :2]
    visible = points[((points >= 0) & (points <= (640, 480))).all(axis=1)]
    if len(visible):
        assert (visible >= (roi.x_offset, roi.y_offset)).all()
        # The edge itself is computed from a rounded width.
        assert (visible <= (roi.x_offset + roi.width + 1e-3, roi.y_offset + roi.height + 1e-3)).all()


@pytest.mark.parametrize("count", [0, 468 * 3, 478 * 3 - 1, 478 * 2])
def test_a_wrong_number_of_landmarks_is_refused(count: int) -> None:
    message = faces_to_message(synthetic_faces(0, synthetic_face(track_id=7)))
    message.faces[0].landmarks = array.array("f", [0.0] * count)
    with pytest.raises(ShapeError, match=rf"478 × 3 numbers, not {count} \(face 7\)"):
        message_to_faces(message)


def test_a_wrong_number_of_reconstructed_points_is_refused() -> None:
    message = faces_to_message(synthetic_faces(0, synthetic_face(track_id=7)))
    message.faces[0].shape_reconstruction = array.array("f", [0.0] * 468 * 3)
    with pytest.raises(ShapeError, match=r"478 × 3 numbers or none, not 1404 \(face 7\)"):
        message_to_faces(message)


def test_landmarks_that_are_not_finite_are_refused() -> None:
    message = faces_to_message(synthetic_faces(0, synthetic_face(track_id=7)))
    message.faces[0].landmarks[5] = math.nan
    with pytest.raises(ShapeError, match=r"finite numbers \(face 7\)"):
        message_to_faces(message)


def test_two_faces_with_the_same_id_are_refused() -> None:
    message = faces_to_message(synthetic_faces(0, synthetic_face(track_id=7)))
    message.faces = [message.faces[0], message.faces[0]]
    with pytest.raises(ShapeError, match=r"different track ids, not \[7, 7\]"):
        message_to_faces(message)


def test_a_confidence_that_is_rounded_out_of_its_range_is_put_back() -> None:
    message = faces_to_message(synthetic_faces(0, synthetic_face()))
    message.faces[0].confidence = 1.0000001
    assert message_to_faces(message).faces[0].confidence == 1.0


# ---- bodies


def bodies() -> BodySet:
    """Two bodies, one with a face, one without points in metres."""
    roi = Roi(30.0, 40.0, 250.0, 380.0)
    mask = np.zeros((380, 250), np.uint8)
    one = dataclasses.replace(synthetic_body(track_id=3, face_id=7), roi=roi, segmentation=mask)
    visibility = np.linspace(0.0, 1.0, 33, dtype=np.float32)
    other = dataclasses.replace(
        synthetic_body((500.0, 250.0), 300.0, track_id=8),
        roi=Roi(420.0, 60.0, 160.0, 400.0),
        visibility=visibility,
        world_landmarks=None,
    )
    return BodySet(1_500_000_000_123_456_789, "camera_optical", 640, 480, (one, other))


def test_bodies_survive_the_way_through_a_message_all_but_their_segmentation() -> None:
    sent = bodies()
    message = bodies_to_message(sent)
    assert [body.face_id for body in message.bodies] == [7, BodyMessage.NO_FACE]
    received = message_to_bodies(message)
    assert (received.stamp_ns, received.frame_id) == (sent.stamp_ns, sent.frame_id)
    assert (received.width, received.height) == (640, 480)
    for before, after in zip(sent.bodies, received.bodies, strict=True):
        assert (after.track_id, after.face_id, after.roi) == (before.track_id, before.face_id, before.roi)
        assert after.confidence == pytest.approx(before.confidence)
        assert np.array_equal(after.landmarks, before.landmarks)
        assert np.array_equal(after.visibility, before.visibility)
        assert after.segmentation is None
    first, second = received.bodies
    assert np.array_equal(first.world_landmarks, sent.bodies[0].world_landmarks)
    assert second.world_landmarks is None


@pytest.mark.parametrize(
    ("field", "values", "sentence"),
    [
        ("landmarks", [0.0] * 98, r"landmarks must hold 33 × 3 numbers, not 98 \(body 8\)"),
        ("landmarks", [math.nan] * 99, r"landmarks must be finite"),
        ("world_landmarks", [0.0] * 3, r"world_landmarks must hold 33 × 3 numbers, not 3 \(body 8\)"),
        ("visibility", [0.5] * 32, r"visibility must hold 33 finite numbers, not 32 \(body 8\)"),
        ("visibility", [math.nan] * 33, r"visibility must hold 33 finite numbers, not 33 \(body 8\)"),
    ],
)
def test_a_message_that_holds_no_body_is_refused(field: str, values: list[float], sentence: str) -> None:
    message = bodies_to_message(bodies())
    setattr(message.bodies[1], field, values)
    with pytest.raises(ShapeError, match=sentence):
        message_to_bodies(message)


def test_numbers_of_a_message_that_are_out_of_range_are_limited() -> None:
    message = bodies_to_message(bodies())
    message.bodies[0].confidence = 1.2
    message.bodies[0].visibility = [-0.5] * 16 + [1.5] * 17
    body = message_to_bodies(message).bodies[0]
    assert body.confidence == 1.0
    assert body.visibility.tolist() == [0.0] * 16 + [1.0] * 17


def test_labels_are_sent_as_a_grey_picture_of_the_very_numbers() -> None:
    labels = np.arange(12, dtype=np.uint8).reshape(3, 4)
    message = labels_to_message(labels[:, ::-1], HEADER)
    assert (message.encoding, message.width, message.height, message.step) == ("mono8", 4, 3, 4)
    assert list(message.data) == labels[:, ::-1].ravel().tolist()


# ---- moods


def moods() -> MoodSet:
    first = np.array([0.01, 0.02, 0.03, 0.6, 0.04, 0.1, 0.2], np.float32)
    second = np.full(7, 1 / 7, np.float32)
    return MoodSet(
        1_500_000_000_123_456_789,
        "camera_optical",
        (
            Mood(7, first, valence=0.5, arousal=-0.25, source="appearance", person="ada"),
            Mood(9, second, unsure=True),
        ),
    )


def test_moods_survive_the_way_through_a_message() -> None:
    sent = moods()
    message = moods_to_message(sent)
    assert message.moods[0].dominant == MoodLabel.HAPPY
    received = message_to_moods(message)
    assert (received.stamp_ns, received.frame_id) == (sent.stamp_ns, sent.frame_id)
    for before, after in zip(sent.moods, received.moods, strict=True):
        np.testing.assert_allclose(after.probabilities, before.probabilities, atol=1e-6)
        for name in ("track_id", "unsure", "valence", "arousal", "source", "person"):
            assert getattr(after, name) == getattr(before, name)


@pytest.mark.parametrize("values", [[0.0] * 7, [0.5] * 7, [-1.0, 2.0, 0, 0, 0, 0, 0], [math.nan] * 7])
def test_what_is_no_distribution_of_moods_is_refused(values: list[float]) -> None:
    message = moods_to_message(moods())
    message.moods[1].probabilities = values
    with pytest.raises(ShapeError, match="face 9"):
        message_to_moods(message)
