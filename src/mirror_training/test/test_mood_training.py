"""Targets, augmentation, schedule and checkpoints; where Keras is installed, a training of toy faces."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from mirror_core.errors import UsageError
from mirror_mood.classifier import MoodClassifier
from mirror_mood.face_input import SIDE, normalised
from mirror_training import mood_checkpoint
from mirror_training.mood import CHECKPOINT, EVENTS, logits_of, train
from mirror_training.mood_augment import Augmentation, augmented
from mirror_training.mood_batches import Batches
from mirror_training.mood_data import VOTES, MoodData
from mirror_training.mood_recipe import Recipe
from mirror_training.mood_run import compare, run
from mirror_training.mood_targets import VoteTranslation, soft_targets

has_keras = all(importlib.util.find_spec(name) for name in ("keras", "tensorflow"))
needs_keras = pytest.mark.skipif(
    not has_keras, reason="Keras and TensorFlow (requirements/train.txt) are missing"
)
STILL = Augmentation(0, 0, 0, 0, 0, 0, 0, 0)


def faces(count: int, seed: int = 0) -> MoodData:
    """Toy faces: the class says at which of seven heights a bright bar lies."""
    rng = np.random.default_rng(seed)
    labels = (np.arange(count) % 7).astype(np.uint8)
    images = rng.integers(60, 110, (count, SIDE, SIDE))
    for image, label in zip(images, labels, strict=True):
        image[6 * label + 2 : 6 * label + 6, 8:40] += 120
    return MoodData(images.astype(np.uint8), labels, np.zeros((count, len(VOTES)), np.uint8))


def test_votes_are_translated_into_the_habits_of_the_labels():
    # FER+'s surprise is FER2013's fear in nine of ten of these pictures; its happiness always is happy.
    votes = np.zeros((200, 10), np.uint8)
    votes[:100, VOTES.index("surprise")] = 10
    votes[100:, VOTES.index("happiness")] = 10
    labels = np.array([2] * 90 + [5] * 10 + [3] * 100, np.uint8)
    chance = VoteTranslation(votes, labels)(votes[[0, 150]])
    assert chance.sum(1) == pytest.approx([1, 1], abs=1e-5)
    assert chance[0, 2] == pytest.approx(0.9, abs=0.03)
    assert chance[0, 5] == pytest.approx(0.1, abs=0.03)
    assert chance[1, 3] > 0.97


def test_soft_targets_mix_label_and_votes_and_smooth_where_nobody_voted():
    data = faces(70)
    votes = data.votes.copy()
    votes[:35, 0] = 10  # neutral for half of them, whatever the label is
    target = soft_targets(replace(data, votes=votes), vote_share=0.5, smoothing=0.1)
    assert target.sum(1) == pytest.approx(np.ones(70), abs=1e-5)
    assert target[0, 0] == pytest.approx(0.5 + 0.5 / 7, abs=0.02)
    assert target[40, data.labels[40]] == pytest.approx(0.9 + 0.1 / 7)
    assert target[40, (data.labels[40] + 1) % 7] == pytest.approx(0.1 / 7)


def test_without_changes_a_picture_is_itself_or_its_mirror_image():
    images = faces(8).images
    found = augmented(images, np.random.default_rng(1), SIDE, STILL)
    plain, mirrored = normalised(images), normalised(images[:, :, ::-1])
    kinds = [
        "plain" if np.allclose(a, b, atol=0.05) else "mirrored" if np.allclose(a, c, atol=0.05) else "other"
        for a, b, c in zip(found, plain, mirrored, strict=True)
    ]
    assert set(kinds) == {"plain", "mirrored"}


def test_a_crop_is_a_part_at_the_same_size():
    image = cv2.GaussianBlur(faces(1).images[0], (0, 0), 1.0)
    rng = np.random.default_rng(2)
    found = augmented(image[None], rng, 40, STILL)[0, :, :, 0]
    best = max(
        float(np.corrcoef(found.ravel(), part[top : top + 40, left : left + 40].ravel())[0, 1])
        for part in (image, image[:, ::-1])
        for top in range(9)
        for left in range(9)
    )
    assert best > 0.98


def test_augmentation_follows_its_seed_and_keeps_what_the_network_expects():
    images = faces(30).images
    one, two, other = (augmented(images, np.random.default_rng(s), SIDE, Augmentation()) for s in (3, 3, 4))
    assert np.array_equal(one, two)
    assert not np.array_equal(one, other)
    assert one.dtype == np.float32
    assert one.shape == (30, SIDE, SIDE, 1)
    assert np.isfinite(one).all()
    assert np.abs(one.mean()) < 0.2
    assert 0.8 < one.std() < 1.1


def test_the_rate_rises_shortly_and_falls_to_nearly_nothing():
    recipe = Recipe(learning_rate=1.0, warm_up=0.1)
    rates = [recipe.rate(point / 100) for point in range(101)]
    assert rates[10] == max(rates) == pytest.approx(1.0)
    assert rates == sorted(rates[:11]) + sorted(rates[11:], reverse=True)
    assert rates[0] < 0.05
    assert rates[100] == pytest.approx(0.001)
    assert [recipe.side(point) for point in (0, 0.69, 0.71, 1)] == [40, 40, 48, 48]


def test_a_checkpoint_is_read_as_it_was_written_and_replaced_as_a_whole(tmp_path):
    arrays = [np.arange(6, dtype=np.float32).reshape(2, 3), np.float32(7)]
    state = mood_checkpoint.State(arrays, arrays[:1], [], {"epoch": 3, "history": [{"loss": 1.5}]})
    file = tmp_path / "folder" / "checkpoint.npz"
    for _ in range(2):
        mood_checkpoint.write(file, state)
    assert [path.name for path in file.parent.iterdir()] == ["checkpoint.npz"]
    found = mood_checkpoint.read(file)
    assert found.notes == state.notes
    assert len(found.weights) == 2
    assert np.array_equal(found.weights[0], arrays[0])
    assert np.array_equal(found.average[0], arrays[0])
    assert found.optimizer == []


def test_a_file_that_is_no_checkpoint_is_refused(tmp_path):
    (tmp_path / "x.npz").write_text("nothing")
    with pytest.raises(UsageError, match="no checkpoint"):
        mood_checkpoint.read(tmp_path / "x.npz")


def test_parity_counts_what_a_file_loses():
    labels = np.array([0, 1, 2, 3], np.uint8)
    ours = np.eye(7, dtype=np.float32)[labels]
    theirs = ours.copy()
    theirs[3] = np.eye(7)[4]
    found = compare(ours, theirs, labels)
    assert (found.keras, found.litert, found.agreement, found.farthest) == (1.0, 0.75, 0.75, 1.0)
    assert not found.holds
    assert compare(ours, ours + 0.1, labels).holds


def test_without_keras_training_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"requirements/train\.txt"):
        train(faces(20), tmp_path)


@pytest.mark.parametrize("side", [40, SIDE])
def test_batches_do_not_depend_on_who_makes_them(side):
    images = faces(50).images
    recipe = Recipe(batch=16)
    alone, shared = Batches(recipe, images), Batches(replace(recipe, workers=2), images)
    try:
        ours, theirs = list(alone.epoch(3, side)), list(shared.epoch(3, side))
    finally:
        shared.close()
    assert len(ours) == len(theirs) == 3
    for (rows, pictures), (their_rows, their_pictures) in zip(ours, theirs, strict=True):
        assert np.array_equal(rows, their_rows)
        assert np.array_equal(pictures, their_pictures)
        assert pictures.shape == (16, side, side, 1)
    assert len({int(row) for rows, _ in ours for row in rows}) == 48
    assert not np.array_equal(ours[0][0], next(iter(alone.epoch(4, side)))[0])


def found_size(file: Path) -> int:
    """Numbers in a saved network."""
    from mirror_training.mood_network import require_keras

    return require_keras().saving.load_model(file, compile=False).count_params()


SHORT = Recipe(epochs=2, batch=16, learning_rate=0.02, validation=0.1, precision="float32", whole_from=0.5)


@needs_keras
@pytest.mark.timeout(600)
def test_a_training_that_was_stopped_goes_on_where_it_was(tmp_path):
    data = faces(140)
    whole = train(data, tmp_path / "whole", SHORT)

    class Killed(BaseException):
        pass

    write, written = mood_checkpoint.write, []

    def write_once(file, state):
        write(file, state)
        written.append(file)
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mood_checkpoint, "write", write_once)
        with pytest.raises(Killed):
            train(data, tmp_path / "parts", SHORT)
    assert mood_checkpoint.read(tmp_path / "parts" / CHECKPOINT).notes["epoch"] == 1
    parts = train(data, tmp_path / "parts", SHORT)
    assert [line["epoch"] for line in parts.history] == [1, 2]
    assert [line["side"] for line in parts.history] == [40, 48]
    pictures = faces(14, seed=9).images
    assert np.allclose(logits_of(parts.model, pictures), logits_of(whole.model, pictures), atol=0.05)
    assert list((tmp_path / "whole" / EVENTS).iterdir())
    with pytest.raises(UsageError, match="another learning_rate, seed"):
        train(data, tmp_path / "parts", replace(SHORT, seed=1, learning_rate=1.0))


@needs_keras
@pytest.mark.timeout(900)
def test_toy_faces_are_learned_converted_and_reported(tmp_path):
    pytest.importorskip("ai_edge_litert", reason="ai-edge-litert is not installed")
    recipe = replace(SHORT, epochs=8, learning_rate=0.03, average_epochs=0.5)
    found = run(faces(350), {"public": faces(70, seed=1)}, tmp_path, recipe)
    assert found["public"].scores.accuracy > 0.9
    assert found["public"].unseen_count == 70
    names = {path.name for path in tmp_path.iterdir()}
    assert names >= {
        "mood.keras",
        "mood.tflite",
        "mood.json",
        "mood_int8.tflite",
        "summary.json",
        "public.json",
    }
    assert (tmp_path / "mood_int8.tflite").stat().st_size < 0.7 * (tmp_path / "mood.tflite").stat().st_size
    pupil = replace(SHORT, epochs=3, width=0.5, whole_from=0.9)
    taught = train(faces(350), tmp_path / "pupil", pupil, teachers=[tmp_path / "mood.keras"])
    assert taught.model.count_params() < 0.3 * found_size(tmp_path / "mood.keras")
    assert taught.history[-1]["loss"] < taught.history[0]["loss"]
    still = replace(SHORT, epochs=1, learning_rate=1e-6)
    again = train(faces(350), tmp_path / "again", still, start=tmp_path / "mood.keras")
    assert again.history[0]["accuracy_now"] > 0.5  # it begins with what is known
    shipped = MoodClassifier(tmp_path / "mood.tflite")
    assert (shipped.probabilities(faces(14, seed=2).images).argmax(1) == faces(14).labels).mean() > 0.8
