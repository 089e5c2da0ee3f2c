"""What reading a mood costs: the network alone, and all of it, for one face at 1280 × 720."""

from __future__ import annotations

from mirror.bench.timing import median_ms
from mirror_camera.reel import Reel
from mirror_core.faces import FaceSet
from mirror_core.frame import Frame
from mirror_mood.classifier import MoodClassifier
from mirror_mood.reader import MoodReader
from mirror_tracking.tracker import FaceTracker

__all__ = ["measure_mood_reading"]

MOMENT_S = 1.0  # of the reel: one person, looking at the mirror
TRACKING_FRAMES = 20
FEWEST = 20  # readings
FRAME_NS = 16_666_667
READING_NS = 100_000_000  # the mood node reads ten times a second


def measure_mood_reading(seconds: float) -> dict[str, float]:
    """Measure for about `seconds`; one thread.

    Returns:
        Medians in milliseconds for one face: `mood_network_ms`, cutting the face out and what the network
        takes, and `mood_reading_ms`, both judges, baseline, fusion and smoothing.
    """
    picture = Reel().render(MOMENT_S)
    tracker = FaceTracker()
    for index in range(TRACKING_FRAMES):
        found = tracker.update(Frame(picture, (index + 1) * FRAME_NS))
    tracker.close()
    if len(found.faces) != 1:
        return {}
    classifier, reader = MoodClassifier(), MoodReader()
    stamp_ns = 0

    def read() -> None:
        nonlocal stamp_ns
        stamp_ns += READING_NS
        reader.read(picture, FaceSet(stamp_ns, found.frame_id, found.image_size, found.faces))

    return {
        "mood_network_ms": median_ms(
            lambda: classifier.read(picture, found.faces[0].landmarks), seconds / 2, FEWEST
        ),
        "mood_reading_ms": median_ms(read, seconds / 2, FEWEST),
    }
