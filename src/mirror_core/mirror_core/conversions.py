"""ROS messages to Mirror's dataclasses and back: images, camera info, faces, bodies, moods.

Nodes use these through the codecs of `mirror_core.codecs`; nothing else touches message fields.
"""

from __future__ import annotations

import array
import math
import sys
import time
from typing import Any

import cv2
import numpy as np
from builtin_interfaces.msg import Time
from geometry_msgs.msg import Point, Pose, Quaternion
from numpy.typing import NDArray
from sensor_msgs.msg import CameraInfo as CameraInfoMessage
from sensor_msgs.msg import Image as ImageMessage
from sensor_msgs.msg import RegionOfInterest
from std_msgs.msg import Header

from mirror_core.bodies import Body, BodySet
from mirror_core.body_points import BODY_POINT_COUNT
from mirror_core.camera_info import CameraInfo
from mirror_core.capture_state import CaptureState
from mirror_core.errors import EncodingError, ShapeError
from mirror_core.faces import LANDMARK_COUNT, Face, FaceSet, HeadPose, Roi
from mirror_core.frame import Frame, Image, Trace, require_bgr
from mirror_core.geometry import CameraIntrinsics
from mirror_core.moods import MOOD_COUNT, Mood, MoodSet
from mirror_msgs.msg import Body as BodyMessage
from mirror_msgs.msg import BodyArray as BodyArrayMessage
from mirror_msgs.msg import CaptureStatus
from mirror_msgs.msg import Face as FaceMessage
from mirror_msgs.msg import FaceArray as FaceArrayMessage
from mirror_msgs.msg import Mood as MoodMessage
from mirror_msgs.msg import MoodArray as MoodArrayMessage

__all__ = [
    "ENCODINGS",
    "PLACEHOLDER_FRAME_ID",
    "bodies_to_message",
    "camera_info_to_message",
    "capture_state",
    "faces_to_message",
    "frame_to_message",
    "header",
    "image_to_message",
    "labels_to_message",
    "message_to_bodies",
    "message_to_camera_info",
    "message_to_faces",
    "message_to_frame",
    "message_to_image",
    "message_to_moods",
    "moods_to_message",
    "stamp_of",
    "time_message",
]

PLACEHOLDER_FRAME_ID = "placeholder"  # header.frame_id of a picture that was not taken by a camera
NANOSECONDS_PER_SECOND = 1_000_000_000
FARTHEST_PX = 100_000.0  # of a landmark from the picture's corner; larger pictures do not come from a camera
MOST_ROUNDING = 0.01  # by which the sum of a message's probabilities may miss 1
MAX_TRACE_AGE_NS = 10 * NANOSECONDS_PER_SECOND  # an older stamp comes from a bag, not from this host

# encoding → (channels, OpenCV conversion to BGR or None)
ENCODINGS: dict[str, tuple[int, int | None]] = {
    "bgr8": (3, None),
    "rgb8": (3, cv2.COLOR_RGB2BGR),
    "bgra8": (4, cv2.COLOR_BGRA2BGR),
    "rgba8": (4, cv2.COLOR_RGBA2BGR),
    "mono8": (1, cv2.COLOR_GRAY2BGR),
}
# encoding → OpenCV conversion from BGR
_FROM_BGR = {
    "rgb8": cv2.COLOR_BGR2RGB,
    "bgra8": cv2.COLOR_BGR2BGRA,
    "rgba8": cv2.COLOR_BGR2RGBA,
    "mono8": cv2.COLOR_BGR2GRAY,
}


