"""Synthetic heads: what they do is what their names say, and noise and talking are as measured."""

import numpy as np
import pytest

from mirror_training.head_movements import (
    LENGTH_S,
    NEGATIVES,
    NOISE_DEGREES,
    POSITIVES,
    RATES_HZ,
    TALKING_STEPS,
    trajectory,
)

NAMES = [*POSITIVES, *NEGATIVES]


@pytest.mark.parametrize("name", NAMES)
def test_a_seed_gives_one_trajectory_and_another_seed_another(name):
    first, again, other = trajectory(name, 4), trajectory(name, 4), trajectory(name, 5)
    assert np.array_equal(first.times_s, again.times_s)
    assert np.array_equal(first.angles, again.angles)
    assert not np.array_equal(first.angles[:20], other.angles[:20])


@pytest.mark.parametrize("name", NAMES)
def test_stamps_rise_at_about_the_cameras_rate(name):
    for seed in range(6):
        path = trajectory(name, seed)
        steps = np.diff(path.times_s)
        assert path.rate_hz in RATES_HZ
        assert (steps >= 0).all()
        assert np.median(steps) == pytest.approx(1 / path.rate_hz, rel=0.15)
        assert path.times_s[-1] <= LENGTH_S
        assert path.angles.shape == (len(path.times_s), 3)
        assert 2.0 <= path.start_s <= path.end_s


def reach(path, axis):
    """How far an angle goes from where it was before the movement, down and up."""
    before = np.median(path.angles[path.times_s < path.start_s - 0.4, axis])
    during = path.angles[(path.times_s >= path.start_s) & (path.times_s <= path.end_s), axis] - before
    return during.min(), during.max()


@pytest.mark.parametrize("seed", range(8))
def test_gestures_move_their_own_angle_the_right_way(seed):
    down, up = reach(trajectory("nod", seed), 1)
    assert down < -4.0
    assert up < 5.0
    left, right = reach(trajectory("shake", seed), 0)
    assert left < -3.0
    assert right > 3.0
    assert reach(trajectory("tilt left", seed), 2)[1] > 8.0
    assert reach(trajectory("tilt right", seed), 2)[0] < -8.0


def test_a_face_that_turns_away_is_not_seen_for_a_while():
    gaps = [np.diff(trajectory("turn away", seed).times_s).max() for seed in range(20)]
    assert min(gaps) > 0.4


def test_talking_moves_a_head_as_much_as_on_the_clip():
    squares = {lag: [] for lag in TALKING_STEPS}
    for seed in range(80):
        path = trajectory("talking", seed)
        for lag, found in squares.items():
            ahead = np.searchsorted(path.times_s, path.times_s + lag)
            within = ahead < len(path.times_s)
            steps = path.angles[ahead[within]] - path.angles[within]
            found.append((steps**2).mean(axis=0))
    for lag in (0.25, 1.0):
        found = np.sqrt(np.mean(squares[lag], axis=0))
        assert found == pytest.approx(TALKING_STEPS[lag], rel=0.35)


def test_noise_is_that_of_the_tracker_and_up_to_four_times_as_much():
    levels = []
    for seed in range(60):
        path = trajectory("talking", seed)
        if path.rate_hz == 60.0:
            second = np.diff(path.angles, 2, axis=0)
            levels.append(np.median(np.abs(second), axis=0) / 0.6745 / np.sqrt(6) / NOISE_DEGREES)
    assert len(levels) >= 5
    assert 0.6 < np.min(levels) < np.max(levels) < 4.5
    assert np.ptp(np.mean(levels, axis=1)) > 0.5
