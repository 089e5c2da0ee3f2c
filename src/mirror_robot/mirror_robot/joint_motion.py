"""Joints that follow targets smoothly and never leave their limits of position, speed and acceleration.

Near its target a joint is a critically damped second-order system,

    acceleration = 2 ω (v* − v)   with   v* = ω e / 2,

e being the way to go. v* is bounded by the largest speed and by √(2 · BRAKING · a · |e|), the speed from
which the joint can still stop in time, and the acceleration by a. Before each small step it is asked whether
the joint could still stop within its limits after it; where not, it brakes with a instead, which keeps the
place where it will stop. So the limits hold exactly, whatever the targets, and however long or irregular the
time steps are.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ShapeError
from mirror_robot.joints import Joint

__all__ = ["JointMotion", "RestAfter"]

STEP_S = 0.004  # of the integration; ω · STEP_S stays far below 1
LONGEST_S = 0.5  # of a time step; what is longer (a pause of the machine) counts as this
BRAKING = 0.7  # share of the largest acceleration that an ordinary stop uses
FASTEST_RESPONSE = 40.0  # ω in 1/s

Array = NDArray[np.float64]


class JointMotion:
    """The state of a robot's joints on their way to targets.

    Attributes:
        joints: in the order of all arrays.
        position, velocity: float64 [n], where each joint is (rad or m) and how it moves; replaced, not
            changed.
    """

    def __init__(
        self, joints: Sequence[Joint], response: float = 15.0, position: Sequence[float] | None = None
    ) -> None:
        """Begin without movement.

        Args:
            joints: one or more.
            response: ω in 1/s; a small step is done to 90 % after about 3.9 / ω.
            position: where the joints are, held within their limits; at rest where None.

        Raises:
            ShapeError: for another number of positions, or a response out of range.
        """
        if not 0 < response <= FASTEST_RESPONSE:
            raise ShapeError(
                f"A response must lie above 0 and up to {FASTEST_RESPONSE:g} 1/s, not {response}."
            )
        self.joints = tuple(joints)
        self._response = response
        self._lower = np.array([joint.lower for joint in joints])
        self._upper = np.array([joint.upper for joint in joints])
        self._speed = np.array([joint.speed for joint in joints])
        self._acceleration = np.array([joint.acceleration for joint in joints])
        self._target = np.array([joint.rest for joint in joints])
        self.position = self._target if position is None else self._held(position)
        self.velocity = np.zeros(len(self.joints))

    def aim(self, target: Sequence[float]) -> None:
        """Set where to go, held within the limits; a target that is not a number leaves its joint's as it is.

        Raises:
            ShapeError: for another number of targets than joints.
        """
        self._target = self._held(target)

    def aim_at_rest(self) -> None:
        """Go back to where the joints belong while nobody is there."""
        self._target = np.array([joint.rest for joint in self.joints])

    @property
    def target(self) -> Array:
        """float64 [n], where the joints go."""
        return self._target

    def advance(self, seconds: float) -> None:
        """Move on; no time, or time that runs backwards, moves nothing."""
        if not seconds > 0:
            return
        span = min(seconds, LONGEST_S)
        count = math.ceil(span / STEP_S)
        for _ in range(count):
            self._step(span / count)

    def _held(self, values: Sequence[float]) -> Array:
        given = np.asarray(values, np.float64)
        if given.shape != self._target.shape:
            raise ShapeError(f"{len(self._target)} joints need as many positions, not {list(given.shape)}.")
        return np.clip(np.where(np.isnan(given), self._target, given), self._lower, self._upper)

    def _step(self, seconds: float) -> None:
        place, speed, most = self.position, self.velocity, self._acceleration
        way = self._target - place
        size = np.abs(way)
        wanted = np.minimum(self._response * size / 2, np.sqrt(2 * BRAKING * most * size))
        wanted = np.copysign(np.minimum(wanted, self._speed), way)
        push = np.clip(2 * self._response * (wanted - speed), -most, most)
        faster = np.clip(speed + push * seconds, -self._speed, self._speed)
        moved = place + (speed + faster) / 2 * seconds
        is_safe = self._stops_inside(moved, faster) & self._turns_inside(place, speed, faster, seconds)

        slower = np.copysign(np.maximum(np.abs(speed) - most * seconds, 0.0), speed)
        braking_s = np.minimum(np.abs(speed) / most, seconds)
        braked = place + (speed + slower) / 2 * braking_s
        # The clip takes away nothing but the rounding of the last digit.
        self.position = np.clip(np.where(is_safe, moved, braked), self._lower, self._upper)
        self.velocity = np.where(is_safe, faster, slower)

    def _stops_inside(self, place: Array, speed: Array) -> NDArray[np.bool_]:
        stop = place + speed * np.abs(speed) / (2 * self._acceleration)
        return np.asarray((stop >= self._lower) & (stop <= self._upper))

    def _turns_inside(self, place: Array, speed: Array, later: Array, seconds: float) -> NDArray[np.bool_]:
        # A joint that turns round within the step is farthest out where its speed is 0.
        change = np.abs(later - speed) / seconds
        turns = speed * later < 0
        farthest = place + speed * np.abs(speed) / (2 * np.where(turns, change, 1.0))
        return np.asarray(~turns | ((farthest >= self._lower) & (farthest <= self._upper)))


class RestAfter:
    """Says when nobody has been there for long enough that the robot should go back to rest.

    Args:
        seconds: for which the last pose is kept; 0 or more.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._alone_s = math.inf

    def somebody(self) -> None:
        """A person is there."""
        self._alone_s = 0.0

    def is_due(self, passed_s: float) -> bool:
        """Count time without a person; whether the robot belongs at rest now."""
        self._alone_s += max(passed_s, 0.0)
        return self._alone_s >= self.seconds
