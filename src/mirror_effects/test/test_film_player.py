"""A character's player: follows, holds, moves by itself, glides, and feeds each frame into the next."""

from __future__ import annotations

import numpy as np
import pytest

from mirror_core.body_points import BodyPoint
from mirror_effects.film.composer import composed
from mirror_effects.film.player import Mode, Participation, Player
from mirror_effects.film.pose import Pose
from mirror_effects.film.testing import hidden, spread
from mirror_effects.film.testing_stage import painted_stage

WIDTH = 640
STEP = 1 / 25
WRISTS = [int(BodyPoint.LEFT_WRIST), int(BodyPoint.RIGHT_WRIST)]


def person(arms: float, track_id: int = 1, x: float = 320.0) -> Participation:
    """Somebody with the arms so far from hanging, in radians."""
    return Participation(track_id, spread(300.0, (x, 100.0), arms), WIDTH)


@pytest.fixture
def stage():
    return painted_stage()


@pytest.fixture
def player(stage):
    player = Player(stage)
    player.attract_after_s = 3.0
    return player


def run(player: Player, people, since: float = 10.0):
    return [player.next(each, since + number * STEP) for number, each in enumerate(people)]


def wrist_height(pose: Pose) -> float:
    return float(pose.points[WRISTS, 1].mean())


def largest_way(frames) -> float:
    """The longest way of any known point from one frame to the next, in body heights."""
    points = np.stack([frame.pose.points[:, :2] for frame in frames])
    return float(np.linalg.norm(np.diff(points, axis=0), axis=-1).max() / (0.6 * 64))


def test_the_character_s_frames_follow_the_person_in_order(player):
    frames = run(player, [person(0.1 + 0.05 * number) for number in range(40)])
    heights = [wrist_height(frame.pose) for frame in frames]
    assert heights[-1] < heights[0] - 10  # arms went up, by more than a sixth of the picture
    assert (np.diff(heights) < 0).all()
    tops = [int(np.flatnonzero(frame.alpha.any(axis=1))[0]) for frame in frames]
    assert tops == sorted(tops, reverse=True)
    assert {frame.mode for frame in frames} == {Mode.PLAYED}


def test_each_frame_is_made_from_the_one_before_and_the_first_from_the_bare_background(player, stage):
    frames = run(player, [person(0.1 * number) for number in range(8)])
    before = [previous for _, previous in stage.network.asked]
    np.testing.assert_array_equal(before[0], stage.background_small)
    for frame, previous in zip(frames, before[1:], strict=False):
        np.testing.assert_array_equal(previous, frame.picture)
        np.testing.assert_array_equal(
            frame.picture, composed(stage.background_small, frame.colour, frame.alpha)
        )


def test_who_leaves_leaves_the_last_pose_behind_until_the_film_goes_on(player, stage):
    played = run(player, [person(0.1 + 0.02 * number) for number in range(50)], 10.0)
    held = run(player, [None] * 74, 12.0)
    assert {frame.mode for frame in held} == {Mode.HELD}
    np.testing.assert_allclose(held[0].pose.points, played[-1].pose.points, atol=1e-4)
    np.testing.assert_array_equal(held[-1].pose.points, held[0].pose.points)
    attract = run(player, [None] * 60, 12.0 + 74 * STEP)
    assert attract[5].mode is Mode.ATTRACT
    late = 30  # the glide is over by then
    began = next(number for number, frame in enumerate(attract) if frame.mode is Mode.ATTRACT)
    expected = stage.film_pose((late - began) * STEP)
    np.testing.assert_allclose(attract[late].pose.points, expected.points, atol=1e-3)


def test_an_empty_stage_shows_the_film_at_once_to_and_fro(player, stage):
    frames = run(player, [None] * 100)
    assert {frame.mode for frame in frames} == {Mode.ATTRACT}
    for number in (0, 20, 60):
        np.testing.assert_allclose(frames[number].pose.points, stage.movement.points[number], atol=1e-3)
    length = stage.duration_s
    there = stage.film_pose(length - 0.5).points
    np.testing.assert_allclose(stage.film_pose(length + 0.5).points, there, atol=1e-3)


