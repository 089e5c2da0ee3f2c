"""Likeness of poses and the score of a re-enactment: known angles give known numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirror_core.body_points import BodyPoint
from mirror_core.errors import ShapeError, UsageError
from mirror_effects.film.pose import Pose
from mirror_effects.film.pose_library import PoseLibrary
from mirror_effects.film.reenactment import ReenactmentScore
from mirror_effects.film.similarity import BONE_WEIGHT, agreement, directions, pose_distance
from mirror_effects.film.skeleton import BONE_CHILD, bone_visibility
from mirror_effects.film.testing import hidden, spread, standing, tilted, walk

FPS = 25.0
LEGS = [p for p in BodyPoint if p >= BodyPoint.LEFT_HIP]


def flat(pose: Pose) -> Pose:
    """Without depth, so that an angle in the picture is the angle of every bone."""
    return Pose.of(pose.points * (1, 1, 0), pose.visibility)


def test_the_same_posture_agrees_wholly_whatever_its_size_and_place() -> None:
    pose = spread(100.0, (50.0, 20.0))
    other = pose.moved(3.7, (-200.0, 90.0))
    assert agreement(pose, other) == pytest.approx(1.0, abs=1e-3)
    assert pose_distance(pose, other) == pytest.approx(0.0, abs=1e-4)


@pytest.mark.parametrize(
    ("degrees", "agrees"), [(0, 1.0), (15, 0.75), (30, 0.5), (45, 0.25), (60, 0.0), (120, 0.0)]
)
def test_all_bones_off_by_an_angle_give_the_documented_numbers(degrees: float, agrees: float) -> None:
    pose = flat(spread(100.0, (50.0, 20.0)))
    other = tilted(pose, math.radians(degrees))
    assert agreement(pose, other) == pytest.approx(agrees, abs=1e-3)
    assert pose_distance(pose, other) == pytest.approx(2 * math.sin(math.radians(degrees) / 2), abs=1e-4)


def test_one_bone_off_counts_by_its_weight() -> None:
    pose = flat(standing(100.0))
    points = pose.points.copy()
    hand = [BodyPoint.LEFT_WRIST, BodyPoint.LEFT_PINKY, BodyPoint.LEFT_INDEX, BodyPoint.LEFT_THUMB]
    away = points[hand[0]] - points[BodyPoint.LEFT_ELBOW]
    points[hand] += np.array([-away[1] - away[0], away[0] - away[1], 0.0])  # the lower arm turned by 90°
    share = BONE_WEIGHT[BONE_CHILD.tolist().index(BodyPoint.LEFT_WRIST)] / BONE_WEIGHT.sum()
    assert agreement(pose, Pose.of(points, pose.visibility)) == pytest.approx(1 - share, abs=1e-6)
    assert pose_distance(pose, Pose.of(points, pose.visibility)) == pytest.approx(
        math.sqrt(2 * share), abs=1e-6
    )


def test_depth_counts_half() -> None:
    pose = flat(standing(100.0))
    points = pose.points.copy()
    hand = [BodyPoint.LEFT_WRIST, BodyPoint.LEFT_PINKY, BodyPoint.LEFT_INDEX, BodyPoint.LEFT_THUMB]
    points[hand, 2] += np.linalg.norm(
        points[hand[0], :2] - points[BodyPoint.LEFT_ELBOW, :2]
    )  # 45° to the back
    wrist = BONE_CHILD.tolist().index(BodyPoint.LEFT_WRIST)
    angle = math.degrees(math.acos(float(directions(points)[wrist] @ directions(pose.points)[wrist])))
    assert angle == pytest.approx(math.degrees(math.atan(0.5)), abs=0.01)


def test_bones_that_one_of_the_two_does_not_show_do_not_count() -> None:
    pose = standing(100.0)
    points = spread(100.0, (0.0, 0.0), arms=0.0, legs=1.0).points
    seated = Pose.of(points, pose.visibility)
    assert agreement(pose, seated) < 0.8
    assert agreement(pose, hidden(seated, *LEGS)) == pytest.approx(1.0, abs=1e-3)
    assert agreement(hidden(pose, *LEGS), seated) == pytest.approx(1.0, abs=1e-3)


def test_poses_with_nothing_in_common_do_not_agree() -> None:
    pose = standing(100.0)
    nothing = hidden(pose, *BodyPoint)
    assert agreement(pose, nothing) == 0.0
    assert pose_distance(pose, nothing) == 2.0


@settings(deadline=None)
@given(st.floats(0, 3), st.floats(0, 3), st.floats(0, 1), st.floats(0, 1))
def test_likeness_is_symmetric_and_within_its_range(a: float, b: float, c: float, d: float) -> None:
    one, other = spread(100.0, (0.0, 0.0), a, c), spread(70.0, (9.0, 4.0), b, d)
    assert agreement(one, other) == pytest.approx(agreement(other, one), abs=1e-6)
    assert pose_distance(one, other) == pytest.approx(pose_distance(other, one), abs=1e-6)
    assert 0.0 <= agreement(one, other) <= 1.0 and 0.0 <= pose_distance(one, other) <= 2.0


def film(seconds: float = 6.0, period: int = 50) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    count = round(seconds * FPS)
    points, seen = walk(count, height=(100.0, 100.0), ears=(80.0, 40.0), horizon=40.0, period=period)
    return points, seen, np.arange(count) / FPS


def acted(frames: list[Pose | None], start_s: float = 0.0) -> float:
    score = ReenactmentScore(*film())
    for index, pose in enumerate(frames):
        score.add(pose, start_s + index / FPS)
    return score.score


def takes() -> list[Pose]:
    points, seen, _ = film()
    return [Pose(p, v).moved(2.5, (30.0, 10.0)) for p, v in zip(points, seen, strict=True)]


def test_who_does_the_same_at_the_same_time_gets_100() -> None:
    assert acted(takes()) == pytest.approx(100.0, abs=0.1)


def test_half_a_second_of_delay_costs_nothing_and_two_seconds_do() -> None:
    poses = takes()
    late = [poses[0]] * 12 + poses[:-12]
    assert acted(late) == pytest.approx(100.0, abs=0.1)
    assert acted([poses[0]] * 50 + poses[:-50]) < 97.0


def test_who_stands_still_or_does_the_opposite_gets_less_than_who_plays() -> None:
    poses = takes()
    still = acted([poses[0]] * len(poses))
    noisy = [tilted(pose, math.radians(8)) for pose in poses]
    assert still < 75.0
    assert 85.0 < acted(noisy) < 99.0


def test_all_bones_30_degrees_off_give_50() -> None:
    points, seen, times = film()
    points[..., 2] = 0.0
    score = ReenactmentScore(points, seen, times)
    for p, v, t in zip(points, seen, times, strict=True):
        score.add(tilted(Pose(p, v), math.radians(30)), t)
    # The alignment may find a moment that agrees a little better, but cannot turn the trunk upright.
    assert 50.0 - 0.1 <= score.score <= 60.0


def test_moments_without_anybody_count_as_not_agreeing() -> None:
    poses: list[Pose | None] = list(takes())
    poses[50:100] = [None] * 50
    # A third of the participant's frames; the film's poses meanwhile may be matched with those around.
    assert 100 * 2 / 3 - 1 < acted(poses) < 100 * 5 / 6 + 1
    assert acted([None] * 20) == pytest.approx(0.0, abs=1e-6)


def test_a_late_entry_counts_the_missed_beginning_and_then_goes_on() -> None:
    points, seen, times = film()
    score = ReenactmentScore(points, seen, times)
    for index in range(75, 150):
        score.add(Pose(points[index], seen[index]), times[index])
    # 75 pairs agree, weighing 150, against the first film poses passed over, weighing 1 each.
    assert score.score == pytest.approx(100 * 150 / (150 + 50), abs=4)


def test_a_gap_in_the_take_does_not_end_it() -> None:
    points, seen, times = film()
    score = ReenactmentScore(points, seen, times)
    for index in [*range(25), *range(100, 150)]:
        score.add(Pose(points[index], seen[index]), times[index])
    assert 60.0 < score.score < 90.0


def test_frames_after_the_end_change_nothing_and_time_never_goes_back() -> None:
    score = ReenactmentScore(*film())
    for index, pose in enumerate(takes()):
        score.add(pose, index / FPS)
    before = score.score
    assert score.add(None, 20.0) == before
    with pytest.raises(UsageError, match="goes on in time"):
        score.add(None, 1.0)


def test_a_take_that_nobody_began_has_score_0() -> None:
    assert ReenactmentScore(*film()).score == 0.0


def test_films_that_do_not_fit_together_are_refused() -> None:
    points, seen, times = film()
    with pytest.raises(UsageError, match="must rise"):
        ReenactmentScore(points, seen, times[::-1])
    with pytest.raises(UsageError, match="one time per pose"):
        ReenactmentScore(points, seen, times[:-1])
    with pytest.raises(ShapeError, match=r"points \[n, 33, 3\]"):
        ReenactmentScore(points[:, :30], seen, times)
    with pytest.raises(UsageError, match="above 0 s"):
        ReenactmentScore(points, seen, times, window_s=0.0)


def test_the_library_measures_as_pose_distance_does() -> None:
    points, seen, _ = film()
    library = PoseLibrary(points, seen)
    query = spread(40.0, (3.0, 9.0), 1.3, 0.1)
    measured = library.distances(directions(query.points), bone_visibility(query.visibility))
    wanted = [pose_distance(query, Pose(p, v)) for p, v in zip(points, seen, strict=True)]
    np.testing.assert_allclose(measured, wanted, atol=1e-5)


def test_unseen_legs_come_from_the_moments_with_the_same_arms() -> None:
    points, seen, _ = film()
    library = PoseLibrary(points, seen)
    knee = BONE_CHILD.tolist().index(BodyPoint.LEFT_KNEE)
    shares = []
    for arms in (0.1, 2.4):
        query = hidden(spread(70.0, (0.0, 0.0), arms, 1.4), *LEGS)
        vectors, known = library.completed(directions(query.points), bone_visibility(query.visibility))
        shares.append(math.atan2(vectors[knee, 0], vectors[knee, 1]))
        assert known[knee] == pytest.approx(1.0)
        assert np.hypot(*vectors[knee, :2]) == pytest.approx(0.27, rel=0.03)
    # In the film legs are together with hanging arms, and 0.35 rad apart with raised ones.
    assert shares == pytest.approx([0.02, 0.37], abs=0.06)


def test_completions_glide_with_what_is_seen() -> None:
    points, seen, _ = film()
    library = PoseLibrary(points, seen)
    knee = BONE_CHILD.tolist().index(BodyPoint.LEFT_KNEE)
    angles = []
    for arms in np.linspace(0.1, 2.4, 400):
        query = hidden(spread(70.0, (0.0, 0.0), float(arms)), *LEGS)
        vectors, _ = library.completed(directions(query.points), bone_visibility(query.visibility))
        angles.append(math.atan2(vectors[knee, 0], vectors[knee, 1]))
    assert np.abs(np.diff(angles)).max() < 0.012


def test_where_little_is_seen_the_rest_is_as_the_film_mostly_has_it() -> None:
    points, _ = walk(200, height=(100.0, 100.0), ears=(0.0, 0.0), horizon=0.0, period=40)
    at_rest = np.array([spread(100.0, (0.0, 0.0), 0.1, 0.0).points] * 300)
    random = np.random.default_rng(4)
    clip = np.concatenate([points, at_rest])
    clip[:, : BodyPoint.LEFT_ELBOW] += random.normal(0, 1.0, (500, BodyPoint.LEFT_ELBOW, 3))
    library = PoseLibrary(clip, np.ones((500, 33)))
    wrist = BONE_CHILD.tolist().index(BodyPoint.LEFT_WRIST)
    below_neck = [p for p in BodyPoint if p >= BodyPoint.LEFT_ELBOW]
    for _ in range(20):
        shaken = standing(100.0).points + random.normal(0, 1.0, (33, 3))
        query = hidden(Pose.of(shaken, np.ones(33)), *below_neck)
        vectors, _ = library.completed(directions(query.points), bone_visibility(query.visibility))
        assert math.atan2(vectors[wrist, 0], vectors[wrist, 1]) == pytest.approx(0.16, abs=0.15)


def test_what_the_film_never_shows_is_taken_from_a_standing_person_and_stays_unseen() -> None:
    points, seen, _ = film()
    points[:, LEGS] = 777.0
    seen[:, LEGS] = 0.0
    query = hidden(spread(70.0, (0.0, 0.0), 1.0), *LEGS)
    vectors, known = PoseLibrary(points, seen).completed(
        directions(query.points), bone_visibility(query.visibility)
    )
    knee = BONE_CHILD.tolist().index(BodyPoint.LEFT_KNEE)
    assert known[knee] == 0.0
    np.testing.assert_allclose(vectors[knee, 1], 0.27, atol=0.01)


def test_a_library_of_one_pose_gives_that_pose_and_one_of_none_is_refused() -> None:
    pose = spread(100.0, (0.0, 0.0), 0.7)
    library = PoseLibrary(pose.points[None], pose.visibility[None])
    vectors, _ = library.completed(directions(standing(50.0).points), np.ones(len(BONE_CHILD)))
    wrist = BONE_CHILD.tolist().index(BodyPoint.LEFT_WRIST)
    way = pose.points[BodyPoint.LEFT_WRIST] - pose.points[BodyPoint.LEFT_ELBOW]
    np.testing.assert_allclose(vectors[wrist] * 100, way, rtol=0.02, atol=0.1)
    with pytest.raises(UsageError, match="at least one pose"):
        PoseLibrary(np.zeros((0, 33, 3)), np.zeros((0, 33)))
    with pytest.raises(ShapeError, match=r"\[n, 33, 3\]"):
        PoseLibrary(np.zeros((33, 3)), np.zeros(33))


def test_a_long_film_is_thinned_evenly() -> None:
    points, seen = walk(4000, height=(50.0, 50.0), ears=(0.0, 0.0), horizon=0.0)
    assert len(PoseLibrary(points, seen)) == 1500
