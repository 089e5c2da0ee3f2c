"""The film character's bones: known answers, mirror symmetry, and limbs that reach their goals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirror_core.body_points import MIRRORED, BodyPoint
from mirror_core.errors import ShapeError, UsageError
from mirror_training.film_character.angles import DOF_NAMES, LIMITS, SIDES, BodyState, clamp
from mirror_training.film_character.arm_poses import POSES, allowed, arm, reach
from mirror_training.film_character.camera import Camera
from mirror_training.film_character.holds import HOLDS, Hold
from mirror_training.film_character.landmarks import pixels, places
from mirror_training.film_character.limbs import arm_angles, hand_angles, leg_angles
from mirror_training.film_character.rotations import about, dual_quaternions, swing, swing_vector
from mirror_training.film_character.skeleton import (
    BONE_INDEX,
    FOREARM_M,
    HIP,
    SHIN_M,
    THIGH_M,
    UPPER_ARM_M,
    forward,
    side_sign,
)

ACROSS = {"turn", "list", "bend_side", "twist", "head_turn", "head_tilt"}  # change sign in a mirror
degrees = st.floats(-1.0, 1.0)
EVERY_ANGLE = st.lists(degrees, min_size=len(DOF_NAMES), max_size=len(DOF_NAMES))


def bone(state, name):
    return forward(state).origins[BONE_INDEX[name]]


def along_arm(angles, side="left"):
    state = BodyState.of({f"{side}_{name}": value for name, value in angles.items()})
    shoulder, elbow, wrist = (bone(state, f"{side}_{name}") for name in ("arm", "forearm", "hand"))
    return elbow - shoulder, wrist - elbow


# ---- forward kinematics


def test_a_straight_arm_hangs_down_by_its_length():
    upper, lower = along_arm({})
    assert upper == pytest.approx((0.0, -UPPER_ARM_M, 0.0), abs=1e-12)
    assert lower == pytest.approx((0.0, -FOREARM_M, 0.0), abs=1e-12)


@pytest.mark.parametrize(
    ("angles", "side", "upper", "lower"),
    [
        ({"arm_out": 90.0}, "left", (1, 0, 0), (1, 0, 0)),  # the person's left is at the picture's right
        ({"arm_out": 90.0}, "right", (-1, 0, 0), (-1, 0, 0)),
        ({"arm_forward": 90.0}, "left", (0, 0, 1), (0, 0, 1)),
        ({"elbow": 90.0}, "right", (0, -1, 0), (0, 0, 1)),
        ({"elbow": 90.0, "arm_twist": 90.0}, "left", (0, -1, 0), (-1, 0, 0)),  # across the belly
        ({"elbow": 90.0, "arm_twist": 90.0}, "right", (0, -1, 0), (1, 0, 0)),
    ],
)
def test_arms_go_where_their_angles_say(angles, side, upper, lower):
    first, second = along_arm(angles, side)
    assert first == pytest.approx(UPPER_ARM_M * np.array(upper), abs=1e-9)
    assert second == pytest.approx(FOREARM_M * np.array(lower), abs=1e-9)


@pytest.mark.parametrize(
    ("angles", "point", "axis", "sign"),
    [
        ({"turn": 40.0}, BodyPoint.NOSE, 0, 1),  # to the person's left
        ({"head_turn": 40.0}, BodyPoint.NOSE, 0, 1),
        ({"head_nod": 30.0}, BodyPoint.NOSE, 1, -1),
        ({"head_tilt": 20.0}, BodyPoint.NOSE, 0, 1),
        ({"bend": 30.0}, BodyPoint.NOSE, 2, 1),
        ({"bend_side": 20.0}, BodyPoint.NOSE, 0, 1),
        ({"left_knee": 60.0}, BodyPoint.LEFT_ANKLE, 2, -1),
        ({"left_thigh_forward": 60.0}, BodyPoint.LEFT_KNEE, 2, 1),
        ({"right_ankle": 30.0}, BodyPoint.RIGHT_FOOT_INDEX, 1, 1),
        ({"left_wrist_bend": 60.0}, BodyPoint.LEFT_INDEX, 0, -1),  # towards the palm, which looks inwards
        ({"left_shoulder_raise": 20.0}, BodyPoint.LEFT_SHOULDER, 1, 1),
    ],
)
def test_a_joint_moves_its_point_the_right_way(angles, point, axis, sign):
    moved = places(forward(BodyState.of(angles)))[point] - places(forward(BodyState.of()))[point]
    assert sign * moved[axis] > 0.01


def test_left_is_at_the_right_of_the_picture_and_z_is_negative_towards_the_camera():
    state = BodyState.of({"left_arm_forward": 90.0}, (0.0, 0.915, 0.0))
    seen = pixels(places(forward(state)), Camera(), 256)
    assert seen[BodyPoint.LEFT_SHOULDER, 0] > 128 > seen[BodyPoint.RIGHT_SHOULDER, 0]
    assert seen[BodyPoint.NOSE, 1] < seen[BodyPoint.LEFT_HIP, 1] < seen[BodyPoint.LEFT_ANKLE, 1]
    assert seen[BodyPoint.LEFT_WRIST, 2] < -40 < seen[BodyPoint.RIGHT_WRIST, 2]
    assert seen[[BodyPoint.LEFT_HIP, BodyPoint.RIGHT_HIP], 2] == pytest.approx(0.0, abs=0.5)


def test_the_camera_sees_a_metre_as_the_share_of_its_picture_that_it_should():
    camera = Camera(distance_m=5.0, height_m=1.0, bottom_m=0.0, top_m=2.0)
    assert camera.project(np.array([[0.0, 1.0, 0.0], [1.0, 2.0, 0.0]]), 200) == pytest.approx(
        np.array([[100.0, 100.0, 5.0], [200.0, 0.0, 5.0]])
    )
    ray = camera.rays(200)[0, 199]
    assert camera.project(camera.position + 5.0 * ray, 200)[:2] == pytest.approx((199.5, 0.5))


@settings(deadline=None, max_examples=40)
@given(EVERY_ANGLE)
def test_a_mirrored_body_has_mirrored_points(shares):
    angles = {}
    for name, share in zip(DOF_NAMES, shares, strict=True):
        low, high = LIMITS[name]
        angles[name] = share * high if share > 0 else -share * low
    mirrored = {}
    for name, value in angles.items():
        swapped = name.replace("left_", "RIGHT_").replace("right_", "left_").replace("RIGHT_", "right_")
        mirrored[swapped] = -value if name in ACROSS else value
    points = places(forward(BodyState.of(angles)))
    other = places(forward(BodyState.of(mirrored)))
    assert other[MIRRORED] * (-1.0, 1.0, 1.0) == pytest.approx(points, abs=1e-9)


# ---- inverse kinematics


@settings(deadline=None)
@given(st.floats(-170, 170), st.floats(-170, 170))
def test_a_swing_is_found_again_from_where_it_points(about_x, about_z):
    if np.hypot(about_x, about_z) > 175:
        about_x, about_z = about_x / 3, about_z / 3
    direction = swing(about_x, about_z) @ (0.0, -1.0, 0.0)
    assert swing_vector(direction) == pytest.approx((about_x, about_z), abs=1e-4)


@settings(deadline=None)
@given(
    st.sampled_from(SIDES),
    st.tuples(st.floats(-1, 1), st.floats(-1, 1), st.floats(0.1, 1)),
    st.floats(0.12, 0.53),
    st.tuples(st.floats(-1, 1), st.floats(-1, -0.1), st.floats(-1, 1)),
)
def test_a_hand_comes_to_where_it_is_wanted(side, direction, far, pole):
    goal = far * np.array(direction) / np.linalg.norm(direction)
    angles = arm_angles(side, goal, np.array(pole))
    if not all(LIMITS[name][0] <= value <= LIMITS[name][1] for name, value in angles.items()):
        return
    state = BodyState.of(angles)
    assert bone(state, f"{side}_hand") - bone(state, f"{side}_arm") == pytest.approx(goal, abs=1e-6)


@settings(deadline=None)
@given(
    st.sampled_from(SIDES),
    st.tuples(st.floats(-0.10, 0.10), st.floats(-0.80, -0.72), st.floats(-0.03, 0.12)),
    st.floats(-20, 20),
)
def test_a_foot_stands_where_and_as_it_is_wanted(side, ankle, heading):
    pelvis, foot = about("y", 10.0) @ about("x", 8.0), about("y", heading)
    angles = leg_angles(side, np.array(ankle), foot, pelvis)
    bones = forward(BodyState.of(angles | {"turn": 10.0, "tip": 8.0}))
    index = BONE_INDEX[f"{side}_foot"]
    found = bones.local("pelvis", bones.origins[index]) - HIP * (side_sign(side), 1.0, 1.0)
    assert found == pytest.approx(ankle, abs=1e-6)
    assert bones.rotations[index] == pytest.approx(foot, abs=0.02)


def test_a_foot_out_of_reach_is_approached():
    angles = leg_angles("left", np.array([0.0, -1.5, 0.0]), np.eye(3), np.eye(3))
    assert angles["left_knee"] < 10.0
    low = bone(BodyState.of(angles), "left_foot")[1] - bone(BodyState.of(angles), "left_thigh")[1]
    assert low == pytest.approx(-(THIGH_M + SHIN_M), rel=0.005)


@pytest.mark.parametrize("side", SIDES)
def test_palm_and_fingers_look_where_they_are_told(side):
    hold = HOLDS["stop"]
    bones = forward(BodyState.of(arm(side, hold)))
    turned = bones.rotations[BONE_INDEX[f"{side}_hand"]]
    fingers, palm = -turned[:, 1], -side_sign(side) * turned[:, 0]
    assert fingers[1] > 0.9
    assert palm[2] > 0.8
    none = hand_angles(side, np.eye(3), np.array([0.0, -1.0, 0.0]), np.array([-side_sign(side), 0.0, 0.0]))
    assert list(none.values()) == pytest.approx([0.0, 0.0, 0.0], abs=1e-9)


def test_named_poses_are_within_the_joints_limits():
    for sides in POSES.values():
        BodyState.of(sides["left"] | sides["right"])


@pytest.mark.parametrize("side", SIDES)
def test_free_poses_keep_out_of_the_trunk(side):
    through = arm(side, Hold((-0.05, 0.0, 0.0), (0.5, -1.0, -0.5), (-1.0, 0.0, 0.0), (0.0, 0.0, -1.0)))
    assert not allowed(through)
    rng = np.random.default_rng(3)
    wrists = []
    for _ in range(40):
        pose = reach(side, rng)
        state = BodyState.of(pose)
        wrists.append(bone(state, f"{side}_hand") - bone(state, "chest"))
        assert allowed(pose) or pose == POSES["hanging"][side]
    wrists = np.array(wrists)
    assert np.ptp(wrists, axis=0).min() > 0.4  # to all sides


# ---- states and quaternions


def test_what_is_no_state_of_a_body_is_refused():
    with pytest.raises(UsageError, match="left_elbow is 170"):
        BodyState.of({"left_elbow": 170.0})
    with pytest.raises(UsageError, match="tail is no joint"):
        BodyState.of({"tail": 3.0})
    with pytest.raises(ShapeError, match="not \\[3\\]"):
        BodyState(np.zeros(3), np.zeros(3))
    with pytest.raises(ShapeError, match="finite"):
        BodyState(np.zeros(len(DOF_NAMES)), np.full(3, np.nan))
    assert BodyState(clamp(np.full(len(DOF_NAMES), 500.0)), np.zeros(3))["left_elbow"] == 150.0


@settings(deadline=None)
@given(st.tuples(degrees, degrees, degrees), st.floats(-180, 180), st.tuples(degrees, degrees, degrees))
def test_a_dual_quaternion_holds_rotation_and_translation(axis, angle, shift):
    direction = np.array(axis) + np.array([0.01, 0.0, 0.0])
    rotation = about(direction / np.linalg.norm(direction), angle)
    w, x, y, z, *dual = dual_quaternions(rotation[None], np.array([shift]))[0]
    assert np.hypot(np.hypot(w, x), np.hypot(y, z)) == pytest.approx(1.0)
    turned = 1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y)
    assert turned == pytest.approx(rotation[:, 0], abs=1e-9)
    real, imaginary = np.array([w, x, y, z]), np.array(dual[1:])
    back = 2 * (real[0] * imaginary - dual[0] * real[1:] + np.cross(real[1:], imaginary))
    assert back == pytest.approx(np.array(shift), abs=1e-9)