def time_message(stamp_ns: int) -> Time:
    """Nanoseconds as a ROS time."""
    return Time(sec=stamp_ns // NANOSECONDS_PER_SECOND, nanosec=stamp_ns % NANOSECONDS_PER_SECOND)


def stamp_of(header_: Header) -> int:
    """The stamp of a header in nanoseconds; a time before 1970 counts as 0."""
    stamp = header_.stamp
    return max(0, int(stamp.sec * NANOSECONDS_PER_SECOND + stamp.nanosec))


def header(stamp_ns: int, frame_id: str) -> Header:
    """A header from nanoseconds and a frame name."""
    return Header(stamp=time_message(stamp_ns), frame_id=frame_id)


def message_to_image(message: ImageMessage) -> Image:
    """The picture in a `sensor_msgs/Image` as uint8 [height, width, 3], BGR.

    Rows may be padded (`step` larger than width × channels). A bgr8 message is not copied.

    Raises:
        EncodingError: for another encoding than bgr8, rgb8, bgra8, rgba8, mono8, an empty image,
            or data that do not fit height × step.
    """
    if message.encoding not in ENCODINGS:
        raise EncodingError(
            f"Image encoding {message.encoding!r} is not supported: allowed are {', '.join(ENCODINGS)}; "
            "convert it with image_proc or cv_bridge first."
        )
    channels, conversion = ENCODINGS[message.encoding]
    height, width, step = message.height, message.width, message.step
    if height < 1 or width < 1:
        raise EncodingError(f"Image is empty: width and height must be 1 or more, not {width} × {height}.")
    if step < width * channels:
        raise EncodingError(
            f"Image step must be at least {width * channels} bytes for {width} pixels of "
            f"{message.encoding}, not {step}."
        )
    data = np.frombuffer(message.data, np.uint8)
    # The last row's padding may be missing; everything else may not.
    if data.size < step * (height - 1) + width * channels:
        raise EncodingError(
            f"Image data must be {step * height} bytes for {height} rows of {step}, not {data.size}."
        )
    pixels = np.lib.stride_tricks.as_strided(
        data, (height, width, channels), (step, channels, 1), writeable=False
    )
    if conversion is None:
        return pixels
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(pixels), conversion), np.uint8)


def image_to_message(image: Image, header_: Header, encoding: str = "bgr8") -> ImageMessage:
    """A `sensor_msgs/Image` from uint8 [height, width, 3], BGR.

    Raises:
        EncodingError: for an encoding that is not in `ENCODINGS`.
        ShapeError: if `image` has another shape or dtype.
    """
    require_bgr(image)
    if encoding not in ENCODINGS:
        raise EncodingError(
            f"Image encoding {encoding!r} is not supported: allowed are {', '.join(ENCODINGS)}."
        )
    pixels = image if encoding == "bgr8" else np.asarray(cv2.cvtColor(image, _FROM_BGR[encoding]))
    message = ImageMessage(header=header_, height=image.shape[0], width=image.shape[1], encoding=encoding)
    message.is_bigendian = int(sys.byteorder == "big")
    message.step = image.shape[1] * ENCODINGS[encoding][0]
    # Assigning an array.array is the one quick way in rclpy: a list or bytes is checked item by item.
    data = array.array("B")
    data.frombytes(memoryview(np.ascontiguousarray(pixels)).cast("B"))
    message.data = data
    return message


def labels_to_message(labels: NDArray[np.uint8], header_: Header) -> ImageMessage:
    """A `sensor_msgs/Image` (mono8) from uint8 [height, width], e.g. which body each pixel belongs to."""
    height, width = labels.shape
    message = ImageMessage(header=header_, height=height, width=width, encoding="mono8", step=width)
    message.is_bigendian = int(sys.byteorder == "big")
    data = array.array("B")
    data.frombytes(memoryview(np.ascontiguousarray(labels)).cast("B"))
    message.data = data
    return message


def frame_to_message(frame: Frame) -> ImageMessage:
    """A frame as `sensor_msgs/Image` (bgr8); a placeholder is told by its frame id."""
    return image_to_message(frame.image, frame_header(frame))


def frame_header(frame: Frame) -> Header:
    """The header of a frame's picture, whatever its encoding."""
    return header(frame.stamp_ns, PLACEHOLDER_FRAME_ID if frame.is_placeholder else frame.frame_id)


