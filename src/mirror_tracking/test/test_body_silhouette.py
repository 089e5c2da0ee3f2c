"""Whose pixels are whose: masks in their roi, the label picture, hiding people."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from mirror_core.bodies import Body, BodySet
from mirror_core.body_points import BodyPoint
from mirror_core.faces import Roi
from mirror_core.testing import synthetic_body
from mirror_tracking.body_silhouette import Outline, body_labels, hidden, mask_in_roi, without_nearer
from mirror_tracking.mesh import Region

SIZE = 100.0  # pixels of half a metre of the synthetic bodies below


def body_at(x: float, track_id: int = 1) -> Body:
    return synthetic_body((x, 260.0), 322.0, track_id=track_id)


def test_a_mask_comes_to_where_its_crop_was_cut_out() -> None:
    mask = np.zeros((256, 256), np.float32)
    mask[64:192, 64:128] = 1.0
    # The crop is 512 px wide around (300, 300): its pixel i covers 44 + 2 i … 46 + 2 i.
    found = mask_in_roi(mask, Region(300.0, 300.0, 512.0), Roi(100.0, 150.0, 300.0, 250.0))
    assert found.shape == (250, 300)
    expected = np.zeros((600, 600), bool)
    expected[44 + 128 : 44 + 384, 44 + 128 : 44 + 256] = True
    assert np.array_equal(found > 127, expected[150:400, 100:400])


def test_a_mask_of_a_turned_crop_is_turned_back() -> None:
    mask = np.zeros((256, 256), np.float32)
    mask[:128] = 1.0  # the upper half, where the head is
    region = Region(200.0, 200.0, 256.0, math.pi / 2)  # whose head lies to the right
    found = mask_in_roi(mask, region, Roi(72.0, 72.0, 256.0, 256.0))
    assert (found[5:-5, 133:-5] == 255).all()
    assert (found[5:-5, 5:123] == 0).all()


def test_outside_of_its_crop_nothing_is_the_persons() -> None:
    found = mask_in_roi(
        np.ones((256, 256), np.float32), Region(100.0, 100.0, 100.0), Roi(0.0, 0.0, 300.0, 200.0)
    )
    assert (found[55:145, 55:145] == 255).all()
    assert (found[:, 155:] == 0).all()


def test_each_pixel_is_given_to_the_body_that_is_surest_of_it() -> None:
    one = np.full((40, 60), 200, np.uint8)
    other = np.full((40, 60), 150, np.uint8)
    other[:, 30:] = 250
    other[:5] = 100  # less than half: nobody's, or the other one's
    bodies = BodySet(
        0,
        "camera_optical",
        120,
        80,
        (
            dataclasses.replace(body_at(100.0, 5), roi=Roi(10.0, 20.0, 60.0, 40.0), segmentation=one),
            dataclasses.replace(body_at(300.0, 9), roi=Roi(30.0, 20.0, 60.0, 40.0), segmentation=other),
            body_at(500.0, 12),
        ),
    )
    labels = body_labels(bodies)
    assert labels.shape == (80, 120)
    assert set(np.unique(labels)) == {0, 1, 2}
    assert (labels[20:60, 10:60] == 1).all()
    assert (labels[25:60, 60:90] == 2).all()
    assert (labels[20:25, 70:90] == 0).all()
    assert (labels[:20] == 0).all()


def test_what_a_nearer_body_covers_is_not_the_farther_ones() -> None:
    near_mask = np.zeros((40, 60), np.uint8)
    near_mask[:, :20], near_mask[:, 20:25] = 255, 55
    far = dataclasses.replace(
        body_at(100.0, 5), roi=Roi(10.0, 20.0, 60.0, 40.0), segmentation=np.full((40, 60), 230, np.uint8)
    )
    near = dataclasses.replace(body_at(300.0, 9), roi=Roi(30.0, 10.0, 60.0, 40.0), segmentation=near_mask)
    cut, whole = without_nearer((far, near), (100.0, 120.0))
    assert whole is near
    assert cut.segmentation is not None
    assert far.segmentation is not None
    expected = np.full((40, 60), 230, np.uint8)
    expected[:30, 20:40], expected[:30, 40:45] = 0, 200  # ten rows of the nearer roi are above
    assert np.array_equal(cut.segmentation, expected)
    assert (far.segmentation == 230).all()
    assert without_nearer((far, near), (100.0, 110.0)) == (far, near)  # who is in front is not sure
    apart = dataclasses.replace(near, roi=Roi(200.0, 10.0, 60.0, 40.0))
    unchanged = without_nearer((far, apart), (100.0, 120.0))[0].segmentation
    assert np.array_equal(unchanged, far.segmentation)


def test_a_hidden_body_is_grey_and_the_rest_of_the_picture_untouched() -> None:
    image = np.full((480, 640, 3), 250, np.uint8)
    body = body_at(320.0)
    found = hidden(image, [Outline(body.landmarks, SIZE)])
    is_grey = (found == 120).all(axis=2)
    for point in BodyPoint:
        x, y = body.landmarks[point, :2].astype(int)
        assert is_grey[min(y, 479), x] or point in (BodyPoint.LEFT_HEEL, BodyPoint.RIGHT_HEEL), point.name
    assert (found[~is_grey] == 250).all()
    assert not is_grey[:, :220].any()
    assert not is_grey[:, 420:].any()
    assert (image == 250).all()


def test_who_is_looked_for_is_never_hidden_by_another() -> None:
    image = np.full((480, 640, 3), 250, np.uint8)
    own, other = body_at(320.0), body_at(360.0)
    found = hidden(image, [Outline(other.landmarks, SIZE)], Outline(own.landmarks, SIZE))
    for point in (BodyPoint.NOSE, BodyPoint.LEFT_SHOULDER, BodyPoint.LEFT_HIP, BodyPoint.LEFT_KNEE):
        x, y = own.landmarks[point, :2].astype(int)
        assert found[y, x].tolist() == [250, 250, 250]
    x, y = other.landmarks[BodyPoint.LEFT_ELBOW, :2].astype(int)
    assert found[y, x].tolist() == [120, 120, 120]


def test_without_others_the_picture_itself_is_looked_at() -> None:
    image = np.zeros((20, 30, 3), np.uint8)
    assert hidden(image, []) is image


@pytest.mark.parametrize("place", [-1e30, 1e30])
def test_points_far_outside_the_picture_do_no_harm(place: float) -> None:
    body = body_at(320.0)
    points = body.landmarks.copy()
    points[BodyPoint.LEFT_WRIST, 0] = place
    image = np.full((480, 640, 3), 250, np.uint8)
    assert hidden(image, [Outline(points, SIZE)]).shape == image.shape
