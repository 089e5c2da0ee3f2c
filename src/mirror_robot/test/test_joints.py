"""Joints: what moves them, which way, and that the URDF head has the same ones."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from mirror_core.errors import ParameterError
from mirror_robot.expression_units import ExpressionUnits
from mirror_robot.joints import MIRROR_HEAD, UNIT_NAMES, joint_targets, parse_joint, parse_joints, robot_units

URDF = ElementTree.parse(Path(__file__).resolve().parents[1] / "urdf" / "mirror_head.urdf").getroot()
JOINTS = {joint.get("name"): joint for joint in URDF.iter("joint")}
FORWARD, LEFT, UP = np.eye(3)
NECK = "name=neck unit=head_yaw lower=-1 upper=1 speed=2 acceleration=10"


def vector(element, name):
    return np.array([float(word) for word in element.get(name).split()])


def moved(name, direction, amount=0.3):
    """Where a direction of the child's frame points, in the parent's, at a position of the joint."""
    return Rotation.from_rotvec(vector(JOINTS[name].find("axis"), "xyz") * amount).apply(direction)


def targets(mirrored=True, **units):
    values = joint_targets(MIRROR_HEAD, ExpressionUnits(**units), mirrored)
    return dict(zip((joint.name for joint in MIRROR_HEAD), values, strict=True))


# ---- the head


def test_the_urdf_has_the_joints_with_their_limits_and_speeds():
    assert list(JOINTS) == [joint.name for joint in MIRROR_HEAD]
    for joint in MIRROR_HEAD:
        limit = JOINTS[joint.name].find("limit")
        found = {name: float(limit.get(name)) for name in ("lower", "upper", "velocity")}
        assert found == {"lower": joint.lower, "upper": joint.upper, "velocity": joint.speed}
        wanted = "prismatic" if joint.name.startswith("brow") else "revolute"
        assert JOINTS[joint.name].get("type") == wanted


def test_the_urdf_is_one_tree_of_primitives():
    links = [link.get("name") for link in URDF.iter("link")]
    parents = {j.find("child").get("link"): j.find("parent").get("link") for j in JOINTS.values()}
    assert len(set(links)) == len(links)
    assert set(links) - set(parents) == {"mirror_head_base"}
    assert set(parents) | set(parents.values()) == set(links)
    assert {shape.tag for geometry in URDF.iter("geometry") for shape in geometry} == {
        *("box", "sphere", "cylinder")
    }


def test_the_axes_turn_as_the_units_say():
    assert moved("head_yaw", FORWARD)[1] > 0.2  # to the head's left
    assert moved("head_pitch", FORWARD)[2] < -0.2  # down, by the right-hand rule about y
    assert moved("head_roll", UP)[1] < -0.2  # to the head's right shoulder, about x
    assert moved("jaw", FORWARD)[2] < -0.2  # opens downwards
    for side in ("left", "right"):
        outwards = LEFT if side == "left" else -LEFT
        assert moved(f"mouth_corner_{side}", outwards)[2] > 0.2  # rises
        assert moved(f"eyelid_{side}", FORWARD)[2] > 0.2  # opens upwards
        assert np.array_equal(vector(JOINTS[f"brow_{side}"].find("axis"), "xyz"), UP)
        for part in ("brow", "eyelid", "mouth_corner"):
            place = vector(JOINTS[f"{part}_{side}"].find("origin"), "xyz")
            assert place @ outwards > 0  # on its own side


# ---- from units to joints


def test_mirrored_it_turns_and_leans_to_the_same_side_of_the_room():
    # The person's left is the right of the robot that faces them: about z and x, these are −yaw and +roll.
    assert targets(head_yaw=0.4)["head_yaw"] == pytest.approx(-0.4)
    assert targets(head_roll=0.3)["head_roll"] == pytest.approx(0.3)
    assert moved("head_yaw", FORWARD, targets(head_yaw=0.4)["head_yaw"])[1] < 0
    assert moved("head_roll", UP, targets(head_roll=0.3)["head_roll"])[1] < 0


def test_not_mirrored_its_left_does_what_the_persons_left_does():
    assert targets(False, head_yaw=0.4)["head_yaw"] == pytest.approx(0.4)
    assert targets(False, head_roll=0.3)["head_roll"] == pytest.approx(-0.3)
    assert targets(False, brow_left=1.0)["brow_left"] == pytest.approx(0.014)
    assert targets(False, brow_left=1.0)["brow_right"] == 0


def test_up_is_up_either_way():
    for mirrored in (True, False):
        assert targets(mirrored, head_pitch=0.3)["head_pitch"] == pytest.approx(-0.3)
        assert targets(mirrored, jaw=1.0)["jaw"] == pytest.approx(0.45)


@pytest.mark.parametrize("part", ["brow", "eyelid", "mouth_corner"])
def test_mirrored_the_sides_change_places(part):
    values = robot_units(ExpressionUnits(**{f"{part}_left": 0.9, f"{part}_right": 0.2}), mirrored=True)
    assert (values[f"{part}_left"], values[f"{part}_right"]) == (0.2, 0.9)


def test_a_target_stays_within_the_joints_limits():
    assert targets(head_yaw=3.0)["head_yaw"] == -1.2
    assert targets(brow_left=-1.0)["brow_right"] == -0.008


def test_at_rest_the_head_looks_ahead_with_open_eyes_and_a_closed_mouth():
    rest = {joint.name: joint.rest for joint in MIRROR_HEAD}
    assert rest == targets()
    assert rest.pop("eyelid_left") == rest.pop("eyelid_right") == pytest.approx(0.65 * 1.5)
    assert set(rest.values()) == {0.0}


def test_every_unit_moves_a_joint_of_the_own_head():
    assert {joint.unit for joint in MIRROR_HEAD} == set(UNIT_NAMES)


# ---- as parameters


def test_joints_are_read_from_lines():
    (neck, mouth) = parse_joints(
        [NECK, "name=mouth unit=jaw lower=0.1 upper=0.9 speed=5 acceleration=50 gain=-0.8 offset=0.9"]
    )
    assert (neck.name, neck.unit, neck.lower, neck.upper, neck.gain) == ("neck", "head_yaw", -1.0, 1.0, 1.0)
    assert mouth.position(0.5) == pytest.approx(0.5)
    assert mouth.rest == pytest.approx(0.9)
    assert parse_joints(["mirror_head"]) == parse_joints([]) == MIRROR_HEAD


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("unit=jaw", r"it has no name=\.$"),
        (NECK.replace("head_yaw", "ears"), r"unit=ears is refused: allowed are head_yaw, head_pitch,"),
        (NECK.replace("name=neck", "name=2nd"), r"1 … 64 letters, digits and _, unlike '2nd'"),
        (NECK.replace("speed=2", "speed=fast"), r"speed=fast is no number\.$"),
        (NECK.replace("speed=2", "speed=0"), r"speed and acceleration must be above 0, not 0\.0"),
        (NECK.replace("lower=-1", "lower=1"), r"lower must be below upper, not 1\.0 and 1\.0"),
        (NECK.replace("upper=1", "upper=inf"), r"all its numbers must be finite"),
        (f"{NECK} gain=1 gain=2", r"gain stands there twice\.$"),
        (f"{NECK} colour=red", r"'colour=red' is no key=value with one of name, unit, lower,"),
        (f"{NECK} 'gain=1", r"a quotation mark is not closed\.$"),
    ],
)
def test_a_mistake_is_told_in_one_sentence(line, sentence):
    with pytest.raises(ParameterError, match=sentence):
        parse_joint(line)


def test_two_joints_of_one_name_are_refused():
    with pytest.raises(ParameterError, match="Two joints are called neck"):
        parse_joints([NECK, NECK])
