"""Reads the moods of the demo reel's people for the documentation's pictures, with the shipped network."""

from __future__ import annotations

from collections.abc import Callable

from mirror_core.faces import FaceSet
from mirror_core.frame import Frame
from mirror_core.moods import Mood, MoodSet
from mirror_display.mood_rings import MoodRings
from mirror_mood.classifier import MoodClassifier

__all__ = ["mood_reader"]


def mood_reader(rings: MoodRings, clock: Callable[[], float]) -> Callable[[Frame, FaceSet], None]:
    """What tells a window where the faces are and which moods one frame alone shows.

    Args:
        rings: of the window.
        clock: the window's, in seconds.

    Raises:
        ModelError: where the network is missing or damaged.
    """
    classifier = MoodClassifier()

    def read(frame: Frame, faces: FaceSet) -> None:
        moods = tuple(
            Mood(face.track_id, classifier.read(frame.image, face.landmarks), source="appearance")
            for face in faces.faces
        )
        rings.tell(MoodSet(frame.stamp_ns, frame.frame_id, moods), clock())
        rings.see(faces, clock())

    return read
