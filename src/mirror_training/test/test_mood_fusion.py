"""The fusion's recipe on judges whose worth is known: who is right counts, and what is sure is right."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="scikit-learn is not installed")

from mirror_core.moods import MOOD_COUNT, SOURCES, MoodLabel
from mirror_training.mood_fusion import WANTED, evaluate, fit_fusion
from mirror_training.mood_fusion_data import PARTS, Judged

PEOPLE, EACH = 160, 5
Array = np.ndarray


def logs(scores: Array) -> Array:
    scores = scores - scores.max(axis=1, keepdims=True)
    return scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))


def judged(
    appearance: float, shape: float, *, sad_look: float = 0.0, seed: int = 1, sharpness: float = 1.0
) -> Judged:
    """Two independent witnesses that see a mood through noise.

    Args:
        appearance, shape: how far the true mood stands out of noise of spread 1, for each.
        sad_look: how much half of the people look sad to the appearance network whatever they do.
        sharpness: by which the appearance network exaggerates.
    """
    rng = np.random.default_rng(seed)
    person = np.repeat(np.arange(PEOPLE), EACH)
    labels = rng.integers(0, MOOD_COUNT, len(person))
    labels[::EACH] = labels[1::EACH] = MoodLabel.NEUTRAL  # two neutral pictures of everybody
    truth = np.eye(MOOD_COUNT)[labels]

    def witness(strength: float) -> Array:
        return strength * (strength * truth + rng.standard_normal(truth.shape))

    look, evidence = witness(appearance), witness(shape)
    look[:, MoodLabel.SAD] += sad_look * (person % 2)
    look = logs(sharpness * look)
    rest, counts = np.zeros_like(look), np.zeros(len(labels), np.intp)
    for number in range(len(labels)):
        same = np.flatnonzero((person == person[number]) & (labels == MoodLabel.NEUTRAL))
        others = same[same != number]
        rest[number], counts[number] = look[others].mean(axis=0), len(others)
    return Judged(labels, person.astype(str), person % PARTS, look, evidence, 0 * evidence, rest, counts)


def test_a_judge_that_knows_nothing_is_not_heard() -> None:
    found = evaluate(judged(appearance=2.5, shape=0.0))
    assert found.balanced["fused"][1] == pytest.approx(found.balanced["appearance"][1], abs=0.02)
    assert found.balanced["shape"][1] < 0.25


def test_two_witnesses_know_more_than_each() -> None:
    found = evaluate(judged(appearance=2.0, shape=2.0))
    best = max(found.balanced["appearance"][1], found.balanced["shape"][1])
    assert found.balanced["fused"][1] > best + 0.05
    assert set(found.scores) == set(SOURCES)


def test_exaggeration_is_taken_back() -> None:
    plain = fit_fusion(judged(appearance=2.0, shape=0.5)).pools["appearance"].appearance
    loud = fit_fusion(judged(appearance=2.0, shape=0.5, sharpness=3.0)).pools["appearance"].appearance
    assert loud < 0.5 * plain
    assert evaluate(judged(appearance=2.0, shape=0.5, sharpness=3.0)).calibrations["fused"].error < 0.08


def test_a_resting_look_is_taken_out_where_people_differ_in_it() -> None:
    different = judged(appearance=2.0, shape=0.5, sad_look=8.0)
    assert fit_fusion(different).rest >= 0.5
    found = evaluate(different)
    without, with_shape, with_look = found.with_baseline
    assert with_look > with_shape + 0.02
    assert without == pytest.approx(with_shape, abs=0.05)


def test_what_counts_as_sure_is_right_as_often_as_promised() -> None:
    found = evaluate(judged(appearance=1.8, shape=1.2)).sureness
    assert found.right >= WANTED
    assert 0.2 < found.share < 0.95
