"""Bad messages: images, faces, bodies, moods and calibrations are refused in a sentence, or are whole."""

from __future__ import annotations

import array

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run colcon build first")

from builtin_interfaces.msg import Time
from geometry_msgs.msg import Point, Pose, Quaternion
from sensor_msgs.msg import CameraInfo, CompressedImage, Image, RegionOfInterest
from std_msgs.msg import Header

from mirror_core.codecs import BODIES, CAMERA_INFO, FACES, FRAMES, MOODS
from mirror_core.compressed import message_to_frame
from mirror_core.conversions import ENCODINGS
from mirror_core.errors import EncodingError, ShapeError
from mirror_core.testing_fuzz import damaged, fuzz, odd_numbers, odd_texts, promised
from mirror_msgs.msg import Body, BodyArray, Face, FaceArray, Mood, MoodArray

UINT32 = st.sampled_from((0, 1, 2, 3, 640, 65535, 2**31, 2**32 - 1)) | st.integers(0, 2**32 - 1)
SMALL = st.integers(0, 8)
headers = st.builds(
    Header,
    stamp=st.builds(Time, sec=st.integers(-(2**31), 2**31 - 1), nanosec=st.integers(0, 2**32 - 1)),
    frame_id=odd_texts().map(lambda text: text.replace("\x00", "")),
)
PICTURE = np.random.default_rng(1).integers(0, 256, (24, 32, 3), np.uint8)
FILES = tuple(cv2.imencode(suffix, PICTURE)[1].tobytes() for suffix in (".jpg", ".png", ".webp"))
rois = st.builds(RegionOfInterest, x_offset=UINT32, y_offset=UINT32, width=UINT32, height=UINT32)


def numbers(*counts: int) -> st.SearchStrategy[array.array[float]]:
    """float32 arrays of one of these lengths, mostly of usual values with some odd ones among them."""

    def made(count: int, seed: int, odd: list[tuple[int, float]]) -> array.array[float]:
        values = np.random.default_rng(seed).uniform(0, 600, count).astype(np.float32)
        for place, value in odd:
            if count:
                values[place % count] = value
        return array.array("f", values.tobytes())

    odd = st.lists(st.tuples(st.integers(0, 5000), odd_numbers()), max_size=3)
    return st.builds(made, st.sampled_from(counts), st.integers(0, 99), odd)


@st.composite
def images(draw) -> Image:
    """A message that fits together but for one or two fields."""
    encoding = draw(st.sampled_from(sorted(ENCODINGS)))
    width, height, padding = draw(st.integers(1, 8)), draw(st.integers(1, 8)), draw(st.integers(0, 5))
    step = width * ENCODINGS[encoding][0] + padding
    fields = {
        "encoding": encoding,
        "width": width,
        "height": height,
        "step": step,
        "data": draw(st.binary(min_size=step * height, max_size=step * height)),
    }
    wrong = {
        "encoding": st.sampled_from(("yuv422", "16UC1", "", "bgr8 ", "BGR8")) | odd_texts(),
        "width": UINT32,
        "height": UINT32,
        "step": UINT32,
        "data": st.binary(max_size=400),
    }
    for name in draw(st.lists(st.sampled_from(sorted(wrong)), max_size=2)):
        fields[name] = draw(wrong[name])
    message = Image(header=draw(headers), height=fields["height"], width=fields["width"], step=fields["step"])
    message.encoding = fields["encoding"].replace("\x00", "")
    message.data = array.array("B", fields["data"])
    return message


@fuzz(150)
@given(message=images())
def test_images_are_refused_or_whole(message: Image) -> None:
    with promised("sensor_msgs/Image", EncodingError):
        frame = FRAMES.from_message(message)
        assert frame.image.shape == (message.height, message.width, 3)
        assert frame.image.sum() >= 0  # reads every pixel: none lies outside the data
        assert frame.stamp_ns >= 0


@fuzz(100)
@given(
    header=headers,
    content=st.one_of(*(damaged(file) for file in FILES), st.binary(max_size=64)),
    form=odd_texts(),
)
def test_compressed_images_are_refused_or_whole(header, content, form) -> None:
    message = CompressedImage(header=header, format=form.replace("\x00", ""), data=array.array("B", content))
    with promised("sensor_msgs/CompressedImage", EncodingError):
        image = message_to_frame(message).image
        assert image.dtype == np.uint8
        assert image.ndim == 3


