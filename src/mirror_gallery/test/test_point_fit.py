"""The mesh through points placed by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirror_core.errors import UsageError
from mirror_gallery.point_fit import NAMED_POINTS, fit_mesh
from mirror_gallery.testing import posed_face
from mirror_tracking.topology import MOUTH_LEFT, MOUTH_RIGHT

SIX = ("right_eye_outer", "left_eye_outer", "nose_tip", "mouth_right", "mouth_left", "chin")


def some(face, names=tuple(NAMED_POINTS)):
    return {NAMED_POINTS[name]: tuple(map(float, face.landmarks[NAMED_POINTS[name], :2])) for name in names}


def error(mesh, face):
    """Root mean square distance over the distance of the eyes."""
    truth = face.landmarks[:468]
    return np.sqrt(((mesh - truth)[:, :2] ** 2).sum(1).mean()) / np.linalg.norm(truth[33] - truth[263])


@pytest.mark.parametrize("angles", [(0, 0, 0), (25, 0, 0), (-20, 10, 30)])
@pytest.mark.parametrize(("names", "limit"), [(tuple(NAMED_POINTS), 0.02), (SIX, 0.12)])
def test_a_turned_mean_head_is_found_again(angles, names, limit):
    face = posed_face(*angles)
    assert error(fit_mesh(some(face, names)), face) < limit


def test_the_mesh_passes_exactly_through_the_points():
    points = some(posed_face())
    x, y = points[152]
    points[152] = (x + 9.0, y + 14.0)  # a long, crooked chin
    mesh = fit_mesh(points)
    for index, point in points.items():
        assert mesh[index, :2] == pytest.approx(point, abs=0.01)
    assert mesh.dtype == np.float32


def test_a_whole_mesh_stays_as_it_is_and_gets_depth():
    face = posed_face(10, 0, 0)
    mesh = fit_mesh({i: (float(x), float(y)) for i, (x, y, _) in enumerate(face.landmarks)})
    assert mesh.shape == (468, 3)
    assert mesh[:, :2] == pytest.approx(face.landmarks[:468, :2], abs=0.05)
    assert mesh[1, 2] < mesh[[234, 454], 2].min() - 20  # the nose is nearer than the ears


@settings(max_examples=20, deadline=None)
@given(st.floats(0.3, 4), st.floats(-1.2, 1.2), st.floats(-500, 500), st.floats(-500, 500))
def test_the_fit_turns_scales_and_moves_with_the_points(scale, angle, dx, dy):
    points = some(posed_face(5, 0, 0))
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    moved = fit_mesh({index: tuple(turn @ point + (dx, dy)) for index, point in points.items()})
    expected = fit_mesh(points)[:, :2] @ turn.T + (dx, dy)
    assert moved[:, :2] == pytest.approx(expected, abs=0.02 * scale * 180)


def test_mistakes_are_told():
    points = some(posed_face())
    five = dict(list(points.items())[:5])
    with pytest.raises(UsageError, match=r"6 points or more are needed, not 5\."):
        fit_mesh({**five, 470: (1.0, 1.0)})  # an iris does not count
    with pytest.raises(UsageError, match="in one place or on one line"):
        fit_mesh({index: (float(index), 2.0 * index) for index in points})
    with pytest.raises(UsageError, match="Left and right are exchanged"):
        fit_mesh({index: (640 - x, y) for index, (x, y) in points.items()})
    with pytest.raises(UsageError, match="finite"):
        fit_mesh({**points, 1: (float("nan"), 0.0)})


def test_points_in_a_muddle_are_no_face():
    points = some(posed_face())
    order = list(points)
    points[10], points[152] = points[1], points[234]
    points[MOUTH_RIGHT], points[MOUTH_LEFT] = points[MOUTH_LEFT], points[MOUTH_RIGHT]
    points[order[0]], points[17] = points[17], points[order[0]]
    with pytest.raises(UsageError, match=r"do not make up a face|exchanged"):
        fit_mesh(points)
