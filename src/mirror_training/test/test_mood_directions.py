"""Learning emotion directions: from made-up people with known expressions, those come back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mirror_core.errors import UsageError
from mirror_mood.face_input import SIDE
from mirror_tracking.emotion_directions import EMOTIONS, shared_emotion_directions
from mirror_tracking.shape_model import shared_shape_model
from mirror_training.emotion_faces import MOST_OF_EACH, NEUTRAL, EmotionFaces, clear_votes, faces_with_votes
from mirror_training.mood_data import VOTES, MoodData
from mirror_training.mood_directions import agreement, learn, mirroring, train

MODEL, SHIPPED = shared_shape_model(), shared_emotion_directions()


def made_up(
    people: int, *, named: bool = True, of_fear: int | None = None, shift: float = 0.0, seed: int = 2
) -> EmotionFaces:
    """People with features of their own who show the shipped directions, more or less of each."""
    rng = np.random.default_rng(seed)
    parameters, emotions, names = [], [], []
    for emotion in (NEUTRAL, *EMOTIONS):
        for person in range(people if emotion != "fear" or of_fear is None else of_fear):
            features = np.random.default_rng(person).normal(size=MODEL.count) * 0.6
            for picture in range(2 if named else 1):
                shown = SHIPPED.neutral + features + shift
                if emotion != NEUTRAL:
                    shown = shown + rng.uniform(0.2, 0.6) * SHIPPED.direction(emotion)
                shown = shown + rng.normal(size=2) * 0.1 @ SHIPPED.opening
                parameters.append(shown + rng.normal(size=MODEL.count) * 0.05)
                emotions.append(emotion)
                names.append(f"person {person}" if named else f"{emotion} {person} {picture}")
    return EmotionFaces(np.array(parameters), np.array(emotions), np.array(names))


def likeness(one: np.ndarray, other: np.ndarray) -> float:
    return float(one @ other / np.sqrt((one @ one) * (other @ other)))


def test_known_directions_come_back() -> None:
    found = learn([made_up(60)], MODEL)
    for index, emotion in enumerate(EMOTIONS):
        assert likeness(found.directions[index], SHIPPED.directions[index]) > 0.97, emotion
    assert found.people.tolist() == [60] * 6 == found.compared.tolist()


def test_collections_are_compared_within_themselves() -> None:
    """A collection whose neutral faces are all different, as of another camera, changes no direction."""
    alone = learn([made_up(60)], MODEL)
    both = learn([made_up(60), made_up(60, named=False, shift=1.5)], MODEL)
    for index, emotion in enumerate(EMOTIONS):
        assert likeness(both.directions[index], alone.directions[index]) > 0.97, emotion
    assert both.people.tolist() == [120] * 6
    assert both.compared.tolist() == [60] * 6


def test_mirror_images_are_the_same_face_seen_in_a_glass() -> None:
    glass = mirroring(MODEL)
    np.testing.assert_allclose(glass @ glass, np.eye(MODEL.count), atol=0.05)
    np.testing.assert_allclose(glass @ SHIPPED.direction("happy"), SHIPPED.direction("happy"), atol=0.02)


def test_halves_of_the_people_agree() -> None:
    assert (agreement([made_up(80)], MODEL) > 0.9).all()


def test_too_few_people_are_refused() -> None:
    with pytest.raises(UsageError, match="fear needs 5 people or more, not 3"):
        learn([made_up(20, of_fear=3)], MODEL)
    faces = made_up(20)
    with pytest.raises(UsageError, match="need neutral faces"):
        learn([faces.select(faces.emotions != NEUTRAL)], MODEL)


def test_only_clear_votes_count_and_not_too_many() -> None:
    count = MOST_OF_EACH + 20
    votes = np.zeros((count + 2, len(VOTES)), np.uint8)
    votes[:count, VOTES.index("fear")] = 8
    votes[:count, VOTES.index("surprise")] = 2
    votes[count, [VOTES.index("anger"), VOTES.index("sadness"), VOTES.index("neutral")]] = (4, 3, 3)
    votes[count + 1, VOTES.index("contempt")] = 10
    images = np.zeros((len(votes), SIDE, SIDE), np.uint8)
    rows, emotions = clear_votes(MoodData(images, np.zeros(len(votes), np.uint8), votes))
    assert len(rows) == MOST_OF_EACH == len(set(rows.tolist()))
    assert set(emotions.tolist()) == {"fear"}


def test_a_folder_without_data_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is missing"):
        train(tmp_path, tmp_path / "out.npz")
    assert faces_with_votes(tmp_path, MODEL) is None
