"""Where scene and person are in each view."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror_effects.film.views import CORNERS, VIEWS, Box, Layout, Pan

HD = (1280, 720)


def test_the_full_view_has_the_scene_in_the_middle_as_high_as_the_picture():
    layout = Layout.of("full", HD, (1.0,))
    assert layout.scenes == (Box(280, 0, 720, 720),)
    assert layout.person is None


def test_two_scenes_stand_close_together():
    layout = Layout.of("full", HD, (1.0, 1.0))
    assert layout.scenes == (Box(0, 40, 640, 640), Box(640, 40, 640, 640))


def test_beside_the_scene_the_person_has_the_rest():
    layout = Layout.of("beside", HD, (1.0,))
    assert layout.scenes == (Box(0, 0, 720, 720),)
    assert layout.person == Box(720, 0, 560, 720)
    two = Layout.of("beside", HD, (1.0, 1.0))
    assert two.scenes == (Box(0, 136, 448, 448), Box(448, 136, 448, 448))
    assert two.person == Box(896, 0, 384, 720)


@pytest.mark.parametrize(
    ("corner", "place"),
    [("top_left", (14, 14)), ("top_right", (946, 14)), ("bottom_left", (14, 526))],
)
def test_the_person_in_the_corner_has_the_camera_s_proportions(corner, place):
    layout = Layout.of("inset", HD, (1.0,), corner, 0.25)
    assert layout.scenes == (Box(280, 0, 720, 720),)
    assert layout.person == Box(*place, 320, 180)


@given(
    st.sampled_from(VIEWS),
    st.tuples(st.integers(64, 2000), st.integers(64, 2000)),
    st.lists(st.floats(0.4, 2.5), min_size=1, max_size=2).map(tuple),
    st.sampled_from(CORNERS),
    st.floats(0.1, 0.5),
)
def test_everything_is_inside_the_picture_in_its_proportions_and_scenes_do_not_overlap(
    view, size, aspects, corner, share
):
    layout = Layout.of(view, size, aspects, corner, share)
    boxes = list(layout.scenes) + ([layout.person] if layout.person else [])
    for box in boxes:
        assert box.x >= 0
        assert box.y >= 0
        assert box.x + box.width <= size[0]
        assert box.y + box.height <= size[1]
        assert box.mirrored(size[0]).mirrored(size[0]) == box
    for box, aspect in zip(layout.scenes, aspects, strict=True):
        assert abs(box.width - aspect * box.height) <= 1 + aspect
    for one, other in zip(layout.scenes, layout.scenes[1:], strict=False):
        assert one.x + one.width <= other.x
    if view == "beside":
        assert layout.person.x >= layout.scenes[-1].x + layout.scenes[-1].width


def test_the_person_s_part_follows_slowly_and_stays_inside():
    pan = Pan()
    box = Box(720, 0, 560, 720)
    assert pan.part(HD, box, (400.0, 300.0), 1.0) == Box(120, 0, 560, 720)
    moved = pan.part(HD, box, (900.0, 300.0), 1.04)
    assert 120 < moved.x < 170
    assert pan.part(HD, box, None, 1.08) == moved  # nobody seen: it stays
    for tick in range(200):
        part = pan.part(HD, box, (1270.0, 300.0), 1.12 + tick * 0.04)
    assert part == Box(720, 0, 560, 720)
    assert Pan().part((640, 480), Box(0, 0, 320, 240), None, 0.0) == Box(0, 0, 640, 480)
