"""A robot's URDF: its joints, and where each link is for given joint positions (forward kinematics)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from mirror_core.errors import UsageError

__all__ = ["LinkPlace", "ModelJoint", "link_places", "read_model", "root_link"]

KINDS = ("revolute", "continuous", "prismatic", "fixed")


@dataclass(frozen=True, slots=True)
class ModelJoint:
    """One joint of a URDF (http://wiki.ros.org/urdf/XML/joint).

    Attributes:
        name: of the joint.
        kind: revolute, continuous, prismatic or fixed.
        parent, child: names of the links.
        position: of the child in the parent at joint position 0, metres.
        angles: roll, pitch, yaw about the fixed axes, radians.
        axis: of motion, in the joint's own frame; unit length.
    """

    name: str
    kind: str
    parent: str
    child: str
    position: tuple[float, float, float]
    angles: tuple[float, float, float]
    axis: tuple[float, float, float]

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise UsageError(f"Joint {self.name}: type {self.kind} is not one of {', '.join(KINDS)}.")
        length = float(np.linalg.norm(self.axis))
        if abs(length - 1.0) > 1e-6:
            raise UsageError(f"Joint {self.name}: its axis must have length 1, not {length:g}.")


@dataclass(frozen=True, slots=True)
class LinkPlace:
    """Where a link is in its parent: metres, and a quaternion x, y, z, w."""

    parent: str
    child: str
    position: tuple[float, float, float]
    quaternion: tuple[float, float, float, float]


def _numbers(element: ElementTree.Element | None, key: str, default: str) -> tuple[float, float, float]:
    words = (default if element is None else element.get(key, default)).split()
    x, y, z = map(float, words)
    return x, y, z


def read_model(urdf: str) -> tuple[ModelJoint, ...]:
    """The joints of a URDF's text, in its order.

    Raises:
        UsageError: if it is no URDF, or a joint lacks something.
    """
    try:
        robot = ElementTree.fromstring(urdf)
        joints = []
        for joint in robot.iter("joint"):
            parent, child = joint.find("parent"), joint.find("child")
            if parent is None or child is None:
                raise UsageError(f"Joint {joint.get('name')} lacks a parent or a child link.")
            origin = joint.find("origin")
            joints.append(
                ModelJoint(
                    name=joint.attrib["name"],
                    kind=joint.attrib["type"],
                    parent=parent.attrib["link"],
                    child=child.attrib["link"],
                    position=_numbers(origin, "xyz", "0 0 0"),
                    angles=_numbers(origin, "rpy", "0 0 0"),
                    axis=_numbers(joint.find("axis"), "xyz", "1 0 0"),
                )
            )
    except (ElementTree.ParseError, KeyError, ValueError) as error:
        raise UsageError(f"This is no URDF that can be read: {error}.") from error
    return tuple(joints)


def root_link(joints: Sequence[ModelJoint]) -> str:
    """The link that is nobody's child.

    Raises:
        UsageError: if there is none, or more than one.
    """
    children = {joint.child for joint in joints}
    roots = {joint.parent for joint in joints} - children
    if len(roots) != 1:
        raise UsageError(f"A URDF needs one root link, not {len(roots)} ({', '.join(sorted(roots))}).")
    return roots.pop()


def link_places(joints: Sequence[ModelJoint], positions: Mapping[str, float]) -> tuple[LinkPlace, ...]:
    """Where each joint's child is in its parent.

    Args:
        joints: of `read_model`.
        positions: joint → radians or metres; a joint that is not named is at 0.
    """
    return tuple(_place(joint, positions.get(joint.name, 0.0)) for joint in joints)


def _place(joint: ModelJoint, position: float) -> LinkPlace:
    turned = Rotation.from_euler("xyz", joint.angles)
    moved: NDArray[np.float64] = np.array(joint.position)
    axis = np.array(joint.axis)
    if joint.kind == "prismatic":
        moved = moved + turned.apply(axis * position)
    elif joint.kind != "fixed":
        turned = turned * Rotation.from_rotvec(axis * position)
    x, y, z = map(float, moved)
    qx, qy, qz, qw = map(float, turned.as_quat())
    return LinkPlace(joint.parent, joint.child, (x, y, z), (qx, qy, qz, qw))
