"""The effect `landmarks`: what it draws where, and what it leaves alone."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror_core.faces import Face
from mirror_core.frame import read_only
from mirror_core.testing import synthetic_face
from mirror_effects import Scene
from mirror_effects.landmarks import PALETTE, LandmarksEffect, LandmarksParameters

GREY = 100
NOTHING = LandmarksParameters(mesh=False, contours=False, axes=False, ids=False)


def grey(height: int = 480, width: int = 640) -> np.ndarray:
    return read_only(np.full((height, width, 3), GREY, np.uint8))


def drawn(
    *faces: Face, stale: bool = False, base: LandmarksParameters = NOTHING, **parameters: Any
) -> np.ndarray:
    effect = LandmarksEffect()
    effect.parameters = dataclasses.replace(base, **parameters)
    return effect.apply(grey(), Scene(0, faces, stale))


def changed(image: np.ndarray) -> np.ndarray:
    return (image != GREY).any(axis=2)


def test_without_faces_the_picture_itself_comes_back() -> None:
    image = grey()
    assert LandmarksEffect().apply(image, Scene(0)) is image


def test_the_shared_picture_stays_as_it_was() -> None:
    image = grey()
    shown = LandmarksEffect().apply(image, Scene(0, (synthetic_face(),)))
    assert (image == GREY).all()
    assert changed(shown).any()
    assert not np.shares_memory(shown, image)


def test_a_picture_that_may_be_drawn_on_is_drawn_on() -> None:
    image = np.array(grey())
    assert LandmarksEffect().apply(image, Scene(0, (synthetic_face(),))) is image


@given(st.floats(-100, 740), st.floats(-100, 580), st.floats(20, 300), st.floats(-3, 3))
def test_it_draws_only_near_the_face_and_nowhere_else(x: float, y: float, size: float, roll: float) -> None:
    face = synthetic_face((x, y), size, roll=roll)
    shown = drawn(face, base=LandmarksParameters(ids=False))
    rows, columns = np.nonzero(changed(shown))
    reach = 0.6 * face.roi.height + 4  # the axes are the longest: 0.45 of the height and their tips
    assert np.all(columns + 0.5 >= face.roi.x - reach)
    assert np.all(columns + 0.5 <= face.roi.x + face.roi.width + reach)
    assert np.all(rows + 0.5 >= face.roi.y - reach)
    assert np.all(rows + 0.5 <= face.roi.y + face.roi.height + reach)


def test_each_part_can_be_switched_off() -> None:
    face = synthetic_face()
    assert not changed(drawn(face)).any()
    assert not changed(drawn(face, mesh=True, mesh_opacity=0.0)).any()
    parts = [changed(drawn(face, **{part: True})) for part in ("mesh", "contours", "axes", "ids")]
    assert all(part.any() for part in parts)
    everything = changed(drawn(face, base=LandmarksParameters()))
    assert (everything >= np.logical_or.reduce(parts)).all()


def test_a_more_opaque_mesh_shows_more() -> None:
    weak, strong = (
        np.abs(drawn(synthetic_face(), mesh=True, mesh_opacity=opacity).astype(int) - GREY).sum()
        for opacity in (0.2, 0.8)
    )
    assert strong == pytest.approx(4 * weak, rel=0.1)


def test_a_face_without_a_pose_has_no_axes() -> None:
    assert not changed(drawn(dataclasses.replace(synthetic_face(), head_pose=None), axes=True)).any()


def test_faces_of_an_earlier_frame_are_drawn_dimmer() -> None:
    fresh, stale = (drawn(synthetic_face(), stale=stale, contours=True) for stale in (False, True))
    where = (fresh == PALETTE[1]).all(axis=2)
    assert where.any()
    assert (stale[where].astype(int).sum(axis=1) < fresh[where].astype(int).sum(axis=1)).all()


def test_a_person_keeps_the_colour_and_neighbours_differ() -> None:
    colours = []
    for track_id in (1, 2, 1 + len(PALETTE)):
        shown = drawn(synthetic_face(track_id=track_id), contours=True)
        colours.append([colour for colour in PALETTE if (shown == colour).all(axis=2).any()])
    assert colours == [[PALETTE[1]], [PALETTE[2]], [PALETTE[1]]]


def test_the_id_stands_above_the_face_and_reads_right_where_it_should() -> None:
    face = synthetic_face((320.0, 240.0), 200.0, track_id=37)
    mirrored, plain = (drawn(face, ids=True, mirrored_text=flag) for flag in (True, False))
    rows, columns = np.nonzero(changed(plain))
    assert rows.max() < face.roi.y
    top, bottom, left, right = rows.min(), rows.max() + 1, columns.min(), columns.max() + 1
    assert (left + right) / 2 == pytest.approx(320, abs=2)
    assert not np.array_equal(mirrored, plain)
    assert np.array_equal(mirrored[top:bottom, left:right], plain[top:bottom, left:right][:, ::-1])


def test_the_largest_face_lies_on_top() -> None:
    large, small = synthetic_face(size=300, track_id=1), synthetic_face(size=280, track_id=2)
    both = drawn(large, small, contours=True)
    alone = drawn(large, contours=True)
    core = (alone == PALETTE[1]).all(axis=2)
    # A few pixels on soft edges mix what lies below.
    assert (both[core] == PALETTE[1]).all(axis=1).mean() > 0.95
    lower = (drawn(small, contours=True) == PALETTE[2]).all(axis=2)
    assert (both[core & lower] == PALETTE[1]).all(axis=1).mean() > 0.9
