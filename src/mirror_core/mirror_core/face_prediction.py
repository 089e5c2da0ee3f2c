"""Where faces should be in the next frame: they go on as they went from the last but one to the last."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mirror_core.faces import Face, FaceSet, Roi

__all__ = ["predicted_faces"]

LONGEST_S = 0.1  # further ahead a face may be anywhere


def predicted_faces(earlier: FaceSet | None, latest: FaceSet | None, stamp_ns: int) -> tuple[Face, ...]:
    """The faces of `latest`, moved to where they should be at `stamp_ns`.

    Args:
        earlier: the faces one frame before, for their speed; None: they stand still.
        latest: the newest faces known.
        stamp_ns: of the frame to predict, nanoseconds.

    Returns:
        The moved faces; none where `latest` is missing, not earlier than `stamp_ns`, or too old.
    """
    if latest is None or not 0 < stamp_ns - latest.stamp_ns <= LONGEST_S * 1e9:
        return ()
    step_ns = latest.stamp_ns - earlier.stamp_ns if earlier is not None else 0
    if earlier is None or not 0 < step_ns <= LONGEST_S * 1e9 or earlier.image_size != latest.image_size:
        return latest.faces
    before = {face.track_id: face.roi.centre for face in earlier.faces}
    share = (stamp_ns - latest.stamp_ns) / step_ns
    return tuple(
        _moved(face, before[face.track_id], share) if face.track_id in before else face
        for face in latest.faces
    )


def _moved(face: Face, centre_before: tuple[float, float], share: float) -> Face:
    x, y = face.roi.centre
    dx, dy = share * (x - centre_before[0]), share * (y - centre_before[1])
    landmarks = face.landmarks + np.array([dx, dy, 0.0], np.float32)
    roi = Roi(face.roi.x + dx, face.roi.y + dy, face.roi.width, face.roi.height)
    return replace(face, landmarks=landmarks, roi=roi)
