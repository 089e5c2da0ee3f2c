"""The order of the moods is the message's, and it never changes."""

from __future__ import annotations

import pytest

from mirror_mood.labels import COUNT, MoodLabel


def test_order_of_the_labels():
    words = [label.word for label in MoodLabel]
    assert words == ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]
    assert [int(label) for label in MoodLabel] == list(range(7))


def test_the_labels_are_the_messages():
    message = pytest.importorskip("mirror_msgs.msg", reason="the messages are not built").Mood
    assert message.COUNT == COUNT
    for label in MoodLabel:
        assert getattr(message, label.name) == label
    assert len(message().probabilities) == COUNT
