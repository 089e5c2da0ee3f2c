"""Faces, their rectangles and poses: validation and geometry."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mirror_core.errors import ShapeError
from mirror_core.faces import LANDMARK_COUNT, Face, FaceSet, HeadPose, Roi
from mirror_core.testing import synthetic_face, synthetic_faces

coordinates = st.floats(-2000, 2000, allow_nan=False)
sizes = st.floats(0, 2000, allow_nan=False)
rois = st.builds(Roi, coordinates, coordinates, sizes, sizes)
image_sizes = st.tuples(st.integers(1, 2000), st.integers(1, 2000))


@given(rois, image_sizes)
def test_the_clipped_part_lies_inside_the_image_and_inside_the_rectangle(
    roi: Roi, size: tuple[int, int]
) -> None:
    width, height = size
    part = roi.clipped(width, height)
    tolerance = 1e-6  # x + width is rounded
    assert 0 <= part.x <= width
    assert 0 <= part.y <= height
    assert part.x + part.width <= width + tolerance
    assert part.y + part.height <= height + tolerance
    if part.area > 0:
        assert part.x >= roi.x
        assert part.y >= roi.y
        assert part.x + part.width <= roi.x + roi.width + tolerance
        assert part.y + part.height <= roi.y + roi.height + tolerance


@given(rois, image_sizes)
def test_clipping_twice_changes_nothing_more(roi: Roi, size: tuple[int, int]) -> None:
    once = roi.clipped(*size)
    twice = once.clipped(*size)
    assert (twice.x, twice.y) == (once.x, once.y)
    assert (twice.width, twice.height) == pytest.approx((once.width, once.height), abs=1e-6)


def test_a_rectangle_outside_the_image_has_no_part_inside() -> None:
    assert Roi(-50, 10, 20, 20).clipped(100, 100).area == 0
    assert Roi(150, 10, 20, 20).clipped(100, 100).area == 0


def test_clipping_cuts_what_sticks_out() -> None:
    assert Roi(-10, 5, 30, 200).clipped(100, 80) == Roi(0, 5, 20, 75)


@given(rois, rois)
def test_overlap_is_symmetric_and_between_none_and_all(one: Roi, other: Roi) -> None:
    assert one.iou(other) == pytest.approx(other.iou(one))
    assert 0.0 <= one.iou(other) <= 1.0


@given(st.builds(Roi, coordinates, coordinates, st.floats(0.5, 2000), st.floats(0.5, 2000)))
def test_a_rectangle_overlaps_itself_fully(roi: Roi) -> None:
    assert roi.iou(roi) == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("height", [1.2e-13, 1e-200, 4e-10])
def test_rectangles_too_thin_for_their_place_overlap_by_no_more_than_all(height: float) -> None:
    thin = Roi(0.0, 1024.0, 1e-200, height)
    assert 0.0 <= thin.iou(thin) <= 1.0
    flat = Roi(0.0, 1024.0, 1.0, height)
    assert 0.0 <= flat.iou(flat) <= 1.0


def test_half_covered_squares_overlap_by_a_third() -> None:
    assert Roi(0, 0, 10, 10).iou(Roi(5, 0, 10, 10)) == pytest.approx(1 / 3)


def test_rectangles_that_only_touch_do_not_overlap() -> None:
    assert Roi(0, 0, 10, 10).iou(Roi(10, 0, 10, 10)) == 0.0
    assert Roi(0, 0, 0, 0).iou(Roi(0, 0, 0, 0)) == 0.0


@given(
    arrays(
        np.float32,
        st.tuples(st.integers(1, 40), st.sampled_from([2, 3])),
        elements=st.floats(-1000, 1000, width=32),
    )
)
def test_the_box_around_points_holds_all_of_them_tightly(points: np.ndarray) -> None:
    roi = Roi.around(points)
    x, y = points[:, 0].astype(float), points[:, 1].astype(float)
    assert (roi.x, roi.y) == (x.min(), y.min())
    assert (roi.x + roi.width, roi.y + roi.height) == pytest.approx((x.max(), y.max()), abs=1e-3)


def test_a_rectangle_tells_its_centre_and_area() -> None:
    roi = Roi(10, 20, 30, 40)
    assert roi.centre == (25, 40)
    assert roi.area == 1200


@pytest.mark.parametrize("values", [(math.nan, 0, 1, 1), (0, math.inf, 1, 1), (0, 0, math.nan, 1)])
def test_a_rectangle_that_is_not_finite_is_refused(values: tuple[float, ...]) -> None:
    with pytest.raises(ShapeError, match="must be finite"):
        Roi(*values)


def test_a_rectangle_of_negative_size_is_refused() -> None:
    with pytest.raises(ShapeError, match="0 or more, not -1 × 2"):
        Roi(0, 0, -1, 2)


def test_a_pose_needs_a_unit_quaternion() -> None:
    with pytest.raises(ShapeError, match=r"unit length, not 2\.0000"):
        HeadPose((0, 0, 0, 2), (0, 0, 1))
    with pytest.raises(ShapeError, match="unit length, not nan"):
        HeadPose((0, 0, 0, math.nan), (0, 0, 1))


def test_a_pose_needs_four_and_three_numbers() -> None:
    with pytest.raises(ShapeError, match="4 numbers and a position of 3, not 3 and 2"):
        HeadPose((0, 0, 1), (0, 1))  # type: ignore[arg-type]


def changed(**values: object) -> Face:
    return dataclasses.replace(synthetic_face(), **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"landmarks": np.zeros((468, 3), np.float32)}, r"float32 \[478, 3\], not float32 \[468, 3\]"),
        ({"landmarks": np.zeros((478, 3))}, r"not float64 \[478, 3\]"),
        ({"landmarks": np.full((478, 3), np.nan, np.float32)}, "finite numbers"),
        ({"landmarks": np.full((478, 3), np.inf, np.float32)}, "finite numbers"),
        (
            {"shape_reconstruction": np.zeros((468, 3), np.float32)},
            r"\[478, 3\] or \[0, 3\], not float32 \[468",
        ),
        ({"shape_reconstruction": np.zeros((0, 3))}, r"not float64 \[0, 3\]"),
        ({"confidence": 1.5}, r"0 … 1, not 1\.5"),
        ({"confidence": -0.1}, r"0 … 1, not -0\.1"),
        ({"confidence": math.nan}, "0 … 1, not nan"),
        ({"track_id": -1}, "track_id must be 0 … 2³²−1, not -1"),
        ({"track_id": 2**32}, "not 4294967296"),
    ],
)
def test_a_face_states_what_is_wrong_with_it(values: dict[str, object], message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        changed(**values)


def test_a_face_without_further_knowledge_says_so() -> None:
    points = np.zeros((LANDMARK_COUNT, 3), np.float32)
    face = Face(0, 0.0, Roi(0, 0, 0, 0), points)
    assert face.head_pose is None
    assert face.shape_parameters.shape == (0,)
    assert face.shape_reconstruction.shape == (0, 3)
    assert math.isnan(face.mask_probability)
    assert face.person == ""


def test_two_faces_of_a_frame_cannot_share_a_track_id() -> None:
    with pytest.raises(ShapeError, match=r"different track ids, not \[4, 4\]"):
        synthetic_faces(0, synthetic_face(track_id=4), synthetic_face(track_id=4))


def test_a_face_set_keeps_the_order_of_its_faces() -> None:
    faces = synthetic_faces(9, synthetic_face(track_id=2), synthetic_face(track_id=1))
    assert isinstance(faces, FaceSet)
    assert [face.track_id for face in faces.faces] == [2, 1]


@given(st.floats(-math.pi, math.pi), st.floats(20, 400))
def test_the_synthetic_face_is_centred_and_as_large_as_asked(roll: float, size: float) -> None:
    face = synthetic_face((300.0, 200.0), size, roll=roll)
    centre = face.landmarks[:, :2].mean(axis=0)
    assert centre == pytest.approx([300, 200], abs=0.01 * size)
    distances = np.linalg.norm(face.landmarks[:, :2] - [300, 200], axis=1)
    assert distances.max() == pytest.approx(0.5 * size, rel=0.02)
    assert (face.landmarks[:, 2] <= 0).all()
