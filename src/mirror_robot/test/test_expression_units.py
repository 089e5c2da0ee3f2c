"""Units of the expression: each moves by what it is named for alone, whichever way the head is turned."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirror_core.errors import ShapeError
from mirror_effects.testing import wearer
from mirror_robot.expression_units import (
    MEASURED,
    SPANS,
    ExpressionUnits,
    Span,
    expression_units,
    measures_of,
)
from mirror_robot.upright_face import upright_face
from mirror_tracking.symmetry import opposite_points

LEFT_BROW = [300, 293, 334, 296, 336, 285, 295, 282, 283, 276]
LEFT_UPPER_LID = [388, 387, 386, 385, 384]
LEFT_LOWER_LID = [390, 373, 374, 380, 381]
LOWER_MOUTH = [14, 87, 178, 88, 95, 317, 402, 318, 324, 17, 84, 181, 91, 314, 405, 321, 152, 175, 199, 200]
LEFT_CORNER = [291, 409, 375, 308, 415, 324]
YAWS = [-0.5, -0.25, 0.0, 0.25, 0.5]


def raise_left_brow(points, eyes):
    points[LEFT_BROW, 1] -= 0.08 * eyes


def close_left_eye(points, eyes):
    middle = (points[LEFT_UPPER_LID] + points[LEFT_LOWER_LID]) / 2
    points[LEFT_UPPER_LID] = points[LEFT_LOWER_LID] = middle


def open_the_mouth(points, eyes):
    points[LOWER_MOUTH, 1] += 0.25 * eyes


def draw_up_left_corner(points, eyes):
    points[LEFT_CORNER, 1] -= 0.08 * eyes
    points[LEFT_CORNER, 0] += 0.05 * eyes


def draw_down_left_corner(points, eyes):
    points[LEFT_CORNER, 1] += 0.07 * eyes


@pytest.mark.parametrize("yaw", YAWS)
@pytest.mark.parametrize(
    ("change", "unit", "bounds"),
    [
        (raise_left_brow, "brow_left", (0.55, 0.95)),
        (close_left_eye, "eyelid_left", (-1.0, -0.4)),
        (open_the_mouth, "jaw", (0.5, 0.8)),
        (draw_up_left_corner, "mouth_corner_left", (0.4, 0.8)),
        (draw_down_left_corner, "mouth_corner_left", (-0.8, -0.3)),
    ],
)
def test_what_moves_changes_its_own_unit_alone_at_every_turn(make_face, change, unit, bounds, yaw):
    before = expression_units(make_face(yaw=yaw, pitch=0.1)).by_name()
    after = expression_units(make_face(change, yaw=yaw, pitch=0.1)).by_name()
    low, high = bounds
    assert low < after[unit] - before[unit] < high
    for name in set(MEASURED) - {unit}:
        assert after[name] == pytest.approx(before[name], abs=0.08), name


@settings(deadline=None, max_examples=40)
@given(st.floats(-0.6, 0.6), st.floats(-0.4, 0.4), st.floats(-0.6, 0.6), st.floats(30, 200))
def test_turn_lean_and_size_change_no_measured_unit(make_face, yaw, pitch, roll, scale):
    straight = expression_units(make_face()).by_name()
    turned = expression_units(make_face(yaw=yaw, pitch=pitch, roll=roll, scale=scale)).by_name()
    for name in MEASURED:
        assert turned[name] == pytest.approx(straight[name], abs=0.1), name


@settings(deadline=None, max_examples=40)
@given(st.floats(-0.9, 0.9), st.floats(-0.6, 0.6), st.floats(-0.6, 0.6))
def test_the_heads_angles_are_those_it_was_turned_by(make_face, yaw, pitch, roll):
    units = expression_units(make_face(yaw=yaw, pitch=pitch, roll=roll))
    assert (units.head_yaw, units.head_pitch, units.head_roll) == pytest.approx((yaw, pitch, roll), abs=1e-3)


@pytest.mark.parametrize(
    "turned", [{"yaw": 0.35}, {"yaw": -0.35}, {"pitch": 0.2}, {"roll": 0.4}, {"roll": -0.4}], ids=str
)
def test_without_a_pose_the_landmarks_give_the_angles(make_face, turned):
    units = expression_units(make_face(posed=False, **turned)).by_name()
    for name in ("yaw", "pitch", "roll"):
        assert units[f"head_{name}"] == pytest.approx(turned.get(name, 0.0), abs=0.06)


def test_the_mean_head_before_the_camera_opens_its_mouth():
    shut, wide = (expression_units(wearer(mouth=pixels, yaw=0.3)) for pixels in (0.0, 40.0))
    assert wide.jaw - shut.jaw > 0.4
    assert wide.brow_left == pytest.approx(shut.brow_left, abs=0.1)
    assert wide.head_yaw == pytest.approx(0.3, abs=0.1)


def test_left_and_right_are_the_persons_own(make_face):
    face = make_face(raise_left_brow)
    units = expression_units(face)
    assert units.brow_left > units.brow_right + 0.5
    mirrored = face.landmarks[opposite_points()] * np.array([-1, 1, 1], np.float32)
    other = dict(zip(MEASURED, measures_of(upright_face(mirrored)), strict=True))
    this = dict(zip(MEASURED, measures_of(upright_face(face.landmarks)), strict=True))
    assert other["brow_right"] == pytest.approx(this["brow_left"], abs=1e-3)
    assert other["eyelid_left"] == pytest.approx(this["eyelid_right"], abs=1e-3)


def test_a_persons_own_rest_is_where_the_unit_rests(make_face):
    face = make_face(raise_left_brow)
    own = dict(zip(MEASURED, measures_of(upright_face(face.landmarks)).tolist(), strict=True))
    units = expression_units(face, rest=own).by_name()
    for name in MEASURED:
        assert units[name] == pytest.approx(SPANS[name].rest_unit, abs=1e-9)


def test_a_span_is_straight_between_its_ends_and_stops_there():
    span = Span(low=1.0, rest=2.0, high=4.0, low_unit=-1.0, rest_unit=0.0)
    assert [span.unit(value) for value in (0, 1, 1.5, 2, 3, 4, 9)] == [-1, -1, -0.5, 0, 0.5, 1, 1]
    assert span.unit(2.5, rest=2.5) == 0
    assert span.unit(4.5, rest=2.5) == 1
    lid = Span(low=1.0, rest=2.0, high=4.0, low_unit=0.0, rest_unit=0.6, low_is_fixed=True)
    assert lid.unit(1.0, rest=2.5) == 0  # a closed eye is closed, however narrow somebody's eyes are


def test_impossible_units_and_landmarks_are_refused():
    with pytest.raises(ShapeError, match=r"jaw must be 0 … 1, not 1\.5"):
        ExpressionUnits(jaw=1.5)
    with pytest.raises(ShapeError, match="brow_left must be -1 … 1, not nan"):
        ExpressionUnits(brow_left=math.nan)
    with pytest.raises(ShapeError, match=r"landmarks \[468 or 478, 3\], not \[478, 2\]"):
        upright_face(np.zeros((478, 2)))
    with pytest.raises(ShapeError, match="all landmarks lie in one place"):
        upright_face(np.full((478, 3), 7.0))
