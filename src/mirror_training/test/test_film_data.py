"""What a film training learns from and is judged by: scenes, splits, windows, scores. No Keras is needed."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror_core.body_points import BodyPoint
from mirror_core.errors import ShapeError, UsageError
from mirror_effects.film.pose import Pose
from mirror_effects.film.pose_map import draw
from mirror_training.film.batches import WindowBatches, frames_to_learn
from mirror_training.film.design import FAST, FULL, Design
from mirror_training.film.footage import POSES, Footage, guessed_alpha, open_footage
from mirror_training.film.nearest import NearestFrame, pose_distances
from mirror_training.film.recipe import Augmentation, Recipe, Splitting, recipe_of
from mirror_training.film.scores import flicker, moving_area, score_pieces
from mirror_training.film.split import split_clip
from mirror_training.film.toy_clip import toy_background, toy_figure, toy_pose, write_toy_clip
from mirror_training.film.windows import WindowMaker, place_figure

SIDE = 64
STILL = Augmentation(0, 0, 0, 0, 0, 0, 0, 0)
SMALL = Recipe(Design(side=SIDE, filters=(8, 16), discriminators=1), batch=3, crop=0, rollout=2)
IDENTITY = np.eye(2, 3)


@pytest.fixture(scope="module")
def scene(tmp_path_factory) -> Path:
    return write_toy_clip(tmp_path_factory.mktemp("scene"), 60, SIDE)


@pytest.fixture(scope="module")
def footage(scene, tmp_path_factory) -> Footage:
    return open_footage(scene, SIDE, tmp_path_factory.mktemp("prepared") / "here")


@given(
    count=st.integers(60, 900),
    share=st.floats(0.05, 0.4),
    pieces=st.integers(1, 4),
    gap=st.integers(0, 8),
    cuts=st.lists(st.integers(1, 899), max_size=3),
)
def test_no_frame_that_is_measured_on_has_a_neighbour_that_was_learned_from(count, share, pieces, gap, cuts):
    shots = np.searchsorted(sorted(cuts), np.arange(count), side="right").tolist()
    try:
        split = split_clip(shots, Splitting(share, pieces, gap))
    except UsageError:
        return
    held = {frame for piece in split.held for frame in piece}
    train = {frame for piece in split.train for frame in piece}
    assert held
    assert train
    nearest = min(abs(one - other) for one in held for other in train)
    assert nearest > gap
    for piece in (*split.held, *split.train):
        assert len({shots[frame] for frame in piece}) == 1
        assert len(piece) >= 4


def test_a_split_keeps_the_share_that_is_asked_for_spread_over_the_clip():
    split = split_clip([0] * 1000, Splitting(0.2, 4, 10))
    assert [len(piece) for piece in split.held] == [50] * 4
    assert [piece.start for piece in split.held] == [100, 350, 600, 850]
    assert sum(map(len, split.train)) == 1000 - 4 * (50 + 2 * 10)


def test_a_clip_that_is_too_short_is_refused_with_what_to_do():
    with pytest.raises(UsageError, match="a longer clip, or fewer pieces"):
        split_clip([0] * 20, Splitting(0.2, 4, 12))


def test_footage_holds_frames_alpha_and_poses_of_the_scene(footage):
    picture, alpha = toy_figure(toy_pose(7, SIDE), SIDE)
    assert len(footage) == 60
    assert footage.alpha_is_true
    assert np.array_equal(footage.frames[7], picture)
    assert np.array_equal(footage.alpha[7], alpha)
    assert footage.pose(7).points == pytest.approx(toy_pose(7, SIDE).points)
    assert footage.times[25] == pytest.approx(1.0)


def test_footage_at_another_size_moves_the_poses_along(scene, tmp_path):
    half = open_footage(scene, SIDE // 2, tmp_path / "half")
    assert half.frames.shape == (60, SIDE // 2, SIDE // 2, 3)
    assert half.pose(7).points == pytest.approx(toy_pose(7, SIDE).points / 2, abs=1e-4)


def test_footage_is_prepared_once_and_anew_when_the_scene_changed(tmp_path):
    scene = write_toy_clip(tmp_path / "scene", 5, 32)
    first = open_footage(scene, 32, tmp_path / "prepared")
    stamp = (first.folder / "frames.npy").stat().st_mtime_ns
    again = open_footage(scene, 32, tmp_path / "prepared")
    assert (again.folder / "frames.npy").stat().st_mtime_ns == stamp
    write_toy_clip(scene, 6, 32)
    assert len(open_footage(scene, 32, tmp_path / "prepared")) == 6


def test_pictures_with_an_alpha_and_videos_are_frames_too(tmp_path):
    scene = write_toy_clip(tmp_path / "scene", 5, SIDE)
    with np.load(scene / "frames.npz") as archive:
        images, alpha = archive["images"], archive["alpha"]
    (scene / "frames.npz").unlink()
    (scene / "frames").mkdir()
    for number in range(5):
        picture = np.dstack([images[number], alpha[number]])
        cv2.imwrite(str(scene / "frames" / f"{number:04d}.png"), picture)
    found = open_footage(scene, SIDE, tmp_path / "prepared")
    assert np.array_equal(found.frames, images)
    assert np.array_equal(found.alpha, alpha)
    (scene / "alpha").mkdir()
    for number in range(5):
        cv2.imwrite(str(scene / "frames" / f"{number:04d}.png"), images[number])
        cv2.imwrite(str(scene / "alpha" / f"{number:04d}.png"), alpha[number])
    beside = open_footage(scene, SIDE, tmp_path / "prepared")
    assert beside.alpha_is_true
    assert np.array_equal(beside.alpha, alpha)
    (scene / "alpha" / "0004.png").unlink()
    with pytest.raises(UsageError, match=r"5 pictures but .* has 4"):
        open_footage(scene, SIDE, tmp_path / "prepared")
    for folder in ("frames", "alpha"):
        shutil.rmtree(scene / folder)
    writer = cv2.VideoWriter(str(scene / "clip.avi"), cv2.VideoWriter_fourcc(*"MJPG"), 25, (SIDE, SIDE))
    for image in images:
        writer.write(image)
    writer.release()
    found = open_footage(scene, SIDE, tmp_path / "prepared")
    assert len(found) == 5
    assert not found.alpha_is_true
    assert np.abs(found.frames.astype(float) - images).mean() < 8


def test_without_an_alpha_the_figure_is_what_differs_from_the_background(tmp_path):
    scene = write_toy_clip(tmp_path / "scene", 40, SIDE, alpha=False)
    known = open_footage(scene, SIDE, tmp_path / "one")
    true = np.stack([toy_figure(toy_pose(number, SIDE), SIDE)[1] for number in range(40)]) >= 128
    found = known.alpha >= 128
    assert (true & found).sum() / (true | found).sum() > 0.7
    (scene / "background.png").unlink()  # then it is the median of the frames
    median = open_footage(scene, SIDE, tmp_path / "two").background
    middle = true.mean(axis=0) < 0.3
    assert np.abs(median[middle].astype(float) - known.background[middle]).mean() < 2
    assert guessed_alpha(known.background, known.background).max() == 0


def test_scenes_that_do_not_fit_are_refused_with_a_sentence(tmp_path):
    with pytest.raises(UsageError, match="has no frames"):
        open_footage(tmp_path, SIDE, tmp_path / "prepared")
    scene = write_toy_clip(tmp_path / "scene", 5, 32)
    with np.load(scene / POSES) as archive:
        poses = dict(archive)
    np.savez(scene / POSES, points=poses["points"][:3], visibility=poses["visibility"][:3])
    with pytest.raises(UsageError, match="5 frames but 3 poses"):
        open_footage(scene, 32, tmp_path / "prepared")
    np.savez(scene / POSES, points=poses["points"][..., :2], visibility=poses["visibility"])
    with pytest.raises(UsageError, match=r"points \[n, 33, 3\]"):
        open_footage(scene, 32, tmp_path / "prepared")
    (scene / POSES).unlink()
    with pytest.raises(UsageError, match=r"poses\.npz is missing"):
        open_footage(scene, 32, tmp_path / "prepared")


def test_frames_without_a_body_are_not_learned_from(tmp_path):
    scene = write_toy_clip(tmp_path / "scene", 30, 32)
    with np.load(scene / POSES) as archive:
        poses = dict(archive)
    poses["points"][10] = np.nan
    np.savez(scene / POSES, **poses)
    footage = open_footage(scene, 32, tmp_path / "prepared")
    frames = frames_to_learn(footage, [range(30)], 2)
    assert frames.tolist() == [*range(3, 10), *range(13, 30)]


def test_a_figure_that_is_not_moved_stays_as_it_is(footage):
    frame, alpha = place_figure(footage.frames[3], footage.alpha[3], footage.background, IDENTITY)
    assert np.abs(frame.astype(int) - footage.frames[3]).max() <= 1
    assert np.array_equal(alpha, footage.alpha[3])


def test_a_figure_is_moved_and_the_background_stays(footage):
    frame, alpha = place_figure(
        footage.frames[3], footage.alpha[3], footage.background, np.array([[1.0, 0, 5], [0, 1, -3]])
    )
    assert np.array_equal(alpha[:-3, 5:], footage.alpha[3][3:, :-5])
    assert np.array_equal(frame[alpha == 0], footage.background[alpha == 0])
    solid = alpha[:-3, 5:] == 255
    assert np.abs(frame[:-3, 5:][solid].astype(int) - footage.frames[3][3:, :-5][solid]).max() <= 1


def test_a_window_holds_what_belongs_together(footage):
    maker = WindowMaker(footage, replace(SMALL, augmentation=STILL), np.arange(60))
    window = maker.make(20, (1,), own=False)
    assert np.array_equal(window.poses[0], draw(footage.pose(20), SIDE, SIDE))
    for picture, known in ((window.frame, 20), (window.before, 19), (window.previous, 19)):
        assert np.abs(picture.astype(int) - footage.frames[known]).max() <= 1
    own = maker.make(20, (1,), own=True)
    assert len(own.poses) == 3
    for number, pose_map in enumerate(own.poses):
        assert np.array_equal(pose_map, draw(footage.pose(18 + number), SIDE, SIDE))
    assert np.abs(own.start.astype(int) - footage.frames[17]).max() <= 1


def test_pose_and_picture_are_moved_alike(footage):
    change = replace(STILL, shift=0.08, scale=0.1)
    maker = WindowMaker(footage, replace(SMALL, augmentation=change), np.arange(60))
    for number in range(6):
        window = maker.make(20 + number, (number,), own=False)
        drawn, seen = window.poses[0][..., 0] > 0, window.alpha[..., 0] >= 128
        assert (drawn & seen).sum() / (drawn | seen).sum() > 0.85


@pytest.mark.parametrize("kind", ["blurred", "moved", "other", "empty"])
def test_the_frame_before_is_disturbed_in_the_way_that_is_asked_for(footage, kind):
    change = replace(STILL, reach=0.05, **{kind: 1.0})
    maker = WindowMaker(footage, replace(SMALL, augmentation=change), np.array([55]))
    window = maker.make(20, (4,), own=False)
    apart = np.abs(window.previous.astype(int) - footage.frames[19])
    assert apart.mean() > 0.2
    assert np.abs(window.before.astype(int) - footage.frames[19]).max() <= 1
    if kind == "other":
        assert np.array_equal(window.previous, footage.frames[55])
    if kind == "empty":
        assert np.array_equal(window.previous, footage.background)


def test_a_dropped_limb_is_missing_in_the_map_and_stays_in_the_picture(footage):
    maker = WindowMaker(footage, replace(SMALL, augmentation=replace(STILL, drop=1.0)), np.arange(60))
    window = maker.make(20, (4,), own=True)
    whole = [draw(footage.pose(number), SIDE, SIDE) for number in (18, 19, 20)]
    lost = [(full > 0).sum() - (found > 0).sum() for full, found in zip(whole, window.poses, strict=True)]
    assert min(lost) > 0
    assert np.abs(window.frame.astype(int) - footage.frames[20]).max() <= 1


def test_a_strip_holds_the_figure_at_its_height(footage):
    recipe = replace(SMALL, augmentation=STILL, crop=48)
    maker = WindowMaker(footage, recipe, np.arange(60))
    columns = np.flatnonzero((footage.alpha[20] >= 128).any(axis=0))
    found = [maker.make(20, (number,), own=number % 2 == 1) for number in range(8)]
    for window in found:
        assert window.frame.shape == (SIDE, 48, 3)
        assert window.poses.shape[1:] == (SIDE, 48, 3)
        if columns[-1] - columns[0] < 44:
            assert (window.alpha >= 128).sum() == (footage.alpha[20] >= 128).sum()
        empty = window.alpha[..., 0] == 0
        assert np.array_equal(window.frame[empty], window.background[empty])


def test_batches_do_not_depend_on_who_makes_them(footage):
    recipe = replace(SMALL, own=0.5)
    frames = frames_to_learn(footage, [range(40)], recipe.rollout)
    alone = WindowBatches(recipe, footage, frames)
    shared = WindowBatches(replace(recipe, workers=2), footage, frames)
    try:
        ours, theirs = alone.from_step(5), shared.from_step(5)
        pairs = [(next(ours), next(theirs)) for _ in range(6)]
    finally:
        shared.close()
    assert {one.own for one, _ in pairs} == {True, False}
    for one, other in pairs:
        assert one.own == other.own
        for name in ("poses", "start", "previous", "before", "frame", "alpha", "background"):
            assert np.array_equal(getattr(one, name), getattr(other, name))
    assert not np.array_equal(pairs[0][0].frame, pairs[1][0].frame)


def test_constant_errors_do_not_flicker_and_jumps_do():
    rng = np.random.default_rng(1)
    truth = rng.integers(40, 200, (5, 8, 8, 3)).astype(np.uint8)
    area = np.zeros((5, 8, 8), np.bool_)
    area[:, 2:6, 2:6] = True
    assert flicker(truth, truth, area) == 0
    assert flicker(truth + np.uint8(30), truth, area) == 0
    jumping = truth.copy()
    jumping[1::2] += np.uint8(8)  # up and down again: 8 levels at each step
    assert flicker(jumping, truth, area) == pytest.approx(8)
    outside = truth.copy()
    outside[1::2, 0] = 0
    assert flicker(outside, truth, area) == 0
    still = np.repeat(
        truth[:1], 5, axis=0
    )  # what stands where the film moves is as far off as the film moves
    moves = np.abs(np.diff(truth[:, 2:6, 2:6].astype(float), axis=0)).mean()
    assert flicker(still, truth, area) == pytest.approx(moves)
    assert np.isnan(flicker(truth, truth, np.zeros_like(area)))
    with pytest.raises(ShapeError, match="must fit together"):
        flicker(truth[:4], truth, area)


def test_scores_of_pieces_count_each_frame_alike(footage):
    pieces = [range(5, 9), range(20, 30)]
    truths = [np.asarray(footage.frames[piece.start : piece.stop]) for piece in pieces]
    areas = [moving_area(footage, piece) for piece in pieces]
    perfect = score_pieces(truths, truths, areas)
    assert perfect.frames == 14
    assert (perfect.moving.ssim, perfect.moving.l1, perfect.flicker) == (pytest.approx(1.0, abs=1e-5), 0, 0)
    off = [truths[0], np.clip(truths[1].astype(int) + 14, 0, 255).astype(np.uint8)]
    assert score_pieces(off, truths, areas).whole.l1 == pytest.approx(10, abs=0.2)
    figure = footage.alpha[5] >= 128
    assert (areas[0][0] & figure).sum() == figure.sum()
    assert areas[0][0].mean() < 0.7


def test_the_nearest_frame_is_that_of_the_same_pose(footage):
    nearest = NearestFrame(footage, [range(20), range(40, 60)])
    assert [nearest.number(footage.pose(frame)) for frame in (3, 17, 44)] == [3, 17, 44]
    assert nearest.number(footage.pose(23)) == 19  # of those that are learned from
    assert np.array_equal(nearest.play([footage.pose(44)])[0], footage.frames[44])


def test_pose_distance_counts_what_is_seen_in_both():
    points = np.zeros((2, 33, 3), np.float32)
    points[0, :, 0] = 3
    points[0, :, 1] = 4
    points[1, BodyPoint.NOSE, 0] = 100
    seen = np.ones((2, 33), np.float32)
    here = Pose(np.zeros((33, 3), np.float32), np.ones(33, np.float32))
    assert pose_distances(here, points, seen)[0] == pytest.approx(5)
    seen[1, BodyPoint.NOSE] = 0
    assert pose_distances(here, points, seen)[1] == 0
    assert np.isinf(pose_distances(here, points, np.zeros_like(seen))).all()


def test_the_rate_rises_falls_is_held_and_falls_again():
    recipe = Recipe(learning_rate=1.0, game_rate=0.2, warm_up=0.1, coarse_until=0.2, game_from=0.5)
    rates = np.array([recipe.rate(point / 100) for point in range(101)])
    assert rates[10] == max(rates) == pytest.approx(1.0)
    assert (np.diff(rates[:11]) > 0).all()
    assert (np.diff(rates[10:50]) < 0).all()
    assert rates[50:75] == pytest.approx(0.2)
    assert rates[100] == pytest.approx(0.2 * 0.02)
    assert [recipe.stage(point) for point in (0, 0.19, 0.2, 0.49, 0.5, 1)] == [
        *("coarse", "coarse", "picture", "picture", "game", "game")
    ]
    assert Recipe(learning_rate=1.0, game_from=1.0).rate(1.0) == pytest.approx(0.01)


def test_the_two_sizes_and_what_is_refused():
    assert (recipe_of("fast").design, recipe_of("full").design) == (FAST, FULL)
    assert (FAST.side, FULL.side) == (256, 512)
    assert FULL.filters == (64, 128, 256, 512, 1024)
    with pytest.raises(UsageError, match="size small is unknown"):
        recipe_of("small")
    with pytest.raises(UsageError, match="need a multiple of 32"):
        Design(side=250)
    with pytest.raises(UsageError, match="normalisation = none"):
        Design(normalisation="none")
    with pytest.raises(UsageError, match="crop = 100"):
        Recipe(crop=100)
    with pytest.raises(UsageError, match="must rise"):
        Recipe(coarse_until=0.6, game_from=0.5)
    with pytest.raises(UsageError, match="sum up to 1"):
        Augmentation(blurred=0.9, other=0.4)


def test_the_toy_figure_stands_before_the_toy_background():
    picture, alpha = toy_figure(toy_pose(0, SIDE), SIDE)
    assert np.array_equal(picture[alpha == 0], toy_background(SIDE)[alpha == 0])
    assert 0.05 < (alpha == 255).mean() < 0.5
