"""Moods: their order is the message's and never changes; what is no distribution is refused."""

from __future__ import annotations

import numpy as np
import pytest

from mirror_core.errors import ShapeError
from mirror_core.moods import MOOD_COUNT, Mood, MoodLabel, MoodSet


def probabilities(**shares: float) -> np.ndarray:
    """The shares given by name, all others 0."""
    values = np.zeros(MOOD_COUNT, np.float32)
    for name, share in shares.items():
        values[MoodLabel[name.upper()]] = share
    return values


def test_order_of_the_labels() -> None:
    words = [label.word for label in MoodLabel]
    assert words == ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]
    assert [int(label) for label in MoodLabel] == list(range(7))


def test_the_labels_are_the_messages() -> None:
    message = pytest.importorskip("mirror_msgs.msg", reason="the messages are not built").Mood
    assert message.COUNT == MOOD_COUNT
    for label in MoodLabel:
        assert getattr(message, label.name) == label
    assert len(message().probabilities) == MOOD_COUNT


def test_the_dominant_mood_is_the_most_probable() -> None:
    mood = Mood(1, probabilities(sad=0.5, happy=0.3, neutral=0.2))
    assert mood.dominant is MoodLabel.SAD
    assert mood.confidence == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"probabilities": np.full(6, 1 / 6, np.float32)}, r"float32 \[7\]"),
        ({"probabilities": np.full(7, 1 / 7)}, "float64"),
        ({"probabilities": probabilities(happy=0.7)}, "sum 1"),
        ({"probabilities": probabilities(happy=1.5, sad=-0.5)}, "0 or more"),
        ({"probabilities": np.full(7, np.nan, np.float32)}, "sum 1"),
        ({"valence": 1.01}, "valence"),
        ({"arousal": float("nan")}, "arousal"),
        ({"source": "guess"}, "appearance, shape, fused"),
        ({"track_id": -1}, "track_id"),
    ],
)
def test_what_is_no_mood_is_refused(change: dict[str, object], words: str) -> None:
    fields = {"track_id": 1, "probabilities": probabilities(neutral=1.0), **change}
    with pytest.raises(ShapeError, match=words):
        Mood(**fields)  # type: ignore[arg-type]


def test_two_moods_of_one_face_are_refused() -> None:
    mood = Mood(3, probabilities(neutral=1.0))
    with pytest.raises(ShapeError, match="different track ids"):
        MoodSet(1, "camera_optical", (mood, mood))
