"""Which face the robot attends to: the nearest, and not another at every step."""

from __future__ import annotations

import math

from mirror_core.faces import Face, FaceSet

__all__ = ["NearestPerson", "distance_m"]

MUCH_NEARER = 0.8  # share of the attended person's distance within which another one takes over


def distance_m(face: Face) -> float:
    """Metres from the camera to the middle between the eyes; infinite where the head's pose is unknown."""
    return math.inf if face.head_pose is None else math.hypot(*face.head_pose.position_m)


class NearestPerson:
    """Keeps to one person until they go or somebody stands much nearer."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self.track_id: int | None = None

    def choose(self, faces: FaceSet) -> Face | None:
        """The face to attend to; None where there is none.

        Where no head has a pose, the largest face, which comes first, counts as the nearest.
        """
        if not faces.faces:
            self.track_id = None
            return None
        nearest = min(faces.faces, key=distance_m)  # the first of equals
        attended = next((face for face in faces.faces if face.track_id == self.track_id), None)
        if attended is None or distance_m(nearest) < MUCH_NEARER * distance_m(attended):
            attended = nearest
        self.track_id = attended.track_id
        return attended
