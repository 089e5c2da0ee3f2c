"""The classifier answers with calibrated probabilities, and says in a sentence what is wrong with a model."""

from __future__ import annotations

import json
import shutil
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from mirror_core.errors import ModelError
from mirror_core.moods import MOOD_COUNT, MoodLabel
from mirror_mood.classifier import Card, MoodClassifier, card_file, softmax
from mirror_mood.face_input import LAYOUT, SIDE, STEADY_POINTS

WORDS = tuple(label.word for label in MoodLabel)
SHIPPED = Path(str(resources.files("mirror_mood") / "data" / "mood.tflite"))


@pytest.fixture(scope="module")
def classifier() -> MoodClassifier:
    pytest.importorskip("ai_edge_litert", reason="ai-edge-litert is not installed")
    return MoodClassifier()


def pictures(count: int) -> np.ndarray:
    return np.random.default_rng(2).integers(0, 256, (count, SIDE, SIDE)).astype(np.uint8)


def test_probabilities_sum_to_one_and_follow_the_temperature(classifier):
    logits = classifier.logits(pictures(3))
    probability = classifier.probabilities(pictures(3))
    assert probability.shape == (3, MOOD_COUNT)
    assert probability.dtype == np.float32
    assert np.allclose(probability.sum(1), 1, atol=1e-5)
    assert np.allclose(probability, softmax(logits / classifier.card.temperature), atol=1e-6)


def test_brightness_does_not_change_the_answer(classifier):
    dark = pictures(1) // 4 + 20
    assert np.allclose(classifier.logits(dark), classifier.logits(dark * 2), atol=1e-3)


def test_a_face_in_a_picture_is_read_as_its_cut_out_picture(classifier):
    face = pictures(1)[0]
    points = np.zeros((468, 2), np.float32)
    points[list(STEADY_POINTS)] = list(LAYOUT.values())
    read = classifier.read(np.repeat(face[..., None], 3, axis=2), points)
    assert np.allclose(read, classifier.probabilities(face[None])[0], atol=1e-3)


def test_the_shipped_model_is_small(classifier):
    assert SHIPPED.stat().st_size <= 15e6


def test_missing_and_damaged_models_are_told_apart(tmp_path):
    pytest.importorskip("ai_edge_litert", reason="ai-edge-litert is not installed")
    with pytest.raises(ModelError, match="is missing"):
        MoodClassifier(tmp_path / "none.tflite")
    (tmp_path / "bad.tflite").write_bytes(b"nothing of use" * 100)
    with pytest.raises(ModelError, match="damaged"):
        MoodClassifier(tmp_path / "bad.tflite")


def test_a_model_of_another_kind_is_refused(tmp_path):
    pytest.importorskip("ai_edge_litert", reason="ai-edge-litert is not installed")
    other = tmp_path / "occlusion.tflite"
    shutil.copy(str(resources.files("mirror_effects") / "data" / "occlusion.tflite"), other)
    with pytest.raises(ModelError, match="no mood model"):
        MoodClassifier(other)


def test_a_model_needs_its_card(tmp_path):
    pytest.importorskip("ai_edge_litert", reason="ai-edge-litert is not installed")
    model = tmp_path / "copy.tflite"
    shutil.copy(SHIPPED, model)
    with pytest.raises(ModelError, match=r"copy\.json is missing"):
        MoodClassifier(model)
    Card(2.5, WORDS).write(model)
    assert MoodClassifier(model).card.temperature == 2.5


def test_a_card_is_read_as_it_was_written(tmp_path):
    Card(1.75, WORDS).write(tmp_path / "mood.tflite")
    assert Card.read(tmp_path / "mood.tflite") == Card(1.75, WORDS)


@pytest.mark.parametrize(
    "content",
    [
        "{",  # no JSON
        "[]",  # no card
        json.dumps({"labels": list(WORDS)}),  # no temperature
        json.dumps({"temperature": 0, "labels": list(WORDS)}),
        json.dumps({"temperature": float("nan"), "labels": list(WORDS)}),
        json.dumps({"temperature": 1.0, "labels": list(reversed(WORDS))}),  # another order
    ],
)
def test_a_damaged_card_is_refused(tmp_path, content):
    card_file(tmp_path / "mood.tflite").write_text(content)
    with pytest.raises(ModelError, match="no card of a mood model"):
        Card.read(tmp_path / "mood.tflite")
