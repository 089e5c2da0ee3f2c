"""The refinement of landmarks: calmer, not late, no further off, and harmless where patches say nothing."""

import cv2
import numpy as np
import pytest
from skimage import data

from mirror_tracking.mesh import region_from_landmarks
from mirror_tracking.patch_refinement import FIRST_FRAMES, POINTS, PatchRefinement

SIZE = (480, 360)
RATE_NS = 33_333_333


@pytest.fixture(scope="module")
def portrait(mesh):
    """The astronaut and the mesh's landmarks on her, float32 [478, 3]."""
    picture = cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2BGR)
    guess = np.array([[170.0, 65.0, 0.0], [280.0, 180.0, 0.0]], np.float32)
    landmarks = np.zeros((478, 3), np.float32)
    landmarks[:, :2] = np.linspace(guess[0, :2], guess[1, :2], 478)
    landmarks[33, :2], landmarks[263, :2] = (200, 115), (245, 115)
    for _ in range(3):
        (result,) = mesh.landmarks(picture, [region_from_landmarks(landmarks)])
        landmarks = result.landmarks
    assert result.presence > 0.9
    return picture, landmarks


def moved(portrait, *, x=0.0, y=0.0, turn=0.0, scale=1.3, gain=1.0, rng=None):
    """The picture shifted, turned (degrees) and scaled about the face, and where its landmarks are then."""
    picture, landmarks = portrait
    middle = landmarks[:468, :2].mean(axis=0) - 0.5
    matrix = cv2.getRotationMatrix2D((float(middle[0]), float(middle[1])), turn, scale)
    matrix[:, 2] += np.array(SIZE) / 2 + (x, y) - middle
    seen = cv2.warpAffine(picture, matrix, SIZE, flags=cv2.INTER_CUBIC).astype(np.float64) * gain
    if rng is not None:
        seen += rng.normal(0.0, 2.0, seen.shape)
    truth = landmarks.copy()
    truth[:, :2] = (landmarks[:, :2] - 0.5) @ matrix[:, :2].T + matrix[:, 2] + 0.5
    return np.clip(seen, 0, 255).astype(np.uint8), truth


def jittered(truth, rng, size=0.6):
    """Landmarks with an error as the mesh has it: smooth over the face, new in each frame, in pixels."""
    middle = truth[:468, :2].mean(axis=0)
    extent = np.ptp(truth[:468, 1])
    places = (truth[:, :2] - middle) / extent * 4
    error = sum(
        rng.normal(0.0, size, 2) * np.exp(-((places - rng.uniform(-2, 2, 2)) ** 2).sum(axis=1, keepdims=True))
        for _ in range(12)
    )
    noisy = truth.copy()
    noisy[:, :2] += error.astype(np.float32)
    return noisy


def run(portrait, path, seed=0, size=0.6):
    """Errors in pixels before and after, each [t, 468, 2], over moved pictures."""
    rng, refine, before, after = np.random.default_rng(seed), PatchRefinement(), [], []
    for index, how in enumerate(path):
        picture, truth = moved(portrait, rng=rng, **how)
        noisy = jittered(truth, rng, size)
        refined = refine(picture, noisy, index * RATE_NS)
        assert refined.dtype == np.float32
        assert refined.shape == noisy.shape
        before.append((noisy - truth)[:468, :2])
        after.append((refined - truth)[:468, :2])
    return np.array(before), np.array(after)


def rms(errors):
    return float(np.sqrt((errors**2).sum(axis=-1).mean()))


def jitter(errors):
    return rms(np.diff(errors, 2, axis=0))


STILL = [{}] * 45
SWAYING = [
    {
        "x": 12 * np.sin(i / 5),
        "y": 6 * np.sin(i / 7),
        "turn": 5 * np.sin(i / 9),
        "scale": 1.3 + 0.05 * np.sin(i / 6),
        "gain": 1 + 0.1 * np.sin(i / 4),
    }
    for i in range(60)
]


