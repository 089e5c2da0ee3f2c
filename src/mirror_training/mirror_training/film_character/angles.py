"""The degrees of freedom of the character's body, their limits, and one state of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ShapeError, UsageError
from mirror_training.film_character.rotations import Floats

__all__ = ["ARM_DOFS", "DOF_INDEX", "DOF_NAMES", "LIMITS", "SIDES", "BodyState", "clamp"]

SIDES = ("left", "right")
"""Of the person: "left" is on the right of a picture that shows the person from the front."""

_TRUNK = {
    "turn": (-75.0, 75.0),  # of the pelvis about the vertical, positive to the person's left
    "tip": (-20.0, 50.0),  # of the pelvis, positive forward
    "list": (-14.0, 14.0),  # of the pelvis, positive to the person's left
    "bend": (-25.0, 65.0),  # of the spine, positive forward
    "bend_side": (-30.0, 30.0),  # positive to the person's left
    "twist": (-45.0, 45.0),  # positive to the person's left
    "head_turn": (-75.0, 75.0),
    "head_nod": (-40.0, 45.0),  # positive: chin down
    "head_tilt": (-35.0, 35.0),  # positive to the person's left
}
_ARM = {
    "shoulder_raise": (-6.0, 30.0),
    "shoulder_forward": (-18.0, 32.0),
    "arm_forward": (-65.0, 175.0),  # swing to the front
    "arm_out": (-75.0, 175.0),  # swing away from the trunk; negative: across the chest
    "arm_twist": (-100.0, 100.0),  # positive turns the bent elbow's forearm inwards
    "elbow": (0.0, 150.0),
    "forearm_twist": (-90.0, 90.0),  # positive turns the palm to the back (pronation)
    "wrist_bend": (-70.0, 75.0),  # positive towards the palm
    "wrist_side": (-32.0, 25.0),  # positive towards the thumb
    "curl": (0.0, 100.0),  # per cent of a fist
    "point": (0.0, 100.0),  # per cent by which the index finger stays out of the curl
}
_LEG = {
    "thigh_forward": (-35.0, 120.0),
    "thigh_out": (-30.0, 55.0),
    "thigh_twist": (-50.0, 50.0),  # positive turns the toes outwards
    "knee": (0.0, 150.0),
    "ankle": (-55.0, 45.0),  # positive: toes up
    "foot_side": (-40.0, 40.0),
}

ARM_DOFS = tuple(_ARM)
LIMITS: dict[str, tuple[float, float]] = dict(_TRUNK)
"""Degrees (per cent for the fingers) that each joint can go, by name; ranges of healthy adults, rounded."""
for _side in SIDES:
    LIMITS |= {f"{_side}_{name}": limits for name, limits in (_ARM | _LEG).items()}

DOF_NAMES = tuple(LIMITS)
DOF_INDEX = {name: index for index, name in enumerate(DOF_NAMES)}
_LOW, _HIGH = np.array(list(LIMITS.values())).T


def clamp(angles: NDArray[Any]) -> Floats:
    """Angles [..., n] within their limits."""
    return np.asarray(np.clip(angles, _LOW, _HIGH), np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class BodyState:
    """How the body stands.

    Attributes:
        angles: float64 [len(DOF_NAMES)], in the order of `DOF_NAMES`, within `LIMITS`.
        position: float64 [3], where the middle between the hip joints is, in metres; y is its height.

    Raises:
        ShapeError: if an array has another shape or is not finite.
        UsageError: if an angle is beyond its limit.
    """

    angles: Floats
    position: Floats

    def __post_init__(self) -> None:
        if self.angles.shape != (len(DOF_NAMES),) or self.position.shape != (3,):
            raise ShapeError(
                f"Angles and position are float64 [{len(DOF_NAMES)}] and [3], "
                f"not {list(self.angles.shape)} and {list(self.position.shape)}."
            )
        if not (np.isfinite(self.angles).all() and np.isfinite(self.position).all()):
            raise ShapeError("Angles and position of a body are finite numbers.")
        beyond = np.flatnonzero((self.angles < _LOW - 1e-6) | (self.angles > _HIGH + 1e-6))
        if beyond.size:
            name = DOF_NAMES[beyond[0]]
            low, high = LIMITS[name]
            raise UsageError(f"{name} is {self.angles[beyond[0]]:.1f}, but goes from {low:g} to {high:g}.")

    @classmethod
    def of(cls, angles: Mapping[str, float] | None = None, position: Any = (0.0, 0.9, 0.0)) -> BodyState:
        """A body with some joints bent, the others at 0.

        Raises:
            UsageError: for a name that is no joint, or an angle beyond its limit.
        """
        values = np.zeros(len(DOF_NAMES))
        for name, degrees in (angles or {}).items():
            if name not in DOF_INDEX:
                raise UsageError(f"{name} is no joint of the body; the first joints are {DOF_NAMES[:4]}.")
            values[DOF_INDEX[name]] = degrees
        return cls(values, np.asarray(position, np.float64))

    def __getitem__(self, name: str) -> float:
        return float(self.angles[DOF_INDEX[name]])
