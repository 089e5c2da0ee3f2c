"""The coat's belt with its buckle, its buttons and its pockets."""

from __future__ import annotations

import numpy as np

from mirror_training.film_character.coat import (
    BELT_Y,
    TRUNK_ROUNDNESS,
    skirt_surface,
    skirt_weights,
    trunk_surface,
    trunk_weights,
)
from mirror_training.film_character.lofts import grid, interpolated, rings
from mirror_training.film_character.mesh import Part, Weights
from mirror_training.film_character.rotations import Floats

__all__ = ["details"]

Vector = tuple[float, float, float]
BELT, BUCKLE, BUTTON, WELT = "belt", "buckle", "button", "lapel"
BUTTON_M = 0.0125  # radius
BUTTON_VERTICES = 44
ON_TRUNK = ((-0.088, 1.155, 0.002), (0.070, 1.155, 0.002), (0.070, 1.265, 0.002), (-0.088, 1.265, 0.013))
"""x, y and distance from the cloth of the trunk's buttons."""
BELT_PROFILE = (  # below and above its middle, half width, front and back, in metres
    (-0.026, 0.166, 0.123, -0.106),
    (-0.024, 0.170, 0.127, -0.110),
    (0.018, 0.168, 0.126, -0.109),
    (0.020, 0.160, 0.118, -0.102),
)
BOX_PROFILE = ((-1.0, 0.86, 0.6), (-0.9, 1.0, 1.0), (0.9, 1.0, 1.0), (1.0, 0.86, 0.6))
"""Height, width and depth of a flat box with soft edges, as shares of half its size."""


def _at_the_waist(vertices: Floats) -> Weights:
    """The belt moves as one height of the trunk."""
    heights = np.full(len(vertices), 1.05)
    return trunk_weights(np.stack([vertices[:, 0], heights, vertices[:, 2]], axis=1))


def _box(middle: Vector, half: Vector, material: str, lean: float = 0.0) -> Part:
    """A flat box on the belt."""
    share = np.array(BOX_PROFILE)
    wide, high, deep = half[0] * share[:, 1], half[1] * share[:, 0], half[2] * share[:, 2]
    points = rings(np.column_stack([high, wide, deep, -deep]), 16, 6.0)
    points[..., 0] += lean * points[..., 1] / half[1]
    vertices, triangles, texture = grid(points + np.array(middle), first_end=True, last_end=True)
    return Part(vertices, triangles, texture, _at_the_waist(vertices), material)


def _belt() -> list[Part]:
    table = np.array(BELT_PROFILE) + np.array([BELT_Y, 0.0, 0.0, 0.0])
    vertices, triangles, texture = grid(rings(interpolated(table.tolist(), 6), 48, TRUNK_ROUNDNESS))
    return [
        Part(vertices, triangles, texture, _at_the_waist(vertices), BELT),
        _box((0.004, BELT_Y - 0.003, 0.133), (0.030, 0.027, 0.006), BUCKLE),
        _box((0.004, BELT_Y - 0.003, 0.136), (0.021, 0.018, 0.005), BELT),
        _box((-0.062, BELT_Y - 0.050, 0.119), (0.017, 0.045, 0.006), BELT, lean=-0.012),  # its loose end
    ]


def _button(middle: Floats) -> Floats:
    """A dome that faces forwards."""
    angle = np.linspace(-np.pi, np.pi, 11)
    radius, out = np.array([(1.0, 0.0), (0.95, 0.5), (0.70, 0.9), (0.02, 1.0)]).T[..., None] * BUTTON_M
    x, y, z = np.broadcast_arrays(radius * np.cos(angle), radius * np.sin(angle), 0.48 * out)
    return np.asarray(np.stack([x, y, z], axis=2) + middle)


def _buttons() -> list[Part]:
    """Two rows of buttons; the upper one on the wearer's right sits on the storm flap."""
    parts = []
    for x, y, out_m in ON_TRUNK:
        middle = trunk_surface(np.array(x), np.array(y), out_m)
        parts.append(_button_part(middle, trunk_weights(np.broadcast_to(middle, (BUTTON_VERTICES, 3)))))
    for x in (-0.095, 0.078):
        for y in (0.945, 0.830):
            middle = skirt_surface(np.arcsin(np.array(x / 0.2)), np.array(y), 0.008)
            parts.append(_button_part(middle, skirt_weights(np.broadcast_to(middle, (BUTTON_VERTICES, 3)))))
    return parts


def _button_part(middle: Floats, weights: Weights) -> Part:
    vertices, triangles, texture = grid(_button(middle))
    return Part(vertices, triangles, texture, weights, BUTTON)


def _pockets() -> list[Part]:
    """Slanting welts on the hips."""
    along, across = np.linspace(0.0, 1.0, 8)[:, None], np.linspace(0.0, 1.0, 6)[None, :]
    height = np.broadcast_to(0.965 - 0.165 * along, (8, 6))
    swell = (
        np.sin(np.pi * np.clip(across, 0.08, 0.92)) ** 0.4 * np.sin(np.pi * np.clip(along, 0.05, 0.95)) ** 0.3
    )
    parts = []
    for sign in (-1.0, 1.0):
        angle = sign * (0.72 + 0.20 * along) + (across - 0.5) * 0.24
        vertices, triangles, texture = grid(skirt_surface(angle, height, 0.010 * swell)[::-1])
        parts.append(Part(vertices, triangles, texture, skirt_weights(vertices), WELT))
    return parts


def details() -> list[Part]:
    """All of it."""
    return [*_belt(), *_buttons(), *_pockets()]