def message_to_frame(message: ImageMessage) -> Frame:
    """A frame from a `sensor_msgs/Image`.

    The trace starts at the stamp where the stamp is this host's wall clock, else now.

    Raises:
        EncodingError: see `message_to_image`.
    """
    return received_frame(message.header, message_to_image(message))


def received_frame(header_: Header, image: Image) -> Frame:
    """A frame from the header and the picture of a message; see `message_to_frame`."""
    stamp_ns = stamp_of(header_)
    age_ns = time.time_ns() - stamp_ns
    if not 0 <= age_ns <= MAX_TRACE_AGE_NS:
        age_ns = 0
    trace = Trace(time.monotonic_ns() - age_ns)
    return Frame(image, stamp_ns, header_.frame_id, trace, header_.frame_id == PLACEHOLDER_FRAME_ID)


def camera_info_to_message(info: CameraInfo) -> CameraInfoMessage:
    """A camera's calibration as `sensor_msgs/CameraInfo`."""
    camera = info.intrinsics
    return CameraInfoMessage(
        header=header(info.stamp_ns, info.frame_id),
        width=camera.width,
        height=camera.height,
        distortion_model=info.distortion_model,
        d=list(camera.distortion),
        k=list(info.camera_matrix),
        r=list(info.rectification),
        p=list(info.full_projection),
    )


def message_to_camera_info(message: CameraInfoMessage) -> CameraInfo:
    """A camera's calibration from `sensor_msgs/CameraInfo`.

    Raises:
        ShapeError: if the size is empty or the focal lengths are 0, which means "not calibrated".
    """
    k = [float(value) for value in message.k]
    intrinsics = CameraIntrinsics(
        message.width, message.height, k[0], k[4], k[2], k[5], tuple(float(value) for value in message.d)
    )
    return CameraInfo(
        stamp_of(message.header),
        message.header.frame_id,
        intrinsics,
        message.distortion_model,
        tuple(float(value) for value in message.r),
        tuple(float(value) for value in message.p),
    )


def _float_array(values: NDArray[np.floating[Any]]) -> array.array[float]:
    data = array.array("f")
    data.frombytes(np.ascontiguousarray(values, np.float32).tobytes())
    return data


def _roi_message(roi: Roi, width: int, height: int) -> RegionOfInterest:
    inside = roi.clipped(width, height)
    x, y = int(inside.x), int(inside.y)
    return RegionOfInterest(
        x_offset=x,
        y_offset=y,
        width=math.ceil(inside.x + inside.width) - x,
        height=math.ceil(inside.y + inside.height) - y,
    )


def _pose_message(pose: HeadPose | None) -> Pose:
    if pose is None:
        return Pose(orientation=Quaternion(x=0.0, y=0.0, z=0.0, w=0.0))
    x, y, z, w = map(float, pose.quaternion)
    px, py, pz = map(float, pose.position_m)
    return Pose(position=Point(x=px, y=py, z=pz), orientation=Quaternion(x=x, y=y, z=z, w=w))


def faces_to_message(faces: FaceSet) -> FaceArrayMessage:
    """Faces as `mirror_msgs/FaceArray`."""
    width, height = faces.image_size
    message = FaceArrayMessage(
        header=header(faces.stamp_ns, faces.frame_id), image_width=width, image_height=height
    )
    message.faces = [
        FaceMessage(
            id=face.track_id,
            person=face.person,
            confidence=float(face.confidence),
            roi=_roi_message(face.roi, width, height),
            landmarks=_float_array(face.landmarks),
            head_pose=_pose_message(face.head_pose),
            shape_parameters=_float_array(face.shape_parameters),
            shape_reconstruction=_float_array(face.shape_reconstruction),
            mask_probability=float(face.mask_probability),
            mask_roi=_roi_message(face.mask_roi or Roi(0, 0, 0, 0), width, height),
        )
        for face in faces.faces
    ]
    return message


