"""A baseline is learned from neutral, frontal frames only, moves slowly, and survives being stored."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror_core.errors import ModelError, ShapeError
from mirror_mood.baseline import (
    ADAPT_S,
    FARTHEST,
    HEADER,
    MOST_SAMPLES,
    READY_SAMPLES,
    SHRINK_SAMPLES,
    NeutralBaseline,
    Population,
)
from mirror_mood.shape_features import MoodFeatures

COUNT = 6
POPULATION = Population(np.arange(COUNT, dtype=float), np.full(COUNT, 2.0), "0123456789abcdef")
PERSON = POPULATION.mean + 2.0 * np.array([1.0, -1.0, 0.5, 0.0, 2.0, -0.5])


def frame(values: np.ndarray = PERSON, yaw: float = 0.0, pitch: float = 0.0) -> MoodFeatures:
    return MoodFeatures(np.asarray(values, float), yaw, pitch)


def learned(count: int = READY_SAMPLES, noise: float = 0.0, step_ms: int = 100) -> NeutralBaseline:
    baseline = NeutralBaseline(POPULATION)
    rng = np.random.default_rng(3)
    for number in range(count):
        values = PERSON + rng.normal(size=COUNT) * noise
        assert baseline.observe(frame(values), 0.9, number * step_ms * 1_000_000)
    return baseline


def own_face(baseline: NeutralBaseline) -> np.ndarray:
    """The person's own neutral face, before it is drawn to the population's mean."""
    return POPULATION.mean + (baseline.values - POPULATION.mean) / baseline.trust


def test_before_anything_is_seen_it_is_the_populations_mean():
    baseline = NeutralBaseline(POPULATION)
    assert np.array_equal(baseline.values, POPULATION.mean)
    assert (baseline.readiness, baseline.trust, baseline.quality, baseline.is_ready) == (0, 0, 0, False)


def test_it_moves_to_the_person_in_proportion_to_what_it_has_seen():
    shares = []
    for count in (1, 10, READY_SAMPLES):
        baseline = learned(count)
        shares.append((baseline.values - POPULATION.mean)[0] / (PERSON - POPULATION.mean)[0])
        assert baseline.readiness == pytest.approx(count / READY_SAMPLES)
    assert shares == pytest.approx([n / (n + SHRINK_SAMPLES) for n in (1, 10, READY_SAMPLES)])
    assert learned(READY_SAMPLES).is_ready
    assert not learned(READY_SAMPLES - 1).is_ready


@pytest.mark.parametrize(
    ("features", "neutral"),
    [
        (frame(), 0.4),
        (frame(), float("nan")),
        (frame(yaw=0.4), 0.9),
        (frame(pitch=-0.4), 0.9),
        (frame(np.full(COUNT, np.nan)), 0.9),
    ],
)
def test_frames_that_are_not_neutral_or_not_frontal_teach_nothing(features, neutral):
    baseline = NeutralBaseline(POPULATION)
    assert not any(baseline.observe(features, neutral, number * 10**8) for number in range(100))
    assert np.array_equal(baseline.values, POPULATION.mean)
    assert baseline.readiness == 0


def test_a_smile_that_never_relaxes_stays_compared_with_the_population():
    baseline = NeutralBaseline(POPULATION)
    for number in range(3000):  # five minutes
        baseline.observe(frame(PERSON + 5), 0.05, number * 10**8)
    assert np.array_equal(baseline.values, POPULATION.mean)
    # As soon as the face relaxes, learning begins as if nothing had been.
    for number in range(3000, 3000 + READY_SAMPLES):
        baseline.observe(frame(), 0.9, number * 10**8)
    assert baseline.is_ready
    assert np.array_equal(baseline.values, learned().values)


def test_a_few_frames_that_only_looked_neutral_do_not_move_the_median():
    baseline = NeutralBaseline(POPULATION)
    for number in range(READY_SAMPLES):
        odd = number % 5 == 0
        baseline.observe(frame(PERSON + (50 if odd else 0)), 0.9, number * 10**8)
    assert np.array_equal(baseline.values, learned().values)


def test_a_high_frame_rate_does_not_make_it_ready_sooner():
    baseline = NeutralBaseline(POPULATION)
    used = sum(baseline.observe(frame(), 0.9, number * 10_000_000) for number in range(200))  # 2 s at 100 Hz
    assert used == 20
    assert baseline.readiness == pytest.approx(0.5)


def test_frames_that_disagree_lower_quality_and_with_it_the_way_gone():
    calm, restless, wild = (learned(noise=2.0 * noise) for noise in (0.1, 1.2, 5.0))
    assert calm.quality == 1
    assert 0.2 < restless.quality < 0.9
    assert wild.quality == 0
    assert calm.trust > restless.trust > wild.trust == 0
    assert np.array_equal(wild.values, POPULATION.mean)


def test_a_lasting_change_is_followed_slowly_and_a_short_one_hardly():
    baseline = learned()
    other = PERSON + 2.0  # one scale
    stamp = READY_SAMPLES * 10**8
    for _ in range(20):  # 2 s
        stamp += 10**8
        baseline.observe(frame(other), 0.9, stamp)
    assert np.allclose(own_face(baseline) - PERSON, 2.0 * (1 - np.exp(-2 / ADAPT_S)), atol=1e-3)
    for _ in range(int(ADAPT_S * 10)):
        stamp += 10**8
        baseline.observe(frame(other), 0.9, stamp)
    assert np.allclose(own_face(baseline) - PERSON, 2.0 * (1 - np.exp(-1)), atol=0.05)
    assert baseline.trust == pytest.approx(MOST_SAMPLES / (MOST_SAMPLES + SHRINK_SAMPLES))


def test_an_outlier_and_a_long_pause_move_a_ready_baseline_by_one_bounded_step():
    baseline = learned()
    baseline.observe(frame(PERSON + 1000), 0.9, 10**15)
    moved = own_face(baseline) - PERSON
    assert moved == pytest.approx(2 * POPULATION.scale * (1 - np.exp(-0.5 / ADAPT_S)))


def test_a_face_far_from_all_people_is_held_at_the_border():
    baseline = NeutralBaseline(POPULATION)
    for number in range(READY_SAMPLES):
        baseline.observe(frame(POPULATION.mean + 1e6), 0.9, number * 10**8)
    assert np.allclose(baseline.values, POPULATION.mean + baseline.trust * FARTHEST * 2.0)


def test_stamps_that_jump_back_do_not_stop_the_learning():
    baseline = learned(5)
    assert baseline.observe(frame(), 0.9, 50_000_000)
    assert baseline.readiness == pytest.approx(6 / READY_SAMPLES)


@given(st.lists(st.floats(-7, 7), min_size=COUNT, max_size=COUNT))
def test_what_is_stored_comes_back(offsets):
    baseline = NeutralBaseline(POPULATION)
    for number in range(READY_SAMPLES + 7):
        baseline.observe(frame(POPULATION.mean + np.array(offsets)), 0.9, number * 10**8)
    data = baseline.to_bytes()
    again = NeutralBaseline.from_bytes(data, POPULATION)
    assert len(data) < 100
    assert np.allclose(again.values, baseline.values, atol=1e-5)
    assert (again.is_ready, again.readiness) == (True, 1.0)
    assert again.trust == pytest.approx(baseline.trust)
    assert again.to_bytes() == data


def test_an_unfinished_one_is_stored_as_one_that_knows_nothing():
    again = NeutralBaseline.from_bytes(learned(READY_SAMPLES - 1).to_bytes(), POPULATION)
    assert np.array_equal(again.values, POPULATION.mean)
    assert again.readiness == 0


def test_every_damaged_byte_is_noticed():
    data = learned().to_bytes()
    for place in range(len(data)):
        broken = bytearray(data)
        broken[place] ^= 0x55
        with pytest.raises(ModelError, match="learn it again"):
            NeutralBaseline.from_bytes(bytes(broken), POPULATION)
    for length in range(len(data)):
        with pytest.raises(ModelError, match="learn it again"):
            NeutralBaseline.from_bytes(data[:length], POPULATION)


@pytest.mark.parametrize(
    ("samples", "quality", "value"),
    [
        (40, 1.0, float("nan")),
        (40, 1.0, 9.0),
        (40, 1.5, 0.0),
        (40, float("nan"), 0.0),
        (12, 1.0, 0.0),
        (999, 1.0, 0.0),
    ],
)
def test_impossible_values_are_refused_even_with_a_right_checksum(samples, quality, value):
    body = HEADER.pack(b"MNB1", POPULATION.fingerprint.encode(), COUNT, samples, quality)
    body += np.full(COUNT, value, "<f4").tobytes()
    with pytest.raises(ModelError, match="impossible values"):
        NeutralBaseline.from_bytes(body + struct.pack("<I", zlib.crc32(body)), POPULATION)


def test_one_of_another_shape_model_is_refused():
    other = Population(POPULATION.mean, POPULATION.scale, "another")
    with pytest.raises(ModelError, match="another shape model"):
        NeutralBaseline.from_bytes(learned().to_bytes(), other)


def test_wrong_sizes_are_refused():
    with pytest.raises(ShapeError, match="6 features, not"):
        NeutralBaseline(POPULATION).observe(frame(np.zeros(5)), 0.9, 0)
    with pytest.raises(ShapeError, match="above 0"):
        Population(np.zeros(2), np.zeros(2), "x")
