"""A person's face at rest: learned while it is calm, and never so far that a smile becomes one."""

from __future__ import annotations

import pytest

from mirror_robot.expression_units import MEASURED, SPANS, expression_units, measures_of
from mirror_robot.resting_face import MOST_SAMPLES, RestingFace
from mirror_robot.upright_face import upright_face

BROWS = [300, 293, 334, 296, 336, 285, 295, 282, 283, 276, 70, 63, 105, 66, 107, 55, 65, 52, 53, 46]
CORNERS = [291, 409, 375, 308, 415, 324, 61, 185, 146, 78, 191, 95]
FRAME_NS = 33_333_333


def low_brows(points, eyes):
    points[BROWS, 1] += 0.03 * eyes


def smile(points, eyes):
    points[CORNERS, 1] -= 0.1 * eyes
    points[CORNERS[:6], 0] += 0.1 * eyes
    points[CORNERS[6:], 0] -= 0.1 * eyes


def watched(faces, *, start_ns=10**9):
    resting = RestingFace()
    for index, face in enumerate(faces):
        resting.observe(upright_face(face.landmarks), start_ns + index * FRAME_NS)
    return resting


def test_low_brows_come_to_count_as_rest(make_face):
    face = make_face(low_brows)
    assert expression_units(face).brow_left < -0.25
    resting = watched([face] * 1000)
    assert resting.readiness > 0.85
    assert expression_units(face, rest=resting.values).brow_left == pytest.approx(0.0, abs=0.12)


def test_a_lasting_smile_stays_a_smile(make_face):
    face = make_face(smile)
    first = expression_units(face).mouth_corner_left
    assert first > 0.7
    resting = watched([face] * (3 * MOST_SAMPLES + 10))
    assert expression_units(face, rest=resting.values).mouth_corner_left > 0.4
    own = SPANS["mouth_corner_left"]
    assert resting.values["mouth_corner_left"] - own.rest <= own.own_share * (own.high - own.low)


def test_nothing_is_learned_from_a_turned_or_a_lively_face(make_face):
    plain = {name: span.rest for name, span in SPANS.items()}
    assert watched([make_face(low_brows, yaw=0.5)] * 100).values == plain
    faces = [make_face(), make_face(), make_face(), make_face(smile), make_face(smile), make_face(smile)]
    assert watched(faces * 20).readiness < 0.5  # the moments between are calm
    assert watched([make_face(), make_face(), make_face(), make_face(smile)] * 2).values == pytest.approx(
        plain, abs=0.05
    )


def test_a_jump_of_the_clock_is_no_calm(make_face):
    face = upright_face(make_face(low_brows).landmarks)
    resting = RestingFace()
    for stamp_ns in (5 * 10**9, 9 * 10**9, 2 * 10**9, 30 * 10**9):
        resting.observe(face, stamp_ns)
    assert resting.readiness == 0


def test_values_come_by_the_names_of_the_measures(make_face):
    resting = watched([make_face()] * 400)
    seen = dict(zip(MEASURED, measures_of(upright_face(make_face().landmarks)), strict=True))
    for name, span in SPANS.items():
        farthest = span.own_share * (span.high - span.low)
        wanted = min(span.rest + farthest, max(span.rest - farthest, seen[name]))
        assert resting.values[name] == pytest.approx(wanted, abs=0.3 * farthest + 1e-3)
