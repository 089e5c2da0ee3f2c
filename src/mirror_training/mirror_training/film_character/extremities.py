"""Trousers, shoes, hands and the wrist watch, in the rest pose with what carries them."""

from __future__ import annotations

import numpy as np

from mirror_training.film_character.lofts import grid, interpolated, rings, smoothstep, transformed, tube
from mirror_training.film_character.mesh import Part
from mirror_training.film_character.rotations import Floats, about
from mirror_training.film_character.skeleton import (
    BONE_INDEX,
    FINGERS,
    HAND_SCALE,
    THUMB_M,
    Bones,
    side_sign,
)

__all__ = ["hand", "leg", "shoe", "watch"]

LEG_TABLE = (  # below the hip joint, half width, half depth, how far forward; the coat hides what is above it
    (0.130, 0.040, 0.040, 0.000),
    (0.170, 0.058, 0.060, 0.002),
    (0.250, 0.068, 0.072, 0.004),
    (0.420, 0.066, 0.070, 0.006),
    (0.520, 0.063, 0.068, -0.006),
    (0.650, 0.060, 0.068, -0.010),
    (0.780, 0.060, 0.072, -0.004),
    (0.822, 0.062, 0.078, 0.004),
    (0.852, 0.058, 0.078, 0.008),
)
SHOE_TABLE = (  # z, half width, top and bottom (y) in the foot's frame
    (-0.082, 0.012, -0.050, -0.078),
    (-0.076, 0.026, -0.028, -0.085),
    (-0.055, 0.034, -0.004, -0.085),
    (-0.010, 0.036, 0.018, -0.085),
    (0.035, 0.038, 0.004, -0.085),
    (0.070, 0.043, -0.026, -0.085),
    (0.110, 0.048, -0.044, -0.085),
    (0.150, 0.046, -0.050, -0.084),
    (0.180, 0.036, -0.055, -0.083),
    (0.197, 0.020, -0.062, -0.081),
    (0.202, 0.008, -0.068, -0.076),
)
PALM_TABLE = (  # below the wrist, half thickness, half width, how far forward
    (-0.045, 0.0240, 0.0290, 0.000),
    (-0.010, 0.0215, 0.0270, 0.000),
    (0.015, 0.0190, 0.0290, 0.002),
    (0.045, 0.0170, 0.0370, 0.004),
    (0.075, 0.0150, 0.0415, 0.002),
    (0.094, 0.0125, 0.0400, 0.000),
    (0.103, 0.0070, 0.0330, 0.000),
)
FINGER_RADII_M = {"index": 0.0092, "middle": 0.0095, "ring": 0.0090, "pinky": 0.0078, "thumb": 0.0112}


def leg(side: str, rest: Bones) -> Part:
    """A trouser leg with its crease and its break over the shoe."""
    points = tube(LEG_TABLE, 26, 18)
    below = -points[..., 1]
    angle = np.linspace(-np.pi, np.pi, points.shape[1])[None, :]
    wrinkle = np.sin(115.0 * below + 1.2 * np.cos(angle)) * (
        np.exp(-(((below - 0.79) / 0.05) ** 2)) + 0.5 * np.exp(-(((below - 0.43) / 0.06) ** 2))
    )
    crease = 0.05 * np.exp(-((angle / 0.22) ** 2)) * smoothstep(0.15, 0.4, below)
    grow = 1.0 + 0.05 * wrinkle + crease
    middle = points.mean(axis=1, keepdims=True)
    points = middle + (points - middle) * np.stack([grow, np.ones_like(grow), grow], axis=2)
    vertices, triangles, texture = grid(points, first_end=True, last_end=True)
    below = -vertices[:, 1]
    knee = smoothstep(0.365, 0.485, below)
    weights = {f"{side}_thigh": 1.0 - knee, f"{side}_shin": knee}
    index = BONE_INDEX[f"{side}_thigh"]
    world = transformed(vertices, rest.rotations[index], rest.origins[index])
    return Part(world, triangles, texture, weights, "trousers")


def shoe(side: str, rest: Bones) -> Part:
    """A shoe: rings along the foot with a flat sole and a heel."""
    table = interpolated(SHOE_TABLE, 26)[::-1]
    angle = np.linspace(-np.pi, np.pi, 23)
    sine, cosine = np.sin(angle), np.cos(angle)
    z, half, top, bottom = (table[:, i, None] for i in range(4))
    # Upwards it narrows to the laces; downwards it is nearly square.
    across = np.where(cosine > 0, sine * (1.0 - 0.35 * cosine), np.sign(sine) * np.abs(sine) ** 0.45)
    along = np.where(cosine > 0, cosine, -(np.abs(cosine) ** 0.45))
    y = (top + bottom) / 2 + (top - bottom) / 2 * along
    arch = 0.010 * np.exp(-(((z - 0.03) / 0.025) ** 2)) * (along < -0.8)
    toe_in = -0.010 * side_sign(side) * smoothstep(0.08, 0.20, z)
    points = np.stack(np.broadcast_arrays(half * across + toe_in, y + arch, z), axis=2)
    vertices, triangles, texture = grid(points, first_end=True, last_end=True)
    index = BONE_INDEX[f"{side}_foot"]
    world = transformed(vertices, rest.rotations[index], rest.origins[index])
    return Part(world, triangles, texture, {f"{side}_foot": 1.0}, "shoe")


