"""The character's part: a random, repeatable sequence of beats, and the body's state at any time of it."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import UsageError
from mirror_training.film_character.angles import DOF_INDEX, DOF_NAMES, SIDES, BodyState, clamp
from mirror_training.film_character.beats import ARM_BEATS, LEG_BEATS, Beat
from mirror_training.film_character.director import Director
from mirror_training.film_character.limbs import LONGEST, leg_angles
from mirror_training.film_character.rotations import Floats, about
from mirror_training.film_character.skeleton import ANKLE_HEIGHT_M, HIP, SHIN_M, THIGH_M, side_sign
from mirror_training.film_character.timeline import Timeline

__all__ = ["Choreography"]

TOES_DOWN = 420.0  # degrees per metre of lift by which a foot's toes hang while it is carried
IDLE = {  # degrees (metres for x) of a standing person's small movements
    "bend": 0.7, "bend_side": 0.6, "twist": 0.9, "head_turn": 1.6, "head_nod": 1.1, "head_tilt": 0.9,
    "x": 0.007,
    "left_arm_out": 1.0, "right_arm_out": 1.0, "left_arm_forward": 1.2, "right_arm_forward": 1.2,
    "left_elbow": 1.6, "right_elbow": 1.6,
}  # fmt: skip
SOFT_M = 0.010  # difference of the legs' reach at which the hips pass from one leg to the other
BREATH_S = 4.1
BREATH = {"bend": -0.8, "left_shoulder_raise": 0.9, "right_shoulder_raise": 0.9}
MARGIN_S = 12.0  # the sequence goes on for so long after the seconds asked for


class _Bag:
    """Draws beats so that each comes as often as its number says before the round begins anew."""

    def __init__(self, beats: dict[str, tuple[Beat, int]], rng: np.random.Generator) -> None:
        self._beats, self._rng = beats, rng
        self._left: list[str] = []

    def draw(self) -> str:
        if not self._left:
            every = [name for name, (_, count) in self._beats.items() for _ in range(count)]
            self._left = [str(name) for name in self._rng.permutation(every)]
        return self._left.pop()


class Choreography:
    """What the character does, from time 0 on.

    Args:
        seed: another seed gives another sequence.
        seconds: for how long, at least.

    Raises:
        UsageError: for a length that is not positive.

    Attributes:
        beats: (start in seconds, name) of everything the character does.
    """

    def __init__(self, seed: int, seconds: float) -> None:
        if not seconds > 0:
            raise UsageError(f"A choreography lasts longer than 0 s, not {seconds:g} s.")
        self.seed, self.seconds = seed, seconds
        rng = np.random.default_rng([71, seed])
        self._speeds = rng.uniform(0.06, 0.42, (len(IDLE), 3))  # times a second
        self._phases = rng.uniform(0.0, 2 * math.pi, (len(IDLE), 3))
        self._timeline = Timeline(Director.start())
        director = Director(rng, self._timeline)
        arms, legs = _Bag(ARM_BEATS, rng), _Bag(LEG_BEATS, rng)
        self.beats: list[tuple[float, str]] = []
        while director.now < seconds + MARGIN_S:
            for bag, table in ((legs, LEG_BEATS), (arms, ARM_BEATS)):
                name = bag.draw()
                self.beats.append((director.now, name))
                table[name][0](director)

    def state(self, time_s: float) -> BodyState:
        """How the body stands at a time, 0 … `seconds`.

        Raises:
            UsageError: for a time outside of the sequence.
        """
        if not 0.0 <= time_s <= self.seconds + MARGIN_S:
            raise UsageError(
                f"The choreography goes from 0 s to {self.seconds:g} s; {time_s:g} s is outside of it."
            )
        now = self._timeline.values(time_s)
        waves = np.sin(2 * math.pi * self._speeds * time_s + self._phases).mean(axis=1)
        for (name, size), wave in zip(IDLE.items(), waves, strict=True):
            now[name] += size * float(wave)
        breath = math.sin(2 * math.pi * time_s / BREATH_S)
        for name, size in BREATH.items():
            now[name] += size * breath
        return _standing(now)


def _standing(now: dict[str, float]) -> BodyState:
    """The state of the body whose quantities are these: the feet stay where they are put."""
    angles = np.zeros(len(DOF_NAMES))
    for name, value in now.items():
        if name in DOF_INDEX:
            angles[DOF_INDEX[name]] = value
    angles = clamp(angles)
    pelvis = about("y", angles[DOF_INDEX["turn"]]) @ about("x", angles[DOF_INDEX["tip"]])
    pelvis = pelvis @ about("z", -angles[DOF_INDEX["list"]])
    # Who lowers the hips moves them back, so that the weight stays over the feet.
    back = about("y", now["turn"]) @ (0.0, 0.0, -_backwards(now))
    middle = np.array([now["x"], 0.0, now["z"]]) + back
    ankles, feet = {}, {}
    for side in SIDES:
        lift = max(now[f"{side}_foot_lift"], 0.0)
        feet[side] = about("y", now[f"{side}_foot_heading"]) @ about("x", min(TOES_DOWN * lift, 30.0))
        ankles[side] = np.array([now[f"{side}_foot_x"], ANKLE_HEIGHT_M + lift, now[f"{side}_foot_z"]])
    middle[1] = _height(middle, pelvis, ankles) - max(now["drop"], 0.0)
    for side in SIDES:
        hip = middle + pelvis @ (HIP * (side_sign(side), 1.0, 1.0))
        for name, value in leg_angles(side, pelvis.T @ (ankles[side] - hip), feet[side], pelvis).items():
            angles[DOF_INDEX[name]] = value
    return BodyState(clamp(angles), middle)


def _backwards(now: dict[str, float]) -> float:
    """How far the hips move back when they are lowered or the trunk is bent, in metres."""
    return 0.55 * max(now["drop"], 0.0) + 0.0022 * max(now["tip"] + 0.5 * now["bend"], 0.0)


def _height(middle: Floats, pelvis: Floats, ankles: dict[str, NDArray[np.float64]]) -> float:
    """The greatest height of the hips at which both feet reach where they are; a smooth minimum of both."""
    length = (THIGH_M + SHIN_M) * LONGEST * 0.995
    heights = []
    for side in SIDES:
        arm = pelvis @ (HIP * (side_sign(side), 1.0, 1.0))
        aside = np.hypot(middle[0] + arm[0] - ankles[side][0], middle[2] + arm[2] - ankles[side][2])
        heights.append(ankles[side][1] + math.sqrt(max(length**2 - float(aside) ** 2, 0.0)) - arm[1])
    low = min(heights)
    return float(low - SOFT_M * math.log(sum(math.exp((low - each) / SOFT_M) for each in heights)))