poses = st.builds(
    Pose,
    position=st.builds(Point, x=odd_numbers(), y=odd_numbers(), z=odd_numbers()),
    orientation=st.builds(Quaternion, x=odd_numbers(), y=odd_numbers(), z=odd_numbers(), w=odd_numbers()),
)
faces = st.builds(
    Face,
    id=st.integers(0, 2) | UINT32,
    person=odd_texts().map(lambda text: text.replace("\x00", "")),
    confidence=odd_numbers(),
    roi=rois,
    landmarks=numbers(1434, 1434, 0, 1, 1433, 1404),
    head_pose=poses,
    shape_parameters=numbers(0, 1, 40),
    shape_reconstruction=numbers(0, 1404, 1434, 7),
    mask_probability=odd_numbers(),
    mask_roi=rois,
)


@fuzz(100)
@given(header=headers, size=st.tuples(SMALL | UINT32, SMALL | UINT32), found=st.lists(faces, max_size=3))
def test_faces_are_refused_or_finite(header, size, found) -> None:
    message = FaceArray(header=header, image_width=size[0], image_height=size[1], faces=found)
    with promised("mirror_msgs/FaceArray", ShapeError):
        faces = FACES.from_message(message)
        assert len({face.track_id for face in faces.faces}) == len(found)
        for face in faces.faces:
            assert np.isfinite(face.landmarks).all()
            assert np.isfinite(face.shape_parameters).all()
            assert np.isfinite(face.shape_reconstruction).all()
            assert 0 <= face.confidence <= 1
            if face.head_pose is not None:
                assert np.isfinite(face.head_pose.quaternion).all()
                assert np.isfinite(face.head_pose.position_m).all()


bodies = st.builds(
    Body,
    id=st.integers(0, 2) | UINT32,
    face_id=UINT32,
    confidence=odd_numbers(),
    roi=rois,
    landmarks=numbers(99, 99, 0, 98, 66),
    world_landmarks=numbers(99, 0, 98),
    visibility=numbers(33, 33, 0, 32),
)


@fuzz(100)
@given(header=headers, size=st.tuples(SMALL | UINT32, SMALL | UINT32), found=st.lists(bodies, max_size=3))
def test_bodies_are_refused_or_finite(header, size, found) -> None:
    message = BodyArray(header=header, image_width=size[0], image_height=size[1], bodies=found)
    with promised("mirror_msgs/BodyArray", ShapeError):
        for body in BODIES.from_message(message).bodies:
            assert np.isfinite(body.landmarks).all()
            assert body.world_landmarks is None or np.isfinite(body.world_landmarks).all()
            assert ((body.visibility >= 0) & (body.visibility <= 1)).all()


moods = st.builds(
    Mood,
    face_id=st.integers(0, 2) | UINT32,
    person=odd_texts().map(lambda text: text.replace("\x00", "")),
    probabilities=st.lists(odd_numbers(), min_size=7, max_size=7) | st.just([1.0] + [0.0] * 6),
    dominant=st.integers(0, 255),
    unsure=st.booleans(),
    valence=odd_numbers(),
    arousal=odd_numbers(),
    source=odd_texts().map(lambda text: text.replace("\x00", "")),
)


@fuzz(100)
@given(header=headers, found=st.lists(moods, max_size=3))
def test_moods_are_refused_or_probabilities(header, found) -> None:
    with promised("mirror_msgs/MoodArray", ShapeError):
        for mood in MOODS.from_message(MoodArray(header=header, moods=found)).moods:
            assert abs(float(mood.probabilities.sum()) - 1) < 1e-3
            assert (mood.probabilities >= 0).all()
            assert np.isfinite([mood.valence, mood.arousal]).all()


@fuzz(100)
@given(
    header=headers,
    size=st.tuples(UINT32, UINT32),
    model=st.sampled_from(("plumb_bob", "rational_polynomial", "equidistant", "fisheye", "")),
    d=st.lists(odd_numbers(), max_size=14),
    k=st.lists(odd_numbers(), min_size=9, max_size=9),
    r=st.lists(odd_numbers(), min_size=9, max_size=9),
    p=st.lists(odd_numbers(), min_size=12, max_size=12),
)
def test_calibrations_are_refused_or_finite(*, header, size, model, d, k, r, p) -> None:
    message = CameraInfo(
        header=header, width=size[0], height=size[1], distortion_model=model, d=d, k=k, r=r, p=p
    )
    with promised("sensor_msgs/CameraInfo", ShapeError):
        camera = CAMERA_INFO.from_message(message).intrinsics
        assert camera.width >= 1
        assert np.isfinite([camera.fx, camera.fy, camera.cx, camera.cy, *camera.distortion]).all()
        assert min(camera.fx, camera.fy) > 0
