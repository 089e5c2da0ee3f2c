"""Bodies: what is accepted, what is refused and why; the synthetic one."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from mirror_core.bodies import Body, BodySet
from mirror_core.body_points import MIRRORED, BodyPoint
from mirror_core.errors import ShapeError
from mirror_core.faces import Roi
from mirror_core.testing import standing_points, synthetic_body


def changed(**fields: Any) -> Body:
    return dataclasses.replace(synthetic_body(), **fields)


def test_a_body_needs_no_metres_no_face_and_no_segmentation() -> None:
    body = changed(world_landmarks=None)
    assert (body.world_landmarks, body.face_id, body.segmentation) == (None, None, None)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (
            {"landmarks": np.zeros((33, 2), np.float32)},
            r"landmarks must be float32 \[33, 3\], not float32 \[33, 2\]",
        ),
        ({"landmarks": np.zeros((33, 3))}, r"landmarks must be float32 \[33, 3\], not float64 \[33, 3\]"),
        ({"landmarks": np.full((33, 3), np.nan, np.float32)}, r"landmarks must be finite"),
        ({"world_landmarks": np.zeros((0, 3), np.float32)}, r"world_landmarks must be float32 \[33, 3\]"),
        ({"world_landmarks": np.full((33, 3), np.inf, np.float32)}, r"world_landmarks must be finite"),
        (
            {"visibility": np.ones((33, 1), np.float32)},
            r"visibility must be float32 \[33\], not float32 \[33, 1\]",
        ),
        ({"visibility": np.full(33, 1.1, np.float32)}, r"visibility must be 0 … 1"),
        ({"visibility": np.full(33, np.nan, np.float32)}, r"visibility must be 0 … 1"),
        ({"confidence": 1.5}, r"confidence must be 0 … 1, not 1\.5"),
        ({"track_id": -1}, r"track_id must be 0 … 2³²−1, not -1"),
        ({"face_id": 2**32 - 1}, r"face_id must be 0 … 2³²−2 or None, not 4294967295"),
    ],
)
def test_what_is_no_body_is_refused_with_what_was_expected(fields: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ShapeError, match=sentence):
        changed(**fields)


def test_a_segmentation_has_the_size_of_the_roi() -> None:
    roi = Roi(10.0, 20.0, 40.0, 60.0)
    assert changed(roi=roi, segmentation=np.zeros((60, 40), np.uint8)).segmentation is not None
    for wrong in (np.zeros((40, 60), np.uint8), np.zeros((60, 40), np.float32)):
        with pytest.raises(ShapeError, match=r"segmentation must be uint8 \[60, 40\] as its roi, not"):
            changed(roi=roi, segmentation=wrong)
    with pytest.raises(ShapeError, match="segmentation"):
        changed(roi=Roi(10.5, 20.0, 40.5, 60.0), segmentation=np.zeros((60, 40), np.uint8))


def test_two_bodies_of_a_frame_do_not_share_an_id() -> None:
    one, other = synthetic_body(track_id=4), synthetic_body((100.0, 200.0), track_id=4)
    with pytest.raises(ShapeError, match=r"different track ids, not \[4, 4\]"):
        BodySet(0, "camera_optical", 640, 480, (one, other))


def test_the_synthetic_body_stands_upright_faces_the_camera_and_is_as_large_as_asked() -> None:
    body = synthetic_body((300.0, 250.0), 400.0)
    points = body.landmarks
    assert points[BodyPoint.LEFT_SHOULDER, 0] > 300 > points[BodyPoint.RIGHT_SHOULDER, 0]
    assert points[BodyPoint.NOSE, 1] < points[BodyPoint.LEFT_HIP, 1] < points[BodyPoint.LEFT_KNEE, 1]
    assert points[BodyPoint.NOSE, 2] < 0
    feet, eyes = points[BodyPoint.LEFT_FOOT_INDEX, 1], points[BodyPoint.LEFT_EYE, 1]
    assert feet - eyes == pytest.approx(400.0, abs=0.01)
    world = standing_points()
    assert np.allclose(world[MIRRORED] * (-1, 1, 1), world)  # the two sides are alike
