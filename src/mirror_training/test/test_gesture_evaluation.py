"""Measuring gestures: what counts as found, and that what ships is as good as the documents say."""

import numpy as np
import pytest

from mirror_tracking.gestures import GestureKind, GestureParameters
from mirror_training.gesture_evaluation import Score, evaluate, precision, score, through_tracker, totals
from mirror_training.head_movements import NEGATIVES, POSITIVES, Trajectory, trajectory

PER_NAME = 10
FIRST_SEED = 5_000


@pytest.fixture(scope="module")
def scores():
    return evaluate(PER_NAME, FIRST_SEED)


def test_recall_and_precision_are_95_percent_or_more(scores):
    assert list(scores) == [*POSITIVES, *NEGATIVES]
    assert totals(scores).count == PER_NAME * len(POSITIVES)
    assert totals(scores).recall >= 0.95
    assert precision(scores) >= 0.95


def test_gestures_are_told_within_a_third_of_a_second_after_their_end(scores):
    assert max(scores[name].delay_s for name in POSITIVES) < 0.35


def test_talking_and_glances_are_never_taken_for_a_gesture(scores):
    for name in ("talking", "glance aside", "glance up", "look down and back", "turn away", "slow pan"):
        assert scores[name].false == (), name


def test_a_recogniser_that_asks_too_much_finds_nothing():
    deaf = GestureParameters(nod_degrees=45.0, shake_degrees=90.0, tilt_degrees=60.0)
    assert totals(evaluate(2, FIRST_SEED, deaf)) == Score(8, 0)


def test_precision_counts_wrong_gestures_of_all_movements():
    nod, left = GestureKind.NOD, GestureKind.TILT_LEFT
    scores = {name: Score(10, 9) for name in POSITIVES} | {name: Score(10, 0) for name in NEGATIVES}
    scores["talking"] = Score(10, 0, (nod, left, nod))
    scores["shake"] = Score(10, 9, (nod,))
    assert precision(scores, "nod") == pytest.approx(9 / 12)
    assert precision(scores, "tilt left") == pytest.approx(9 / 10)
    assert precision(scores, "shake") == 1.0
    assert precision(scores) == pytest.approx(36 / 40)
    assert totals(scores).recall == pytest.approx(0.9)
    assert len(totals(scores).false) == 4


def test_a_gesture_at_another_time_or_of_another_kind_is_false():
    path = next(p for p in (trajectory("nod", seed) for seed in range(20)) if score([p]).hits)

    def told(**changes):
        fields = {name: getattr(path, name) for name in Trajectory.__slots__} | changes
        return score([Trajectory(**fields)])

    assert told().hits == 1
    assert told(start_s=0.0, end_s=0.5) == Score(1, 0, (GestureKind.NOD,))
    assert told(kind=GestureKind.SHAKE) == Score(1, 0, (GestureKind.NOD,))
    assert told(kind=None) == Score(1, 0, (GestureKind.NOD,))


@pytest.mark.parametrize("name", ["nod", "shake", "tilt left"])
def test_gestures_survive_smoothing_and_the_pose_solver(name):
    path = next(p for p in (trajectory(name, seed) for seed in range(40)) if p.rate_hz == 30.0)
    seen = through_tracker(path)
    assert np.array_equal(seen.times_s, path.times_s)
    assert np.median(np.abs(seen.angles - path.angles)) < 0.5
    assert score([seen]).hits == 1
    assert score([seen]).false == ()
