"""The character's bones: lengths, names, and where they are for a state of the body (forward kinematics)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_training.film_character.angles import SIDES, BodyState
from mirror_training.film_character.rotations import Floats, about, swing

__all__ = [
    "ANKLE_HEIGHT_M",
    "BONE_INDEX",
    "BONE_NAMES",
    "FINGERS",
    "FOREARM_M",
    "HAND_SCALE",
    "HEAD_SCALE",
    "HIP",
    "SHIN_M",
    "SHOULDER",
    "THIGH_M",
    "THUMB_M",
    "UPPER_ARM_M",
    "Bones",
    "forward",
    "side_sign",
]

# Lengths in metres of a man of 1.80 m. Offsets are of the left side, from the parent's origin in its frame.
SPINE = np.array([0.0, 0.13, -0.005])  # from the middle between the hips
CHEST = np.array([0.0, 0.18, 0.0])
NECK = np.array([0.0, 0.25, -0.015])
HEAD = np.array([0.0, 0.105, 0.018])
CLAVICLE = np.array([0.030, 0.185, 0.0])
SHOULDER = np.array([0.160, 0.005, -0.010])
UPPER_ARM_M = 0.285
FOREARM_M = 0.255
HIP = np.array([0.095, 0.0, 0.0])
THIGH_M = 0.425
SHIN_M = 0.405
ANKLE_HEIGHT_M = 0.085  # of the ankle joint above the ground, shoe included

HEAD_SCALE = 1.12  # larger than life, as with drawn characters: the face shows at 256 pixels
HAND_SCALE = 1.12
_LIFE_SIZE = {
    "index": ((0.004, -0.092, 0.030), (0.042, 0.025, 0.020)),
    "middle": ((0.005, -0.096, 0.010), (0.046, 0.028, 0.021)),
    "ring": ((0.004, -0.092, -0.010), (0.042, 0.026, 0.020)),
    "pinky": ((0.002, -0.083, -0.028), (0.033, 0.020, 0.018)),
}
FINGERS = {
    name: (HAND_SCALE * np.array(knuckle), tuple(HAND_SCALE * length for length in lengths))
    for name, (knuckle, lengths) in _LIFE_SIZE.items()
}
"""Knuckle in the hand's frame and the lengths of the three bones, in metres."""
THUMB = HAND_SCALE * np.array([-0.006, -0.030, 0.026])
THUMB_M = (HAND_SCALE * 0.042, HAND_SCALE * 0.032, HAND_SCALE * 0.026)
CURL_SHARES = (75.0, 95.0, 60.0)  # degrees that the three joints of a finger bend in a fist
SPREAD = {"index": 5.0, "middle": 1.0, "ring": -3.0, "pinky": -8.0}  # degrees between open fingers

_SIDE_BONES = [
    "clavicle", "arm_top", "arm_mid", "arm", "forearm", "forearm_mid", "hand", "thigh", "shin", "foot",
    *(f"{name}{joint}" for name in ("thumb", *FINGERS) for joint in (1, 2, 3)),
]  # fmt: skip
BONE_NAMES = (
    "pelvis", "hang", "spine", "chest", "neck", "head",
    *(f"{side}_{name}" for side in SIDES for name in _SIDE_BONES),
)  # fmt: skip
"""arm_top swings without the arm's twist, arm_mid has half of it; hang is a pelvis that stays upright."""
BONE_INDEX = {name: index for index, name in enumerate(BONE_NAMES)}


def side_sign(side: str) -> float:
    """+1 for the left side, whose x is positive, −1 for the right."""
    return 1.0 if side == "left" else -1.0


@dataclass(frozen=True, slots=True, eq=False)
class Bones:
    """Where the bones are.

    Attributes:
        rotations: float64 [bones, 3, 3], from a bone's frame to the world.
        origins: float64 [bones, 3], a bone's upper joint in the world, in metres.
    """

    rotations: Floats
    origins: Floats

    def place(self, bone: str, offset: NDArray[Any] | tuple[float, float, float]) -> Floats:
        """Points [..., 3] of a bone's frame in the world."""
        index = BONE_INDEX[bone]
        return np.asarray(np.asarray(offset) @ self.rotations[index].T + self.origins[index])

    def local(self, bone: str, points: NDArray[Any]) -> Floats:
        """Points [..., 3] of the world in a bone's frame."""
        index = BONE_INDEX[bone]
        return np.asarray((np.asarray(points) - self.origins[index]) @ self.rotations[index])


class _Tree:
    """Bones being placed one after the other."""

    def __init__(self) -> None:
        self.rotations = np.empty((len(BONE_NAMES), 3, 3))
        self.origins = np.empty((len(BONE_NAMES), 3))

    def put(self, name: str, rotation: Floats, origin: Floats) -> None:
        index = BONE_INDEX[name]
        self.rotations[index], self.origins[index] = rotation, origin

    def hang(self, name: str, parent: str, offset: Floats, turn: Floats) -> None:
        index = BONE_INDEX[parent]
        rotation = self.rotations[index]
        self.put(name, rotation @ turn, self.origins[index] + rotation @ offset)


