"""Fakes for tests, shipped so that other packages can use them too: heads that turn, and pictures of them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.faces import Face, HeadPose, Roi
from mirror_core.frame import Image
from mirror_core.geometry import quaternion_from_matrix
from mirror_tracking.head_pose import mean_face
from mirror_tracking.topology import FACE_OVAL

__all__ = ["face_picture", "posed_face", "rotation"]

GROUND = 90  # grey of what is behind the faces
GRAIN = 36.0  # standard deviation of the skin's texture in grey levels, which sharpness is measured by
GRAIN_SIZE = 0.012  # of its grains, as a share of a face's height


def rotation(yaw: float, pitch: float, roll: float) -> NDArray[np.float64]:
    """The axes of a head (forward, left, up) as columns, in a picture's (right, down, away); float64 [3, 3].

    Args:
        yaw, pitch, roll: degrees, as in `FaceView`.
    """
    yaw, pitch, roll = math.radians(yaw), math.radians(pitch), math.radians(roll)
    forward = np.array([math.sin(yaw) * math.cos(pitch), -math.sin(pitch), -math.cos(yaw) * math.cos(pitch)])
    level = np.cross([0.0, -1.0, 0.0], forward)
    level /= np.linalg.norm(level)
    up = math.cos(roll) * np.cross(forward, level) + math.sin(roll) * level
    return np.stack([forward, np.cross(up, forward), up], axis=1)


def posed_face(
    yaw: float = 0.0,
    pitch: float = 0.0,
    roll: float = 0.0,
    *,
    centre: tuple[float, float] = (320.0, 180.0),
    height: float = 180.0,
    track_id: int = 1,
) -> Face:
    """The mean head, turned, as the tracker would report it.

    Args:
        yaw, pitch, roll: degrees, as in `FaceView`; `head_angles` of its head pose gives them back.
        centre: of the head frame (between the eyes) in pixels.
        height: forehead to chin in pixels.
        track_id: id of the face.
    """
    axes = rotation(yaw, pitch, roll)
    head = mean_face().astype(np.float64)
    scale = height / float(np.linalg.norm(head[10] - head[152]))
    points = head @ axes.T * scale
    points[:, :2] += centre
    landmarks = points.astype(np.float32)
    pose = HeadPose(quaternion_from_matrix(axes), (0.0, 0.0, 0.6))
    return Face(track_id, 1.0, Roi.around(landmarks), landmarks, pose)


def face_picture(
    faces: Sequence[Face],
    *,
    size: tuple[int, int] = (640, 360),
    brightness: float = 150.0,
    right_brightness: float | None = None,
    blur_px: float = 0.0,
) -> Image:
    """A picture in which each face is a patch of grainy skin.

    Args:
        faces: from `posed_face`.
        size: (width, height) of the picture.
        brightness: mean grey of the skin.
        right_brightness: of the half on the picture's right, where it is another.
        blur_px: standard deviation of a blur over the picture.

    Returns:
        uint8 [height, width, 3], BGR.
    """
    width, height = size
    picture = np.full((height, width), float(GROUND), np.float32)
    for face in faces:
        tall = float(np.linalg.norm(face.landmarks[10] - face.landmarks[152]))
        noise = np.random.default_rng(7).standard_normal((height, width)).astype(np.float32)
        grain = cv2.GaussianBlur(noise, (0, 0), max(GRAIN_SIZE * tall, 0.5))
        skin = brightness + grain * (GRAIN * min(1.0, brightness / 100.0) / float(grain.std()))
        if right_brightness is not None:
            middle = max(0, min(width, round(float(face.landmarks[1, 0]))))
            skin[:, middle:] += right_brightness - brightness
        inside = np.zeros((height, width), np.uint8)
        cv2.fillPoly(inside, [np.rint(face.landmarks[FACE_OVAL, :2]).astype(np.int32)], (1,))
        picture = np.where(inside > 0, skin, picture)
    if blur_px > 0:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), blur_px), np.float32)
    grey = np.clip(np.rint(picture), 0, 255).astype(np.uint8)
    return np.ascontiguousarray(np.repeat(grey[..., None], 3, axis=2))
