"""Two looks at one face: their mean, in the face's own place."""

from __future__ import annotations

import numpy as np

from mirror_tracking.both_sides import BothSides, from_both_sides

SIDE = 6


class LeftSighted:
    """Answers with what it sees, but for its left half, where it says `wrong`."""

    side = SIDE

    def __init__(self, wrong: float) -> None:
        self.wrong = np.float32(wrong)

    def look(self, square):
        colour = square.astype(np.float32) / np.float32(255)
        alpha = colour[..., 0].copy()
        colour[:, : SIDE // 2] = alpha[:, : SIDE // 2] = self.wrong
        return colour, alpha


def test_each_half_is_the_mean_of_what_both_looks_say_of_it():
    square = np.random.default_rng(3).integers(0, 256, (SIDE, SIDE, 3)).astype(np.uint8)
    truth = square.astype(np.float32) / 255
    colour, alpha = from_both_sides(LeftSighted(0.0).look, square)
    np.testing.assert_allclose(colour, truth / 2, atol=1e-6)  # one look is right everywhere, the other 0
    np.testing.assert_allclose(alpha, truth[..., 0] / 2, atol=1e-6)
    assert colour.dtype == alpha.dtype == np.float32


def test_a_network_that_is_right_stays_right_and_keeps_its_side():
    square = np.arange(SIDE * SIDE * 3, dtype=np.uint8).reshape(SIDE, SIDE, 3)
    right = LeftSighted(0.0)
    right.look = lambda square: (square.astype(np.float32) / 255, square[..., 1].astype(np.float32) / 255)
    model = BothSides(right)
    assert model.side == SIDE
    colour, alpha = model.look(square)
    np.testing.assert_allclose(colour, square / 255, atol=1e-6)
    np.testing.assert_allclose(alpha, square[..., 1] / 255, atol=1e-6)
