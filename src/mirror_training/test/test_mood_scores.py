"""Accuracy, F1, calibration and temperature are what their definitions say, and are written as they are."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest

from mirror_mood.classifier import softmax
from mirror_mood.face_input import SIDE
from mirror_training.mood_data import VOTES, MoodData
from mirror_training.mood_report import evaluate, seen_in_training, write
from mirror_training.mood_scores import calibration, fit_temperature, scores


def certain(answers: list[int], classes: int = 3) -> np.ndarray:
    return np.eye(classes, dtype=np.float32)[answers]


def test_scores_of_a_known_confusion():
    labels = np.array([0, 0, 0, 1, 1, 2], np.uint8)
    found = scores(certain([0, 0, 1, 1, 0, 1]), labels)
    assert found.confusion.tolist() == [[2, 1, 0], [1, 1, 0], [0, 1, 0]]
    assert found.accuracy == pytest.approx(3 / 6)
    assert found.precision == pytest.approx([2 / 3, 1 / 3, 0])
    assert found.recall == pytest.approx([2 / 3, 1 / 2, 0])
    assert found.f1 == pytest.approx([2 / 3, 2 / 5, 0])
    assert found.macro_f1 == pytest.approx((2 / 3 + 2 / 5) / 3)


def test_a_class_without_pictures_does_not_count_in_the_mean():
    found = scores(certain([0, 1]), np.array([0, 1], np.uint8))
    assert found.macro_f1 == pytest.approx(1.0)


def test_nothing_cannot_be_judged():
    with pytest.raises(ValueError, match="n above 0"):
        scores(np.zeros((0, 7), np.float32), np.zeros(0, np.uint8))


def test_calibration_error_of_known_bins():
    probability = np.array([[0.8, 0.2], [0.8, 0.2], [0.6, 0.4], [0.4, 0.6]], np.float32)
    found = calibration(probability, np.array([0, 1, 0, 1], np.uint8), bins=5)
    # certain at 0.8: one of two right; certain at 0.6: two of two right
    assert found.counts.tolist() == [0, 0, 0, 2, 2]
    assert found.error == pytest.approx((2 * 0.3 + 2 * 0.4) / 4, abs=1e-6)


def test_complete_certainty_falls_into_the_last_bin():
    found = calibration(certain([0, 1]), np.array([0, 1], np.uint8), bins=4)
    assert found.counts.tolist() == [0, 0, 0, 2]
    assert found.error == 0


@pytest.mark.parametrize("temperature", [0.4, 1.0, 3.0])
def test_the_temperature_is_found_by_which_logits_were_multiplied(temperature):
    rng = np.random.default_rng(4)
    honest = rng.standard_normal((20_000, 7)).astype(np.float32) * 1.5
    drawn = (rng.random((20_000, 1)) < softmax(honest).cumsum(1)).argmax(1).astype(np.uint8)
    assert fit_temperature(honest * temperature, drawn) == pytest.approx(temperature, rel=0.03)


def faces(count: int) -> MoodData:
    rng = np.random.default_rng(5)
    images = rng.integers(0, 256, (count, SIDE, SIDE)).astype(np.uint8)
    return MoodData(images, (np.arange(count) % 7).astype(np.uint8), np.zeros((count, len(VOTES)), np.uint8))


def test_pictures_known_from_training_are_counted_apart():
    data = faces(14)
    logits = 9 * np.eye(7, dtype=np.float32)[data.labels]
    logits[7:] = np.roll(logits[7:], 1, axis=1)  # the second half is wrong
    training = data.images[7:]
    assert seen_in_training(data.images, training).tolist() == [False] * 7 + [True] * 7
    found = evaluate(logits, data, 2.0, training)
    assert found.scores.accuracy == pytest.approx(0.5)
    assert found.unseen is not None
    assert found.unseen.accuracy == pytest.approx(1.0)
    assert found.unseen_count == 7
    assert found.before.error > found.after.error > 0.2


def test_without_training_pictures_nothing_is_said_of_them():
    data = faces(7)
    found = evaluate(np.eye(7, dtype=np.float32), data, 1.0)
    assert found.unseen is None
    assert found.as_json()["accuracy_not_in_training"] is None


def test_a_report_is_written(tmp_path):
    data = faces(70)
    found = evaluate(3 * np.eye(7, dtype=np.float32)[data.labels], data, 1.5)
    files = write(found, tmp_path / "report", "public")
    assert [file.name for file in files] == ["public.json", "public_confusion.png", "public_calibration.png"]
    content = json.loads(files[0].read_text())
    assert content["accuracy"] == 1.0
    assert content["classes"]["fear"] == {"pictures": 10, "precision": 1.0, "recall": 1.0, "f1": 1.0}
    matrix = cv2.imread(str(files[1]))
    cells = [matrix[74 + 76 * row + 8, 110 + 76 * row + 8] for row in range(7)]
    assert all(cell[0] > cell[2] + 80 for cell in cells)  # the diagonal is blue
    assert matrix[74 + 8, 110 + 76 + 8].tolist() == [255, 255, 255]  # and nothing beside it
    assert cv2.imread(str(files[2])).shape == (530, 530, 3)
