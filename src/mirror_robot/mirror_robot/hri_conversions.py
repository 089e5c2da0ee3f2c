"""REP-155's dataclasses as messages of `hri_msgs`; importing this needs hri_msgs."""

from __future__ import annotations

from geometry_msgs.msg import Quaternion, Transform, TransformStamped, Vector3
from hri_msgs.msg import Expression as ExpressionMessage
from hri_msgs.msg import FacialLandmarks as LandmarksMessage
from hri_msgs.msg import IdsList, NormalizedPointOfInterest2D, NormalizedRegionOfInterest2D
from std_msgs.msg import Header
from tf2_msgs.msg import TFMessage

from mirror_core.faces import FaceSet, HeadPose
from mirror_robot.rep155 import (
    Expression,
    FacialLandmarks,
    NormalizedRegion,
    face_frame,
    gaze_frame,
    gaze_pose,
    identifier,
)

__all__ = [
    "ExpressionMessage",
    "IdsList",
    "LandmarksMessage",
    "NormalizedRegionOfInterest2D",
    "expression_message",
    "ids_message",
    "landmarks_message",
    "region_message",
    "transforms_message",
]


def ids_message(faces: FaceSet, header: Header) -> IdsList:
    """The identifiers of all faces."""
    return IdsList(header=header, ids=[identifier(face.track_id) for face in faces.faces])


def region_message(region: NormalizedRegion, header: Header) -> NormalizedRegionOfInterest2D:
    """A face's region."""
    return NormalizedRegionOfInterest2D(
        header=header, xmin=region.xmin, ymin=region.ymin, xmax=region.xmax, ymax=region.ymax, c=region.c
    )


def landmarks_message(landmarks: FacialLandmarks, header: Header) -> LandmarksMessage:
    """A face's landmarks."""
    points = [NormalizedPointOfInterest2D(x=x, y=y, c=c) for x, y, c in landmarks.points.tolist()]
    return LandmarksMessage(header=header, landmarks=points, height=landmarks.height, width=landmarks.width)


def expression_message(expression: Expression, header: Header) -> ExpressionMessage:
    """A face's expression."""
    return ExpressionMessage(
        header=header,
        expression=expression.expression,
        valence=float(expression.valence),
        arousal=float(expression.arousal),
        confidence=float(expression.confidence),
    )


def transforms_message(faces: FaceSet, header: Header) -> TFMessage:
    """`face_<id>` and `gaze_<id>` in the camera's optical frame, for each face that has a head pose."""
    transforms = []
    for face in faces.faces:
        if face.head_pose is not None:
            face_id = identifier(face.track_id)
            transforms.append(_transform(header, face_frame(face_id), face.head_pose))
            transforms.append(_transform(header, gaze_frame(face_id), gaze_pose(face.head_pose)))
    return TFMessage(transforms=transforms)


def _transform(header: Header, child: str, pose: HeadPose) -> TransformStamped:
    x, y, z = map(float, pose.position_m)
    qx, qy, qz, qw = map(float, pose.quaternion)
    return TransformStamped(
        header=header,
        child_frame_id=child,
        transform=Transform(translation=Vector3(x=x, y=y, z=z), rotation=Quaternion(x=qx, y=qy, z=qz, w=qw)),
    )
