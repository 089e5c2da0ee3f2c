"""Two-bone inverse kinematics: angles that bring a wrist or a foot where it is wanted."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_training.film_character.angles import LIMITS
from mirror_training.film_character.rotations import Floats, about, swing, swing_vector, unit
from mirror_training.film_character.skeleton import (
    FOREARM_M,
    SHIN_M,
    THIGH_M,
    UPPER_ARM_M,
    side_sign,
)

__all__ = ["LONGEST", "Angles", "arm_angles", "hand_angles", "leg_angles"]

TINY_M = 1e-6
LONGEST = 0.998  # of the stretched limb's length; a limb is never quite straight
Angles = dict[str, float]
"""Degrees by the name of the joint."""


def _bend(target: Floats, pole: Floats, upper: float, lower: float) -> tuple[Floats, Floats, float]:
    """Directions [3] of both bones and their bend in degrees; the middle joint points to `pole`."""
    distance = float(np.clip(np.linalg.norm(target), abs(upper - lower) + 0.02, (upper + lower) * LONGEST))
    aim = unit(target)
    side = pole - aim * float(pole @ aim)
    if float(np.linalg.norm(side)) < TINY_M:  # the pole lies along the limb: any side will do
        side = np.cross(aim, np.eye(3)[int(np.argmin(np.abs(aim)))])
    side = unit(side)
    cosine = (upper**2 + distance**2 - lower**2) / (2 * upper * distance)
    first = cosine * aim + math.sqrt(max(1.0 - cosine**2, 0.0)) * side
    second = unit(distance * aim - upper * first)
    return first, second, math.degrees(math.acos(float(np.clip(first @ second, -1.0, 1.0))))


def _twist(first: Floats, hinge: Floats) -> tuple[float, float, float]:
    """Swing about x and z, and twist about the bone, in degrees, that lay a bone and its hinge so."""
    about_x, about_z = swing_vector(first)
    seen = swing(about_x, about_z).T @ hinge
    return about_x, about_z, math.degrees(math.atan2(-seen[2], seen[0]))


def arm_angles(side: str, target: NDArray[Any], pole: NDArray[Any]) -> Angles:
    """Angles of shoulder and elbow.

    Args:
        side: "left" or "right".
        target: where the wrist shall be, from the shoulder joint in the clavicle's frame, in metres; a
            place out of reach is approached as far as the arm goes.
        pole: direction that the elbow shall point to, in the same frame.
    """
    goal, towards = np.asarray(target, np.float64), np.asarray(pole, np.float64)
    first, second, elbow = _bend(goal, towards, UPPER_ARM_M, FOREARM_M)
    about_x, about_z, twist = _twist(first, unit(np.cross(second, first)))
    sign = side_sign(side)
    return {
        f"{side}_arm_forward": -about_x,
        f"{side}_arm_out": sign * about_z,
        f"{side}_arm_twist": -sign * twist,
        f"{side}_elbow": elbow,
    }


def leg_angles(side: str, target: NDArray[Any], foot: Floats, pelvis: Floats) -> Angles:
    """Angles of hip, knee and ankle that put a foot down.

    Args:
        side: "left" or "right".
        target: where the ankle shall be, from the hip joint in the pelvis' frame, in metres.
        foot: float64 [3, 3], how the foot shall be turned in the world.
        pelvis: float64 [3, 3], how the pelvis is turned in the world.
    """
    goal = np.asarray(target, np.float64)
    wanted = pelvis.T @ foot
    first, second, knee = _bend(goal, wanted[:, 2], THIGH_M, SHIN_M)
    about_x, about_z, twist = _twist(first, unit(np.cross(first, second)))
    sign = side_sign(side)
    shin = swing(about_x, about_z) @ about("y", twist) @ about("x", knee)
    rest = shin.T @ wanted  # = about x by −ankle, then about z by ± foot_side, and a little that is left over
    return {
        f"{side}_thigh_forward": -about_x,
        f"{side}_thigh_out": sign * about_z,
        f"{side}_thigh_twist": sign * twist,
        f"{side}_knee": knee,
        f"{side}_ankle": -math.degrees(math.atan2(rest[2, 1], rest[1, 1])),
        f"{side}_foot_side": sign * math.degrees(math.atan2(-rest[0, 1], rest[0, 0])),
    }


def hand_angles(side: str, forearm: Floats, fingers: NDArray[Any], palm: NDArray[Any]) -> Angles:
    """Angles of forearm and wrist that turn a hand, as far as these joints go.

    Args:
        side: "left" or "right".
        forearm: float64 [3, 3], how the forearm is turned.
        fingers: direction [3] in which the fingers shall point, in the same frame.
        palm: direction [3] to which the palm shall look; what of it lies along the fingers does not count.
    """
    sign = side_sign(side)
    up = -unit(fingers)
    inward = np.asarray(palm, np.float64)
    across = -sign * unit(inward - up * float(inward @ up))
    turned = forearm.T @ np.stack([across, up, np.cross(across, up)], axis=1)
    # = about y by the forearm's twist, about z by the wrist's bend, about x by its lean to the thumb.
    bend = math.degrees(math.asin(float(np.clip(turned[1, 0], -1.0, 1.0))))
    twist = math.degrees(math.atan2(-turned[2, 0], turned[0, 0]))
    lean = math.degrees(math.atan2(-turned[1, 2], turned[1, 1]))
    wanted = {"forearm_twist": -sign * twist, "wrist_bend": -sign * bend, "wrist_side": -lean}
    return {
        f"{side}_{name}": float(np.clip(degrees, *LIMITS[f"{side}_{name}"]))
        for name, degrees in wanted.items()
    }