def _message_to_pose(pose: Pose) -> HeadPose | None:
    q, p = pose.orientation, pose.position
    if q.x == q.y == q.z == q.w == 0.0:
        return None
    return HeadPose((q.x, q.y, q.z, q.w), (p.x, p.y, p.z))


def _message_to_roi(message: RegionOfInterest) -> Roi | None:
    if message.width == 0 or message.height == 0:
        return None
    return Roi(float(message.x_offset), float(message.y_offset), float(message.width), float(message.height))


def _message_to_face(message: FaceMessage) -> Face:
    landmarks = np.frombuffer(message.landmarks, np.float32)
    if landmarks.size != LANDMARK_COUNT * 3:
        raise ShapeError(
            f"Face.landmarks must hold {LANDMARK_COUNT} × 3 numbers, not {landmarks.size} "
            f"(face {message.id})."
        )
    points = landmarks.reshape(LANDMARK_COUNT, 3)
    _check_near(points, "Face.landmarks", f"face {message.id}")
    rebuilt = np.frombuffer(message.shape_reconstruction, np.float32)
    if rebuilt.size not in (0, LANDMARK_COUNT * 3):
        raise ShapeError(
            f"Face.shape_reconstruction must hold {LANDMARK_COUNT} × 3 numbers or none, not {rebuilt.size} "
            f"(face {message.id})."
        )
    return Face(
        track_id=message.id,
        confidence=min(max(message.confidence, 0.0), 1.0),
        roi=Roi.around(points),
        landmarks=points,
        head_pose=_message_to_pose(message.head_pose),
        shape_parameters=np.array(message.shape_parameters, np.float32),
        mask_probability=message.mask_probability,
        mask_roi=_message_to_roi(message.mask_roi),
        person=message.person,
        shape_reconstruction=rebuilt.reshape(-1, 3),
    )


def message_to_faces(message: FaceArrayMessage) -> FaceSet:
    """Faces from a `mirror_msgs/FaceArray`.

    Raises:
        ShapeError: if landmarks are not 478 × 3 finite numbers or two faces share an id.
    """
    return FaceSet(
        stamp_ns=stamp_of(message.header),
        frame_id=message.header.frame_id,
        image_size=(message.image_width, message.image_height),
        faces=tuple(_message_to_face(face) for face in message.faces),
    )


def bodies_to_message(bodies: BodySet) -> BodyArrayMessage:
    """Bodies as `mirror_msgs/BodyArray`; segmentations stay in the process."""
    message = BodyArrayMessage(
        header=header(bodies.stamp_ns, bodies.frame_id), image_width=bodies.width, image_height=bodies.height
    )
    message.bodies = [
        BodyMessage(
            id=body.track_id,
            face_id=BodyMessage.NO_FACE if body.face_id is None else body.face_id,
            confidence=float(body.confidence),
            roi=_roi_message(body.roi, bodies.width, bodies.height),
            landmarks=_float_array(body.landmarks),
            world_landmarks=_float_array(
                np.zeros(0) if body.world_landmarks is None else body.world_landmarks
            ),
            visibility=_float_array(body.visibility),
        )
        for body in bodies.bodies
    ]
    return message


def _body_points(name: str, values: Any, body_id: int) -> NDArray[np.float32]:
    points = np.frombuffer(values, np.float32)
    if points.size != BODY_POINT_COUNT * 3:
        raise ShapeError(
            f"Body.{name} must hold {BODY_POINT_COUNT} × 3 numbers, not {points.size} (body {body_id})."
        )
    _check_near(points, f"Body.{name}", f"body {body_id}")
    return points.reshape(BODY_POINT_COUNT, 3)


def _check_near(points: NDArray[np.float32], what: str, whose: str) -> None:
    """See that points can be those of a picture: what is drawn at others has no end.

    Raises:
        ShapeError: if one is not.
    """
    if not np.abs(points).max() <= FARTHEST_PX:  # NaN too
        raise ShapeError(
            f"{what} must be finite numbers ({whose}), at most {FARTHEST_PX:.0f} px from the corner."
        )


