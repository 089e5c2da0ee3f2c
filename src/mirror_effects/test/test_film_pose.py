"""Poses and their skeleton: what goes in comes out, and sizes hold whatever the posture."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mirror_core.bodies import Body
from mirror_core.body_points import MIRRORED, BodyPoint
from mirror_core.errors import ShapeError, UsageError
from mirror_core.faces import Roi
from mirror_effects.film.pose import MODEL_DEPTH, Pose
from mirror_effects.film.skeleton import (
    BONE_CHILD,
    BONE_PARENT,
    CHEST,
    PELVIS,
    SKULL,
    STANDARD_PROPORTIONS,
    BoneKind,
    bone_vectors,
    bone_visibility,
    height_of,
    joints,
    kind_lengths,
    points_from,
)
from mirror_effects.film.testing import hidden, spread, standing, turned

any_points = arrays(np.float64, (33, 3), elements=st.floats(-500, 500))


def test_a_pose_of_the_wrong_shape_or_dtype_is_refused_with_what_is_expected() -> None:
    points, seen = np.zeros((33, 3), np.float32), np.ones(33, np.float32)
    with pytest.raises(ShapeError, match=r"Pose.points must be float32 \[33, 3\], not float32 \[32, 3\]"):
        Pose(points[:32], seen)
    with pytest.raises(ShapeError, match="not float64"):
        Pose(points.astype(np.float64), seen)
    with pytest.raises(ShapeError, match="visibility must be float32"):
        Pose(points, seen[:5])
    with pytest.raises(ShapeError, match="0 … 1"):
        Pose(points, seen * 2)
    points[3, 1] = np.nan
    with pytest.raises(ShapeError, match="finite"):
        Pose(points, seen)


def test_depth_comes_from_the_world_landmarks_in_the_pictures_scale() -> None:
    true = turned(spread(400.0, (300.0, 100.0)), 0.7)
    world = true.points / 250.0 - true.points[[23, 24]].mean(axis=0) / 250.0  # 250 pixels a metre
    seen = np.ones(33)
    seen[30:] = 0.1
    picture = true.points.copy()
    picture[:, 2] *= 3.4
    picture[30:] = 9000.0  # what is not seen does not count for the scale
    pose = Pose.of_landmarks(picture, seen, world)
    offset = pose.points[:30, 2] - true.points[:30, 2]
    np.testing.assert_allclose(offset, offset.mean(), atol=0.05)
    np.testing.assert_array_equal(pose.points[:, :2], picture[:, :2])


def test_without_world_landmarks_or_points_in_view_the_models_depth_is_divided() -> None:
    picture = np.random.default_rng(0).normal(size=(33, 3)) * 100
    for seen, world in ((np.ones(33), None), (np.zeros(33), np.ones((33, 3)))):
        pose = Pose.of_landmarks(picture, seen, world)
        np.testing.assert_allclose(pose.points[:, 2], picture[:, 2] / MODEL_DEPTH, rtol=1e-6)


def test_a_pose_is_made_from_a_tracked_body() -> None:
    true = spread(300.0, (200.0, 80.0))
    world = (true.points / 180.0).astype(np.float32)
    body = Body(7, Roi(0, 0, 400, 400), true.points, true.visibility, 0.9, world_landmarks=world)
    pose = Pose.of_body(body)
    np.testing.assert_array_equal(pose.points[:, :2], true.points[:, :2])
    np.testing.assert_allclose(np.diff(pose.points[:, 2]), np.diff(true.points[:, 2]), atol=0.01)


def test_mirrored_poses_exchange_the_sides_and_twice_is_the_same() -> None:
    pose = hidden(turned(spread(100.0, (80.0, 30.0)), 0.4), BodyPoint.LEFT_WRIST)
    mirrored = pose.mirrored(320)
    assert mirrored.points[BodyPoint.RIGHT_WRIST, 0] == 320 - pose.points[BodyPoint.LEFT_WRIST, 0]
    assert mirrored.visibility[BodyPoint.RIGHT_WRIST] == 0.0
    np.testing.assert_array_equal(mirrored.points[:, 1:], pose.points[MIRRORED][:, 1:])
    np.testing.assert_allclose(mirrored.mirrored(320).points, pose.points, atol=1e-4)


def test_blending_goes_from_one_to_the_other_and_leaves_unknown_places_aside() -> None:
    one, other = standing(100.0, (50.0, 20.0)), standing(100.0, (90.0, 20.0))
    np.testing.assert_array_equal(one.blended(other, 0.0).points, one.points)
    np.testing.assert_allclose(one.blended(other, 1.0).points, other.points, atol=1e-5)
    half = one.blended(hidden(other, BodyPoint.NOSE), 0.5)
    assert half.points[BodyPoint.LEFT_EAR, 0] == pytest.approx(one.points[BodyPoint.LEFT_EAR, 0] + 20)
    assert half.points[BodyPoint.NOSE, 0] == pytest.approx(one.points[BodyPoint.NOSE, 0])
    assert half.visibility[BodyPoint.NOSE] == pytest.approx(0.5)
    with pytest.raises(UsageError, match="0 … 1"):
        one.blended(other, 1.5)


def test_moved_scales_about_the_corner_and_shifts() -> None:
    pose = standing(100.0, (50.0, 20.0))
    moved = pose.moved(2.0, (5.0, -3.0))
    np.testing.assert_allclose(moved.points, pose.points * 2 + (5, -3, 0), atol=1e-4)


@settings(deadline=None)
@given(points=any_points)
def test_a_body_is_put_together_again_from_its_bones(points: np.ndarray) -> None:
    root = joints(points)[CHEST]
    np.testing.assert_allclose(points_from(root, bone_vectors(points)), points, atol=1e-9)


def test_the_bones_form_one_tree_from_the_chest() -> None:
    children = BONE_CHILD.tolist()
    assert len(set(children)) == len(children)
    assert set(children) == {*range(33), PELVIS, SKULL}
    known = {CHEST}
    for parent, child in zip(BONE_PARENT, BONE_CHILD, strict=True):
        assert parent in known
        known.add(int(child))


def test_the_standing_person_has_the_usual_proportions() -> None:
    lengths, weights = kind_lengths(standing(1.0).points, np.ones(33))
    np.testing.assert_array_equal(weights, 1.0)
    for kind in set(BoneKind) - {BoneKind.HAND, BoneKind.FOOT, BoneKind.HEAD}:
        assert lengths[kind] == pytest.approx(STANDARD_PROPORTIONS[kind], rel=0.03)
    assert lengths[BoneKind.HEAD] == pytest.approx(STANDARD_PROPORTIONS[BoneKind.HEAD], rel=0.05)


@settings(deadline=None)
@given(arms=st.floats(0, 3), legs=st.floats(0, 1.5), yaw=st.floats(-3.1, 3.1), size=st.floats(20, 2000))
def test_the_height_does_not_depend_on_the_posture(arms: float, legs: float, yaw: float, size: float) -> None:
    pose = turned(spread(size, (0.0, 0.0), arms, legs), yaw)
    height, evidence = height_of(*kind_lengths(pose.points, pose.visibility))
    assert height == pytest.approx(size, rel=0.02)
    assert evidence == pytest.approx(1.0)


def test_the_height_is_known_from_the_upper_body_alone_with_the_persons_own_proportions() -> None:
    pose = standing(300.0)
    points = pose.points.copy()
    below = [p for p in BodyPoint if p >= BodyPoint.LEFT_HIP or "ELBOW" in p.name]
    points[below] = 1000.0
    lengths, weights = kind_lengths(points, hidden(pose, *below).visibility)
    own = kind_lengths(standing(1.0).points, np.ones(33))[0]
    height, evidence = height_of(lengths, weights, own / own[[1, 2, 7, 8]].sum())
    assert height == pytest.approx(300.0, rel=0.03)
    assert 0.12 < evidence < 0.4


def test_a_side_that_is_not_seen_does_not_count_for_a_length() -> None:
    pose = standing(200.0)
    points = pose.points.copy()
    points[BodyPoint.LEFT_ELBOW] = (900.0, 0.0, 0.0)
    lengths, weights = kind_lengths(points, hidden(pose, BodyPoint.LEFT_ELBOW).visibility)
    assert lengths[BoneKind.UPPER_ARM] == pytest.approx(0.2 * 200, rel=0.03)
    assert weights[BoneKind.UPPER_ARM] == 1.0
    assert kind_lengths(points, np.zeros(33))[1].max() == 0.0


def test_a_bone_is_as_visible_as_its_worse_end() -> None:
    seen = bone_visibility(hidden(standing(1.0), BodyPoint.LEFT_HIP, visibility=0.3).visibility)
    by_child = {int(child): bone for bone, child in enumerate(BONE_CHILD)}
    assert seen[by_child[BodyPoint.LEFT_KNEE]] == pytest.approx(0.3)
    assert seen[by_child[PELVIS]] == pytest.approx(0.3)
    assert seen[by_child[BodyPoint.LEFT_ANKLE]] == 1.0


def test_many_poses_are_worked_on_at_once() -> None:
    poses = [spread(100.0 + i, (0.0, 0.0), 0.1 * i) for i in range(4)]
    stack = np.array([pose.points for pose in poses])
    heights, _ = height_of(*kind_lengths(stack, np.ones((4, 33))))
    single = [height_of(*kind_lengths(pose.points, pose.visibility))[0] for pose in poses]
    np.testing.assert_allclose(heights, single)
    assert math.isclose(bone_vectors(stack)[2, 5, 1], bone_vectors(poses[2].points)[5, 1])
