"""Whom the robot attends to."""

from __future__ import annotations

from mirror_core.faces import FaceSet
from mirror_robot.nearest_person import NearestPerson, distance_m


def seen(*faces):
    return FaceSet(1, "camera_optical", (640, 480), faces)


def test_the_nearest_is_chosen_and_kept_until_somebody_is_much_nearer(make_face):
    nearest = NearestPerson()
    at = lambda track_id, z: make_face(track_id=track_id, place=(0.0, 0.0, z))  # noqa: E731
    assert nearest.choose(seen(at(1, 1.2), at(2, 1.0))).track_id == 2
    assert nearest.choose(seen(at(1, 0.9), at(2, 1.0))).track_id == 2
    assert nearest.choose(seen(at(1, 0.7), at(2, 1.0))).track_id == 1
    assert nearest.choose(seen(at(2, 1.0))).track_id == 2
    assert nearest.choose(seen()) is None
    assert nearest.track_id is None


def test_distance_is_along_the_line_of_sight(make_face):
    assert distance_m(make_face(place=(0.3, 0.0, 0.4))) == 0.5


def test_without_poses_the_largest_face_is_the_nearest(make_face):
    faces = seen(make_face(track_id=4, posed=False), make_face(track_id=3, posed=False))
    assert NearestPerson().choose(faces).track_id == 4
