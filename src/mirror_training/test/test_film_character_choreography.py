"""The film character's movements repeat by seed, keep joints' limits, are smooth and cover much."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirror_core.errors import UsageError
from mirror_training.film_character.angles import DOF_INDEX, DOF_NAMES, SIDES
from mirror_training.film_character.beats import ARM_BEATS, LEG_BEATS
from mirror_training.film_character.choreography import Choreography
from mirror_training.film_character.skeleton import ANKLE_HEIGHT_M, BONE_INDEX, forward
from mirror_training.film_character.timeline import Timeline, minimum_jerk

RATE_HZ = 25.0
FINGERS = ("curl", "point")


def states(seed, seconds):
    part = Choreography(seed, seconds)
    return [part.state(index / RATE_HZ) for index in range(round(seconds * RATE_HZ))]


@pytest.fixture(scope="module")
def long_part():
    return states(1, 120.0)


@pytest.fixture(scope="module")
def long_bones(long_part):
    return [forward(state) for state in long_part[::2]]


def test_a_seed_gives_one_sequence_and_another_seed_another():
    first, again, other = (Choreography(seed, 20.0) for seed in (3, 3, 4))
    assert first.beats == again.beats
    for moment in (0.0, 7.3, 19.9):
        assert np.array_equal(first.state(moment).angles, again.state(moment).angles)
        assert np.array_equal(first.state(moment).position, again.state(moment).position)
    assert first.beats != other.beats
    assert not np.array_equal(first.state(7.3).angles, other.state(7.3).angles)


def test_a_longer_part_begins_like_a_shorter_one():
    short, long = Choreography(5, 10.0), Choreography(5, 60.0)
    assert long.beats[: len(short.beats)] == short.beats
    assert np.array_equal(long.state(6.0).angles, short.state(6.0).angles)


@settings(deadline=None, max_examples=6)
@given(st.integers(0, 10_000))
def test_joints_keep_their_limits_whatever_the_seed(seed):
    part = Choreography(seed, 60.0)  # a state beyond a limit is refused by BodyState
    for moment in np.arange(0.0, 60.0, 0.3):
        state = part.state(float(moment))
        assert 0.4 < state.position[1] < 0.95
        assert np.abs(state.position[[0, 2]]).max() < 0.9


def test_movements_are_smooth(long_part):
    angles = np.array([state.angles for state in long_part])
    joints = [not name.endswith(FINGERS) for name in DOF_NAMES]
    speed = np.abs(np.diff(angles, axis=0)) * RATE_HZ
    assert speed[:, joints].max() < 700.0  # degrees a second
    places = np.array([state.position for state in long_part])
    assert np.linalg.norm(np.diff(places, axis=0), axis=1).max() * RATE_HZ < 2.5
    part = Choreography(1, 30.0)
    fine = np.array([part.state(moment).angles for moment in np.arange(20.0, 30.0, 0.004)])
    assert np.abs(np.diff(fine, 2, axis=0))[:, joints].max() < 0.5  # no jerks: speeds change little by little


def test_feet_stand_still_while_they_are_down(long_bones):
    for side in SIDES:
        ankles = np.array([bones.origins[BONE_INDEX[f"{side}_foot"]] for bones in long_bones])
        down = np.abs(ankles[:, 1] - ANKLE_HEIGHT_M) < 1e-4
        moved = np.linalg.norm(np.diff(ankles[:, [0, 2]], axis=0), axis=1)
        both = down[1:] & down[:-1]
        assert both.mean() > 0.6
        assert np.quantile(moved[both], 0.97) < 1e-3
        assert ankles[:, 1].min() > ANKLE_HEIGHT_M - 0.02
        assert np.ptp(ankles[:, 0]) > 0.4  # and yet they go somewhere


def test_a_part_of_two_minutes_covers_what_people_do(long_part, long_bones):
    angles = np.array([state.angles for state in long_part])
    places = np.array([state.position for state in long_part])
    reached = {name: (angles[:, i].min(), angles[:, i].max()) for name, i in DOF_INDEX.items()}
    assert reached["turn"][0] < -45.0
    assert reached["turn"][1] > 45.0
    assert reached["bend"][1] > 20.0
    assert np.ptp(angles[:, DOF_INDEX["bend_side"]]) > 20.0
    assert np.ptp(angles[:, DOF_INDEX["head_turn"]]) > 70.0
    assert np.ptp(places[:, 0]) > 0.5
    assert np.ptp(places[:, 2]) > 0.4
    assert places[:, 1].min() < 0.72  # sits or crouches
    for side in SIDES:
        hand = BONE_INDEX[f"{side}_hand"]
        wrist = np.array([bones.local("chest", bones.origins[hand]) for bones in long_bones])
        assert wrist[:, 1].max() > 0.6  # over the head
        assert wrist[:, 1].min() < -0.25
        assert wrist[:, 2].max() > 0.4  # in front of the body
        assert np.ptp(wrist[:, 0]) > 0.7


def test_every_beat_comes_within_a_round():
    names = {name for _, name in Choreography(2, 150.0).beats}
    assert names == {*ARM_BEATS, *LEG_BEATS}


def test_two_thousand_frames_are_two_thousand_poses(long_part):
    assert len(long_part) >= 2000
    angles = np.array([state.angles for state in long_part])
    assert (np.abs(np.diff(angles, axis=0)).max(axis=1) > 1e-3).all()


def test_times_outside_of_the_part_are_refused():
    part = Choreography(1, 5.0)
    with pytest.raises(UsageError, match="outside"):
        part.state(-0.1)
    with pytest.raises(UsageError, match="outside"):
        part.state(60.0)
    with pytest.raises(UsageError, match="longer than 0 s"):
        Choreography(1, 0.0)


# ---- the timeline


def test_the_minimum_jerk_way_is_half_done_at_half_time_and_fastest_there():
    assert minimum_jerk(np.array([-1.0, 0.0, 0.5, 1.0, 2.0])) == pytest.approx([0.0, 0.0, 0.5, 1.0, 1.0])
    speed = np.gradient(minimum_jerk(np.linspace(0, 1, 101)), 0.01)
    assert speed.max() == pytest.approx(1.875, rel=1e-3)
    assert speed.argmax() == 50


def test_a_timeline_rests_moves_and_stays():
    line = Timeline({"a": 1.0, "b": 5.0})
    line.move("a", 2.0, 4.0, 3.0)
    assert line.values(1.9) == {"a": 1.0, "b": 5.0}
    assert line.values(4.0) == pytest.approx({"a": 2.0, "b": 5.0})
    assert line.values(7.0) == pytest.approx({"a": 3.0, "b": 5.0})
    assert (line.goal("a"), line.end("a"), line.goal("b")) == (3.0, 6.0, 5.0)


def test_a_movement_that_comes_early_is_blended_in_without_a_jump():
    line = Timeline({"a": 0.0})
    line.move("a", 0.0, 2.0, 10.0)
    line.move("a", 1.0, 0.5, -4.0)
    values = np.array([line.values(t)["a"] for t in np.arange(0.0, 3.0, 0.01)])
    assert values[-1] == pytest.approx(-4.0)
    assert np.abs(np.diff(values)).max() < 0.3
    assert values.max() < 10.0
