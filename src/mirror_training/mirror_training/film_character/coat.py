"""The trench coat's cloth: trunk, skirt and sleeves, in the rest pose with what carries them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_training.film_character.lofts import grid, interpolated, rings, smoothstep, transformed, tube
from mirror_training.film_character.mesh import Part, Weights
from mirror_training.film_character.rotations import Floats
from mirror_training.film_character.skeleton import BONE_INDEX, Bones, side_sign

__all__ = [
    "BELT_Y",
    "COAT",
    "HEM_Y",
    "SKIRT",
    "SLEEVE_END_M",
    "skirt",
    "skirt_surface",
    "skirt_weights",
    "sleeve",
    "trunk",
    "trunk_surface",
    "trunk_weights",
]

COAT, SKIRT, SLEEVE = "coat", "coat_skirt", "coat_sleeve"
BELT_Y = 1.065  # heights in metres at rest, when the hip joints are at 0.915
HEM_Y = 0.42
SLEEVE_END_M = 0.512  # from the shoulder joint; the wrist is at 0.54

TRUNK_PROFILE = (
    (0.980, 0.160, 0.116, -0.100),
    (1.065, 0.153, 0.110, -0.094),
    (1.130, 0.160, 0.117, -0.100),
    (1.210, 0.173, 0.129, -0.110),
    (1.290, 0.184, 0.136, -0.120),
    (1.350, 0.190, 0.131, -0.124),
    (1.400, 0.194, 0.115, -0.120),
    (1.440, 0.190, 0.096, -0.110),
    (1.466, 0.170, 0.078, -0.098),
    (1.488, 0.122, 0.060, -0.088),
    (1.506, 0.084, 0.050, -0.081),
    (1.525, 0.064, 0.046, -0.076),
)
"""Height, half width, front and back of the trunk in the coat, in metres."""
TRUNK_ROUNDNESS = 2.35

SKIRT_PROFILE = (
    (HEM_Y, 0.248, 0.178, -0.185),
    (0.600, 0.226, 0.164, -0.166),
    (0.800, 0.203, 0.150, -0.146),
    (0.920, 0.186, 0.138, -0.130),
    (1.000, 0.166, 0.122, -0.108),
    (1.070, 0.155, 0.112, -0.096),
)
FOLDS = ((5, 0.45, 0.3), (8, 0.55, 1.9), (13, 0.25, 4.0))  # per turn, share, phase
FOLD_M = 0.017  # depth of the folds at the hem
FRONT_GAP = (0.10, -0.16)  # angles of the inner and the outer edge at the hem
FRONT_OVERLAP = (-0.16, 0.26)  # the same at the belt: there the outer flap lies over the inner one

SLEEVE_TABLE = (
    (-0.062, 0.020, 0.020, 0.000),
    (-0.056, 0.034, 0.038, 0.000),
    (-0.040, 0.048, 0.056, 0.000),
    (-0.012, 0.057, 0.068, 0.000),
    (0.030, 0.061, 0.073, 0.000),
    (0.090, 0.061, 0.071, 0.000),
    (0.160, 0.058, 0.065, 0.000),
    (0.225, 0.055, 0.059, -0.002),
    (0.285, 0.055, 0.058, -0.004),
    (0.350, 0.055, 0.056, 0.000),
    (0.440, 0.053, 0.052, 0.003),
    (SLEEVE_END_M, 0.053, 0.050, 0.004),
)
CAP_LEAN = 0.55  # how much the sleeve's head slopes outwards


def trunk_weights(points: NDArray[Any]) -> Weights:
    """What carries a place of the trunk."""
    x, y = points[..., 0], points[..., 1]
    chest = smoothstep(1.13, 1.33, y)
    pelvis = 1.0 - smoothstep(1.00, 1.16, y)
    spine = np.clip(1.0 - chest - pelvis, 0.0, 1.0)
    neck = 0.45 * smoothstep(1.485, 1.54, y) * chest
    weights: dict[str, NDArray[Any] | float] = {"pelvis": pelvis, "spine": spine, "neck": neck}
    left = smoothstep(0.06, 0.18, x) * smoothstep(1.30, 1.40, y) * (1.0 - smoothstep(1.47, 1.52, y))
    right = smoothstep(0.06, 0.18, -x) * smoothstep(1.30, 1.40, y) * (1.0 - smoothstep(1.47, 1.52, y))
    weights["left_clavicle"], weights["right_clavicle"] = 0.75 * left * chest, 0.75 * right * chest
    weights["chest"] = np.clip(chest - neck - 0.75 * (left + right) * chest, 0.0, 1.0)
    return weights


def skirt_weights(points: NDArray[Any]) -> Weights:
    """What carries a place of the skirt: its front lies on the thighs, its back hangs from the pelvis."""
    x, y, z = points[..., 0], points[..., 1], points[..., 2]
    front = smoothstep(-0.06, 0.10, z)
    down = 1.0 - smoothstep(0.50, 1.00, y)
    lap = 1.0 - smoothstep(0.70, 0.98, y)
    legs = front * 0.98 * lap + (1.0 - front) * 0.62 * down
    left = smoothstep(-0.10, 0.10, x)
    hangs = smoothstep(0.0, 0.25, down)
    hem = 0.85 * front * (1.0 - smoothstep(0.45, 0.56, y))  # falls over a bent knee
    return {
        "pelvis": (1.0 - legs) * (1.0 - hangs),
        "hang": (1.0 - legs) * hangs,
        "left_thigh": legs * left * (1.0 - hem),
        "right_thigh": legs * (1.0 - left) * (1.0 - hem),
        "left_shin": legs * left * hem,
        "right_shin": legs * (1.0 - left) * hem,
    }


def trunk_surface(x: NDArray[Any], y: NDArray[Any], out_m: NDArray[Any] | float) -> Floats:
    """Places on the trunk's front [..., 3] at some x and y, `out_m` in front of the cloth."""
    fine = interpolated(TRUNK_PROFILE, 80)
    half, front, back = (np.interp(y, fine[:, 0], fine[:, i]) for i in (1, 2, 3))
    sine = np.clip(np.abs(x) / half, 0.0, 0.995) ** (TRUNK_ROUNDNESS / 2)
    along = np.sqrt(1.0 - sine**2) ** (2.0 / TRUNK_ROUNDNESS)
    z = (front + back) / 2 + (front - back) / 2 * along
    return np.stack(np.broadcast_arrays(x, y, z + out_m), axis=-1)


