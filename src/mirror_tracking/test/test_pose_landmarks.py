"""The pose model: as mediapipe's own graph has it, wherever and however turned the person is."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from skimage import data

pytest.importorskip("ai_edge_litert", reason="ai-edge-litert is not installed")

from mirror_core.body_points import MIRRORED, BodyPoint
from mirror_core.frame import Image
from mirror_tracking import pose_landmarks
from mirror_tracking.mediapipe_graphs import MediapipeGraph
from mirror_tracking.mesh import Region
from mirror_tracking.pose_detector import PoseDetector, body_region
from mirror_tracking.pose_landmarks import INPUT_SIZE, PoseLandmarks, refined, to_image

DETECTION_GRAPH = """
num_threads: 1
input_stream: "image"
output_stream: "detections"
node {
  calculator: "PoseDetectionCpu"
  input_stream: "IMAGE:image"
  output_stream: "DETECTIONS:detections"
}
"""


@pytest.fixture(scope="module")
def model() -> PoseLandmarks:
    return PoseLandmarks()


@pytest.fixture(scope="module")
def portrait() -> Image:
    return np.asarray(cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2BGR), np.uint8)


@pytest.fixture(scope="module")
def region(portrait: Image) -> Region:
    return PoseDetector().detect(portrait)[0].region


def test_points_are_those_of_mediapipes_own_pose(
    model: PoseLandmarks, portrait: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    def as_mediapipe_does(image: Image, region: Region) -> Image:
        """Cut out half a pixel of the model (here 2.5 of the picture) beside where it should be."""
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        size = (INPUT_SIZE, INPUT_SIZE)
        cut = cv2.warpAffine(image, to_image(region), size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(cut, np.uint8)

    monkeypatch.setattr(pose_landmarks, "_cut_out", as_mediapipe_does)
    graph = MediapipeGraph(DETECTION_GRAPH, "detections")
    graph.send(portrait)
    (detection,) = graph.protos(graph.receive())
    graph.close()
    places = [(512 * point.x, 512 * point.y) for point in detection.location_data.relative_keypoints]
    ours = model.pose(portrait, body_region(np.array(places[0]), np.array(places[1])), segmentation=True)
    from mediapipe.python.solutions.pose import Pose

    with Pose(static_image_mode=True, model_complexity=1, enable_segmentation=True) as pose:
        theirs = pose.process(np.ascontiguousarray(portrait[..., ::-1]))
    points = np.array([(512 * p.x, 512 * p.y, p.visibility) for p in theirs.pose_landmarks.landmark])
    metres = np.array([(p.x, p.y, p.z) for p in theirs.pose_world_landmarks.landmark])
    assert np.abs(ours.landmarks[:, :2] - points[:, :2]).max() < 0.5
    assert np.abs(ours.visibility - points[:, 2]).max() < 0.01
    assert np.abs(ours.world_landmarks - metres).max() < 0.002
    assert ours.mask is not None
    mask = cv2.warpAffine(ours.mask, to_image(ours.region), (512, 512))
    assert np.mean((mask > 0.5) == (theirs.segmentation_mask > 0.5)) > 0.97


def test_the_points_lie_on_the_person(model: PoseLandmarks, portrait: Image, region: Region) -> None:
    pose = model.pose(portrait, region)
    assert pose.presence > 0.9
    assert pose.landmarks[BodyPoint.LEFT_EYE, :2] == pytest.approx((246, 110), abs=10)
    assert pose.landmarks[BodyPoint.RIGHT_EYE, :2] == pytest.approx((202, 110), abs=10)
    assert pose.landmarks[BodyPoint.LEFT_SHOULDER, 0] > pose.landmarks[BodyPoint.RIGHT_SHOULDER, 0] + 100
    assert pose.visibility[BodyPoint.NOSE] > 0.9
    assert pose.visibility[BodyPoint.LEFT_ANKLE] < 0.1
    shoulders = pose.world_landmarks[[BodyPoint.LEFT_SHOULDER, BodyPoint.RIGHT_SHOULDER]]
    assert 0.2 < np.linalg.norm(shoulders[0] - shoulders[1]) < 0.5  # metres


def test_the_segmentation_is_only_made_when_asked_for_and_changes_no_point(
    model: PoseLandmarks, portrait: Image, region: Region
) -> None:
    plain, full = model.pose(portrait, region), model.pose(portrait, region, segmentation=True)
    assert plain.mask is None
    assert np.array_equal(plain.landmarks, full.landmarks)
    assert full.mask is not None
    assert full.mask.shape == (INPUT_SIZE, INPUT_SIZE)
    assert 0.0 <= full.mask.min() < 0.01
    assert 0.99 < full.mask.max() <= 1.0


def test_in_a_turned_picture_the_points_turn_with_it(
    model: PoseLandmarks, portrait: Image, region: Region
) -> None:
    turned = np.ascontiguousarray(np.rot90(portrait, -1))  # a quarter clockwise: (x, y) → (512 − y, x)
    there = Region(512 - region.y, region.x, region.side, region.angle_rad + math.pi / 2)
    before, after = model.pose(portrait, region), model.pose(turned, there)
    is_seen = before.visibility > 0.9
    expected = np.stack([512 - before.landmarks[:, 1], before.landmarks[:, 0]], axis=1)
    assert np.abs(after.landmarks[is_seen, :2] - expected[is_seen]).max() < 3.0
    world = np.stack([-before.world_landmarks[:, 1], before.world_landmarks[:, 0]], axis=1)
    assert np.abs(after.world_landmarks[is_seen, :2] - world[is_seen]).max() < 0.03


def test_in_a_mirrored_picture_left_and_right_change_places(
    model: PoseLandmarks, portrait: Image, region: Region
) -> None:
    mirrored = np.ascontiguousarray(portrait[:, ::-1])
    there = Region(512 - region.x, region.y, region.side, -region.angle_rad)
    before, after = model.pose(portrait, region), model.pose(mirrored, there)
    head = slice(0, 13)
    expected = 512 - before.landmarks[MIRRORED][head, 0]
    assert np.abs(after.landmarks[head, 0] - expected).max() < 20.0


def test_the_next_region_is_about_where_the_body_is(
    model: PoseLandmarks, portrait: Image, region: Region
) -> None:
    there = region
    for _ in range(3):
        there = model.pose(portrait, there).next_region
    again = model.pose(portrait, there)
    assert again.presence > 0.9
    assert again.next_region.side == pytest.approx(there.side, rel=0.1)
    assert math.hypot(again.next_region.x - there.x, again.next_region.y - there.y) < 0.05 * there.side


def test_where_nobody_is_the_model_says_so(model: PoseLandmarks) -> None:
    picture = np.ascontiguousarray(data.coffee()[..., ::-1])
    assert model.pose(picture, Region(300.0, 200.0, 400.0)).presence < 0.3


def test_a_point_moves_to_the_centre_of_heat_around_it() -> None:
    heat = np.full((64, 64, 2), -20.0, np.float32)
    heat[20, 30, 0] = 20.0
    heat[20, 33, 0] = 20.0
    heat[50, 50, 1] = -1.0  # not certain
    points = np.array([(122.0, 82.0), (201.0, 201.0)], np.float32)
    moved = refined(points, heat)
    assert moved[0] == pytest.approx((31.5 * 4, 20 * 4), abs=0.01)
    assert moved[1].tolist() == [201.0, 201.0]


def test_a_point_outside_the_crop_stays_where_it_is_supposed() -> None:
    points = np.array([(-3.0, 20.0), (20.0, 256.5)], np.float32)
    assert np.array_equal(refined(points, np.full((64, 64, 2), 20.0, np.float32)), points)