def forward(state: BodyState) -> Bones:
    """Forward kinematics: where each bone is for a state of the body."""
    tree = _Tree()
    turn = about("y", state["turn"])
    tree.put("pelvis", turn @ about("x", state["tip"]) @ about("z", -state["list"]), state.position)
    tree.put("hang", turn, state.position)
    half = (
        about("y", state["twist"] / 2) @ about("x", state["bend"] / 2) @ about("z", -state["bend_side"] / 2)
    )
    tree.hang("spine", "pelvis", SPINE, half)
    tree.hang("chest", "spine", CHEST, half)
    for name, parent, offset, share in (("neck", "chest", NECK, 0.4), ("head", "neck", HEAD, 0.6)):
        turned = about("y", share * state["head_turn"]) @ about("x", share * state["head_nod"])
        tree.hang(name, parent, offset, turned @ about("z", -share * state["head_tilt"]))
    for side in SIDES:
        _arm(tree, state, side)
        _fingers(tree, state, side)
        _leg(tree, state, side)
    return Bones(tree.rotations, tree.origins)


def _mirrored(offset: Floats, sign: float) -> Floats:
    return offset * (sign, 1.0, 1.0)


def _arm(tree: _Tree, state: BodyState, side: str) -> None:
    sign = side_sign(side)
    clavicle = about("y", -sign * state[f"{side}_shoulder_forward"])
    clavicle = clavicle @ about("z", sign * state[f"{side}_shoulder_raise"])
    tree.hang(f"{side}_clavicle", "chest", _mirrored(CLAVICLE, sign), clavicle)
    swung = swing(-state[f"{side}_arm_forward"], sign * state[f"{side}_arm_out"])
    twist = -sign * state[f"{side}_arm_twist"]
    for name, share in (("arm_top", 0.0), ("arm_mid", 0.5), ("arm", 1.0)):
        turned = swung @ about("y", share * twist)
        tree.hang(f"{side}_{name}", f"{side}_clavicle", _mirrored(SHOULDER, sign), turned)
    elbow = np.array([0.0, -UPPER_ARM_M, 0.0])
    tree.hang(f"{side}_forearm", f"{side}_arm", elbow, about("x", -state[f"{side}_elbow"]))
    pronation = -sign * state[f"{side}_forearm_twist"]
    tree.hang(f"{side}_forearm_mid", f"{side}_forearm", np.zeros(3), about("y", pronation / 2))
    wrist = about("z", -sign * state[f"{side}_wrist_bend"]) @ about("x", -state[f"{side}_wrist_side"])
    down = np.array([0.0, -FOREARM_M, 0.0])
    tree.hang(f"{side}_hand", f"{side}_forearm", down, about("y", pronation) @ wrist)


def _fingers(tree: _Tree, state: BodyState, side: str) -> None:
    sign = side_sign(side)
    curl = state[f"{side}_curl"] / 100.0
    straight = state[f"{side}_point"] / 100.0
    hand = f"{side}_hand"
    for name, (knuckle, lengths) in FINGERS.items():
        bent = curl * (1.0 - straight) if name == "index" else curl
        parent, offset = hand, _mirrored(knuckle, sign)
        for joint, (share, length) in enumerate(zip(CURL_SHARES, lengths, strict=True), 1):
            turned = about("z", -sign * bent * share)
            if joint == 1:
                turned = turned @ about("x", -SPREAD[name] * (1.0 - bent))
            tree.hang(f"{side}_{name}{joint}", parent, offset, turned)
            parent, offset = f"{side}_{name}{joint}", np.array([0.0, -length, 0.0])
    # The thumb stands off forward and inward, and lies over the fingers in a fist.
    base = about("x", -48.0 + 22.0 * curl) @ about("z", -sign * (12.0 + 28.0 * curl))
    tree.hang(f"{side}_thumb1", hand, _mirrored(THUMB, sign), base)
    for joint, share, length in ((2, 22.0, THUMB_M[0]), (3, 40.0, THUMB_M[1])):
        folded = about("x", 12.0 + 0.9 * curl * share) @ about("z", -sign * 0.6 * curl * share)
        tree.hang(f"{side}_thumb{joint}", f"{side}_thumb{joint - 1}", np.array([0.0, -length, 0.0]), folded)


def _leg(tree: _Tree, state: BodyState, side: str) -> None:
    sign = side_sign(side)
    thigh = swing(-state[f"{side}_thigh_forward"], sign * state[f"{side}_thigh_out"])
    thigh = thigh @ about("y", sign * state[f"{side}_thigh_twist"])
    tree.hang(f"{side}_thigh", "pelvis", _mirrored(HIP, sign), thigh)
    down = np.array([0.0, -THIGH_M, 0.0])
    tree.hang(f"{side}_shin", f"{side}_thigh", down, about("x", state[f"{side}_knee"]))
    foot = about("x", -state[f"{side}_ankle"]) @ about("z", sign * state[f"{side}_foot_side"])
    tree.hang(f"{side}_foot", f"{side}_shin", np.array([0.0, -SHIN_M, 0.0]), foot)
