"""Joints follow their targets and leave no limit, whatever is asked of them and whenever."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirror_core.errors import ShapeError
from mirror_robot.joint_motion import FASTEST_RESPONSE, LONGEST_S, JointMotion, RestAfter
from mirror_robot.joints import MIRROR_HEAD, Joint

ROUNDING = 1e-9
SLOW = Joint("slow", "head_yaw", -1.0, 1.0, speed=0.5, acceleration=2.0)
QUICK = Joint("quick", "jaw", 0.0, 0.4, speed=20.0, acceleration=900.0)


def joint_with(lower, width, speed, acceleration):
    return Joint("any", "head_yaw", lower, lower + width, speed=speed, acceleration=acceleration)


joints = st.builds(
    joint_with, st.floats(-3, 3), st.floats(0.001, 6), st.floats(0.01, 30), st.floats(0.01, 2000)
)
quick_joints = st.builds(
    joint_with, st.floats(-3, 3), st.floats(0.1, 3), st.floats(0.5, 30), st.floats(2, 2000)
)
moves = st.lists(
    st.tuples(
        st.one_of(st.floats(-10, 10), st.floats(allow_nan=True, allow_infinity=True)),
        st.one_of(st.floats(1e-6, 0.1), st.floats(0, 2)),
    ),
    min_size=1,
    max_size=15,
)


def advance(motion, seconds):
    for _ in range(10):
        motion.advance(seconds / 10)


@settings(deadline=None, max_examples=80)
@given(joints, st.floats(0.1, FASTEST_RESPONSE), moves)
def test_no_limit_is_ever_exceeded(joint, response, steps):
    motion = JointMotion((joint,), response)
    for target, seconds in steps:
        place, speed = motion.position[0], motion.velocity[0]
        motion.aim([target])
        motion.advance(seconds)
        passed = min(seconds, LONGEST_S)
        assert joint.lower <= motion.position[0] <= joint.upper
        assert abs(motion.velocity[0]) <= joint.speed * (1 + ROUNDING)
        assert abs(motion.position[0] - place) <= joint.speed * passed * (1 + ROUNDING) + ROUNDING
        assert abs(motion.velocity[0] - speed) <= joint.acceleration * passed * (1 + ROUNDING) + ROUNDING


@settings(deadline=None, max_examples=30)
@given(quick_joints, st.floats(4, FASTEST_RESPONSE), st.floats(0, 1), st.floats(0, 1))
def test_a_joint_arrives_and_does_not_swing_over(joint, response, start, end):
    width = joint.upper - joint.lower
    begin, target = joint.lower + start * width, joint.lower + end * width
    motion = JointMotion((joint,), response, [begin])
    motion.aim([target])
    needed = 2 * width / joint.speed + 4 * math.sqrt(width / joint.acceleration) + 25 / response
    beyond = 0.0
    for _ in range(math.ceil(needed / 0.1)):
        motion.advance(0.1)
        beyond = max(beyond, (motion.position[0] - target) * math.copysign(1, target - begin))
    assert motion.position[0] == pytest.approx(target, abs=0.01 * width)
    assert beyond <= 0.02 * width


@settings(deadline=None, max_examples=20)
@given(st.lists(st.floats(0.001, 0.3), min_size=1, max_size=20))
def test_the_way_does_not_depend_on_how_time_is_cut(steps):
    cut, whole = JointMotion((SLOW,)), JointMotion((SLOW,))
    cut.aim([0.8])
    whole.aim([0.8])
    for seconds in steps:
        cut.advance(seconds)
    total = sum(steps)
    for _ in range(10):
        whole.advance(total / 10)
    assert cut.position[0] == pytest.approx(whole.position[0], abs=0.01)


def test_a_far_target_is_approached_at_the_largest_speed():
    motion = JointMotion((SLOW,), position=[-1.0])
    motion.aim([1.0])
    advance(motion, 1.0)
    assert motion.velocity[0] == pytest.approx(0.5)
    assert -0.6 < motion.position[0] < -0.5  # half a second of 2 rad/s² would have reached 0.5 rad/s long ago


def test_a_small_step_takes_the_time_that_the_response_says():
    motion = JointMotion((QUICK,), response=15.0, position=[0.2])
    motion.aim([0.21])
    motion.advance(3.9 / 15)
    # (1 + ω t) e^(−ω t) of a critically damped system is 0.1 at ω t = 3.9
    assert (motion.position[0] - 0.2) / 0.01 == pytest.approx(0.9, abs=0.03)


def test_a_trembling_target_is_smoothed():
    motion = JointMotion(MIRROR_HEAD[:1])
    places = []
    for index in range(300):
        motion.aim([0.3 + 0.05 * (-1) ** index])
        motion.advance(1 / 30)
        places.append(motion.position[0])
    assert np.mean(places[100:]) == pytest.approx(0.3, abs=0.01)
    assert np.ptp(places[100:]) < 0.05  # of the 0.1 that are asked for


def test_time_that_stands_still_or_runs_backwards_moves_nothing():
    motion = JointMotion(MIRROR_HEAD)
    motion.aim([joint.upper for joint in MIRROR_HEAD])
    motion.advance(0.1)
    place = motion.position.copy()
    for seconds in (0.0, -1.0, math.nan):
        motion.advance(seconds)
    assert np.array_equal(motion.position, place)


def test_every_joint_goes_its_own_way_and_back_to_rest():
    motion = JointMotion(MIRROR_HEAD)
    rest = [joint.rest for joint in MIRROR_HEAD]
    assert motion.position.tolist() == rest
    motion.aim([joint.upper if index % 2 else joint.lower for index, joint in enumerate(MIRROR_HEAD)])
    advance(motion, 2.0)
    for index, joint in enumerate(MIRROR_HEAD):
        assert motion.position[index] == pytest.approx(joint.upper if index % 2 else joint.lower, abs=1e-3)
    motion.aim_at_rest()
    advance(motion, 2.0)
    assert np.allclose(motion.position, rest, atol=1e-3)
    assert np.allclose(motion.velocity, 0.0, atol=1e-2)


def test_a_wrong_number_of_targets_and_a_wild_response_are_refused():
    with pytest.raises(ShapeError, match="10 joints need as many positions"):
        JointMotion(MIRROR_HEAD).aim([0.0])
    with pytest.raises(ShapeError, match="response must lie above 0 and up to 40"):
        JointMotion(MIRROR_HEAD, 41.0)


def test_the_last_pose_is_kept_for_a_while():
    watch = RestAfter(2.0)
    assert watch.is_due(0.0)  # nobody has been there yet
    watch.somebody()
    assert not watch.is_due(1.0)
    assert not watch.is_due(0.9)
    assert watch.is_due(0.2)
    watch.somebody()
    assert not watch.is_due(1.9)
