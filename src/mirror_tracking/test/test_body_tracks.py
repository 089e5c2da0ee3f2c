"""The lives of bodies: ids last through crossings and short losses and are never used again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mirror_core.body_points import BodyPoint
from mirror_core.testing import synthetic_body
from mirror_tracking.association import Candidate
from mirror_tracking.body_observation import BodyObservation, body_costs
from mirror_tracking.body_shape import REACH_M, shoulder_centre
from mirror_tracking.body_tracks import BodyTrack, BodyTracks, Smoothing

FRAME_NS = 40_000_000
UNSMOOTHED = Smoothing(1000.0, 1000.0, 1000.0)
RED, BLUE = np.array([1.0, 0.0], np.float32), np.array([0.0, 1.0], np.float32)


def body(
    x: float,
    y: float = 300.0,
    *,
    metre: float = 200.0,
    look: NDArray[np.float32] | None = None,
    certain: bool = True,
    visibility: float = 1.0,
) -> BodyObservation:
    """A standing body with its hips at (x, y), `metre` pixels a metre."""
    points = synthetic_body((x, y), 1.61 * metre)
    assert points.world_landmarks is not None
    return BodyObservation(
        landmarks=points.landmarks,
        visibility=np.full(33, visibility, np.float32),
        world_landmarks=points.world_landmarks,
        presence=0.9,
        hips=np.array((x, y), np.float32),
        rim=np.array((x, y - REACH_M * metre), np.float32),
        appearance=look,
        is_certain=certain,
    )


class Scene:
    """Shows observations, one set a frame at 25 Hz."""

    def __init__(
        self, max_bodies: int = 2, lost_after_s: float = 1.0, smoothing: Smoothing = UNSMOOTHED
    ) -> None:
        self.tracks, self.n = BodyTracks(), 0
        self._limits: dict[str, Any] = {
            "max_bodies": max_bodies,
            "lost_after_s": lost_after_s,
            "smoothing": smoothing,
        }

    def show(self, *observations: BodyObservation) -> dict[int, BodyTrack]:
        self.n += 1
        tracks = self.tracks.update(observations, self.n * FRAME_NS, **self._limits)
        return {track.track_id: track for track in tracks}


def ids_by_place(tracks: dict[int, BodyTrack]) -> list[int]:
    return [i for i, _ in sorted(tracks.items(), key=lambda item: shoulder_centre(item[1].landmarks)[0])]


def test_an_observation_is_as_large_as_half_a_metre_and_lies_at_its_shoulders() -> None:
    candidate = body(300.0, 280.0, look=RED).candidate()
    assert (candidate.x, candidate.y, candidate.size) == pytest.approx((300.0, 180.0, 100.0))
    assert candidate.appearance is RED


def test_two_observations_of_one_person_are_the_same_and_of_neighbours_are_not() -> None:
    assert body(300.0).is_same(body(320.0, metre=210.0))
    assert not body(300.0).is_same(body(345.0))
    near, far = body(300.0, metre=500.0), body(360.0, 240.0, metre=150.0)
    assert not near.is_same(far)  # half behind the other's shoulder, but a third of the size


def test_two_alike_that_cross_keep_their_ids_though_one_is_hidden() -> None:
    scene = Scene()
    for n in range(80):
        left, right = body(200 + 6.0 * n), body(680 - 6.0 * n, 310)
        is_hidden = abs((200 + 6 * n) - (680 - 6 * n)) < 60
        tracks = scene.show(left) if is_hidden else scene.show(left, right)
        if n == 0:
            first, second = ids_by_place(tracks)
    assert ids_by_place(tracks) == [second, first]
    assert set(tracks) == {1, 2}


def test_a_place_seen_twice_is_one_body_the_first_of_them() -> None:
    tracks = Scene().show(body(300.0), body(310.0))
    assert len(tracks) == 1
    assert shoulder_centre(tracks[1].landmarks)[0] == pytest.approx(300.0)


def test_a_body_gone_for_a_moment_keeps_its_id_and_one_gone_longer_gets_another() -> None:
    scene = Scene()
    scene.show(body(300.0))
    for _ in range(20):
        assert scene.show() == {}
    assert set(scene.show(body(330.0))) == {1}
    for _ in range(27):
        scene.show()
    assert set(scene.show(body(330.0))) == {2}


def test_who_comes_back_in_other_clothes_is_somebody_else() -> None:
    scene = Scene()
    scene.show(body(300.0, look=RED))
    for _ in range(10):
        scene.show()
    assert set(scene.show(body(310.0, look=BLUE))) == {2}
    for _ in range(10):
        scene.show()
    assert set(scene.show(body(300.0, look=RED))) == {1}


def test_looks_alone_never_end_a_track_that_is_where_it_should_be() -> None:
    scene = Scene()
    scene.show(body(300.0, look=RED))
    assert set(scene.show(body(305.0, look=BLUE))) == {1}


def test_looks_decide_where_places_do_not() -> None:
    known = [Candidate(300, 200, 100, RED), Candidate(340, 200, 100, BLUE)]
    seen = [Candidate(318, 200, 100, BLUE), Candidate(322, 200, 100, RED)]
    costs = body_costs(known, seen)
    assert costs[0, 1] < costs[0, 0]
    assert costs[1, 0] < costs[1, 1]


@pytest.mark.parametrize(
    "seen",
    [Candidate(380, 200, 100), Candidate(300, 200, 170), Candidate(300, 200, 60)],
    ids=["too far", "too large", "too small"],
)
def test_what_cannot_be_the_same_body_costs_without_end(seen: Candidate) -> None:
    assert body_costs([Candidate(300, 200, 100)], [seen])[0, 0] == np.inf


def test_an_uncertain_person_is_believed_at_the_second_look_only() -> None:
    scene = Scene()
    assert scene.show(body(300.0, certain=False)) == {}
    assert [candidate.x for candidate in scene.tracks.pending] == [300.0]
    assert set(scene.show(body(310.0, certain=False))) == {1}
    assert scene.tracks.pending == []
    scene.show(body(310.0), body(600.0, certain=False))
    for _ in range(30):
        scene.show(body(310.0))
    assert set(scene.show(body(310.0), body(600.0, certain=False))) == {1}  # the first look was too long ago


def test_a_much_larger_person_takes_the_place_of_a_smaller_one_and_a_little_larger_one_does_not() -> None:
    scene = Scene()
    assert ids_by_place(scene.show(body(200.0, metre=200), body(500.0, metre=220))) == [2, 1]
    assert set(scene.show(body(200.0, metre=200), body(500.0, metre=220), body(800.0, metre=250))) == {1, 2}
    tracks = scene.show(body(200.0, metre=200), body(500.0, metre=220), body(800.0, metre=300))
    assert ids_by_place(tracks) == [1, 3]


def test_ids_are_not_used_again_after_a_new_beginning() -> None:
    scene = Scene()
    scene.show(body(200.0), body(500.0))
    scene.tracks.clear()
    assert scene.tracks.active == scene.tracks.lost == []
    assert set(scene.show(body(200.0))) == {3}


def test_a_moving_body_is_looked_for_where_it_will_be() -> None:
    scene = Scene()
    for n in range(20):
        (track,) = scene.show(body(300.0 + 8 * n)).values()
    region = track.region((scene.n + 1) * FRAME_NS)
    assert region.x == pytest.approx(300 + 8 * 20, abs=3.0)
    assert region.side == pytest.approx(2 * 1.25 * REACH_M * 200, rel=0.01)
    dx, dy = track.shift((scene.n + 100) * FRAME_NS)  # long unseen it is not supposed to have run on
    assert 20 < dx < 100
    assert dy == pytest.approx(0.0, abs=0.5)


def test_points_at_rest_are_calmed_and_quick_ones_followed() -> None:
    rng = np.random.default_rng(0)
    scene = Scene(smoothing=Smoothing())
    raw, smooth = [], []
    for _ in range(60):
        seen = body(300.0)
        shaken = seen.landmarks + rng.normal(0, 1.0, (33, 3)).astype(np.float32)
        observation = BodyObservation(shaken, seen.visibility, seen.world_landmarks, 0.9, seen.hips, seen.rim)
        (track,) = scene.show(observation).values()
        raw.append(shaken[:, :2])
        smooth.append(track.landmarks[:, :2].copy())
    jitter = [np.diff(np.array(points[10:]), axis=0).std() for points in (raw, smooth)]
    assert jitter[1] < 0.4 * jitter[0]
    for n in range(20):  # 2.5 m/s
        seen = body(300.0 + 20 * (n + 1))
        (track,) = scene.show(seen).values()
    lag = shoulder_centre(seen.landmarks)[0] - shoulder_centre(track.landmarks)[0]
    assert 0 <= lag < 20  # behind by less than a frame


def test_visibility_changes_gradually() -> None:
    scene = Scene()
    scene.show(body(300.0, visibility=1.0))
    (track,) = scene.show(body(300.0, visibility=0.0)).values()
    assert 0.5 < track.visibility[BodyPoint.NOSE] < 0.9
    for _ in range(20):
        (track,) = scene.show(body(300.0, visibility=0.0)).values()
    assert track.visibility[BodyPoint.NOSE] < 0.01
