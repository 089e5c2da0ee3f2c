"""The joints of a robot's head: names, limits, and which unit of the expression moves each.

A robot's joint turns by the right-hand rule about the axes of REP-103 (x forward, y to its left, z up), so
that the signs differ from those of `ExpressionUnits`. A head that faces the person and mirrors them does what
a
looking glass does: who turns to their own left sees it turn to the same side of the room, which is its right.
"""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, fields

from mirror_core.errors import ParameterError
from mirror_robot.expression_units import SPANS, ExpressionUnits

__all__ = [
    "MIRROR_HEAD",
    "OWN_HEAD",
    "UNIT_NAMES",
    "Joint",
    "joint_targets",
    "parse_joint",
    "parse_joints",
    "robot_units",
]

UNIT_NAMES = tuple(ExpressionUnits().by_name())
OWN_HEAD = "mirror_head"
"""Stands for all joints of the project's own head."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_LEFT, _RIGHT = "_left", "_right"


@dataclass(frozen=True, slots=True)
class Joint:
    """One joint.

    Attributes:
        name: as in the robot's URDF.
        unit: what moves it, one of `UNIT_NAMES`; left and right are the robot's own.
        lower, upper: limits of its position, rad or m.
        speed: largest, rad/s or m/s.
        acceleration: largest, rad/s² or m/s².
        gain, offset: position = offset + gain · unit, then held within the limits.
    """

    name: str
    unit: str
    lower: float
    upper: float
    speed: float
    acceleration: float
    gain: float = 1.0
    offset: float = 0.0

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ParameterError(f"A joint's name has 1 … 64 letters, digits and _, unlike {self.name!r}.")
        if self.unit not in UNIT_NAMES:
            raise ParameterError(
                f"Joint {self.name}: unit={self.unit} is refused: allowed are {', '.join(UNIT_NAMES)}."
            )
        numbers = (self.lower, self.upper, self.speed, self.acceleration, self.gain, self.offset)
        if not all(map(math.isfinite, numbers)):
            raise ParameterError(f"Joint {self.name}: all its numbers must be finite, not {numbers}.")
        if not self.lower < self.upper:
            raise ParameterError(
                f"Joint {self.name}: lower must be below upper, not {self.lower} and {self.upper}."
            )
        if self.speed <= 0 or self.acceleration <= 0:
            raise ParameterError(
                f"Joint {self.name}: speed and acceleration must be above 0, "
                f"not {self.speed} and {self.acceleration}."
            )

    def position(self, unit: float) -> float:
        """Where the joint belongs for a value of its unit, within its limits."""
        return min(self.upper, max(self.lower, self.offset + self.gain * unit))

    @property
    def rest(self) -> float:
        """Where it belongs while nobody is there: a face at rest that looks straight ahead."""
        span = SPANS.get(self.unit)
        return self.position(0.0 if span is None else span.rest_unit)


_NUMBERS = tuple(field.name for field in fields(Joint) if field.name not in ("name", "unit"))
_NEEDED = ("name", "unit", "lower", "upper", "speed", "acceleration")

MIRROR_HEAD: tuple[Joint, ...] = (
    Joint("head_yaw", "head_yaw", -1.2, 1.2, 4.0, 30.0),
    Joint("head_pitch", "head_pitch", -0.7, 0.7, 3.0, 25.0),
    Joint("head_roll", "head_roll", -0.6, 0.6, 3.0, 25.0),
    Joint("brow_left", "brow_left", -0.008, 0.014, 0.15, 2.0, gain=0.014),
    Joint("brow_right", "brow_right", -0.008, 0.014, 0.15, 2.0, gain=0.014),
    Joint("eyelid_left", "eyelid_left", 0.0, 1.5, 15.0, 300.0, gain=1.5),
    Joint("eyelid_right", "eyelid_right", 0.0, 1.5, 15.0, 300.0, gain=1.5),
    Joint("jaw", "jaw", 0.0, 0.45, 5.0, 80.0, gain=0.45),
    Joint("mouth_corner_left", "mouth_corner_left", -0.5, 0.5, 4.0, 50.0, gain=0.5),
    Joint("mouth_corner_right", "mouth_corner_right", -0.5, 0.5, 4.0, 50.0, gain=0.5),
)
"""The joints of the project's own head, urdf/mirror_head.urdf."""


def parse_joint(line: str) -> Joint:
    """Read a joint from words key=value.

    Args:
        line: e.g. "name=neck unit=head_yaw lower=-1 upper=1 speed=2 acceleration=10 gain=0.8"; gain is 1 and
            offset 0 where they are left out.

    Raises:
        ParameterError: one sentence that says what is wrong and what is allowed.
    """
    words: dict[str, str] = {}
    try:
        parts = shlex.split(line)
    except ValueError as error:
        raise ParameterError(f"The joint {line!r} is refused: a quotation mark is not closed.") from error
    for part in parts:
        key, _, value = part.partition("=")
        if not value or key not in (*_NEEDED, *_NUMBERS):
            keys = ", ".join(dict.fromkeys((*_NEEDED, *_NUMBERS)))
            raise ParameterError(
                f"The joint {line!r} is refused: {part!r} is no key=value with one of {keys}."
            )
        if key in words:
            raise ParameterError(f"The joint {line!r} is refused: {key} stands there twice.")
        words[key] = value
    for key in _NEEDED:
        if key not in words:
            raise ParameterError(f"The joint {line!r} is refused: it has no {key}=.")
    numbers = {}
    for key in _NUMBERS:
        if key in words:
            try:
                numbers[key] = float(words[key])
            except ValueError as error:
                raise ParameterError(
                    f"The joint {line!r} is refused: {key}={words[key]} is no number."
                ) from error
    return Joint(words["name"], words["unit"], **numbers)


def parse_joints(lines: Sequence[str]) -> tuple[Joint, ...]:
    """The joints of a robot, each from a line; the word `OWN_HEAD` alone means the project's own head.

    Raises:
        ParameterError: see `parse_joint`; or if two have the same name.
    """
    if tuple(lines) in ((OWN_HEAD,), ()):
        return MIRROR_HEAD
    joints = tuple(parse_joint(line) for line in lines)
    names = [joint.name for joint in joints]
    for name in names:
        if names.count(name) > 1:
            raise ParameterError(f"Two joints are called {name}: give each a name of its own.")
    return joints


def robot_units(units: ExpressionUnits, mirrored: bool) -> dict[str, float]:
    """The person's units as the robot's own, with signs by REP-103.

    Args:
        units: of the person.
        mirrored: the robot does what a looking glass would; otherwise what the person does, left with its
            left.
    """
    values = units.by_name()
    values["head_pitch"] = -values["head_pitch"]  # the right-hand rule about y nods down
    if not mirrored:
        values["head_roll"] = -values["head_roll"]  # the right-hand rule about x leans to the right shoulder
        return values
    values["head_yaw"] = -values["head_yaw"]
    swapped = {name: values[name.replace(_LEFT, _RIGHT)] for name in values if name.endswith(_LEFT)}
    swapped |= {name: values[name.replace(_RIGHT, _LEFT)] for name in values if name.endswith(_RIGHT)}
    return values | swapped


def joint_targets(
    joints: Sequence[Joint], units: ExpressionUnits, mirrored: bool = True
) -> tuple[float, ...]:
    """Where each joint belongs when a person does this, within its limits, in the joints' order."""
    values = robot_units(units, mirrored)
    return tuple(joint.position(values[joint.unit]) for joint in joints)
