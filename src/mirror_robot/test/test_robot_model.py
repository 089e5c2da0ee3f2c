"""A URDF's joints, and where its links are."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from mirror_core.errors import UsageError
from mirror_robot.robot_model import ModelJoint, link_places, read_model, root_link

HEAD = (Path(__file__).resolve().parents[1] / "urdf" / "mirror_head.urdf").read_text("utf-8")
ARM = """
<robot name="arm">
  <joint name="turn" type="revolute">
    <parent link="base"/><child link="upper"/>
    <origin xyz="1 2 3" rpy="0 0 1.5707963267948966"/><axis xyz="0 0 1"/>
  </joint>
  <joint name="slide" type="prismatic">
    <parent link="upper"/><child link="lower"/><origin rpy="0 0 1.5707963267948966"/><axis xyz="1 0 0"/>
  </joint>
  <joint name="glued" type="fixed"><parent link="lower"/><child link="tip"/><origin xyz="0 0 0.1"/></joint>
</robot>
"""


def test_joints_are_read_in_the_order_of_the_file() -> None:
    turn, slide, glued = read_model(ARM)
    assert turn == ModelJoint(
        "turn", "revolute", "base", "upper", (1.0, 2.0, 3.0), (0.0, 0.0, math.pi / 2), (0.0, 0.0, 1.0)
    )
    assert (slide.kind, slide.position, slide.axis) == ("prismatic", (0.0, 0.0, 0.0), (1.0, 0.0, 0.0))
    assert (glued.kind, glued.child) == ("fixed", "tip")
    assert root_link((turn, slide, glued)) == "base"


def test_a_turning_joint_turns_after_its_origin() -> None:
    (upper, *_) = link_places(read_model(ARM), {"turn": math.pi / 2})
    assert (upper.parent, upper.child, upper.position) == ("base", "upper", (1.0, 2.0, 3.0))
    turned = Rotation.from_quat(upper.quaternion)
    np.testing.assert_allclose(turned.apply([1.0, 0.0, 0.0]), [-1.0, 0.0, 0.0], atol=1e-12)


def test_a_sliding_joint_moves_along_its_own_axis() -> None:
    _, lower, tip = link_places(read_model(ARM), {"slide": 0.25, "glued": 9.0})
    np.testing.assert_allclose(lower.position, (0.0, 0.25, 0.0), atol=1e-12)
    assert tip.position == (0.0, 0.0, 0.1)
    assert tip.quaternion == (0.0, 0.0, 0.0, 1.0)


def test_the_mirrors_own_head_hangs_together_and_nods_forward() -> None:
    joints = read_model(HEAD)
    assert root_link(joints) == "mirror_head_base"
    assert len({joint.child for joint in joints}) == len(joints) >= 10
    places = {place.child: place for place in link_places(joints, {"head_pitch": 0.5})}
    nodded = Rotation.from_quat(places["neck_pitch"].quaternion)
    forward = nodded.apply([1.0, 0.0, 0.0])  # x forward, z up: a positive pitch looks down
    np.testing.assert_allclose(forward, [math.cos(0.5), 0.0, -math.sin(0.5)], atol=1e-12)
    rest = {place.child: place for place in link_places(joints, {})}
    assert rest["neck_pitch"].quaternion == (0.0, 0.0, 0.0, 1.0)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("no xml", "no URDF"),
        (
            "<robot><joint name='a' type='floating'><parent link='b'/><child link='c'/></joint></robot>",
            "floating",
        ),
        ("<robot><joint name='a' type='fixed'><parent link='b'/></joint></robot>", "lacks"),
        (ARM.replace('xyz="1 2 3"', 'xyz="1 2"'), "no URDF"),
        (ARM.replace('<axis xyz="0 0 1"/>', '<axis xyz="0 0 2"/>'), "length 1, not 2"),
    ],
)
def test_what_is_no_urdf_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        read_model(text)


def test_a_urdf_in_two_pieces_has_no_root() -> None:
    first, _, third = read_model(ARM)
    with pytest.raises(UsageError, match="one root link, not 2"):
        root_link((first, third))
