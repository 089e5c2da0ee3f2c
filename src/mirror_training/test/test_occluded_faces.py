"""Examples of occluded faces: the same from the same seed, and their masks tell where the picture changed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mirror_effects.occlusion_input import GRID
from mirror_tracking.head_pose import mean_face
from mirror_training.capsules import draw_limbs
from mirror_training.face_photos import FacePhoto
from mirror_training.occluded_faces import draw_sample, lay_over
from mirror_training.occluder import Occluder, Place
from mirror_training.occluders import KINDS, draw_occluder
from mirror_training.textures import Textures


@pytest.fixture(scope="module")
def photo() -> FacePhoto:
    """A face of one skin colour on 192 × 192 pixels."""
    head = mean_face()[:468]  # metres: forward, to the person's left, up
    landmarks = (np.column_stack([head[:, 1], -head[:, 2]]) * 800 + (96, 72)).astype(np.float32)
    image = np.full((192, 192, 3), (110, 140, 190), np.uint8)
    return FacePhoto("one.jpg", image, landmarks, is_grey=False)


@pytest.fixture(scope="module")
def textures(photo: FacePhoto) -> Textures:
    """Textures of noise."""
    noise = np.random.default_rng(0).integers(0, 255, (100, 120, 3)).astype(np.uint8)
    return Textures([noise], [photo])


def test_the_same_seed_draws_the_same_example(photo, textures):
    first, second = (draw_sample(np.random.default_rng([3, 4]), [photo], textures) for _ in range(2))
    np.testing.assert_array_equal(first.picture, second.picture)
    np.testing.assert_array_equal(first.visible, second.visible)


def test_another_seed_draws_another_example(photo, textures):
    first, second = (draw_sample(np.random.default_rng(seed), [photo], textures) for seed in (1, 2))
    assert (first.picture != second.picture).any()


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_covers_part_of_the_face_and_leaves_part(photo, textures, kind):
    shares = []
    for seed in range(12):
        sample = draw_sample(np.random.default_rng([seed]), [photo], textures, kind)
        face = sample.picture[..., 3] > 0
        shares.append(float((sample.visible < 128)[face].mean()))
    assert max(shares) > 0.01
    assert np.median(shares) < 0.9


@pytest.mark.parametrize("kind", KINDS)
def test_occluders_are_colours_and_shares(photo, textures, kind):
    place = Place(photo.landmarks / 2, np.full(3, 120.0), np.full(3, 40.0))
    occluder = draw_occluder(np.random.default_rng(2), place, textures, kind)
    assert occluder.colour.shape == (GRID, GRID, 3)
    assert occluder.alpha.shape == (GRID, GRID)
    assert np.isfinite(occluder.colour).all()
    assert 0.0 <= occluder.alpha.min() <= occluder.alpha.max() <= 1.0


def test_what_is_doubtful_in_a_photograph_counts_nothing(photo, textures):
    doubtful = replace(photo, doubt=np.full((192, 192), 255, np.uint8))
    for seed in range(8):
        sample = draw_sample(np.random.default_rng(seed), [doubtful], textures)
        centre = (slice(40, 60), slice(40, 60))
        assert (sample.weight[centre][sample.visible[centre] > 140] == 0).all()


def test_an_occluder_hides_what_lies_under_it():
    below = np.full((GRID, GRID, 3), 200.0, np.float32)
    alpha = np.zeros((GRID, GRID), np.float32)
    alpha[10:20] = 1.0
    shadow = np.zeros((GRID, GRID), np.float32)
    shadow[30] = 0.5
    mixed = lay_over(below, Occluder(np.full((GRID, GRID, 3), 7.0, np.float32), alpha), shadow)
    assert (mixed[10:20] == 7.0).all()
    assert (mixed[30] == 100.0).all()
    assert (mixed[40:] == 200.0).all()


def test_a_limb_is_as_thick_as_it_should_be():
    alpha, brightness = draw_limbs(np.array([[10, 48, 6, 86, 48, 6]], np.float32), (0.0, 0.0), 0.5)
    assert alpha[:, 48].sum() == pytest.approx(12.0, abs=1.1)
    assert brightness[48, 48] > brightness[43, 48]