def test_nothing_jumps_when_somebody_comes_goes_and_comes_back(player):
    people = [
        *[None] * 30,
        *[person(2.0)] * 40,  # from the film to somebody with their arms up
        *[None] * 120,  # held, then the film
        *[person(0.1)] * 40,  # back with hanging arms
        *[person(2.2, track_id=2, x=200.0)] * 40,  # handed over to somebody else
    ]
    frames = run(player, people)
    modes = [frame.mode for frame in frames]
    assert [mode for number, mode in enumerate(modes) if number == 0 or mode is not modes[number - 1]] == [
        *(Mode.ATTRACT, Mode.PLAYED, Mode.HELD, Mode.ATTRACT, Mode.PLAYED)
    ]
    # Hands of the film itself move by 0.09 heights a frame; a jump here would be one of 0.5 and more.
    assert largest_way(frames) < 0.18
    settled = Player(player.stage)
    straight = run(settled, [person(2.2, track_id=2, x=200.0)] * 40)
    np.testing.assert_allclose(frames[-1].pose.points, straight[-1].pose.points, atol=0.5)


def test_a_short_gap_in_tracking_is_no_pause(player):
    frames = run(player, [person(1.0)] * 20 + [None] * 4 + [person(1.0)] * 20)
    points = np.stack([frame.pose.points for frame in frames[5:]])
    assert np.abs(np.diff(points, axis=0)).max() < 0.2  # of a pixel


def test_too_little_of_a_body_counts_as_nobody(player):
    every = list(BodyPoint)
    unseen = Participation(1, hidden(spread(300.0, (320.0, 100.0)), *every), WIDTH)
    frames = run(player, [person(1.0)] * 10 + [unseen] * 10)
    assert [frame.mode for frame in frames] == [Mode.PLAYED] * 10 + [Mode.HELD] * 10


def test_smoothing_calms_a_person_at_rest_and_hardly_delays_one_who_moves(stage):
    rng = np.random.default_rng(5)

    def played(smoothing: float, people) -> np.ndarray:
        player = Player(stage)
        player.smoothing_s = smoothing
        return np.stack([frame.pose.points[WRISTS, :2] for frame in run(player, people)])

    def trembling() -> Participation:
        pose = spread(300.0, (320.0, 100.0), 0.6)
        noise = rng.standard_normal(pose.points.shape).astype(np.float32)
        return Participation(1, Pose.of(pose.points + noise, pose.visibility), WIDTH)

    resting = [trembling() for _ in range(60)]
    raw, calm = (np.abs(np.diff(played(each, resting)[10:], axis=0)).mean() for each in (0.0, 0.2))
    assert calm < 0.6 * raw
    waving = [person(0.1 + 0.08 * number) for number in range(30)]
    behind = np.linalg.norm(played(0.0, waving) - played(0.2, waving), axis=-1)[-10:].max()
    frame_way = np.linalg.norm(np.diff(played(0.0, waving), axis=0), axis=-1)[-10:].max()
    assert behind < 2 * frame_way  # less than two frames late


def test_the_network_rests_when_nothing_moves(player, stage):
    run(player, [person(0.5)] * 10)
    asked = len(stage.network.asked)
    frames = run(player, [None] * 60, 10.0 + 10 * STEP)
    assert len(stage.network.asked) - asked <= 15
    assert {frame.mode for frame in frames} == {Mode.HELD}
    rested = len(stage.network.asked)
    again = run(player, [person(2.0)] * 5, 10.0 + 70 * STEP)
    assert again[-1].pose is not frames[-1].pose
    assert len(stage.network.asked) - rested == 5


def test_the_figure_acts_as_a_mirror_image_or_not(stage):
    pose = spread(300.0, (320.0, 100.0), 0.1)
    points = pose.points.copy()
    arm = [int(BodyPoint[f"RIGHT_{name}"]) for name in ("ELBOW", "WRIST", "INDEX", "PINKY", "THUMB")]
    # The right arm goes up: on the left of the camera's picture.
    points[arm, 1] = 2 * points[int(BodyPoint.RIGHT_SHOULDER), 1] - points[arm, 1]
    who = Participation(1, Pose.of(points, pose.visibility), WIDTH)
    for mirrored, right_side in ((True, True), (False, False)):
        frame = run(Player(stage, mirrored=mirrored), [who] * 5)[-1]
        above = frame.alpha[: round(0.28 * 64)]  # beside the head there is only that hand
        left, right = above[:, :32].sum(), above[:, 32:].sum()
        assert abs(left - right) > 5
        assert bool(right > left) is right_side
