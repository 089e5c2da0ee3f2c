"""Fitting participants into a scene: the character's size, place and proportions, whoever stands wherever."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirror_core.body_points import BodyPoint
from mirror_core.errors import ShapeError, UsageError
from mirror_effects.film.normalisation import Lengths, Normaliser, PoseStatistics
from mirror_effects.film.pose import Pose
from mirror_effects.film.pose_library import PoseLibrary
from mirror_effects.film.pose_statistics import Line, Range
from mirror_effects.film.similarity import agreement
from mirror_effects.film.skeleton import CHEST, BoneKind, joints, kind_lengths
from mirror_effects.film.testing import hidden, spread, standing, turned, walk

FPS = 25.0
WIDTH, HEIGHT = 256, 256  # of the scene
LEGS = [p for p in BodyPoint if p >= BodyPoint.LEFT_KNEE]
BELOW_CHEST = [p for p in BodyPoint if p >= BodyPoint.LEFT_HIP]
ANKLES = [BodyPoint.LEFT_ANKLE, BodyPoint.RIGHT_ANKLE]


def film(near: float = 150.0, far: float = 150.0) -> tuple[np.ndarray, np.ndarray]:
    """The character comes closer from far to near; the camera's horizon is at y = 60."""
    return walk(150, height=(far, near), ears=(128.0, 60.0 - 0.1 * far), horizon=60.0)


def scene(near: float = 150.0, far: float = 150.0) -> PoseStatistics:
    return PoseStatistics.of(*film(near, far), WIDTH, HEIGHT)


def fitted(
    normaliser: Normaliser, poses: list[Pose], width: int = 640, fps: float = FPS, start_s: float = 0.0
) -> list[Pose]:
    results = [normaliser.fit(pose, start_s + index / fps, width) for index, pose in enumerate(poses)]
    assert all(result is not None for result in results)
    return [result for result in results if result is not None]


def chest(pose: Pose) -> np.ndarray:
    return joints(pose.points)[CHEST]


# Statistics of a scene


def test_statistics_tell_size_place_and_proportions_of_a_film() -> None:
    statistics = scene(near=180.0, far=120.0)
    assert statistics.poses == 150 and statistics.feet_seen == 1.0
    assert statistics.size.low == pytest.approx(120, rel=0.03)
    assert statistics.size.usual == pytest.approx(150, rel=0.03)
    assert statistics.size.high == pytest.approx(180, rel=0.03)
    assert statistics.across.low == pytest.approx(128, abs=0.5) == statistics.across.high
    # Ears are 0.1 heights above the horizon, ankles 1 height below the ears (less when the legs are apart).
    assert statistics.ankles is not None
    assert statistics.ankles.at(0.0) == pytest.approx(60 + 0.88 * statistics.size.low, abs=4)
    assert statistics.ankles.at(1.0) == pytest.approx(60 + 0.88 * statistics.size.high, abs=4)
    assert statistics.chest.at(1.0) == pytest.approx(60 + 0.03 * statistics.size.high, abs=2)
    assert statistics.proportions[BoneKind.SHIN] == pytest.approx(0.27, rel=0.03)


def test_a_few_wrong_frames_do_not_matter() -> None:
    points, seen = film(near=180.0, far=120.0)
    before = PoseStatistics.of(points, seen, WIDTH, HEIGHT)
    wrong = np.random.default_rng(1).choice(len(points), 3, replace=False)
    points = points.copy()
    points[wrong] *= np.array([5.0, 0.2, 3.0], np.float32)[:, None, None]
    after = PoseStatistics.of(points, seen, WIDTH, HEIGHT)
    assert after.size.usual == pytest.approx(before.size.usual, rel=0.02)
    assert after.size.high == pytest.approx(before.size.high, rel=0.08)
    assert before.ankles is not None and after.ankles is not None
    assert after.ankles.at(0.5) == pytest.approx(before.ankles.at(0.5), rel=0.02)


def test_a_film_without_feet_has_no_ankle_line_and_the_same_size() -> None:
    points, seen = film()
    whole = PoseStatistics.of(points, seen, WIDTH, HEIGHT)
    seen = seen.copy()
    seen[:, LEGS] = 0.0
    points = points.copy()
    points[:, LEGS] = 500.0
    half = PoseStatistics.of(points, seen, WIDTH, HEIGHT)
    assert half.ankles is None and half.feet_seen == 0.0
    assert half.size.usual == pytest.approx(whole.size.usual, rel=0.02)
    assert half.chest.at(0.5) == pytest.approx(whole.chest.at(0.5), abs=1.0)