@pytest.mark.parametrize("path", [STILL, SWAYING], ids=["still", "swaying"])
def test_error_and_jitter_become_less_than_half(portrait, path):
    before, after = run(portrait, path)
    settled = slice(15, None)
    assert rms(after[settled][:, POINTS]) < 0.5 * rms(before[settled][:, POINTS])
    assert jitter(after[settled][:, POINTS]) < 0.4 * jitter(before[settled][:, POINTS])
    assert rms(after[settled]) < 0.8 * rms(before[settled])  # the cheeks and the outline follow


def test_it_does_not_come_late(portrait):
    there, back = np.arange(0.0, 60.0, 3.0), np.arange(60.0, -60.0, -3.0)  # pixels, frame by frame
    xs = np.concatenate([np.zeros(20), there, back, np.full(5, -60.0)])
    _, after = run(portrait, [{"x": float(x)} for x in xs])
    velocity = np.gradient(xs)[20:]
    error = after[20:, POINTS, 0].mean(axis=1)
    lag_frames = -float((error * velocity).sum() / (velocity**2).sum())
    assert abs(lag_frames) < 0.02
    assert np.abs(error).max() < 0.5


def test_the_first_frames_pass_unchanged(portrait):
    before, after = run(portrait, STILL[: FIRST_FRAMES + 1])
    assert np.array_equal(before[:FIRST_FRAMES], after[:FIRST_FRAMES])
    assert not np.array_equal(before[FIRST_FRAMES], after[FIRST_FRAMES])


def test_depth_and_irises_stay_as_they_are(portrait):
    rng, refine = np.random.default_rng(1), PatchRefinement()
    for index in range(10):
        picture, truth = moved(portrait, rng=rng)
        noisy = jittered(truth, rng)
        refined = refine(picture, noisy, index * RATE_NS)
        assert np.array_equal(refined[:, 2], noisy[:, 2])
        assert np.array_equal(refined[468:], noisy[468:])
    assert not np.array_equal(refined[:468, :2], noisy[:468, :2])


def test_what_is_covered_stays_with_the_mesh_and_the_rest_is_still_refined(portrait):
    rng, refine = np.random.default_rng(2), PatchRefinement()
    before, after = [], []
    for index in range(40):
        picture, truth = moved(portrait, rng=rng)
        noisy = jittered(truth, rng)
        if index >= 20:  # a plain hand before the lower half of the face
            picture[int(truth[4, 1]) :, :] = (120, 150, 190)
        refined = refine(picture, noisy, index * RATE_NS)
        if index >= 20:
            before.append((noisy - truth)[:468, :2])
            after.append((refined - truth)[:468, :2])
    before, after = np.array(before), np.array(after)
    brows, mouth = POINTS[12:32], POINTS[32:52]
    assert rms(after[:, brows]) < 0.7 * rms(before[:, brows])
    assert rms(after[:, mouth]) < 1.2 * rms(before[:, mouth])


def test_another_face_at_the_same_place_does_not_pull_at_the_landmarks(portrait):
    rng, refine = np.random.default_rng(3), PatchRefinement()
    for index in range(20):
        picture, truth = moved(portrait, rng=rng)
        refine(picture, jittered(truth, rng), index * RATE_NS)
    noise = rng.integers(0, 255, (SIZE[1] // 12, SIZE[0] // 12, 3)).astype(np.uint8)
    other = cv2.resize(noise, SIZE, interpolation=cv2.INTER_CUBIC)
    refined = refine(other, truth, 20 * RATE_NS)
    assert np.array_equal(refined, truth)


@pytest.mark.parametrize("stamp_ns", [0, 60 * RATE_NS])
def test_a_step_back_or_a_long_gap_begins_anew(portrait, stamp_ns):
    rng, refine = np.random.default_rng(4), PatchRefinement()
    for index in range(10):
        picture, truth = moved(portrait, rng=rng)
        noisy = jittered(truth, rng)
        refined = refine(picture, noisy, index * RATE_NS)
    assert not np.array_equal(refined, noisy)
    assert np.array_equal(refine(picture, noisy, stamp_ns), noisy)


def test_a_face_at_the_edge_of_the_picture_is_no_trouble(portrait):
    before, after = run(portrait, [{"x": 200.0 + i, "y": 120.0} for i in range(20)])
    assert np.isfinite(after).all()
    assert rms(after[8:]) < 1.2 * rms(before[8:])
