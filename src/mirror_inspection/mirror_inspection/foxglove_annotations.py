"""Faces and bodies as Foxglove's annotations of a picture.

Pixels stay as they are: both sides count them continuously from the picture's upper left corner.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from foxglove.messages import (
    Color,
    ImageAnnotations,
    Point2,
    PointsAnnotation,
    PointsAnnotationType,
    TextAnnotation,
    Timestamp,
)
from numpy.typing import NDArray

from mirror_core.bodies import Body, BodySet
from mirror_core.body_points import BONES
from mirror_core.faces import Face, FaceSet, Roi
from mirror_inspection.foxglove_messages import timestamp
from mirror_tracking.topology import CONTOURS

__all__ = ["BODY_POINT_SHOWN", "COLOURS", "body_annotations", "face_annotations"]

COLOURS: Final = ((0.24, 0.78, 0.9), (0.47, 0.82, 0.35), (0.98, 0.63, 0.31), (0.9, 0.47, 0.78))  # as in rviz
POINT_PX, LINE_PX, BOX_PX, TEXT_PX = 2.0, 1.5, 2.0, 18.0
BODY_POINT_SHOWN = 0.3  # visibility from which on a point is shown, as in rviz
TEXT_BACKGROUND = (0.0, 0.0, 0.0, 0.55)  # red, green, blue, opacity


def _colour(track_id: int) -> Color:
    red, green, blue = COLOURS[track_id % len(COLOURS)]
    return Color(r=red, g=green, b=blue, a=1.0)


def _points(places: NDArray[np.floating[Any]]) -> list[Point2]:
    return [Point2(x=x, y=y) for x, y in places[:, :2].tolist()]


def _box(roi: Roi, stamp: Timestamp, colour: Color) -> PointsAnnotation:
    right, bottom = roi.x + roi.width, roi.y + roi.height
    corners = ((roi.x, roi.y), (right, roi.y), (right, bottom), (roi.x, bottom))
    return PointsAnnotation(
        timestamp=stamp,
        type=PointsAnnotationType.LineLoop,
        points=[Point2(x=x, y=y) for x, y in corners],
        outline_color=colour,
        thickness=BOX_PX,
    )


def _label(text: str, roi: Roi, stamp: Timestamp, colour: Color) -> TextAnnotation:
    red, green, blue, opacity = TEXT_BACKGROUND
    return TextAnnotation(
        timestamp=stamp,
        position=Point2(x=roi.x, y=roi.y),
        text=text,
        font_size=TEXT_PX,
        text_color=colour,
        background_color=Color(r=red, g=green, b=blue, a=opacity),
    )


def _contours(face: Face, stamp: Timestamp, colour: Color) -> list[PointsAnnotation]:
    return [
        PointsAnnotation(
            timestamp=stamp,
            type=PointsAnnotationType.LineLoop,
            points=_points(face.landmarks[list(indices)]),
            outline_color=colour,
            thickness=LINE_PX,
        )
        for indices in CONTOURS.values()
    ]


def face_annotations(faces: FaceSet) -> ImageAnnotations:
    """Of each face: all 478 points, the contours, the box and "face <id>", in the camera's pixels.

    The points come first, then the box, then the contours; so for the next face.
    """
    stamp = timestamp(faces.stamp_ns)
    points: list[PointsAnnotation] = []
    texts = []
    for face in faces.faces:
        colour = _colour(face.track_id)
        points.append(
            PointsAnnotation(
                timestamp=stamp,
                type=PointsAnnotationType.Points,
                points=_points(face.landmarks),
                outline_color=colour,
                fill_color=colour,
                thickness=POINT_PX,
            )
        )
        points.append(_box(face.roi, stamp, colour))
        points += _contours(face, stamp, colour)
        texts.append(_label(f"face {face.track_id}", face.roi, stamp, colour))
    return ImageAnnotations(timestamp=stamp, points=points, texts=texts)


def _skeleton(body: Body, stamp: Timestamp, colour: Color) -> PointsAnnotation:
    is_shown = body.visibility >= BODY_POINT_SHOWN
    ends = [end for bone in BONES if is_shown[list(bone)].all() for end in bone]
    return PointsAnnotation(
        timestamp=stamp,
        type=PointsAnnotationType.LineList,
        points=_points(body.landmarks[ends]) if ends else [],
        outline_color=colour,
        thickness=BOX_PX,
    )


def body_annotations(bodies: BodySet) -> ImageAnnotations:
    """Of each body: the bones whose ends are seen, the box and "body <id>", in the camera's pixels."""
    stamp = timestamp(bodies.stamp_ns)
    points: list[PointsAnnotation] = []
    texts = []
    for body in bodies.bodies:
        colour = _colour(body.track_id)
        points += [_skeleton(body, stamp, colour), _box(body.roi, stamp, colour)]
        texts.append(_label(f"body {body.track_id}", body.roi, stamp, colour))
    return ImageAnnotations(timestamp=stamp, points=points, texts=texts)
