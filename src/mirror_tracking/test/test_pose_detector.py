"""The pose detector: its anchors, who is one person, and a real person found wherever they are."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from skimage import data

pytest.importorskip("ai_edge_litert", reason="ai-edge-litert is not installed")

from mirror_core.errors import ShapeError
from mirror_core.faces import Roi
from mirror_core.frame import Image
from mirror_tracking.pose_detector import (
    BODY_MARGIN,
    PersonDetection,
    PoseDetector,
    anchor_centres,
    body_region,
    distinct_people,
)

SHOULDERS = (209.0, 245.0)  # middle between them in the astronaut's portrait, pixels


@pytest.fixture(scope="module")
def pose_detector() -> PoseDetector:
    return PoseDetector()


@pytest.fixture(scope="module")
def portrait() -> Image:
    return np.asarray(cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2BGR), np.uint8)


def person(x: float, score: float, reach: float = 200.0) -> PersonDetection:
    points = np.array([(x, 400), (x, 400 - reach), (x, 250), (x, 100)], np.float32)
    return PersonDetection(score, points)


def test_there_is_an_anchor_for_every_row_of_the_models_output() -> None:
    anchors = anchor_centres(224)
    assert anchors.shape == (2254, 2)  # 2 · 28² + 2 · 14² + 6 · 7²
    assert anchors[0].tolist() == pytest.approx([0.5 / 28, 0.5 / 28])
    assert anchors[2].tolist() == pytest.approx([1.5 / 28, 0.5 / 28])
    assert anchors[1568].tolist() == pytest.approx([0.5 / 14, 0.5 / 14])
    assert anchors[-1].tolist() == pytest.approx([6.5 / 7, 6.5 / 7])


def test_detections_of_one_person_are_averaged_by_their_scores() -> None:
    (one,) = distinct_people([person(110.0, 0.25), person(100.0, 0.75)])
    assert one.score == 0.75
    assert one.keypoints[0].tolist() == pytest.approx([102.5, 400.0])


def test_people_whose_shoulders_are_apart_stay_two_the_surer_first() -> None:
    found = distinct_people([person(100.0, 0.6), person(160.0, 0.9)])
    assert [detection.score for detection in found] == [0.9, 0.6]
    assert len(distinct_people([person(100.0, 0.6), person(160.0, 0.9, reach=400.0)])) == 1  # twice as near


def test_a_bodys_region_lies_around_the_hips_and_turns_with_the_body() -> None:
    upright = body_region(np.array([300.0, 400.0]), np.array([300.0, 200.0]))
    assert (upright.x, upright.y, upright.angle_rad) == (300.0, 400.0, 0.0)
    assert upright.side == pytest.approx(2 * BODY_MARGIN * 200.0)
    lying = body_region(np.array([300.0, 400.0]), np.array([500.0, 400.0]))
    assert lying.angle_rad == pytest.approx(math.pi / 2)  # head to the right: turned clockwise


def test_a_person_is_found_where_they_are(pose_detector: PoseDetector, portrait: Image) -> None:
    (found,) = pose_detector.detect(portrait)
    assert found.score > 0.7
    assert found.keypoints[2].tolist() == pytest.approx(SHOULDERS, abs=15.0)
    assert found.keypoints[0, 1] > 480  # the hips are supposed below the picture
    assert abs(found.region.angle_rad) < 0.3


def test_in_a_view_places_are_those_of_the_whole_picture(
    pose_detector: PoseDetector, portrait: Image
) -> None:
    canvas = np.full((720, 1280, 3), 90, np.uint8)
    canvas[208:, 700:1212] = portrait
    view = Roi(560.0, 0.0, 720.0, 720.0)
    (found,) = pose_detector.detect(canvas, view)
    assert found.keypoints[2].tolist() == pytest.approx((700 + SHOULDERS[0], 208 + SHOULDERS[1]), abs=30.0)
    assert pose_detector.detect(canvas, Roi(0.0, 0.0, 600.0, 720.0)) == []


def test_two_people_side_by_side_are_both_found(pose_detector: PoseDetector, portrait: Image) -> None:
    canvas = np.full((720, 1280, 3), 128, np.uint8)
    canvas[208:, 100:612] = portrait
    canvas[208:, 700:1212] = portrait
    found = sorted(float(detection.keypoints[2, 0]) for detection in pose_detector.detect(canvas))
    assert found == pytest.approx([100 + SHOULDERS[0], 700 + SHOULDERS[0]], abs=25.0)


@pytest.mark.parametrize("name", ["coffee", "chelsea", "rocket", "brick"])
def test_pictures_without_people_show_none(pose_detector: PoseDetector, name: str) -> None:
    picture = np.asarray(getattr(data, name)())
    grey = np.repeat(picture[..., None], 3, 2) if picture.ndim == 2 else picture
    assert pose_detector.detect(np.ascontiguousarray(grey[..., ::-1])) == []


def test_a_view_outside_the_picture_shows_nobody(pose_detector: PoseDetector, portrait: Image) -> None:
    assert pose_detector.detect(portrait, Roi(600.0, 0.0, 100.0, 100.0)) == []
    assert pose_detector.detect(portrait[:5]) == []


def test_another_kind_of_picture_is_refused(pose_detector: PoseDetector) -> None:
    with pytest.raises(ShapeError, match="image must be uint8"):
        pose_detector.detect(np.zeros((64, 64), np.uint8))
