"""Faces and bodies as rviz markers, faces as tf2 transforms, gestures as messages."""

from __future__ import annotations

import numpy as np
from builtin_interfaces.msg import Duration
from geometry_msgs.msg import Point, Quaternion, Transform, TransformStamped, Vector3
from numpy.typing import NDArray
from std_msgs.msg import ColorRGBA
from tf2_msgs.msg import TFMessage
from visualization_msgs.msg import Marker, MarkerArray

from mirror_core.bodies import Body, BodySet
from mirror_core.body_points import BONES
from mirror_core.conversions import header
from mirror_core.faces import Face, FaceSet
from mirror_core.geometry import CameraIntrinsics
from mirror_msgs.msg import Gesture
from mirror_tracking.body_position import body_points_m
from mirror_tracking.gestures import HeadGesture
from mirror_tracking.topology import CONTOURS

__all__ = [
    "bodies_to_markers",
    "face_frame",
    "faces_to_markers",
    "faces_to_transforms",
    "gesture_to_message",
    "points_m",
]

MARKER_LIFETIME = Duration(nanosec=500_000_000)  # a face that is not seen any more fades from rviz
CONTOUR_WIDTH_M = 0.0015
TEXT_HEIGHT_M = 0.04
TEXT_ABOVE_M = 0.14  # over the origin between the eyes
BONE_WIDTH_M = 0.02
POINT_SIZE_M = 0.04
ABOVE_HEAD_M = 0.3  # over the nose
BODY_POINT_SHOWN = 0.3  # visibility from which on a point is shown
COLOURS = ((0.24, 0.78, 0.9), (0.47, 0.82, 0.35), (0.98, 0.63, 0.31), (0.9, 0.47, 0.78))


def face_frame(track_id: int) -> str:
    """The tf2 frame of a face, named as in REP-155."""
    return f"face_{track_id}"


def points_m(face: Face, camera: CameraIntrinsics) -> NDArray[np.float64]:
    """The landmarks in metres in the camera's optical frame, float64 [478, 3].

    Each point's depth is the head's plus the mesh's own relief, brought to metres at that depth. The
    face must have a head pose.
    """
    if face.head_pose is None:
        return np.zeros((0, 3))
    depth = face.head_pose.position_m[2]
    z = depth + (face.landmarks[:, 2] - _relief_at_origin(face)) * depth / camera.fx
    x = (face.landmarks[:, 0] - 0.5 - camera.cx) / camera.fx * z
    y = (face.landmarks[:, 1] - 0.5 - camera.cy) / camera.fy * z
    return np.stack([x, y, z], axis=1)


def _relief_at_origin(face: Face) -> float:
    # 133 and 362 are the inner corners of the eyes, beside the head frame's origin.
    return float(face.landmarks[[133, 362], 2].mean())


def _marker(found: FaceSet | BodySet, one: Face | Body, namespace: str, kind: int) -> Marker:
    red, green, blue = COLOURS[one.track_id % len(COLOURS)]
    marker = Marker(
        header=header(found.stamp_ns, found.frame_id),
        ns=namespace,
        id=one.track_id % 2**31,
        type=kind,
        action=Marker.ADD,
        color=ColorRGBA(r=red, g=green, b=blue, a=1.0),
        lifetime=MARKER_LIFETIME,
    )
    marker.pose.orientation.w = 1.0
    return marker


def faces_to_markers(faces: FaceSet, camera: CameraIntrinsics) -> MarkerArray:
    """Contours (a line list) and the id (a text) of each face that has a head pose."""
    markers = []
    for face in faces.faces:
        if face.head_pose is None:
            continue
        points = points_m(face, camera)
        contours = _marker(faces, face, "contours", Marker.LINE_LIST)
        contours.scale.x = CONTOUR_WIDTH_M
        for indices in CONTOURS.values():
            for start, end in zip(indices, np.roll(indices, -1), strict=True):
                for index in (start, end):
                    x, y, z = points[index]
                    contours.points.append(Point(x=float(x), y=float(y), z=float(z)))
        label = _marker(faces, face, "id", Marker.TEXT_VIEW_FACING)
        x, y, z = face.head_pose.position_m
        label.pose.position = Point(x=float(x), y=float(y) - TEXT_ABOVE_M, z=float(z))
        label.scale.z = TEXT_HEIGHT_M
        label.text = f"#{face.track_id}"
        markers += [contours, label]
    return MarkerArray(markers=markers)


def bodies_to_markers(bodies: BodySet, camera: CameraIntrinsics) -> MarkerArray:
    """Skeleton (a line list), points (a sphere list) and id (a text) of each body with points in metres."""
    markers = []
    for body in bodies.bodies:
        places = body_points_m(body, camera)
        if places is None:
            continue
        points = [Point(x=float(x), y=float(y), z=float(z)) for x, y, z in places]
        is_shown = body.visibility >= BODY_POINT_SHOWN
        skeleton = _marker(bodies, body, "skeleton", Marker.LINE_LIST)
        skeleton.scale.x = BONE_WIDTH_M
        for start, end in BONES:
            if is_shown[start] and is_shown[end]:
                skeleton.points += [points[start], points[end]]
        spheres = _marker(bodies, body, "points", Marker.SPHERE_LIST)
        spheres.scale.x = spheres.scale.y = spheres.scale.z = POINT_SIZE_M
        spheres.points = [point for point, shown in zip(points, is_shown, strict=True) if shown]
        label = _marker(bodies, body, "id", Marker.TEXT_VIEW_FACING)
        head = points[0]
        label.pose.position = Point(x=head.x, y=head.y - ABOVE_HEAD_M, z=head.z)
        label.scale.z = TEXT_HEIGHT_M
        label.text = f"#{body.track_id}"
        markers += [skeleton, spheres, label]
    return MarkerArray(markers=markers)


def faces_to_transforms(faces: FaceSet) -> TFMessage:
    """`face_<id>` in the camera's optical frame, for each face that has a head pose."""
    transforms = []
    for face in faces.faces:
        if face.head_pose is None:
            continue
        x, y, z = map(float, face.head_pose.position_m)
        qx, qy, qz, qw = map(float, face.head_pose.quaternion)
        transforms.append(
            TransformStamped(
                header=header(faces.stamp_ns, faces.frame_id),
                child_frame_id=face_frame(face.track_id),
                transform=Transform(
                    translation=Vector3(x=x, y=y, z=z), rotation=Quaternion(x=qx, y=qy, z=qz, w=qw)
                ),
            )
        )
    return TFMessage(transforms=transforms)


def gesture_to_message(gesture: HeadGesture, frame_id: str) -> Gesture:
    """A gesture with the header of the frame in which it was recognised."""
    return Gesture(
        header=header(gesture.stamp_ns, frame_id),
        face_id=gesture.track_id,
        kind=int(gesture.kind),
        confidence=gesture.confidence,
    )
