"""The parts of the experiment on patch experts, and that its measures find what they are to find."""

import cv2
import numpy as np
import pytest
from skimage import data

from mirror_core.errors import ParameterError, UsageError
from mirror_training.moving_faces import Movement, moving_face, scripted_movements
from mirror_training.patch_evaluation import (
    LIGHT,
    Seen,
    evaluate_clip,
    evaluate_stills,
    methods,
    read_clip,
)
from mirror_training.patch_experts import (
    CHANNELS,
    EXPERT_POINTS,
    MODES,
    REACH,
    Alignment,
    Displacements,
    PatchRefiner,
    Regulariser,
    channel_images,
    correlation_peak,
)
from mirror_training.trained_experts import train_experts


@pytest.fixture(scope="module")
def face():
    """The astronaut's head and landmarks laid over it: the mean face, which is near enough."""
    from mirror_tracking.head_pose import mean_face

    picture = cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2BGR)[30:230, 125:325].copy()
    flat = mean_face().astype(np.float64)
    points = np.stack([flat[:, 1], -flat[:, 2]], axis=1)
    points = points / np.ptp(points[:, 1]) * 110
    points += np.array([99.0, 93.0]) - (points[:468].min(axis=0) + points[:468].max(axis=0)) / 2
    return picture, np.hstack([points, np.zeros((478, 1))]).astype(np.float32)


@pytest.fixture(scope="module")
def clip(face):
    """A clip with a mesh that errs smoothly by about half a pixel, anew in each frame."""
    picture, landmarks = face
    rng = np.random.default_rng(5)
    frames, movements = [], []
    for index, (image, movement) in enumerate(moving_face(picture, landmarks - 0.5, 45, 0)):
        points = landmarks.copy()
        points[:, :2] = movement.to_clip(landmarks[:, :2] - 0.5) + 0.5
        places = (points[:, :2] - points[:, :2].mean(axis=0)) / 40
        for _ in range(8):
            distance = ((places - rng.uniform(-2, 2, 2)) ** 2).sum(axis=1, keepdims=True)
            points[:, :2] += rng.normal(0, 0.6, 2) * np.exp(-distance)
        frames.append(Seen(image, round(index * 1e9 / 30), points.astype(np.float32)))
        movements.append(movement)
    return frames, movements


def test_alignment_brings_a_turned_face_upright_and_displacements_back(face):
    _, landmarks = face
    angle, scale = 0.4, 1.7
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    turned = landmarks.copy()
    turned[:, :2] = (landmarks[:, :2] - 0.5) @ turn.T + (300, 40) + 0.5
    first, second = Alignment.of(landmarks), Alignment.of(turned)
    assert np.allclose(first.points(landmarks), second.points(turned), atol=1e-3)
    eyes = second.points(turned)[[33, 263]]
    assert eyes[0, 1] == pytest.approx(eyes[1, 1], abs=1e-3)
    there = second.points(turned + np.array([3.0, -2.0, 0.0], np.float32))
    assert np.allclose(second.shifts_back(there - second.points(turned)), (3.0, -2.0), atol=1e-3)


@pytest.mark.parametrize("mode", MODES)
def test_each_mode_has_its_channels(mode):
    grey = np.random.default_rng(0).uniform(0, 255, (40, 50)).astype(np.float32)
    images = channel_images(grey, mode)
    assert tuple(images) == MODES[mode]
    assert all(image.shape == grey.shape and image.dtype == np.float32 for image in images.values())


def test_patterns_and_gradients_do_not_depend_on_brightness():
    grey = cv2.GaussianBlur(np.random.default_rng(0).uniform(0, 100, (60, 60)).astype(np.float32), (0, 0), 2)
    dark, light = channel_images(grey, "blend"), channel_images(1.5 * grey + 40, "blend")
    assert np.allclose(dark["lbp"], light["lbp"])
    assert np.allclose(1.5 * dark["sobel"], light["sobel"], rtol=1e-3, atol=1e-3)
    assert not np.allclose(dark["raw"], light["raw"])


def test_an_unknown_mode_is_told_with_those_there_are():
    with pytest.raises(
        ParameterError, match=r"mode = colour is refused: allowed is raw \| lbp \| sobel \| blend"
    ):
        channel_images(np.zeros((4, 4), np.float32), "colour")