def _message_to_body(message: BodyMessage) -> Body:
    visibility = np.frombuffer(message.visibility, np.float32)
    if visibility.size != BODY_POINT_COUNT or not np.isfinite(visibility).all():
        raise ShapeError(
            f"Body.visibility must hold {BODY_POINT_COUNT} finite numbers, not {visibility.size} "
            f"(body {message.id})."
        )
    world = message.world_landmarks
    roi = message.roi
    return Body(
        track_id=message.id,
        roi=Roi(float(roi.x_offset), float(roi.y_offset), float(roi.width), float(roi.height)),
        landmarks=_body_points("landmarks", message.landmarks, message.id),
        visibility=np.clip(visibility, 0.0, 1.0),
        confidence=min(max(message.confidence, 0.0), 1.0),
        world_landmarks=_body_points("world_landmarks", world, message.id) if len(world) else None,
        face_id=None if message.face_id == BodyMessage.NO_FACE else message.face_id,
    )


def message_to_bodies(message: BodyArrayMessage) -> BodySet:
    """Bodies from a `mirror_msgs/BodyArray`.

    Raises:
        ShapeError: if landmarks are not 33 × 3 finite numbers, visibilities not 33, or two bodies share
            an id.
    """
    return BodySet(
        stamp_ns=stamp_of(message.header),
        frame_id=message.header.frame_id,
        width=message.image_width,
        height=message.image_height,
        bodies=tuple(_message_to_body(body) for body in message.bodies),
    )


def moods_to_message(moods: MoodSet) -> MoodArrayMessage:
    """Moods as `mirror_msgs/MoodArray`."""
    message = MoodArrayMessage(header=header(moods.stamp_ns, moods.frame_id))
    message.moods = [
        MoodMessage(
            face_id=mood.track_id,
            person=mood.person,
            probabilities=mood.probabilities,
            dominant=int(mood.dominant),
            unsure=mood.unsure,
            valence=float(mood.valence),
            arousal=float(mood.arousal),
            source=mood.source,
        )
        for mood in moods.moods
    ]
    return message


def _message_to_mood(message: MoodMessage) -> Mood:
    values = np.array(message.probabilities, np.float32)
    total = float(values.sum())
    if values.shape != (MOOD_COUNT,) or not (values >= 0).all() or not abs(total - 1) < MOST_ROUNDING:
        raise ShapeError(
            f"Mood.probabilities must be {MOOD_COUNT} numbers from 0 on with the sum 1, "
            f"not {values.tolist()} (face {message.face_id})."
        )
    return Mood(
        track_id=message.face_id,
        probabilities=values / np.float32(total),
        unsure=message.unsure,
        valence=message.valence,
        arousal=message.arousal,
        source=message.source,
        person=message.person,
    )


def message_to_moods(message: MoodArrayMessage) -> MoodSet:
    """Moods from a `mirror_msgs/MoodArray`.

    Raises:
        ShapeError: if probabilities, valence, arousal or source are not what the message allows, or two moods
            are of the same face.
    """
    return MoodSet(
        stamp_ns=stamp_of(message.header),
        frame_id=message.header.frame_id,
        moods=tuple(_message_to_mood(mood) for mood in message.moods),
    )


_CAPTURE_STATES = {
    CaptureStatus.RUNNING: CaptureState.RUNNING,
    CaptureStatus.DONE: CaptureState.DONE,
    CaptureStatus.FAILED: CaptureState.FAILED,
    CaptureStatus.CANCELLED: CaptureState.CANCELLED,
}


def capture_state(message: CaptureStatus) -> CaptureState:
    """How a capture stands; a state that is not known counts as failed."""
    return _CAPTURE_STATES.get(message.state, CaptureState.FAILED)
