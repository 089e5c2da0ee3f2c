"""The One-Euro filter smooths rest, follows motion, and forgets when time breaks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror_core.errors import ParameterError, ShapeError
from mirror_tracking.one_euro import OneEuroFilter

FRAME_NS = 33_333_333
SIZE = 100.0
coordinates = st.floats(-5000, 5000)


def run(smoother, series, scale=SIZE):
    return np.array([smoother(points, n * FRAME_NS, scale) for n, points in enumerate(series)])


def test_the_jitter_of_a_resting_point_is_cut_to_a_third():
    noise = np.random.default_rng(0).normal(0, 0.3, (300, 20, 2)) + 200.0
    smooth = run(OneEuroFilter(1.0, 10.0), noise)
    raw_step = np.diff(noise[30:], axis=0).std()
    assert np.diff(smooth[30:], axis=0).std() < raw_step / 3
    assert smooth[-1].mean() == pytest.approx(200.0, abs=0.2)


def test_a_face_moving_its_own_width_a_second_lags_less_than_half_a_frame():
    ramp = np.arange(90)[:, None, None] * np.full((1, 1, 2), SIZE / 30 / np.sqrt(2))
    smooth = run(OneEuroFilter(1.0, 20.0, 2.0), ramp)
    lag_s = np.linalg.norm(ramp[-1] - smooth[-1]) / SIZE
    assert lag_s < 0.5 / 30


@given(st.lists(coordinates, min_size=2, max_size=20))
def test_the_output_stays_within_what_was_seen(values):
    smooth = run(OneEuroFilter(), np.array(values)[:, None, None])
    assert smooth.min() >= min(values) - 1e-6
    assert smooth.max() <= max(values) + 1e-6


@given(st.floats(0.1, 50.0))
def test_near_and_far_faces_are_smoothed_alike(factor):
    series = np.random.default_rng(1).normal(0, 5, (20, 4, 2))
    near = run(OneEuroFilter(), series * factor, SIZE * factor)
    assert np.allclose(near, run(OneEuroFilter(), series) * factor)


@pytest.mark.parametrize("jump_ns", [-FRAME_NS, 600_000_000], ids=["time steps back", "a long gap"])
def test_when_time_breaks_the_points_pass_unchanged(jump_ns):
    smoother = OneEuroFilter()
    run(smoother, np.zeros((10, 1, 2)))
    assert (smoother(np.full((1, 2), 50.0), 9 * FRAME_NS + jump_ns, SIZE) == 50.0).all()


def test_the_same_moment_twice_changes_nothing():
    smoother = OneEuroFilter()
    first = smoother(np.zeros((1, 2)), 5, SIZE)
    assert (smoother(np.ones((1, 2)), 5, SIZE) == first).all()


def test_the_callers_array_is_neither_kept_nor_changed():
    smoother, points = OneEuroFilter(), np.zeros((1, 2))
    smoother(points, 0, SIZE)[:] = 99.0
    points[:] = 7.0
    assert (smoother(np.zeros((1, 2)), FRAME_NS, SIZE) == 0.0).all()


@pytest.mark.parametrize("settings", [(0.0, 1.0, 1.0), (1.0, -1.0, 1.0), (1.0, 1.0, 0.0)])
def test_settings_out_of_range_are_refused(settings):
    with pytest.raises(ParameterError, match="above 0 Hz"):
        OneEuroFilter(*settings)


@pytest.mark.parametrize(("points", "scale"), [(np.zeros(3), 1.0), (np.full((1, 2), np.nan), 1.0)])
def test_points_that_are_none_are_refused(points, scale):
    with pytest.raises(ShapeError):
        OneEuroFilter()(points, 0, scale)
    with pytest.raises(ShapeError, match="scale"):
        OneEuroFilter()(np.zeros((1, 2)), 0, 0.0)
