"""Rounds of re-enactment and what is drawn of them."""

from __future__ import annotations

import numpy as np
import pytest

from mirror_core.frame import read_only
from mirror_effects.film.marks import draw_consent, draw_standing, in_ascii
from mirror_effects.film.pose import Pose
from mirror_effects.film.rounds import READY_S, SHOWN_S, Rounds, Standing
from mirror_effects.film.testing_stage import painted_stage, still_background
from mirror_effects.film.views import Box

STEP = 1 / 12.5


@pytest.fixture
def stage():
    return painted_stage(seconds=4.0)


def play(stage, act, seconds: float, since: float = 50.0):
    """Standings of somebody who acts `act(seconds since the scene began)`."""
    rounds = Rounds(stage)
    found = []
    for number in range(round(seconds / STEP)):
        time_s = since + number * STEP
        found.append(rounds.add(act(time_s - since - READY_S), time_s))
    return found


def test_who_acts_as_the_film_does_gets_nearly_all_points_and_who_stands_still_few(stage):
    length = READY_S + stage.duration_s + 1.0
    good = play(stage, stage.pose_at, length)[-1]
    still = play(stage, lambda at: stage.pose_at(0.0), length)[-1]
    late = play(stage, lambda at: stage.pose_at(max(at - 0.4, 0.0)), length)[-1]
    assert good.is_over
    assert good.points >= 94
    assert late.points >= 80
    assert still.points <= good.points - 20


def test_a_round_waits_runs_stands_and_begins_again(stage):
    found = play(stage, stage.pose_at, READY_S + stage.duration_s + SHOWN_S + 1.5)
    assert not found[0].has_begun
    np.testing.assert_allclose(found[0].guide.points, stage.movement.points[0], atol=1e-3)
    middle = found[round((READY_S + 1.0) / STEP)]
    assert middle.has_begun
    assert not middle.is_over
    np.testing.assert_allclose(middle.guide.points, stage.pose_at(1.0).points, atol=1.5)
    over = [standing for standing in found if standing.is_over]
    assert len(over) * STEP == pytest.approx(SHOWN_S, abs=0.2)
    assert {standing.points for standing in over} == {over[0].points}
    assert not found[-1].has_begun
    assert found[-1].points == 0


def test_without_anybody_there_is_no_round_and_who_leaves_gives_it_up(stage):
    rounds = Rounds(stage)
    assert rounds.add(None, 1.0) is None
    assert rounds.add(stage.pose_at(0.0), 2.0) is not None
    assert rounds.add(None, 3.9) is not None
    assert rounds.add(None, 4.2) is None
    standing = rounds.add(stage.pose_at(0.0), 5.0)
    assert standing is not None
    assert not standing.has_begun


@pytest.mark.parametrize("mirrored", [False, True])
def test_points_and_the_figure_to_follow_are_drawn_and_read_right_in_a_mirror(stage, mirrored):
    box = Box(40, 20, 360, 360)
    plain = np.full((400, 480, 3), 90, np.uint8)
    pictures = {}
    for points in (3, 88):
        image = plain.copy()
        draw_standing(
            image, box, Standing(points, stage.pose_at(0.3), False, True), (64, 64), mirrored=mirrored
        )
        pictures[points] = image
    below = (pictures[3] != pictures[88]).any(axis=2)
    rows, columns = np.nonzero(below)
    assert rows.min() > box.y + 0.85 * box.height
    assert box.x < columns.min() < columns.max() < box.x + box.width
    guide = (pictures[3] != plain).any(axis=2)[: box.y + box.height // 2]
    x = np.flatnonzero(guide.any(axis=0))
    if mirrored:
        assert x.min() > box.x + box.width // 2
    else:
        assert x.max() < box.x + box.width // 2
    outside = plain.copy()
    outside[box.slices] = pictures[3][box.slices]
    np.testing.assert_array_equal(outside, pictures[3])


def test_a_mirrored_drawing_is_the_plain_one_the_other_way_round(stage):
    standing = Standing(42, stage.pose_at(0.3), False, True)
    ground = still_background(256)
    plain, other = ground.copy(), np.ascontiguousarray(ground[:, ::-1])
    draw_standing(plain, Box(0, 0, 256, 256), standing, (64, 64), mirrored=False)
    draw_standing(other, Box(0, 0, 256, 256), standing, (64, 64), mirrored=True)
    differs = np.abs(other[:, ::-1].astype(int) - plain).max(axis=2) > 60
    assert differs.mean() < 0.01  # smooth lines differ a little at their edges
    assert (plain != ground).any(axis=2).mean() > 0.1


def test_the_final_points_have_no_figure_to_follow_and_nobody_s_pose_draws_none(stage):
    plain = np.full((400, 400, 3), 90, np.uint8)
    final = plain.copy()
    draw_standing(
        final, Box(0, 0, 400, 400), Standing(70, stage.pose_at(1.0), True, True), (64, 64), mirrored=False
    )
    np.testing.assert_array_equal(final[:200], plain[:200])
    unknown = Pose.of(np.zeros((33, 3)), np.zeros(33))
    empty = plain.copy()
    draw_standing(empty, Box(0, 0, 400, 400), Standing(0, unknown, False, True), (64, 64), mirrored=False)
    assert len(np.unique(empty[:200].reshape(-1, 3), axis=0)) == 2  # the ground and the plate


def test_the_consent_stamp_is_small_and_below_at_the_left_as_shown():
    from datetime import datetime

    plain = np.full((480, 640, 3), 90, np.uint8)
    for mirrored in (False, True):
        image = plain.copy()
        draw_consent(image, "Zoë Ångström", datetime(2026, 3, 4, 5, 6), mirrored=mirrored)
        shown = image[:, ::-1] if mirrored else image
        rows, columns = np.nonzero((shown != read_only(plain)).any(axis=2))
        assert rows.min() >= 455
        assert columns.min() == 0
    assert in_ascii("Zoë Ångström") == "Zoe Angstrom"
    assert in_ascii("李") == ""