@pytest.mark.parametrize("shift", [(0.0, 0.0), (1.3, -2.4), (-3.0, 0.6)])
def test_the_peak_is_found_between_the_samples(shift):
    y, x = np.mgrid[-REACH : REACH + 1, -REACH : REACH + 1]
    response = np.exp(-((x - shift[0]) ** 2 + (y - shift[1]) ** 2) / 8).astype(np.float32)
    dx, dy, height = correlation_peak(response)
    assert (dx, dy) == pytest.approx(shift, abs=0.06)
    assert height == pytest.approx(1.0, abs=0.05)


def test_the_regulariser_spreads_what_is_trusted_and_ignores_the_rest():
    count = len(EXPERT_POINTS)
    shifts = np.tile([1.0, -0.5], (count, 1))
    smooth = Regulariser()(Displacements(shifts, np.ones(count)))
    assert np.allclose(smooth[EXPERT_POINTS], (1.0, -0.5), atol=0.15)
    assert np.abs(smooth[152]).max() < 0.6  # the chin, which no expert sees
    assert not Regulariser()(Displacements(shifts, np.zeros(count))).any()
    odd = shifts * 0
    odd[3] = (9.0, 9.0)
    trust = np.ones(count)
    trust[3] = 0.0
    assert np.abs(Regulariser()(Displacements(odd, trust))).max() < 1e-6


@pytest.mark.parametrize("mode", MODES)
def test_templates_lower_error_and_jitter_of_a_mesh_that_errs(clip, mode):
    plain = evaluate_stills(methods()["mesh"], [clip])
    refined = evaluate_stills(methods()[f"template {mode}"], [clip])
    assert refined.error < 0.75 * plain.error
    assert refined.jitter < 0.75 * plain.jitter
    assert abs(refined.lag_ms) < 3.0


def test_what_ships_does_so_as_well_and_a_filter_comes_late(clip):
    table = {name: evaluate_stills(methods()[name], [clip]) for name in ("mesh", "mesh, firm", "refinement")}
    assert table["refinement"].error < 0.6 * table["mesh"].error
    assert table["refinement"].jitter < 0.6 * table["mesh"].jitter
    assert abs(table["refinement"].lag_ms) < 3.0
    assert table["mesh, firm"].lag_ms > 8.0
    assert LIGHT == (5.0, 80.0, 2.0)


def test_on_a_clip_the_flow_shows_which_landmarks_move_with_the_picture(clip):
    frames, _ = clip
    plain = evaluate_clip(methods()["mesh"], frames)
    refined = evaluate_clip(methods()["refinement"], frames)
    assert refined.flow < 0.7 * plain.flow
    assert refined.jitter < plain.jitter
    assert np.isnan(plain.error)


def test_exact_landmarks_have_no_error_no_lag_and_follow_all_of_the_expression(face):
    _, landmarks = face
    movements = list(scripted_movements(landmarks - 0.5, 90, np.random.default_rng(2)))
    unseen = np.zeros((4, 4, 3), np.uint8)  # the plain mesh's method looks at no picture

    def frames(gain):
        for index, movement in enumerate(movements):
            points = landmarks.copy()
            stiff = Movement(movement.place).to_clip(landmarks[:, :2] - 0.5)
            points[:, :2] = stiff + gain * (movement.to_clip(landmarks[:, :2] - 0.5) - stiff) + 0.5
            yield Seen(unseen, round(index * 1e9 / 30), points.astype(np.float32))

    exact = evaluate_stills(methods()["mesh"], [(list(frames(1.0)), movements)])
    assert exact.error < 1e-3
    assert abs(exact.lag_ms) < 1e-2
    assert exact.expression == pytest.approx(100.0, abs=0.1)
    shy = evaluate_stills(methods()["mesh"], [(list(frames(0.6)), movements)])
    assert shy.error > 0.1
    assert shy.expression == pytest.approx(60.0, abs=0.5)


def test_trained_experts_answer_where_they_were_trained(face):
    picture, landmarks = face
    experts = train_experts([(picture, landmarks)] * 3, ridge=0.1)
    assert set(experts) == set(CHANNELS)
    align = Alignment.of(landmarks)
    images = channel_images(align.canvas(picture), "raw")
    points = align.points(landmarks[EXPERT_POINTS])
    found = PatchRefiner("raw", experts).search(images, points)
    assert np.median(np.abs(found.shifts)) < 0.3
    moved = PatchRefiner("raw", experts).search(images, points + np.array([1.0, -1.0]))
    assert np.median(moved.shifts, axis=0) == pytest.approx((-1.0, 1.0), abs=0.3)


def test_a_missing_clip_is_told(tmp_path):
    with pytest.raises(UsageError, match=r"no\.mp4 cannot be read: give --data a folder that holds it"):
        next(read_clip(tmp_path / "no.mp4"))
