"""The lives of tracks: ids last through crossings and short losses and are never used again."""

import numpy as np

from mirror_tracking.head_pose import mean_face
from mirror_tracking.tracks import Observation, TrackSet

FRAME_NS = 33_333_333
UNSMOOTHED = (1000.0, 1000.0, 1000.0)
RED, BLUE = np.array([1.0, 0.0], np.float32), np.array([0.0, 1.0], np.float32)


def face(x, y=300.0, *, size=100.0, look=None, presence=1.0, certain=True):
    head = mean_face()
    shape = np.stack([head[:, 1], -head[:, 2], -head[:, 0]], axis=1)
    shape = (shape - (shape.max(0) + shape.min(0)) / 2) / np.ptp(shape[:, 1])
    points = (shape * size + (x, y, 0)).astype(np.float32)
    return Observation(points, presence, look, certain)


class Scene:
    def __init__(self, max_faces=4, lost_after_s=1.0):
        self.tracks, self.n, self.limits = TrackSet(), 0, (max_faces, lost_after_s)

    def show(self, *observations):
        self.n += 1
        tracks = self.tracks.update(
            observations,
            self.n * FRAME_NS,
            max_faces=self.limits[0],
            lost_after_s=self.limits[1],
            smoothing=UNSMOOTHED,
        )
        return {track.track_id: track for track in tracks}


def ids_by_place(tracks):
    return [i for i, _ in sorted(tracks.items(), key=lambda item: item[1].roi.centre[0])]


def test_two_alike_that_cross_keep_their_ids_though_one_is_hidden():
    scene = Scene()
    for n in range(80):
        left, right = face(200 + 6 * n), face(680 - 6 * n, 310)
        hidden = abs((200 + 6 * n) - (680 - 6 * n)) < 90
        tracks = scene.show(left) if hidden else scene.show(left, right)
        if n == 0:
            first, second = ids_by_place(tracks)
    assert ids_by_place(tracks) == [second, first]
    assert set(tracks) == {1, 2}


def test_two_who_meet_and_turn_back_are_told_apart_by_their_looks():
    scene = Scene()
    for n in range(61):
        gap = 30 + 6 * abs(30 - n)
        left, right = face(400 - gap, look=RED), face(400 + gap, look=BLUE)
        tracks = scene.show(left) if gap < 50 else scene.show(right, left)
        if n == 0:
            before = {i: bool(track.observed.appearance @ RED > 0.5) for i, track in tracks.items()}
    assert {i: bool(track.observed.appearance @ RED > 0.5) for i, track in tracks.items()} == before
    assert sorted(tracks) == [1, 2]


def test_a_short_loss_keeps_the_id_and_a_long_one_does_not():
    scene = Scene(lost_after_s=1.0)
    scene.show(face(300))
    for _ in range(25):
        assert scene.show() == {}
    assert list(scene.show(face(310))) == [1]
    for _ in range(35):
        scene.show()
    assert list(scene.show(face(310))) == [2]


def test_a_moving_face_is_awaited_where_it_goes_and_not_at_the_other_end_of_the_picture():
    scene = Scene()
    for n in range(20):
        scene.show(face(200 + 8 * n))
    (track,) = scene.tracks.active
    place = track.predicted((scene.n + 3) * FRAME_NS)
    assert 352 + 15 < place.x < 352 + 30
    far = track.predicted((scene.n + 3000) * FRAME_NS)
    assert far.x < 352 + 150


def test_the_same_face_twice_is_one_track():
    assert len(Scene().show(face(300), face(306, presence=0.9))) == 1


def test_ids_are_not_used_again_after_clearing():
    scene = Scene()
    scene.show(face(300))
    scene.tracks.clear()
    assert list(scene.show(face(300))) == [2]


def test_the_largest_faces_are_kept_and_the_output_begins_with_the_largest():
    scene = Scene(max_faces=2)
    tracks = scene.show(face(100, size=60), face(400, size=100), face(700, size=140))
    sizes = [round(track.roi.height) for track in tracks.values()]
    assert sizes == [140, 100]


def test_a_slightly_larger_newcomer_takes_nobodys_place_but_a_near_one_does():
    scene = Scene(max_faces=1)
    scene.show(face(300, size=100))
    assert list(scene.show(face(300, size=100), face(600, size=120))) == [1]
    assert list(scene.show(face(300, size=100), face(600, size=150))) == [2]


def test_an_uncertain_face_needs_a_second_look():
    scene = Scene()
    assert scene.show(face(300, certain=False)) == {}
    assert [round(c.x) for c in scene.tracks.pending] == [300]
    assert list(scene.show(face(305, certain=False))) == [1]
    assert scene.tracks.pending == []


def test_an_uncertain_face_that_is_gone_is_forgotten():
    scene = Scene()
    scene.show(face(300, certain=False))
    for _ in range(12):
        scene.show()
    assert scene.show(face(300, certain=False)) == {}


def test_a_known_face_needs_no_certainty():
    scene = Scene()
    scene.show(face(300))
    assert list(scene.show(face(302, certain=False))) == [1]


def test_a_half_hidden_newcomer_waits_until_it_is_seen():
    scene = Scene()
    scene.show(face(300))
    assert list(scene.show(face(300), face(345))) == [1]
    assert sorted(scene.show(face(300), face(420))) == [1, 2]


def test_resting_landmarks_are_smoothed():
    tracks, rng = TrackSet(), np.random.default_rng(0)
    raw, smooth = [], []
    for n in range(60):
        observed = face(300)
        noisy = Observation(observed.landmarks + rng.normal(0, 0.3, (478, 3)).astype(np.float32), 1.0)
        (track,) = tracks.update(
            [noisy], n * FRAME_NS, max_faces=1, lost_after_s=1.0, smoothing=(1.0, 20.0, 2.0)
        )
        raw.append(noisy.landmarks)
        smooth.append(track.landmarks)
    assert np.diff(smooth[20:], axis=0).std() < 0.4 * np.diff(raw[20:], axis=0).std()
