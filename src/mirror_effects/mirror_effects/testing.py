"""Fakes for tests of effects, shipped so that plugins can use them too: people with known landmarks.

- `wearer`: the mean head before the camera, turned, with an open mouth, in any place.
- `room`, `painted`: a picture with such people, whose skin, brows, eyes, lips and mouth have known colours.
- `portrait_of`: a stored face cut out of such a picture.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.faces import Face, Roi
from mirror_core.frame import Image
from mirror_gallery.portrait import FaceView, Portrait
from mirror_tracking.head_pose import mean_face
from mirror_tracking.topology import (
    FACE_OVAL,
    INNER_LIPS,
    LEFT_BROW,
    LEFT_EYE,
    OUTER_LIPS,
    RIGHT_BROW,
    RIGHT_EYE,
)

__all__ = ["EYE_COLOUR", "MOUTH_COLOUR", "SKIN_COLOUR", "filled", "painted", "portrait_of", "room", "wearer"]

SKIN_COLOUR = (130, 160, 205)
"""Blue, green, red."""
EYE_COLOUR = (225, 225, 225)
MOUTH_COLOUR = (35, 20, 60)
LIP_COLOUR = (95, 90, 185)
BROW_COLOUR = (40, 50, 65)
CHEEK_SPOT = 205  # point about which the right cheek gets a mole
LOWER_LIP = np.array([95, 88, 178, 87, 14, 317, 402, 318, 324])
BELOW_THE_MOUTH = np.array(
    [17, 84, 181, 91, 146, 314, 405, 321, 375, 18, 83, 182, 313, 406, 200, 199, 175, 152]
)
SUBPIXEL_BITS = 4


def wearer(
    centre: tuple[float, float] = (320.0, 240.0),
    height: float = 240.0,
    *,
    yaw: float = 0.0,
    mouth: float = 0.0,
    track_id: int = 1,
) -> Face:
    """The mean head before the camera.

    Args:
        centre: of the face's outline in pixels.
        height: of its outline in pixels.
        yaw: radians, positive to the person's left.
        mouth: by how many pixels the lower lip and the chin go down.
        track_id: of the face.
    """
    head = mean_face().astype(np.float64)
    points = np.stack([head[:, 1], -head[:, 2], -head[:, 0]], axis=1)
    turn = np.array([[np.cos(yaw), 0, -np.sin(yaw)], [0, 1, 0], [np.sin(yaw), 0, np.cos(yaw)]])
    points = points @ turn.T
    points *= height / np.ptp(points[FACE_OVAL, 1])
    middle = (points[FACE_OVAL, :2].max(axis=0) + points[FACE_OVAL, :2].min(axis=0)) / 2
    points[:, :2] += np.asarray(centre) - middle
    points[np.concatenate([LOWER_LIP, BELOW_THE_MOUTH]), 1] += mouth
    return Face(track_id, 0.9, Roi.around(points), points.astype(np.float32))


def room(level: int = 120, size: tuple[int, int] = (640, 480)) -> Image:
    """An empty grey picture, uint8 [height, width, 3], of `size` (width, height)."""
    return np.full((size[1], size[0], 3), level, np.uint8)


def painted(
    image: Image,
    faces: Sequence[Face],
    *,
    skin: tuple[int, int, int] = SKIN_COLOUR,
    light: float = 1.0,
    sideways: float = 0.0,
) -> Image:
    """The picture with people in it, the last on top; light and all are the same every time.

    Args:
        image: uint8 [h, w, 3]; not changed.
        faces: where they are.
        skin: blue, green, red.
        light: factor of the brightness of everything.
        sideways: how much brighter the picture's right edge is than its left one, as a share.
    """
    picture = image.copy()
    for face in faces:
        _paint(picture, face, skin)
    slope = 1 + sideways * np.linspace(-0.5, 0.5, image.shape[1])[None, :, None]
    return np.asarray(np.clip(picture * (light * slope), 0, 255), np.uint8)


def _paint(picture: Image, face: Face, skin: tuple[int, int, int]) -> None:
    points = face.landmarks
    hull = cv2.convexHull(np.ascontiguousarray(points[:468, :2]))[:, 0]
    parts: list[tuple[NDArray[np.float32], tuple[int, int, int]]] = [(np.asarray(hull, np.float32), skin)]
    parts += [(points[loop, :2], BROW_COLOUR) for loop in (RIGHT_BROW, LEFT_BROW)]
    parts += [(points[loop, :2], EYE_COLOUR) for loop in (RIGHT_EYE, LEFT_EYE)]
    parts += [(points[OUTER_LIPS, :2], LIP_COLOUR), (points[INNER_LIPS, :2], MOUTH_COLOUR)]
    for outline, colour in parts:
        fixed = np.rint((outline - 0.5) * (1 << SUBPIXEL_BITS)).astype(np.int32)
        cv2.fillPoly(picture, [fixed], colour, cv2.LINE_AA, SUBPIXEL_BITS)
    x, y = points[CHEEK_SPOT, :2]
    radius = max(2, round(0.02 * face.roi.height))
    cv2.circle(picture, (round(float(x)), round(float(y))), radius, BROW_COLOUR, -1, cv2.LINE_AA)


def filled(face: Face, loop: NDArray[np.int32], shape: tuple[int, ...] = (480, 640)) -> NDArray[np.bool_]:
    """Where a closed outline of points encloses the picture [rows, columns, …]: bool [rows, columns]."""
    plane = np.zeros(shape[:2], np.uint8)
    cv2.fillPoly(plane, [np.rint(face.landmarks[loop, :2]).astype(np.int32)], (1,))
    return plane > 0


def portrait_of(image: Image, *faces: Face, name: str = "Ada", margin: int = 20) -> Portrait:
    """A stored face with a view for each of these faces in a picture (the same person at several turns).

    Args:
        image: uint8 [h, w, 3].
        faces: the frontal one first; of each its landmarks and its part of the picture are taken.
        name: of the portrait; its id is the name in small letters.
        margin: pixels around the face.
    """
    views = []
    for face in faces:
        roi = face.roi
        x0, y0 = max(0, int(roi.x) - margin), max(0, int(roi.y) - margin)
        x1, y1 = int(roi.x + roi.width) + margin, int(roi.y + roi.height) + margin
        part = np.ascontiguousarray(image[y0:y1, x0:x1])
        landmarks = face.landmarks - np.array([x0, y0, 0], np.float32)
        opacity = np.zeros(part.shape[:2], np.uint8)
        hull = cv2.convexHull(np.ascontiguousarray(landmarks[:468, :2]))
        cv2.fillPoly(opacity, [np.rint(hull).astype(np.int32)], (255,))
        views.append(FaceView(part, opacity, landmarks))
    return Portrait(name.lower(), name, tuple(views))
