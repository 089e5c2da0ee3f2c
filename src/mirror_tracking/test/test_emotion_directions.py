"""Emotion directions: what they say, and that a file that is not theirs is refused in one sentence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mirror_core.errors import ModelError, ShapeError
from mirror_core.moods import MoodLabel
from mirror_tracking.emotion_directions import EMOTIONS, EmotionDirections, gaps_of, shared_emotion_directions
from mirror_tracking.shape_model import ShapeModel, shared_shape_model
from mirror_tracking.symmetry import opposite_points
from mirror_tracking.topology import MOUTH_LEFT, MOUTH_RIGHT

MODEL, SHIPPED = shared_shape_model(), shared_emotion_directions()


def parts(directions: EmotionDirections) -> dict[str, np.ndarray]:
    names = ("neutral", "directions", "openings", "opening", "expression_share", "people", "compared")
    return {name: getattr(directions, name) for name in names}


def test_there_is_a_direction_for_each_mood_but_neutral() -> None:
    assert EMOTIONS == ("angry", "disgust", "fear", "happy", "sad", "surprise")
    assert {label.word for label in MoodLabel} - set(EMOTIONS) == {"neutral"}
    with pytest.raises(ShapeError, match="no emotion 'bored': allowed are angry"):
        SHIPPED.direction("bored")


def test_directions_leave_mouth_and_eyes_as_open_as_they_are() -> None:
    steps = MODEL.components * MODEL.deviations[:, None, None]
    for direction in SHIPPED.directions:
        np.testing.assert_allclose(gaps_of(np.einsum("k,kpc->pc", direction, steps)), 0, atol=1e-3)


def test_the_openings_open_mouth_and_eyes_each_for_itself() -> None:
    base = SHIPPED.gaps(SHIPPED.neutral)
    np.testing.assert_allclose(
        [SHIPPED.gaps(SHIPPED.neutral + 0.1 * row) - base for row in SHIPPED.opening],
        0.1 * np.eye(2),
        atol=1e-4,
    )
    held = SHIPPED.within(SHIPPED.neutral, np.array([0.3, 0.0]), np.array([9.0, 0.1]))
    np.testing.assert_allclose(SHIPPED.gaps(held), [0.3, 0.1], atol=1e-4)


def test_left_and_right_are_alike() -> None:
    opposite = opposite_points()[:468]
    for emotion in EMOTIONS:
        moved = MODEL.shape(SHIPPED.direction(emotion)) - MODEL.mean
        np.testing.assert_allclose(moved, moved[opposite] * (-1, 1, 1), atol=5e-3)


def test_happiness_parts_the_corners_of_the_mouth_and_surprise_opens_it() -> None:
    neutral = MODEL.shape(SHIPPED.neutral)
    happy, surprised = (MODEL.shape(SHIPPED.neutral + SHIPPED.direction(e)) for e in ("happy", "surprise"))

    def width(shape: np.ndarray) -> float:
        return float(shape[MOUTH_LEFT, 0] - shape[MOUTH_RIGHT, 0])

    assert width(happy) > 1.2 * width(neutral) > 1.2 * width(surprised)
    assert gaps_of(surprised)[0] > gaps_of(neutral)[0] + 0.2


def test_an_expression_is_told_from_features() -> None:
    assert np.abs(SHIPPED.own_expression(SHIPPED.neutral)).max() < 1e-5
    for emotion in ("happy", "surprise"):
        direction = SHIPPED.direction(emotion)
        found = SHIPPED.own_expression(SHIPPED.neutral + direction)
        assert float(found @ direction) > 0.65 * float(direction @ direction), emotion


def test_it_is_said_on_how_many_people_each_rests() -> None:
    assert (SHIPPED.people > 50).all()
    assert (SHIPPED.compared <= SHIPPED.people).all()
    assert SHIPPED.compared[EMOTIONS.index("happy")] > 100


def test_a_file_comes_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "directions.npz"
    path.write_bytes(SHIPPED.to_bytes())
    again = EmotionDirections.load(path)
    for name, values in parts(again).items():
        np.testing.assert_array_equal(values, getattr(SHIPPED, name))
    assert again.to_bytes() == SHIPPED.to_bytes()


def test_damaged_and_strange_files_are_refused_in_one_sentence(tmp_path: Path) -> None:
    whole = SHIPPED.to_bytes()
    for content in (b"", b"nothing", whole[: len(whole) // 2], MODEL.to_bytes()):
        with pytest.raises(ModelError, match=r"directions in the file.*train them again\.$"):
            EmotionDirections.from_bytes(content)
    with pytest.raises(ModelError, match="cannot be read"):
        EmotionDirections.load(tmp_path / "none.npz")
    few = ShapeModel("pca", MODEL.mean, MODEL.components[:5], MODEL.deviations[:5])
    with pytest.raises(ModelError, match="another shape model: train them again"):
        EmotionDirections.from_bytes(whole, model=few)


def test_parts_that_do_not_fit_are_refused() -> None:
    whole = parts(SHIPPED)
    with pytest.raises(
        ShapeError, match=r"directions of emotion directions must be finite numbers \[6, 24\]"
    ):
        EmotionDirections(**{**whole, "directions": SHIPPED.directions[:5]})
    with pytest.raises(ShapeError, match="finite"):
        EmotionDirections(**{**whole, "neutral": np.full_like(SHIPPED.neutral, np.nan)})