def test_frames_that_show_too_little_are_left_out_and_a_film_of_them_is_refused() -> None:
    points, seen = film()
    seen = seen.copy()
    seen[:40] = 0.0
    assert PoseStatistics.of(points, seen, WIDTH, HEIGHT).poses == 110
    with pytest.raises(UsageError, match="None of the 150 poses shows a body well enough"):
        PoseStatistics.of(points, np.zeros_like(seen), WIDTH, HEIGHT)
    with pytest.raises(ShapeError, match=r"points \[n, 33, 3\]"):
        PoseStatistics.of(points[0], seen, WIDTH, HEIGHT)


def test_statistics_come_back_from_json_as_they_were() -> None:
    for statistics in (scene(180.0, 120.0), scene()):
        assert PoseStatistics.from_json(json.loads(json.dumps(statistics.to_json()))) == statistics


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"size": None}, "size must be names with values"),
        ({"size": {"low": 1, "usual": 2}}, "size lack high"),
        ({"size": {"low": 5, "usual": 2, "high": 9}}, "must rise from low over usual to high"),
        ({"size": {"low": 0, "usual": 2, "high": 9}}, "sizes above 0"),
        ({"across": {"low": "left", "usual": 2, "high": 9}}, "across must be numbers"),
        ({"chest": {"far": 1, "close": math.nan}}, "finite"),
        ({"ankles": {"far": 1}}, "ankles lack close"),
        ({"proportions": [0.2, 0.3]}, "11 proportions, not 2"),
        ({"proportions": [0.0] * 11}, "proportions above 0"),
        ({"proportions": "none"}, "no number"),
        ({"width": 0}, "above 0"),
        ({"feet_seen": 2}, "0 … 1"),
        ({"colour": "red"}, "do not know colour"),
    ],
)
def test_statistics_that_are_not_allowed_are_refused_with_what_is_wrong(
    change: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        PoseStatistics.from_json(scene().to_json() | change)


def test_statistics_that_lack_something_are_refused() -> None:
    values = scene().to_json()
    del values["chest"]
    with pytest.raises(UsageError, match="lack chest"):
        PoseStatistics.from_json(values)
    with pytest.raises(UsageError, match="must be names with values, not list"):
        PoseStatistics.from_json([])


@settings(deadline=None)
@given(value=st.floats(-1e4, 1e4), low=st.floats(-50, 0), high=st.floats(0, 50))
def test_a_range_holds_softly(value: float, low: float, high: float) -> None:
    held = Range(low, 0.0, high)
    limited = held.limited(value)
    assert low <= limited <= high
    assert abs(limited) <= abs(value) + 1e-12
    assert held.limited(value, 5.0) * value >= 0.0


def test_a_line_is_straight_between_its_ends() -> None:
    assert Line(10.0, 30.0).at(0.25) == 15.0


# Fitting


def test_whoever_stands_wherever_stands_where_the_character_stands() -> None:
    statistics = scene()
    for height, ears, width in ((300.0, (320.0, 60.0), 640), (520.0, (360.0, 20.0), 720)):
        result = fitted(Normaliser(statistics), [standing(height, ears)] * 50, width)[-1]
        expected = standing(150.0, (128.0, 45.0))
        np.testing.assert_allclose(result.points[:, :2], expected.points[:, :2], atol=4.0)
        np.testing.assert_allclose(result.points[ANKLES, 1], statistics.ankles.at(0.5), atol=1.5)


@settings(max_examples=20, deadline=None)
@given(factor=st.floats(0.3, 4.0), arms=st.floats(0.0, 2.5), yaw=st.floats(-1.0, 1.0))
def test_the_participants_picture_size_does_not_matter(factor: float, arms: float, yaw: float) -> None:
    pose = turned(spread(300.0, (350.0, 60.0), arms), yaw)
    statistics = scene(180.0, 120.0)
    library = PoseLibrary(*film(180.0, 120.0))
    small = fitted(Normaliser(statistics, library), [pose] * 5, 640)[-1]
    large = Normaliser(statistics, library)
    for index in range(5):
        other = large.fit(pose.moved(factor), index / FPS, math.ceil(640 * factor))
    assert other is not None
    np.testing.assert_allclose(other.points, small.points, atol=2.0)  # the width is in whole pixels


def test_the_posture_is_the_participants() -> None:
    library = PoseLibrary(*film())
    for arms in (0.3, 1.2, 2.2):
        pose = turned(spread(400.0, (320.0, 60.0), arms, 0.3), 0.3)
        result = fitted(Normaliser(scene(), library, mirrored=False), [pose] * 30)[-1]
        assert agreement(result, pose) > 0.97


def long_armed(height: float) -> Pose:
    """Somebody whose arms are 1.35 times as long and whose legs are shorter."""
    pose = spread(height, (320.0, 60.0), 1.0, 0.1)
    points = pose.points.copy()
    for side in ("LEFT", "RIGHT"):
        shoulder, hip = (points[BodyPoint[f"{side}_{name}"]].copy() for name in ("SHOULDER", "HIP"))
        arm = [BodyPoint[f"{side}_{n}"] for n in ("ELBOW", "WRIST", "PINKY", "INDEX", "THUMB")]
        leg = [BodyPoint[f"{side}_{n}"] for n in ("KNEE", "ANKLE", "HEEL", "FOOT_INDEX")]
        points[arm] = shoulder + 1.35 * (points[arm] - shoulder)
        points[leg] = hip + 0.85 * (points[leg] - hip)
    return Pose.of(points, pose.visibility)


def test_bones_get_the_characters_lengths_within_seconds_and_the_whole_keeps_the_participants() -> None:
    statistics = scene()
    arm, own = statistics.proportions[BoneKind.UPPER_ARM] * 150, 0.0
    for lengths in Lengths:
        results = fitted(Normaliser(statistics, lengths=lengths), [long_armed(400.0)] * 100)
        settled = kind_lengths(results[-1].points, np.ones(33))[0]
        if lengths is Lengths.BONES:
            assert settled[BoneKind.UPPER_ARM] == pytest.approx(arm, rel=0.06)
            after_two = kind_lengths(results[50].points, np.ones(33))[0]
            assert after_two[BoneKind.UPPER_ARM] == pytest.approx(arm, rel=0.1)
        else:
            own = settled[BoneKind.UPPER_ARM]
    assert own > 1.3 * arm


def test_who_raises_the_right_hand_sees_a_hand_go_up_on_the_same_side_of_the_mirror() -> None:
    pose = standing(300.0, (320.0, 60.0))
    points = pose.points.copy()
    hand = [BodyPoint.RIGHT_WRIST, BodyPoint.RIGHT_PINKY, BodyPoint.RIGHT_INDEX, BodyPoint.RIGHT_THUMB]
    points[[BodyPoint.RIGHT_ELBOW, *hand], 1] -= 150.0
    raised = Pose.of(points, pose.visibility)
    result = fitted(Normaliser(scene()), [raised] * 5)[-1]
    # In a mirror the right hand is on the right; the figure that does it raises its left one.
    assert result.points[BodyPoint.LEFT_WRIST, 1] < result.points[BodyPoint.RIGHT_WRIST, 1] - 20
    assert result.points[BodyPoint.LEFT_WRIST, 0] > chest(result)[0]
    other = fitted(Normaliser(scene(), mirrored=False), [raised] * 5)[-1]
    assert other.points[BodyPoint.RIGHT_WRIST, 1] < other.points[BodyPoint.LEFT_WRIST, 1] - 20
    assert other.points[BodyPoint.RIGHT_WRIST, 0] < chest(other)[0]


def test_who_moves_to_the_side_takes_the_figure_along_as_far_as_the_scene_allows() -> None:
    points, seen = film()
    points = points.copy()
    points[:, :, 0] += np.linspace(-60, 60, len(points))[:, None]
    statistics = PoseStatistics.of(points, seen, WIDTH, HEIGHT)
    places = []
    for x in (120.0, 280.0, 320.0, 360.0, 520.0):
        result = fitted(Normaliser(statistics, mirrored=False), [standing(300.0, (x, 60.0))])[-1]
        places.append(float(chest(result)[0]))
    assert (np.diff(places) > 0).all()
    assert places[2] == pytest.approx(128.0, abs=0.5)
    assert places[3] - places[2] == pytest.approx(40 * 150 / 300, rel=0.1)  # the same share of the height
    assert 68.0 <= places[0] < 85.0 and 171.0 < places[4] <= 188.0


def test_who_comes_closer_grows_within_the_scenes_sizes_and_stands_on_its_ground() -> None:
    statistics = scene(near=180.0, far=120.0)
    normaliser = Normaliser(statistics)
    steady = [standing(300.0, (320.0, 60.0))] * 250
    closer = [standing(300.0 + i * 3, (320.0, 60.0)) for i in range(50)]
    much_closer = [standing(900.0, (320.0, 60.0))] * 25
    results = fitted(normaliser, [*steady, *closer, *much_closer])
    sizes = [float(kind_lengths(result.points, np.ones(33))[0][[1, 2, 7, 8]].sum()) for result in results]
    assert sizes[249] == pytest.approx(150, rel=0.03)
    assert sizes[299] > 165
    assert max(sizes[:300]) <= 180 * 1.05
    assert max(sizes[300:]) <= 180 * 1.1 * 1.02  # twice as close within a frame: what is known follows
    for result, size in zip(results, sizes, strict=True):
        closeness = statistics.closeness(size)
        assert result.points[ANKLES, 1].max() == pytest.approx(statistics.ankles.at(closeness), abs=9)


def test_feet_leave_the_ground_when_the_participants_do() -> None:
    normaliser = Normaliser(scene())
    ground = fitted(normaliser, [standing(300.0, (320.0, 60.0))] * 75)[-1]
    jump = normaliser.fit(standing(300.0, (320.0, 0.0)), 3.0, 640)
    assert jump is not None
    rise = ground.points[ANKLES, 1] - jump.points[ANKLES, 1]
    np.testing.assert_allclose(rise, 60 * 150 / 300, rtol=0.1)


def test_somebody_seen_from_the_waist_up_gets_the_films_legs_on_the_ground() -> None:
    statistics, library = scene(), PoseLibrary(*film())
    for arms, apart in ((0.1, 0.0), (2.4, 0.35)):
        pose = spread(700.0, (320.0, 120.0), arms)
        points = pose.points.copy()
        points[BELOW_CHEST] = np.random.default_rng(2).uniform(-2000, 2000, (len(BELOW_CHEST), 3))
        half = hidden(Pose.of(points, pose.visibility), *BELOW_CHEST, visibility=0.02)
        result = fitted(Normaliser(statistics, library), [half] * 50)[-1]
        expected = spread(150.0, (128.0, 45.0), arms, apart)
        offset = result.points[:, :2] - expected.points[:, :2]
        assert np.abs(offset[:, 0]).max() < 7
        assert result.points[ANKLES, 1].max() == pytest.approx(statistics.ankles.at(0.5), abs=2)
        assert result.visibility[LEGS].min() > 0.9
        legs = result.points[BodyPoint.LEFT_ANKLE, 0] - result.points[BodyPoint.RIGHT_ANKLE, 0]
        assert legs == pytest.approx(150 * (0.146 + 2 * 0.54 * math.sin(apart)), abs=8)


def test_the_chest_bobs_and_planted_feet_stay_when_no_feet_are_seen() -> None:
    normaliser = Normaliser(scene(), PoseLibrary(*film()))
    half = hidden(standing(700.0, (320.0, 120.0)), *BELOW_CHEST)
    still = fitted(normaliser, [half] * 100)[-1]
    lower = normaliser.fit(half.moved(1.0, (0.0, 14.0)), 4.0, 640)
    assert lower is not None
    sunk = lower.points[:, 1] - still.points[:, 1]
    assert sunk[BodyPoint.NOSE] == pytest.approx(14 * 150 / 700, rel=0.35)
    assert abs(sunk[BodyPoint.LEFT_ANKLE]) < 0.3
    assert sunk[BodyPoint.LEFT_KNEE] == pytest.approx(sunk[BodyPoint.NOSE] / 2, abs=0.3)


def test_a_scene_of_upper_bodies_takes_anybody_by_the_chest() -> None:
    points, seen = film()
    points, seen = points * np.float32(4), seen.copy()
    seen[:, BELOW_CHEST] = 0.0
    statistics = PoseStatistics.of(points, seen, WIDTH, HEIGHT)
    assert statistics.ankles is None
    for pose in (standing(300.0, (320.0, 60.0)), hidden(standing(700.0, (320.0, 120.0)), *BELOW_CHEST)):
        result = fitted(Normaliser(statistics, PoseLibrary(points, seen)), [pose] * 25)[-1]
        np.testing.assert_allclose(
            chest(result)[:2], (statistics.across.usual, statistics.chest.at(0.5)), atol=1
        )
        ears = result.points[BodyPoint.LEFT_EAR, 0] - result.points[BodyPoint.RIGHT_EAR, 0]
        assert ears == pytest.approx(0.1 * 600, rel=0.03)


def test_nothing_jumps_when_limbs_appear_disappear_and_shake() -> None:
    random = np.random.default_rng(3)
    points, seen = walk(200, height=(400.0, 400.0), ears=(320.0, 60.0), horizon=60.0, period=60)
    poses, visible = [], 1.0
    for index in range(200):
        visible = float(np.clip(visible + (0.12 if index % 80 < 40 else -0.12), 0.0, 1.0))
        shaken = points[index] + random.normal(0, 1.5, (33, 3))
        shaken[BELOW_CHEST] += (1 - visible) * np.array([30.0, -45.0, 20.0])  # a bad guess when unseen
        poses.append(hidden(Pose.of(shaken, seen[index]), *BELOW_CHEST, visibility=visible))
    results = fitted(Normaliser(scene(), PoseLibrary(*film())), poses)
    places = np.array([result.points[:, :2] for result in results])
    steps = np.linalg.norm(np.diff(places, axis=0), axis=-1)
    own = np.linalg.norm(np.diff(points[:, :, :2], axis=0), axis=-1).max() * 150 / 400
    assert steps[:, : BodyPoint.LEFT_HIP].max() < own + 6
    assert steps[:, BodyPoint.LEFT_HIP :].max() < 15


def test_one_wrong_frame_barely_moves_what_was_learned() -> None:
    normaliser = Normaliser(scene())
    fitted(normaliser, [standing(300.0, (320.0, 60.0))] * 100)
    before = normaliser.participant.proportions.copy(), normaliser.participant.usual_size
    normaliser.fit(spread(1500.0, (900.0, 700.0), 3.0), 4.0, 640)
    np.testing.assert_allclose(normaliser.participant.proportions, before[0], rtol=0.02)
    assert normaliser.participant.usual_size == pytest.approx(before[1], rel=0.02)


def test_one_wrongly_placed_hand_barely_changes_the_length_of_its_arm() -> None:
    normaliser = Normaliser(scene())
    pose = standing(300.0, (320.0, 60.0))
    fitted(normaliser, [pose] * 100)
    before = normaliser.participant.proportions[BoneKind.LOWER_ARM]
    points = pose.points.copy()
    points[[BodyPoint.LEFT_WRIST, BodyPoint.RIGHT_WRIST], 1] += 600.0
    normaliser.fit(Pose.of(points, pose.visibility), 4.0, 640)
    assert normaliser.participant.proportions[BoneKind.LOWER_ARM] == pytest.approx(before, rel=0.02)


def test_supplied_legs_follow_a_sudden_change_within_a_fraction_of_a_second() -> None:
    normaliser = Normaliser(scene(), PoseLibrary(*film()))
    down, up = (hidden(spread(700.0, (320.0, 120.0), arms), *BELOW_CHEST) for arms in (0.1, 2.4))
    fitted(normaliser, [down] * 50)
    results = fitted(normaliser, [up] * 25, start_s=2.0)
    apart = [float(r.points[BodyPoint.LEFT_ANKLE, 0] - r.points[BodyPoint.RIGHT_ANKLE, 0]) for r in results]
    change = (np.array(apart) - 22.0) / (apart[-1] - 22.0)
    assert 0.1 < change[0] < 0.4  # of the way after one frame of 40 ms
    assert 0.5 < change[3] < 0.85
    assert change[15] > 0.95


def test_after_a_gap_somebody_else_is_met_anew() -> None:
    normaliser = Normaliser(scene())
    fitted(normaliser, [standing(300.0, (320.0, 60.0))] * 100)
    child = fitted(normaliser, [standing(180.0, (320.0, 200.0))] * 2, start_s=20.0)[-1]
    expected = standing(150.0, (128.0, 45.0))
    np.testing.assert_allclose(child.points[:, :2], expected.points[:, :2], atol=5.0)


def test_who_is_hardly_seen_gives_no_pose() -> None:
    normaliser = Normaliser(scene())
    nobody = hidden(standing(300.0, (320.0, 60.0)), *BodyPoint)
    assert normaliser.fit(nobody, 0.0, 640) is None
    assert normaliser.fit(standing(300.0, (320.0, 60.0)), 0.1, 640) is not None
    with pytest.raises(UsageError, match="width above 0"):
        normaliser.fit(standing(300.0, (320.0, 60.0)), 0.2, 0)


def test_fitting_is_the_same_every_time() -> None:
    poses = [turned(spread(300.0, (320.0, 60.0), 0.02 * i), 0.01 * i) for i in range(60)]
    library = PoseLibrary(*film())
    one, other = (fitted(Normaliser(scene(), library), poses)[-1] for _ in range(2))
    np.testing.assert_array_equal(one.points, other.points)
