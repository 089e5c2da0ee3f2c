"""Stills that move: points go where the picture goes, and come back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirror_training.moving_faces import CLIP_SIZE, Bend, Movement, moving_face, scripted_movements

RNG = np.random.default_rng(0)
LANDMARKS = np.random.default_rng(1).uniform((60, 40), (150, 170), (478, 2))


def movement(turn=0.1, scale=1.2, shift=(30.0, 20.0), bend=(2.0, -3.0)):
    cos, sin = scale * np.cos(turn), scale * np.sin(turn)
    place = np.array([[cos, -sin, shift[0]], [sin, cos, shift[1]]])
    return Movement(place, (Bend(np.array([100.0, 100.0]), np.array(bend), 15.0),))


@settings(deadline=None)
@given(st.floats(-0.5, 0.5), st.floats(0.5, 2.0), st.tuples(st.floats(-6, 6), st.floats(-6, 6)))
def test_points_come_back_to_the_still(turn, scale, bend):
    moves = movement(turn, scale, bend=bend)
    points = RNG.uniform(60, 140, (50, 2))
    assert np.allclose(moves.to_still(moves.to_clip(points)), points, atol=1e-6)


def test_a_bend_moves_its_middle_by_what_it_says_and_nothing_far_away():
    moves = Movement(np.eye(2, 3), (Bend(np.array([100.0, 100.0]), np.array([4.0, -2.0]), 15.0),))
    near, far = moves.to_clip(np.array([[96.0, 102.0], [200.0, 200.0]]))
    assert near == pytest.approx((100.0, 100.0), abs=1e-6)
    assert far == pytest.approx((200.0, 200.0), abs=1e-3)


def test_the_picture_moves_as_its_points_do():
    still = np.zeros((220, 220, 3), np.uint8)
    spot = np.array([98.0, 104.0])
    y, x = np.mgrid[0:220, 0:220]
    blob = 250 * np.exp(-((x - spot[0]) ** 2 + (y - spot[1]) ** 2) / 18)
    still[...] = blob.astype(np.uint8)[..., None]
    wide = Bend(np.array([100.0, 100.0]), np.array([4.0, -3.0]), 80.0)
    moves = Movement(movement().place, (wide,))
    seen = moves.picture(still, np.random.default_rng(0)).astype(np.float64).sum(axis=2)
    seen[seen < 90] = 0.0
    rows, columns = np.indices(seen.shape)
    middle = np.array([(seen * columns).sum(), (seen * rows).sum()]) / seen.sum()
    assert middle == pytest.approx(moves.to_clip(spot[None])[0], abs=0.1)


def test_a_clip_rests_first_and_then_moves_within_its_picture():
    movements = list(scripted_movements(LANDMARKS, 120, np.random.default_rng(3)))
    paths = np.array([m.to_clip(LANDMARKS) for m in movements])
    assert np.abs(paths[:30] - paths[0]).max() < 1e-9
    steps = np.linalg.norm(np.diff(paths, axis=0), axis=2)
    assert 0.5 < steps[40:].max() < 12.0
    assert (paths >= 0).all()
    assert (paths < CLIP_SIZE).all()
    mouth = np.linalg.norm(paths[:, 13] - paths[:, 152], axis=1)
    assert np.ptp(mouth) > 1.0


def test_the_same_seed_gives_the_same_clip():
    still = np.random.default_rng(0).integers(0, 255, (220, 220, 3)).astype(np.uint8)
    first, again, other = (
        [picture for picture, _ in moving_face(still, LANDMARKS, 2, seed)][-1] for seed in (1, 1, 2)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert first.shape == (CLIP_SIZE[1], CLIP_SIZE[0], 3)
