"""The face mesh depends on picture and region alone, and lands where the face is."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror_core.errors import ShapeError
from mirror_tracking.mesh import Region, region_from_detection, region_from_landmarks
from mirror_tracking.topology import LEFT_EYE, LEFT_IRIS, NOSE_TIP, RIGHT_EYE, RIGHT_IRIS


def settled(mesh, picture, region):
    """The mesh after the region has followed its own landmarks, as it does from frame to frame."""
    for _ in range(3):
        (result,) = mesh.landmarks(picture, [region])
        region = region_from_landmarks(result.landmarks)
    return result


@given(st.floats(-500, 2000), st.floats(-500, 2000), st.floats(1, 2000), st.floats(-3.1, 3.1))
def test_a_regions_middle_and_size_survive_the_change_of_coordinates(x, y, side, angle):
    to_image = Region(x, y, side, angle).to_image
    middle, right, below = (to_image @ (u, v, 1) for u, v in ((96, 96), (192, 96), (96, 192)))
    assert middle == pytest.approx((x, y), abs=1e-6)
    assert math.dist(middle, right) == pytest.approx(side / 2)
    assert math.dist(middle, below) == pytest.approx(side / 2)
    assert math.atan2(right[1] - middle[1], right[0] - middle[0]) == pytest.approx(angle, abs=1e-6)
    assert np.linalg.det(to_image[:, :2]) > 0  # not mirrored


@pytest.mark.parametrize("side", [0.0, -1.0, math.inf])
def test_a_region_without_size_is_refused(side):
    with pytest.raises(ShapeError, match="side"):
        Region(0, 0, side)


@pytest.mark.parametrize("height", [80, 140, 300])
def test_the_landmarks_cover_the_face(paste, detector, mesh, height):
    picture = paste((640, 360, height))
    (found,) = detector.detect(picture[:, 280:1000])[:1]
    region = region_from_detection(found).moved(280, 0)
    result = settled(mesh, picture, region)
    assert result.presence > 0.99
    low, high = result.landmarks[:, :2].min(axis=0), result.landmarks[:, :2].max(axis=0)
    assert (low + high) / 2 == pytest.approx((640, 360), abs=0.06 * height)
    assert high[1] - low[1] == pytest.approx(height, rel=0.1)
    assert result.landmarks[NOSE_TIP, 2] < result.landmarks[[127, 356], 2].min()  # nearer than the temples
    for iris, eye in ((RIGHT_IRIS, RIGHT_EYE), (LEFT_IRIS, LEFT_EYE)):
        middle, lids = result.landmarks[iris, :2].mean(0), result.landmarks[eye, :2]
        assert (lids.min(0) - 0.02 * height <= middle).all() and (middle <= lids.max(0) + 0.02 * height).all()


def test_a_shifted_scaled_and_turned_face_gives_the_same_mesh_shifted_scaled_and_turned(paste, mesh):
    turn = math.radians(15)
    plain = settled(mesh, paste((500, 300, 250)), Region(500, 300, 375)).landmarks
    moved = settled(mesh, paste((700, 400, 300), roll=turn), Region(700, 400, 450, turn)).landmarks
    cos, sin = math.cos(turn), math.sin(turn)
    expected = (plain[:, :2] - (500, 300)) * 1.2 @ np.array([[cos, sin], [-sin, cos]]) + (700, 400)
    error = np.linalg.norm(moved[:, :2] - expected, axis=1)
    assert error.mean() < 0.01 * 300
    assert np.abs(moved[:, 2] - 1.2 * plain[:, 2]).mean() < 0.02 * 300


def test_the_mirrored_picture_gives_the_mirrored_middle_line(paste, mesh):
    # Half a pixel lost on the way through the crop would show here as a shift of one pixel.
    picture = paste((640, 360, 192 / 1.5))
    there = mesh.landmarks(picture, [Region(640, 360, 192)])[0].landmarks
    back = mesh.landmarks(np.ascontiguousarray(picture[:, ::-1]), [Region(640, 360, 192)])[0].landmarks
    middle = [1, 4, 5, 195, 197, 6, 168, 8, 9, 151, 10, 164, 0, 17, 18, 200, 199, 175, 152, 2]
    assert (there[middle, 0] + back[middle, 0]).mean() == pytest.approx(1280, abs=0.7)


def test_a_face_gives_the_same_mesh_alone_or_among_others(paste, mesh):
    picture = paste((300, 300, 200), (900, 400, 240))
    regions = [Region(300, 300, 300), Region(900, 400, 360), Region(640, 100, 100)]
    together = mesh.landmarks(picture, regions)
    for region, result in zip(regions, together, strict=True):
        assert np.array_equal(mesh.landmarks(picture, [region])[0].landmarks, result.landmarks)


def test_where_there_is_no_face_the_presence_is_low(paste, mesh):
    picture = paste((300, 300, 200))
    assert mesh.landmarks(picture, [Region(900, 400, 300)])[0].presence < 0.5


def test_a_region_beyond_the_border_works(paste, mesh):
    results = mesh.landmarks(paste((640, 360, 200)), [Region(-400, 5000, 200), Region(0, 0, 50)])
    assert len(results) == 2 and all(result.presence < 0.5 for result in results)


def test_no_region_gives_no_result(mesh):
    assert mesh.landmarks(np.zeros((1, 1, 3), np.uint8), []) == []


@given(st.floats(-3, 3))
def test_the_region_of_landmarks_turns_with_the_eyes_and_holds_the_face(angle):
    from mirror_tracking.head_pose import mean_face

    head = mean_face()
    upright = np.stack([head[:, 1], -head[:, 2], -head[:, 0]], axis=1) * 1000
    cos, sin = math.cos(angle), math.sin(angle)
    turned = (upright @ np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]]) + (400, 300, 0)).astype(
        np.float32
    )
    region = region_from_landmarks(turned)
    assert region.angle_rad == pytest.approx(angle, abs=1e-3)
    height = np.ptp(upright[:468, 1])
    assert region.side == pytest.approx(1.5 * height, rel=1e-3)
