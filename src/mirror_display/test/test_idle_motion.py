"""What moves at rest: the clock spares the screen, the dots stay in their oval and move gently."""

from __future__ import annotations

import numpy as np

from mirror_display.idle_motion import DOTS, SHIFT, SHIFT_EVERY_S, clock_shift, dots


def test_the_clock_stands_still_for_a_while_and_then_elsewhere():
    assert clock_shift(0.0) == clock_shift(SHIFT_EVERY_S - 0.1)
    places = [clock_shift(index * SHIFT_EVERY_S) for index in range(200)]
    assert len(set(places)) == 200
    shares = np.array(places) / SHIFT
    assert np.abs(shares).max() <= 1.0
    # No part of the field is left out or preferred: of 4 × 4 cells each gets its share of 200 places.
    counts, *_ = np.histogram2d(*shares.T, bins=4, range=[(-1, 1), (-1, 1)])
    assert counts.min() >= 9 and counts.max() <= 17


def test_the_dots_stay_within_their_oval_and_move_little_between_two_pictures():
    before = dots(0.0)
    assert before.shape == (DOTS, 4)
    for now_s in np.arange(1 / 15, 40.0, 1 / 15):
        after = dots(float(now_s))
        assert np.abs(after[:, :2]).max() <= 1.06
        assert (after[:, 2] > 0).all() and after[:, 3].min() >= 0.25 and after[:, 3].max() <= 1.0
        assert np.linalg.norm(after[:, :2] - before[:, :2], axis=1).max() < 0.04
        before = after
