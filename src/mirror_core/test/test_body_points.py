"""The table of body points: order, sides, skeleton."""

from __future__ import annotations

import numpy as np
import pytest

from mirror_core.body_points import BODY_POINT_COUNT, BONES, MIRRORED, BodyPoint


def test_the_points_stand_in_the_order_of_mediapipes_pose() -> None:
    assert BODY_POINT_COUNT == 33
    assert [point.value for point in BodyPoint] == list(range(33))
    assert (BodyPoint.NOSE, BodyPoint.LEFT_SHOULDER, BodyPoint.RIGHT_FOOT_INDEX) == (0, 11, 32)


def test_odd_points_from_the_ears_on_are_left_and_even_ones_right() -> None:
    for point in list(BodyPoint)[7:]:
        assert ("LEFT" in point.name) == (point % 2 == 1)


@pytest.mark.parametrize("point", BodyPoint)
def test_a_points_mirror_image_is_the_same_part_of_the_other_side(point: BodyPoint) -> None:
    swapped = point.name.replace("LEFT", "?").replace("RIGHT", "LEFT").replace("?", "RIGHT")
    assert point.mirrored.name == swapped
    assert point.mirrored.mirrored is point
    assert MIRRORED[point] == point.mirrored


def test_the_mirror_table_swaps_rows_and_cannot_be_changed() -> None:
    values = np.arange(33)
    assert values[MIRRORED][BodyPoint.LEFT_KNEE] == BodyPoint.RIGHT_KNEE
    assert np.array_equal(values[MIRRORED][MIRRORED], values)
    with pytest.raises(ValueError, match="read-only"):
        MIRRORED[0] = 1


def test_the_skeleton_is_the_same_on_both_sides_and_reaches_every_point() -> None:
    lines = {frozenset(bone) for bone in BONES}
    assert len(lines) == len(BONES) == 35
    assert {frozenset((start.mirrored, end.mirrored)) for start, end in BONES} == lines
    assert {point for bone in BONES for point in bone} == set(BodyPoint)
