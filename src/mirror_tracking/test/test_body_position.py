"""Where bodies stand in the room."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror_core.bodies import Body
from mirror_core.body_points import BodyPoint
from mirror_core.geometry import CameraIntrinsics
from mirror_core.testing import standing_points, synthetic_body
from mirror_tracking.body_position import body_points_m

CAMERA = CameraIntrinsics.from_field_of_view(1280, 720, 60.0)


def seen_at(x: float, y: float, z: float) -> Body:
    """A body whose hips are at a place of the camera's optical frame, as the camera sees it."""
    pixels = CAMERA.project(standing_points() + np.array((x, y, z))) + 0.5
    landmarks = np.zeros((33, 3), np.float32)
    landmarks[:, :2] = pixels
    return dataclasses.replace(synthetic_body(), landmarks=landmarks)


@given(st.floats(-1.5, 1.5), st.floats(-0.5, 0.8), st.floats(1.5, 6.0))
def test_a_body_is_placed_where_it_stands(x: float, y: float, z: float) -> None:
    points = body_points_m(seen_at(x, y, z), CAMERA)
    assert points is not None
    assert np.abs(points - standing_points() - (x, y, z)).max() < 0.01


def test_points_that_are_not_seen_count_little() -> None:
    body = seen_at(0.2, 0.3, 3.0)
    landmarks, visibility = body.landmarks.copy(), body.visibility.copy()
    landmarks[BodyPoint.LEFT_KNEE :, 1] += 80.0
    visibility[BodyPoint.LEFT_KNEE :] = 0.0
    points = body_points_m(dataclasses.replace(body, landmarks=landmarks, visibility=visibility), CAMERA)
    assert points is not None
    assert points[BodyPoint.LEFT_HIP] == pytest.approx((0.3, 0.3, 3.0), abs=0.03)


def test_without_points_in_metres_or_behind_the_camera_there_is_no_place() -> None:
    body = seen_at(0.0, 0.0, 2.0)
    assert body_points_m(dataclasses.replace(body, world_landmarks=None), CAMERA) is None
    upside_down = body.landmarks.copy()
    upside_down[:, :2] = (1280, 720) - upside_down[:, :2]  # only something behind the camera looks like this
    assert body_points_m(dataclasses.replace(body, landmarks=upside_down), CAMERA) is None
