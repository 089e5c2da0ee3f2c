"""Which gesture acts, and what the effect stack becomes."""

import pytest

from mirror_core.errors import ParameterError
from mirror_core.parameters import update
from mirror_tracking.gesture_actions import ActionGate, GestureActionParameters, PlainPicture, stepped
from mirror_tracking.gestures import GestureKind, HeadGesture

NOD, SHAKE = GestureKind.NOD, GestureKind.SHAKE
ON_NOD = GestureActionParameters(on_nod="next_effect")


def gesture(kind=NOD, track_id=1, at_s=10.0, confidence=0.8):
    return HeadGesture(kind, track_id, round(at_s * 1e9), confidence)


def test_by_default_no_gesture_does_anything():
    assert not GestureActionParameters().has_actions
    gate = ActionGate()
    for kind in GestureKind:
        assert gate.choose([gesture(kind)], 1, GestureActionParameters()) is None


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (NOD, "on_nod"),
        (SHAKE, "on_shake"),
        (GestureKind.TILT_LEFT, "on_tilt_left"),
        (GestureKind.TILT_RIGHT, "on_tilt_right"),
    ],
)
def test_each_gesture_has_its_own_parameter(kind, name):
    parameters = update(GestureActionParameters(), {name: "plain"})
    assert parameters.has_actions
    assert [parameters.action_of(k) for k in GestureKind].count("plain") == 1
    assert parameters.action_of(kind) == "plain"


def test_an_unknown_action_is_refused_with_those_there_are():
    with pytest.raises(ParameterError, match=r"on_nod = jump is refused: allowed is none \| next_effect \|"):
        update(GestureActionParameters(), {"on_nod": "jump"})


def test_only_the_mapped_gesture_of_the_nearest_face_acts_and_only_if_it_is_sure():
    gate = ActionGate()
    assert gate.choose([gesture(SHAKE)], 1, ON_NOD) is None
    assert gate.choose([gesture(track_id=2)], 1, ON_NOD) is None
    assert gate.choose([gesture(confidence=0.49)], 1, ON_NOD) is None
    everybody = update(ON_NOD, {"nearest_only": False})
    assert gate.choose([gesture(track_id=2)], 1, everybody).track_id == 2


def test_of_two_people_who_nod_together_the_surer_one_acts_and_then_nobody_for_a_while():
    gate, everybody = ActionGate(), update(ON_NOD, {"nearest_only": False})
    both = [gesture(track_id=1, confidence=0.7), gesture(track_id=2, confidence=0.9)]
    assert gate.choose(both, 1, everybody).track_id == 2
    assert gate.choose([gesture(at_s=11.4)], 1, everybody) is None
    assert gate.choose([gesture(at_s=11.6)], 1, everybody).track_id == 1


def test_the_pause_ends_when_stamps_jump_back_or_the_gate_is_reset():
    gate = ActionGate()
    assert gate.choose([gesture(at_s=100.0)], 1, ON_NOD) is not None
    assert gate.choose([gesture(at_s=5.0)], 1, ON_NOD) is not None
    gate.reset()
    assert gate.choose([gesture(at_s=5.1)], 1, ON_NOD) is not None


def test_stepping_goes_round_from_the_first_effect_shown():
    effects = ("none", "mask", "swap")
    assert stepped(effects, ("mask", "swap"), 1) == ("swap",)
    assert stepped(effects, ("swap",), 1) == ("none",)
    assert stepped(effects, ("none",), -1) == ("swap",)
    assert stepped(effects, ("unknown",), 1) == ("mask",)
    assert stepped(effects, (), -1) == ("swap",)


def test_the_plain_picture_comes_and_goes_and_brings_back_the_same_stack():
    plain = PlainPicture()
    assert plain.toggled(("mask", "landmarks")) == ("none",)
    assert plain.toggled(("none",)) == ("mask", "landmarks")
    assert plain.toggled(("swap",)) == ("none",)
    assert plain.toggled(("mask",)) == ("none",)  # somebody chose another effect meanwhile: away with it too
    assert plain.toggled(("none",)) == ("mask",)


def test_a_picture_that_somebody_else_made_plain_stays_so():
    plain = PlainPicture()
    assert plain.toggled(("none",)) is None
    plain.toggled(("mask",))
    plain.toggled(("none",))
    assert plain.toggled(("none",)) is None
