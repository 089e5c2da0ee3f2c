"""Tells the character what to do: enters movements of head, trunk, arms and feet into one timeline."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from mirror_training.film_character.angles import ARM_DOFS, SIDES
from mirror_training.film_character.arm_poses import POSES
from mirror_training.film_character.limbs import Angles
from mirror_training.film_character.rotations import about
from mirror_training.film_character.skeleton import side_sign
from mirror_training.film_character.timeline import Timeline

__all__ = ["STAGE_M", "Director"]

STAGE_M = (0.48, -0.35, 0.55)  # how far the character goes aside, back and forward, in metres
STANCE_M = 0.115  # half the distance of the feet
TOES_OUT = 9.0  # degrees
LIFT_M = 0.045
HEAD = ("head_turn", "head_nod", "head_tilt")
TRUNK = ("tip", "list", "bend", "bend_side", "twist", "drop")
SLOWEST = 230.0  # degrees a second that a joint turns at most, on average over a movement


class Director:
    """A timeline with the words of the stage.

    Args:
        rng: draws tempo and accents.
        timeline: that the movements are entered in; it has the quantities of `start`.
    """

    def __init__(self, rng: np.random.Generator, timeline: Timeline) -> None:
        self.rng, self._timeline = rng, timeline
        self.now = 0.0

    @staticmethod
    def start() -> dict[str, float]:
        """All quantities and their values for somebody who stands at ease in the middle."""
        values = dict.fromkeys((*HEAD, *TRUNK, "turn", "x", "z"), 0.0)
        for side in SIDES:
            sign = side_sign(side)
            values |= POSES["hanging"][side]
            values |= {f"{side}_foot_x": sign * STANCE_M, f"{side}_foot_z": 0.0, f"{side}_foot_lift": 0.0}
            values[f"{side}_foot_heading"] = sign * TOES_OUT
        return values

    def between(self, low: float, high: float) -> float:
        """A number between two."""
        return float(self.rng.uniform(low, high))

    def side(self) -> str:
        """Left or right."""
        return str(self.rng.choice(SIDES))

    def wait(self, low: float, high: float) -> None:
        """Let time pass."""
        self.now += self.between(low, high)

    def _move(self, goals: Mapping[str, float], seconds: float) -> float:
        """Enter movements that begin now; returns the seconds that they take."""
        far = max((abs(goal - self._timeline.goal(name)) for name, goal in goals.items()), default=0.0)
        needed = (
            max(seconds, far / SLOWEST) if not any(name in ("x", "z", "drop") for name in goals) else seconds
        )
        for name, goal in goals.items():
            self._timeline.move(name, self.now, needed, goal)
        return needed

    def arms(self, *poses: Angles, seconds: float | None = None, spread: float = 4.0) -> float:
        """Bring arms into poses, each a little off; returns the seconds that it takes."""
        took = 0.0
        for pose in poses:
            side = next(iter(pose)).split("_")[0]
            off = self.rng.normal(0.0, spread, len(ARM_DOFS))
            keep = {f"{side}_curl", f"{side}_point", f"{side}_shoulder_raise", f"{side}_shoulder_forward"}
            goals = {
                name: value + (0.0 if name in keep else float(change))
                for (name, value), change in zip(pose.items(), off, strict=True)
            }
            took = max(took, self._move(goals, seconds or self.between(0.55, 0.95)))
        return took

    def both(self, name: str, seconds: float | None = None, spread: float = 4.0) -> float:
        """Bring both arms into a named pose."""
        return self.arms(*(POSES[name][side] for side in SIDES), seconds=seconds, spread=spread)

    def relax(self, *sides: str) -> float:
        """Let arms hang."""
        return self.arms(*(POSES["hanging"][side] for side in sides or SIDES), seconds=self.between(0.6, 1.0))

    def head(
        self, turn: float = 0.0, nod: float = 0.0, tilt: float = 0.0, seconds: float | None = None
    ) -> float:
        """Turn the head, in degrees."""
        goals = {"head_turn": turn, "head_nod": nod, "head_tilt": tilt}
        return self._move(goals, seconds or self.between(0.35, 0.8))

    def trunk(self, seconds: float | None = None, **degrees: float) -> float:
        """Bend, lean, twist and lower the trunk; what is not named goes back to 0. `drop` is in metres."""
        goals = {name: degrees.get(name, 0.0) for name in TRUNK}
        return self._move(goals, seconds or self.between(0.7, 1.2))

    def step(self, x: float, z: float, turn: float, lift: float = LIFT_M) -> float:
        """Go to a place and turn there, with two or three steps; returns the seconds that it takes.

        Args:
            x, z: goal of the hips in metres.
            turn: goal in degrees, positive to the person's left.
            lift: how high the feet are raised, in metres.
        """
        begin = self.now
        old = self._timeline.goal("turn"), self._timeline.goal("x"), self._timeline.goal("z")
        far = math.hypot(x - old[1], z - old[2])
        count = 2 if far < 0.42 and abs(turn - old[0]) < 50.0 else 4
        each = self.between(0.36, 0.50)
        # The foot on the side that the body goes to is first.
        goes_left = (x - old[1]) * math.cos(math.radians(old[0])) + (turn - old[0]) / 200.0 > 0
        first = "left" if goes_left else "right"
        other = "right" if first == "left" else "left"
        for number in range(count):
            part = (number + (2 if count == 2 else 1)) / (2 if count == 2 else count)
            part = min(1.0, part if count == 2 else (0.5 if number < 2 else 1.0))
            goal_turn = old[0] + (turn - old[0]) * part
            goal = old[1] + (x - old[1]) * part, old[2] + (z - old[2]) * part
            self.now = begin + number * each
            self._foot(first if number % 2 == 0 else other, goal, goal_turn, each, lift)
        total = each * count
        self.now = begin
        for name, value in (("x", x), ("z", z), ("turn", turn)):
            self._timeline.move(name, begin + 0.3 * each, total - 0.4 * each, value)
        return total

    def _foot(self, side: str, goal: tuple[float, float], turn: float, seconds: float, lift: float) -> None:
        sign = side_sign(side)
        place = np.array([goal[0], 0.0, goal[1]]) + about("y", turn) @ (sign * STANCE_M, 0.0, 0.0)
        self._timeline.move(f"{side}_foot_x", self.now, seconds, float(place[0]))
        self._timeline.move(f"{side}_foot_z", self.now, seconds, float(place[2]))
        self._timeline.move(f"{side}_foot_heading", self.now, seconds, turn + sign * TOES_OUT)
        self._timeline.move(f"{side}_foot_lift", self.now, seconds * 0.5, lift)
        self._timeline.move(f"{side}_foot_lift", self.now + seconds * 0.5, seconds * 0.5, 0.0)

    def where(self) -> tuple[float, float, float]:
        """x, z and turn after all movements entered so far."""
        return self._timeline.goal("x"), self._timeline.goal("z"), self._timeline.goal("turn")