def _finger(name: str, lengths: tuple[float, ...]) -> tuple[Floats, Floats]:
    """Rings of a straight finger that hangs from its knuckle, and how far below it each ring is."""
    radius = HAND_SCALE * FINGER_RADII_M[name]
    total = sum(lengths)
    table = [
        (-0.006, 0.9 * radius, 0.9 * radius, 0.0), (0.0, radius, radius, 0.0),
        (lengths[0], 0.95 * radius, 0.95 * radius, 0.0), (total - 0.012, 0.84 * radius, 0.88 * radius, 0.0),
        (total - 0.004, 0.66 * radius, 0.70 * radius, 0.0), (total, 0.1 * radius, 0.1 * radius, 0.0),
    ]  # fmt: skip
    points = tube(table, 9, 8)
    return points, -points[..., 1]


def hand(side: str, rest: Bones) -> list[Part]:
    """Palm and fingers; the palm looks to the body, the thumb forwards."""
    sign = side_sign(side)
    bone = f"{side}_hand"
    index = BONE_INDEX[bone]
    points = HAND_SCALE * tube(PALM_TABLE, 14, 16)
    vertices, triangles, texture = grid(points, first_end=True, last_end=True)
    wrist = smoothstep(-0.02, 0.02, -vertices[:, 1])
    world = transformed(vertices, rest.rotations[index], rest.origins[index])
    parts = [Part(world, triangles, texture, {bone: wrist, f"{side}_forearm_mid": 1.0 - wrist}, "skin")]
    for name in (*FINGERS, "thumb"):
        lengths = THUMB_M if name == "thumb" else FINGERS[name][1]
        points, below = _finger(name, lengths)
        vertices, triangles, texture = grid(points, first_end=True)
        below = np.append(below.ravel(), below.max())
        second = smoothstep(lengths[0] - 0.006, lengths[0] + 0.006, below)
        joint = lengths[0] + lengths[1]
        third = smoothstep(joint - 0.005, joint + 0.005, below)
        weights = {
            f"{side}_{name}1": 1.0 - second,
            f"{side}_{name}2": second * (1.0 - third),
            f"{side}_{name}3": third,
        }
        first = BONE_INDEX[f"{side}_{name}1"]
        world = transformed(vertices, rest.rotations[first], rest.origins[first])
        parts.append(Part(world, triangles, texture, weights, "skin"))
    ball = np.array([[-0.9, 0.1], [-0.5, 0.8], [0.0, 1.0], [0.5, 0.85], [0.9, 0.2]])
    table = np.column_stack([0.030 * ball[:, 0], 0.012 * ball[:, 1], 0.013 * ball[:, 1], -0.013 * ball[:, 1]])
    thumb_ball = HAND_SCALE * transformed(
        rings(table, 12), about("x", -30.0), np.array([-0.009 * sign, -0.036, 0.020])
    )
    vertices, triangles, texture = grid(thumb_ball, first_end=True, last_end=True)
    world = transformed(vertices, rest.rotations[index], rest.origins[index])
    parts.append(Part(world, triangles, texture, {bone: 1.0}, "skin"))
    return parts


def watch(rest: Bones) -> list[Part]:
    """A watch on the left wrist: strap and dial on the back of the hand's side."""
    index = BONE_INDEX["left_hand"]
    strap = rings(np.array([(-0.012, 0.0235, 0.0290, -0.0290), (0.006, 0.0235, 0.0290, -0.0290)]), 20)
    angle = np.linspace(-np.pi, np.pi, 15)
    steps = np.array([(1.0, 0.0), (0.98, 0.9), (0.80, 1.0), (0.02, 1.0)])
    radius, out = steps[:, :1], steps[:, 1:]
    dial = np.stack(
        np.broadcast_arrays(
            0.0205 + 0.007 * out, -0.003 + 0.0145 * radius * np.sin(angle), -0.0145 * radius * np.cos(angle)
        ),
        axis=2,
    )
    parts = []
    for points, material in ((strap, "belt"), (dial, "dial")):
        vertices, triangles, texture = grid(HAND_SCALE * points)
        world = transformed(vertices, rest.rotations[index], rest.origins[index])
        parts.append(Part(world, triangles, texture, {"left_hand": 1.0}, material))
    return parts
