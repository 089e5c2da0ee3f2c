"""The demo reel's person for measurements at 1280 × 720: once, or several times side by side."""

from __future__ import annotations

import numpy as np

from mirror_camera.reel import Reel
from mirror_core.faces import Face
from mirror_core.frame import Frame, Image
from mirror_tracking.tracker import FaceTracker

__all__ = ["FRAME_NS", "TRACKING_FRAMES", "demo_people"]

MOMENT_S = 1.0  # of the reel: one person, looking at the mirror
TRACKING_FRAMES = 20
FRAME_NS = 16_666_667


def demo_people(count: int) -> tuple[Image, tuple[Face, ...]]:
    """A picture of so many people and their faces, as the tracker finds them in it.

    Args:
        count: 1 … 4.

    Returns:
        uint8 [720, 1280 or a little less, 3], BGR, and the faces, whose number may be another where the
        tracker does not find them all.
    """
    picture = _side_by_side(Reel().render(MOMENT_S), count)
    tracker = FaceTracker()
    try:
        for index in range(TRACKING_FRAMES):
            faces = tracker.update(Frame(picture, (index + 1) * FRAME_NS)).faces
    finally:
        tracker.close()
    return picture, faces


def _side_by_side(picture: Image, count: int) -> Image:
    """The strip with the person, so many times."""
    if count == 1:
        return picture
    width = picture.shape[1]
    strip = width // count
    left = (width - strip) // 2
    return np.tile(picture[:, left : left + strip], (1, count, 1))
