"""Opposite points: pairs that mirror each other, and a middle line that stays."""

import numpy as np

from mirror_tracking.head_pose import mean_face
from mirror_tracking.symmetry import opposite_points
from mirror_tracking.topology import LEFT_BROW, LEFT_EYE_OUTER, LEFT_IRIS_CENTRE, RIGHT_BROW, RIGHT_EYE_OUTER


def test_opposite_of_the_opposite_is_the_point_itself():
    opposite = opposite_points()
    assert np.array_equal(opposite[opposite], np.arange(478))


def test_left_and_right_are_exchanged_and_the_middle_stays():
    opposite = opposite_points()
    assert opposite[LEFT_EYE_OUTER] == RIGHT_EYE_OUTER
    assert opposite[468] == LEFT_IRIS_CENTRE
    assert sorted(opposite[RIGHT_BROW]) == sorted(LEFT_BROW)
    middle = np.flatnonzero(opposite == np.arange(478))
    assert {10, 152, 1, 13, 14} <= set(middle.tolist())
    assert np.abs(mean_face()[middle, 1]).max() < 1e-6


def test_the_mean_head_is_its_own_mirror_image():
    head = mean_face()
    assert np.allclose(head[opposite_points()] * (1, -1, 1), head, atol=1e-6)
