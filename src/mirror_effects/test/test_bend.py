"""Bending the picture around a face: it goes where it should, folds nowhere and stays put beyond."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirror_core.faces import Face
from mirror_effects import bend as module
from mirror_effects.bend import Bend, bend_face
from mirror_effects.testing import filled, wearer
from mirror_effects.unflipped import turned_over, unflipped
from mirror_tracking.topology import FACE_OVAL, NOSE_TIP

SIZE = (640, 480)


def noise(seed: int = 0) -> np.ndarray:
    field = np.random.default_rng(seed).normal(size=(*SIZE[::-1], 3)).astype(np.float32)
    field = cv2.GaussianBlur(field, (0, 0), 2)
    return np.clip(128 + 300 * field, 0, 255).astype(np.uint8)


def bumped(face: Face, point: int, offset: tuple[float, float], width: float = 30.0) -> np.ndarray:
    """The landmarks with a smooth bump of displacement about one point: float64 [468, 2]."""
    points = face.landmarks[:468, :2].astype(float)
    near = np.exp(-((np.linalg.norm(points - points[point], axis=1) / width) ** 2))
    return points + near[:, None] * np.asarray(offset)


def bent(image: np.ndarray, bend: Bend) -> np.ndarray:
    result = image.copy()
    result[bend.rows, bend.columns] = bend.looked_up(image)
    return result


def areas(bend: Bend) -> np.ndarray:
    """What is left of the picture's area at each pixel of the bent rectangle."""
    along_x, along_y = (np.gradient(bend.position, axis=axis) for axis in (1, 0))
    return along_x[..., 0] * along_y[..., 1] - along_x[..., 1] * along_y[..., 0]


def test_a_point_goes_where_it_is_wanted_and_takes_the_picture_along() -> None:
    face = wearer()
    wanted = bumped(face, NOSE_TIP, (14.0, -9.0))
    bend = bend_face(face.landmarks, wanted, SIZE, reach=0.5)
    image = np.full((480, 640, 3), 40, np.uint8)
    x, y = face.landmarks[NOSE_TIP, :2]
    cv2.circle(
        image, (round(float(x) * 16 - 8), round(float(y) * 16 - 8)), 6 * 16, (255,) * 3, -1, cv2.LINE_AA, 4
    )
    spot = bent(image, bend)[..., 0] > 128
    centre = np.argwhere(spot)[:, ::-1].mean(axis=0) + 0.5
    np.testing.assert_allclose(centre, wanted[NOSE_TIP], atol=2.5)
    moved = bend.moved(face.landmarks[:468, :2], wanted)
    np.testing.assert_allclose(moved[NOSE_TIP], centre, atol=1.0)


def test_where_points_come_to_lie_is_exactly_where_the_picture_goes() -> None:
    face = wearer(height=300.0)
    wanted = bumped(face, NOSE_TIP, (30.0, 25.0), 45.0)
    bend = bend_face(face.landmarks, wanted, SIZE, reach=0.5)
    points = face.landmarks[:468, :2]
    local = bend.moved(points, wanted) - np.array([bend.x0 + 0.5, bend.y0 + 0.5], np.float32)
    back = cv2.remap(bend.position, local[None], None, cv2.INTER_LINEAR)[0] + 0.5
    np.testing.assert_allclose(back, points, atol=0.1)


def test_nothing_wanted_changes_nothing() -> None:
    face, image = wearer(), noise()
    bend = bend_face(face.landmarks, face.landmarks[:468, :2].astype(float), SIZE, reach=0.5)
    np.testing.assert_array_equal(bent(image, bend), image)


def test_far_from_the_face_the_picture_is_the_same_bit_for_bit() -> None:
    face, image = wearer(height=180.0), noise()
    bend = bend_face(face.landmarks, bumped(face, 152, (40.0, 30.0)), SIZE, reach=0.5)
    result = bent(image, bend)
    distance = cv2.distanceTransform(1 - filled(face, FACE_OVAL).astype(np.uint8), cv2.DIST_L2, 5)
    far = distance > 0.75 * 180
    assert far.sum() > 20_000
    np.testing.assert_array_equal(result[far], image[far])
    assert np.abs(result.astype(int) - image).max() > 60


def test_a_fixed_rim_keeps_all_around_the_face_as_it_was() -> None:
    face, image = wearer(), noise()
    everything = face.landmarks[:468, :2] + np.array([25.0, 10.0])
    bend = bend_face(face.landmarks, everything, SIZE, reach=0.0, rim_stays=True)
    outside = ~cv2.dilate(filled(face, FACE_OVAL).astype(np.uint8), np.ones((7, 7))).astype(bool)
    result = bent(image, bend)
    np.testing.assert_array_equal(result[outside], image[outside])
    moved = bend.moved(face.landmarks[:468, :2], everything) - face.landmarks[:468, :2]
    assert np.abs(moved[FACE_OVAL]).max() < 3
    assert moved[NOSE_TIP, 0] > 14


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000), st.floats(1.0, 80.0), st.booleans(), st.floats(-0.6, 0.6))
def test_no_displacement_however_wild_folds_the_picture(
    seed: int, size: float, rim_stays: bool, yaw: float
) -> None:
    face = wearer(yaw=yaw)
    random = np.random.default_rng(seed)
    wanted = face.landmarks[:468, :2] + random.normal(0, size, (468, 2))
    bend = bend_face(face.landmarks, wanted, SIZE, reach=0.5, rim_stays=rim_stays)
    assert areas(bend).min() > 0.1


def test_the_limit_holds_also_where_smoothing_does_not_help(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MENDINGS", 0)
    face = wearer()
    wanted = bumped(face, NOSE_TIP, (90.0, 0.0))
    bend = bend_face(face.landmarks, wanted, SIZE, reach=0.5)
    assert areas(bend).min() > 0.2


@pytest.mark.parametrize("centre", [(20.0, 240.0), (620.0, 470.0), (320.0, -40.0)])
def test_a_face_at_the_pictures_edge_is_bent_as_far_as_it_is_seen(centre: tuple[float, float]) -> None:
    face, image = wearer(centre), noise()
    bend = bend_face(face.landmarks, bumped(face, NOSE_TIP, (12.0, 12.0)), SIZE, reach=0.5)
    assert bend.rows.start >= 0
    assert bend.columns.start >= 0
    assert bend.rows.stop <= 480
    assert bend.columns.stop <= 640
    assert bent(image, bend).shape == image.shape
    moved = bend.moved(face.landmarks[:468, :2], bumped(face, NOSE_TIP, (12.0, 12.0)))
    np.testing.assert_allclose(moved[NOSE_TIP] - face.landmarks[NOSE_TIP, :2], (12.0, 12.0), atol=3)


@pytest.mark.parametrize("centre", [(-900.0, 240.0), (320.0, 2000.0)])
def test_a_face_outside_the_picture_is_not_bent(centre: tuple[float, float]) -> None:
    face = wearer(centre)
    assert bend_face(face.landmarks, face.landmarks[:468, :2] + 5, SIZE, reach=0.5) is None


def test_triangles_that_turned_over_are_turned_back_by_small_moves() -> None:
    face = wearer()
    before = face.landmarks[:, :2]
    after = before.copy()
    after[NOSE_TIP] += (0.0, 22.0)  # over its neighbours below
    assert turned_over(before, after).any()
    mended = unflipped(before, after)
    assert not turned_over(before, mended).any()
    far = np.linalg.norm(before - before[NOSE_TIP], axis=1) > 60
    np.testing.assert_array_equal(mended[far], after[far])
    np.testing.assert_array_equal(unflipped(before, before), before)