def skirt_surface(angle: NDArray[Any], y: NDArray[Any], out_m: NDArray[Any] | float) -> Floats:
    """Places on the skirt [..., 3] at some angles (0 in front, + to the person's left) and heights."""
    fine = interpolated(SKIRT_PROFILE, 80)
    half, front, back = (np.interp(y, fine[:, 0], fine[:, i]) for i in (1, 2, 3))
    down = np.clip((BELT_Y - y) / (BELT_Y - HEM_Y), 0.0, 1.0)
    folds = sum(share * np.cos(count * angle + phase) for count, share, phase in FOLDS)
    out = out_m + FOLD_M * down**1.2 * folds
    sine, cosine = np.sin(angle), np.cos(angle)
    x = (half + out) * sine
    z = (front + back) / 2 + ((front - back) / 2 + out) * cosine
    return np.stack(np.broadcast_arrays(x, y, z), axis=-1)


def trunk() -> Part:
    """The coat's trunk from below the belt to the neck."""
    points = rings(interpolated(TRUNK_PROFILE, 24), 38, TRUNK_ROUNDNESS)
    vertices, triangles, texture = grid(points)
    return Part(vertices, triangles, texture, trunk_weights(vertices), COAT)


def skirt() -> Part:
    """The skirt: a strip round the body whose outer edge lies over its inner one in front."""
    heights = np.linspace(HEM_Y, 1.07, 18)[:, None]
    down = np.clip((BELT_Y - heights) / (BELT_Y - HEM_Y), 0.0, 1.0) ** 1.5
    inner = FRONT_OVERLAP[0] + (FRONT_GAP[0] - FRONT_OVERLAP[0]) * down
    outer = FRONT_OVERLAP[1] + (FRONT_GAP[1] - FRONT_OVERLAP[1]) * down + 2 * np.pi
    share = np.linspace(0.0, 1.0, 73)[None, :]
    angle = inner + (outer - inner) * share
    over = 0.010 * smoothstep(0.90, 0.97, share) - 0.004 * (1.0 - smoothstep(0.02, 0.06, share))
    points = skirt_surface(angle, np.broadcast_to(heights, angle.shape), over)
    vertices, triangles, texture = grid(points)
    return Part(vertices, triangles, texture, skirt_weights(vertices), SKIRT, two_sided=True)


def sleeve(side: str, rest: Bones) -> Part:
    """A sleeve with its creases and its cuff, whose end turns inwards."""
    points = tube(SLEEVE_TABLE, 32, 18)
    below = -points[..., 1]
    angle = np.linspace(-np.pi, np.pi, points.shape[1])[None, :]
    near_elbow = np.exp(-(((below - 0.285) / 0.085) ** 2))
    near_cuff = np.exp(-(((below - 0.47) / 0.05) ** 2))
    crease = np.sin(105.0 * below + 1.3 * np.sin(angle) + 0.8 * np.cos(2 * angle))
    grow = 1.0 + 0.055 * crease * (near_elbow + 0.6 * near_cuff)
    middle = points.mean(axis=1, keepdims=True)
    points = middle + (points - middle) * np.stack([grow, np.ones_like(grow), grow], axis=2)
    # The sleeve's head leans with the shoulder's slope: its outer side lies lower.
    lean = CAP_LEAN * (1.0 - smoothstep(-0.05, 0.10, below))
    points[..., 1] -= lean * points[..., 0] * side_sign(side)
    points[..., 0] -= 0.25 * lean * side_sign(side) * np.clip(-below, 0.0, None)
    opening = points[:1] * (0.74, 1.0, 0.74)
    inside = opening + np.array([0.0, 0.035, 0.0])
    points = np.concatenate([inside, opening, points])
    vertices, triangles, texture = grid(points, last_end=True)
    below = -vertices[:, 1]
    index = BONE_INDEX[f"{side}_arm"]
    top = 1.0 - smoothstep(-0.07, 0.05, below)
    low = smoothstep(0.225, 0.345, below)
    first, second = 1.0 - smoothstep(0.02, 0.13, below), smoothstep(0.10, 0.24, below)
    arm = 1.0 - low
    weights = {
        f"{side}_clavicle": 0.5 * top,
        f"{side}_arm_top": arm * first * (1.0 - 0.5 * top),
        f"{side}_arm_mid": arm * np.clip(1.0 - first - second, 0.0, 1.0),
        f"{side}_arm": arm * second,
        f"{side}_forearm": low,
    }
    world = transformed(vertices, rest.rotations[index], rest.origins[index])
    return Part(world, triangles, texture, weights, SLEEVE)
