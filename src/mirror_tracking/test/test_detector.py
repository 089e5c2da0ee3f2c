"""The detector finds faces from 80 pixels on, and its views leave no place unseen."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mirror_core.errors import ShapeError
from mirror_core.faces import Roi
from mirror_tracking.detector import Detection, suppress_overlapping, views_of


@given(st.integers(64, 4000), st.integers(64, 4000), st.floats(16, 200), st.floats(0, 1), st.floats(0, 1))
def test_every_smallest_face_lies_whole_in_a_view_that_shows_it_large_enough(width, height, smallest, u, v):
    assume(min(width, height) >= 4 * smallest)
    views = views_of(width, height, smallest)
    face = Roi(u * max(width - smallest, 0), v * max(height - smallest, 0), smallest, smallest).clipped(
        width, height
    )
    inside = [
        view
        for view in views
        if view.x <= face.x + 0.01
        and view.y <= face.y + 0.01
        and face.x + face.width <= view.x + view.width + 0.01
        and face.y + face.height <= view.y + view.height + 0.01
    ]
    assert inside
    best = min(max(view.width, view.height) for view in inside)
    assert smallest * 192 / best >= 25.6 / 1.31


@given(st.integers(8, 4000), st.integers(8, 4000), st.floats(16, 400))
def test_views_lie_in_the_picture(width, height, smallest):
    for view in views_of(width, height, smallest):
        assert view.x >= -0.01 and view.x + view.width <= width + 0.01
        assert view.y >= -0.01 and view.y + view.height <= height + 0.01


def test_a_small_picture_is_looked_at_once_and_a_tiny_one_not_at_all():
    assert views_of(400, 300, 64.0) == (Roi(0.0, 0.0, 400.0, 300.0),)
    assert views_of(1, 1, 64.0) == ()
    assert len(views_of(1280, 720, 64.0)) == 9


@pytest.mark.parametrize("height", [80, 140, 300])
@pytest.mark.parametrize("centre", [(200.0, 200.0), (640.0, 380.0), (1000.0, 420.0)])
def test_a_face_is_found_where_it_is(paste, detector, height, centre):
    picture = paste((*centre, height))
    found = [d for view in views_of(1280, 720, 64.0) for d in detector.detect(picture, view)]
    best = suppress_overlapping([d for d in found if d.score >= 0.5])
    assert len(best) == 1
    x, y = best[0].roi.centre
    assert math.hypot(x - centre[0], y - centre[1]) < 0.15 * height
    assert 0.75 * height < best[0].roi.height < 1.25 * height


def test_a_tilted_head_is_measured_by_its_eyes(paste, detector):
    for degrees in (-20, 20):
        (found,) = detector.detect(paste((640, 360, 260), roll=math.radians(degrees)))[:1]
        assert math.degrees(found.roll_rad) == pytest.approx(
            degrees + 3, abs=8
        )  # she tilts it a little herself


def test_the_persons_right_eye_is_left_in_the_picture(paste, detector):
    found = detector.detect(paste((640, 360, 260)))[0]
    assert found.keypoints[0, 0] < found.keypoints[1, 0]
    assert found.keypoints[:2, 1].max() < found.keypoints[2, 1] < found.keypoints[3, 1]


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((1, 1, 3), np.uint8),
        np.zeros((1, 2000, 3), np.uint8),
        np.zeros((720, 1280, 3), np.uint8),
        np.random.default_rng(0).integers(0, 256, (480, 640, 3)).astype(np.uint8),
    ],
    ids=["1×1", "1×2000", "black", "noise"],
)
def test_where_there_is_no_face_none_is_found(detector, picture):
    assert [d for d in detector.detect(picture) if d.score >= 0.5] == []


def test_a_view_outside_the_picture_shows_nothing(paste, detector):
    assert detector.detect(paste((640, 360, 200)), Roi(5000, 0, 100, 100)) == []


def test_what_is_no_picture_is_refused(detector):
    with pytest.raises(ShapeError, match="BGR"):
        detector.detect(np.zeros((10, 10), np.uint8))


def test_of_overlapping_detections_the_surest_remains():
    points = np.zeros((6, 2), np.float32)
    weak, sure, other = (
        Detection(Roi(0, 0, 100, 100), 0.6, points),
        Detection(Roi(10, 0, 100, 100), 0.9, points),
        Detection(Roi(300, 0, 100, 100), 0.7, points),
    )
    assert suppress_overlapping([weak, sure, other]) == [sure, other]
