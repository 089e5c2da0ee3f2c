"""Poses of the arms: named ones and any ones, as angles of the joints."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_training.film_character.angles import ARM_DOFS, LIMITS, SIDES
from mirror_training.film_character.holds import HOLDS, PAIRS, Hold, Vector
from mirror_training.film_character.limbs import Angles, arm_angles, hand_angles
from mirror_training.film_character.rotations import about, swing
from mirror_training.film_character.skeleton import CLAVICLE, SHOULDER, side_sign

__all__ = ["POSES", "allowed", "arm", "hanging", "reach"]


def arm(side: str, hold: Hold) -> Angles:
    """All angles of one arm that holds its hand somewhere."""
    sign = side_sign(side)
    mirror = np.array([sign, 1.0, 1.0])
    clavicle = about("y", -sign * hold.forward) @ about("z", sign * hold.raised)
    shoulder = mirror * CLAVICLE + clavicle @ (mirror * SHOULDER)
    target = clavicle.T @ (mirror * np.array(hold.wrist) - shoulder)
    angles = arm_angles(side, target, clavicle.T @ (mirror * np.array(hold.elbow)))
    swung = swing(-angles[f"{side}_arm_forward"], sign * angles[f"{side}_arm_out"])
    upper = clavicle @ swung @ about("y", -sign * angles[f"{side}_arm_twist"])
    forearm = upper @ about("x", -angles[f"{side}_elbow"])
    angles |= hand_angles(side, forearm, mirror * np.array(hold.fingers), mirror * np.array(hold.palm))
    rest = {
        "curl": hold.curl,
        "point": hold.point,
        "shoulder_raise": hold.raised,
        "shoulder_forward": hold.forward,
    }
    angles |= {f"{side}_{name}": value for name, value in rest.items()}
    return {
        name: float(np.clip(angles[name], *LIMITS[name])) for name in (f"{side}_{each}" for each in ARM_DOFS)
    }


def hanging(side: str, out: float = 9.0, bend: float = 14.0) -> Angles:
    """An arm that hangs at the side."""
    full = {f"{side}_{name}": 0.0 for name in ARM_DOFS}
    set_to = {"arm_out": out, "elbow": bend, "arm_forward": 3.0, "arm_twist": 12.0, "forearm_twist": 28.0}
    return full | {f"{side}_{name}": value for name, value in set_to.items()} | {f"{side}_curl": 38.0}


def allowed(angles: Angles, room_m: float = 0.155) -> bool:
    """Whether a free pose of an arm is one: no joint at its limit, and forearm and hand outside of the trunk.

    Args:
        angles: all angles of one arm.
        room_m: half width of the trunk.
    """
    side = next(name.split("_")[0] for name in angles)
    sign = side_sign(side)
    for name in ("arm_forward", "arm_out", "arm_twist"):
        low, high = LIMITS[f"{side}_{name}"]
        if not low + 4.0 < angles[f"{side}_{name}"] < high - 4.0:
            return False
    if np.hypot(angles[f"{side}_arm_forward"], angles[f"{side}_arm_out"]) > 160.0:
        return False
    swung = swing(-angles[f"{side}_arm_forward"], sign * angles[f"{side}_arm_out"])
    upper = swung @ about("y", -sign * angles[f"{side}_arm_twist"])
    elbow = np.array([sign * 0.19, 0.19, -0.01]) + upper @ (0.0, -0.285, 0.0)
    forearm = upper @ about("x", -angles[f"{side}_elbow"])
    for far in (0.10, 0.20, 0.27, 0.38):
        x, y, z = elbow + forearm @ (0.0, -far, 0.0)
        trunk = y < 0.26 and (x / (room_m + 0.045)) ** 2 + (z / room_m) ** 2 < 1.0
        head = y >= 0.22 and x**2 + (y - 0.42) ** 2 + (z - 0.01) ** 2 < 0.165**2
        if trunk or head:
            return False
    return True


def reach(side: str, rng: np.random.Generator) -> Angles:
    """Any pose of an arm within its limits that does not run through trunk or head."""
    for _ in range(200):
        distance = 0.54 * float(rng.uniform(0.30, 1.0)) ** 0.6
        direction = rng.normal(size=3) * (1.0, 1.0, 0.8) + (0.45, 0.05, 0.55)
        direction /= np.linalg.norm(direction)
        wrist = np.array([0.19, 0.19, -0.01]) + distance * direction
        pole = np.array([0.7, -1.0, -0.3]) + 0.45 * rng.normal(size=3)
        lower = direction + 0.4 * rng.normal(size=3)
        raised = float(np.clip(16.0 * direction[1], 0.0, 16.0))
        curl = float(rng.choice([8.0, 25.0, 45.0, 100.0]))
        palm = _vector(rng.normal(size=3))
        pose = arm(side, Hold(_vector(wrist), _vector(pole), _vector(lower), palm, curl, raised=raised))
        if allowed(pose):
            return pose
    return hanging(side)


def _vector(values: NDArray[Any]) -> Vector:
    x, y, z = (float(value) for value in values)
    return x, y, z


def _poses() -> dict[str, dict[str, Angles]]:
    """Named poses by side."""
    made = {"hanging": {side: hanging(side) for side in SIDES}}
    for name, hold in HOLDS.items():
        made[name] = {side: arm(side, hold) for side in SIDES}
    for name, (left, right) in PAIRS.items():
        made[name] = {"left": arm("left", left), "right": arm("right", right)}
    return made


POSES = _poses()
"""Poses by name and side: angles of all joints of that arm."""
