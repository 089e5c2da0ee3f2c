"""The exchange of faces: who wears whose, and what is kept while somebody is hidden."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror_effects.live_source import HOLD_S, LiveFaces, draw_live, partners
from mirror_effects.mesh_facing import facing, mirror_image
from mirror_effects.mesh_warp import MeshWarper
from mirror_effects.testing import painted, room, wearer
from mirror_effects.uv_chart import UV_POINTS
from mirror_tracking.topology import FILLED_TRIANGLES, NOSE_TIP

GREEN, BLUE = (60, 190, 60), (190, 60, 60)


def everywhere(face: object, part: object) -> None:
    return None


@pytest.mark.parametrize(
    ("tracks", "wears"),
    [((), {}), ((4,), {}), ((9, 4), {4: 9, 9: 4}), ((7, 2, 5), {2: 5, 5: 7, 7: 2})],
)
def test_each_wears_the_face_of_the_next_who_came(tracks: tuple[int, ...], wears: dict[int, int]) -> None:
    assert partners(tracks) == wears


@given(st.sets(st.integers(0, 50), min_size=2))
def test_every_face_is_worn_once_and_by_somebody_else(tracks: set[int]) -> None:
    ring = partners(tracks)
    assert set(ring) == set(ring.values()) == tracks
    assert all(wearer != source for wearer, source in ring.items())


def test_a_face_behind_another_head_is_shown_as_it_was_before() -> None:
    live = LiveFaces()
    far, near = wearer((200.0, 240.0), 160.0, track_id=1), wearer((480.0, 240.0), 220.0, track_id=2)
    live.update(painted(painted(room(), [far], skin=GREEN), [near], skin=BLUE), (near, far), everywhere, 0)
    before = live.partner_of(2)
    assert before is not None
    closer = wearer((300.0, 240.0), 220.0, track_id=2)
    live.update(
        painted(painted(room(), [far], skin=GREEN), [closer], skin=BLUE), (closer, far), everywhere, 10**8
    )
    assert live.partner_of(2) is before
    assert live.partner_of(1) is not None
    assert live.partner_of(1).stamp_ns == 10**8  # type: ignore[union-attr]


def test_a_face_that_is_hidden_from_the_start_shows_only_what_is_its_own() -> None:
    live = LiveFaces()
    far, near = wearer((250.0, 240.0), 160.0, track_id=1), wearer((400.0, 240.0), 220.0, track_id=2)
    live.update(painted(painted(room(), [far], skin=GREEN), [near], skin=BLUE), (near, far), everywhere, 0)
    source = live.partner_of(2)
    assert source is not None
    shown = source.picture[source.picture[..., 3] > 0]
    assert len(shown) > 500
    assert not (np.abs(shown[:, :3].astype(int) - BLUE).max(axis=1) < 10).any()


def test_who_is_lost_is_remembered_for_a_while() -> None:
    live = LiveFaces()
    pair = wearer((180.0, 240.0), 160.0, track_id=1), wearer((460.0, 240.0), 160.0, track_id=2)
    live.update(painted(room(), pair), pair, everywhere, 0)
    live.update(painted(room(), pair[:1]), pair[:1], everywhere, int((HOLD_S - 0.1) * 1e9))
    assert live.partner_of(1) is not None
    live.update(painted(room(), pair[:1]), pair[:1], everywhere, int((HOLD_S + 0.1) * 1e9))
    assert live.partner_of(1) is None
    assert len(live) == 1
    live.clear()
    assert len(live) == 0


def test_a_far_half_is_filled_with_the_near_one() -> None:
    """The source's head is turned so far that its left cheek is not seen: its right one stands in."""
    source = wearer((320.0, 240.0), 260.0, yaw=0.9, track_id=1)
    live = LiveFaces()
    other = wearer((60.0, 100.0), 90.0, track_id=2)
    live.update(painted(room(), [source], skin=GREEN), (source, other), everywhere, 0)
    face = live.partner_of(2)
    assert face is not None
    warper = MeshWarper(UV_POINTS, FILLED_TRIANGLES)
    straight = wearer()
    warp_map, warped = draw_live(warper, face, straight.landmarks, (640, 480))
    for point in (50, 280, NOSE_TIP):
        x, y = straight.landmarks[point, :2].astype(int) - (warp_map.x0, warp_map.y0)
        np.testing.assert_allclose(warped[y, x, :3], GREEN, atol=25)


def test_mirror_images_are_pairs_and_face_the_camera_alike() -> None:
    points, triangles = mirror_image()
    np.testing.assert_array_equal(points[points], np.arange(468))
    np.testing.assert_array_equal(triangles[triangles], np.arange(len(FILLED_TRIANGLES)))
    seen = facing(wearer().landmarks)
    np.testing.assert_allclose(seen, seen[triangles], atol=0.02)
    turned = facing(wearer(yaw=0.5).landmarks)
    other_way = facing(wearer(yaw=-0.5).landmarks)
    paired = triangles != np.arange(
        len(triangles)
    )  # 28 have another diagonal on the other half: they have no pair
    assert paired.sum() == 870
    np.testing.assert_allclose(turned[paired], other_way[triangles][paired], atol=0.02)
