"""Measures of bodies: size, box, likeness of poses."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror_core.body_points import BodyPoint
from mirror_core.testing import synthetic_body
from mirror_tracking.body_shape import REACH_M, SIZE_M, body_roi, body_size, pose_distance, shoulder_centre

BODY = synthetic_body((320.0, 260.0), 322.0)  # 200 px a metre
SIZE = 100.0


@given(st.floats(-math.pi, math.pi), st.floats(10.0, 2000.0))
def test_size_is_half_a_metre_whichever_way_the_body_is_turned(angle: float, reach: float) -> None:
    hips = np.array([100.0, 200.0])
    rim = hips + reach * np.array([math.sin(angle), -math.cos(angle)])
    assert body_size(hips, rim) == pytest.approx(reach * SIZE_M / REACH_M)


def test_a_body_without_extent_still_has_a_size() -> None:
    assert body_size(np.zeros(2), np.zeros(2)) == 1.0


def test_the_box_holds_hair_fingers_and_feet() -> None:
    roi = body_roi(BODY.landmarks, BODY.visibility, SIZE, 640, 480)
    points = BODY.landmarks[:, :2]
    assert roi.x <= points[:, 0].min() - 20
    assert roi.x + roi.width >= points[:, 0].max() + 20
    assert (
        roi.y <= BODY.landmarks[BodyPoint.NOSE, 1] - 0.2 * 200
    )  # the top of the head is 0.2 m above the nose
    assert roi.y + roi.height >= points[:, 1].max()


@given(st.floats(-400, 1000), st.floats(-400, 1000), st.integers(1, 900), st.integers(1, 900))
def test_the_box_is_of_whole_pixels_inside_the_picture_and_never_empty(
    x: float, y: float, width: int, height: int
) -> None:
    body = synthetic_body((x, y), 322.0)
    roi = body_roi(body.landmarks, body.visibility, SIZE, width, height)
    assert all(value == int(value) for value in (roi.x, roi.y, roi.width, roi.height))
    assert 0 <= roi.x < roi.x + roi.width <= width
    assert 0 <= roi.y < roi.y + roi.height <= height


def test_points_that_are_not_seen_do_not_widen_the_box() -> None:
    seen = BODY.visibility.copy()
    seen[BodyPoint.LEFT_KNEE :] = 0.1
    roi = body_roi(BODY.landmarks, seen, SIZE, 640, 480)
    assert roi.y + roi.height < BODY.landmarks[BodyPoint.LEFT_KNEE, 1]


def test_a_body_that_the_edge_cuts_off_reaches_to_the_edge() -> None:
    seen = BODY.visibility.copy()
    seen[BodyPoint.LEFT_HIP :] = 0.0
    roi = body_roi(BODY.landmarks, seen, SIZE, 640, 240)  # the hips are below
    assert roi.y + roi.height == 240


def test_the_middle_of_the_shoulders() -> None:
    assert shoulder_centre(BODY.landmarks) == pytest.approx((320.0, 160.0))


def test_poses_are_compared_by_the_points_that_both_see_in_sizes() -> None:
    seen = np.ones(33, np.float32)
    other = BODY.landmarks + np.array((30.0, 40.0, 99.0), np.float32)
    assert pose_distance(BODY.landmarks, other, seen, seen, SIZE) == pytest.approx(0.5)
    other[BodyPoint.LEFT_ANKLE] += 1e4
    half = seen.copy()
    half[BodyPoint.LEFT_ANKLE] = 0.0
    assert pose_distance(BODY.landmarks, other, seen, half, SIZE) == pytest.approx(0.5)
    assert pose_distance(BODY.landmarks, other, seen, np.zeros(33, np.float32), SIZE) == math.inf
