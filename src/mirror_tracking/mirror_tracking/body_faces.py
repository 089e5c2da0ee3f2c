"""Which face belongs to which body: the one that is where the body's head is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mirror_core.bodies import Body, BodySet
from mirror_core.body_points import BodyPoint
from mirror_core.faces import FaceSet
from mirror_tracking.association import assign

__all__ = ["with_faces"]

FACE_GATE = 0.5  # face heights that a face's middle may be away from a body's nose


def with_faces(bodies: BodySet, faces: FaceSet) -> BodySet:
    """The bodies with the ids of their faces.

    Args:
        bodies: of a frame.
        faces: of the same frame, or of one shortly before.

    Returns:
        The same bodies; `face_id` is None where no face is at the head, and each face is given once.
    """
    costs = np.full((len(bodies.bodies), len(faces.faces)), np.inf)
    for i, body in enumerate(bodies.bodies):
        nose = body.landmarks[BodyPoint.NOSE, :2]
        for j, face in enumerate(faces.faces):
            distance = float(np.linalg.norm(nose - face.roi.centre)) / max(face.roi.height, 1.0)
            if distance < FACE_GATE:
                costs[i, j] = distance
    owner = {i: faces.faces[j].track_id for i, j in assign(costs)}
    return replace(
        bodies, bodies=tuple(_with_face(body, owner.get(i)) for i, body in enumerate(bodies.bodies))
    )


def _with_face(body: Body, face_id: int | None) -> Body:
    return body if body.face_id == face_id else replace(body, face_id=face_id)
