"""Wet cast iron: upright round things of the street and the light on them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mirror_training.film_character.light import LANTERN, MOON, STANDARD_M

__all__ = ["cylinder", "iron"]

Field = NDArray[np.float32]
COLOUR = np.array((0.032, 0.030, 0.029), np.float32)
WET_LIGHT = np.array((0.8, 0.9, 1.0), np.float32)
LAMP_LIGHT = np.array((0.75, 0.95, 1.05), np.float32)


def cylinder(offset: Field, radius: Field | float) -> tuple[Field, Field, Field]:
    """Coverage, and the normal's x and z, of an upright cylinder by the distance from its axis."""
    share = offset / radius
    cover = np.clip((1.0 - np.abs(share)) * 6.0, 0.0, 1.0)
    across = np.clip(share, -1.0, 1.0)
    return np.asarray(cover), np.asarray(across), np.asarray(np.sqrt(1.0 - across**2))


def iron(across: Field, ahead: Field, axis: tuple[float, float], height: Field, lamp: float) -> Field:
    """Light from a round iron thing, lit by the lantern, the moon and the swinging lamp: float32 [..., 3].

    Args:
        across, ahead: the normal's x and z.
        axis: x and z of the thing, in metres.
        height: y, in metres.
        lamp: 1 with the swinging lamp, 0 without it.
    """
    light = np.full((*across.shape, 3), 0.02, np.float32)
    for source, share in ((LANTERN, 0.55), (MOON, 0.5)):
        x, z = source.position[0] - axis[0], source.position[2] - axis[1]
        square = x**2 + (source.position[1] - height) ** 2 + z**2 + 0.15
        facing = np.clip((across * x + ahead * z) / np.sqrt(square), 0.0, 1.0)
        strength = (share * STANDARD_M**2 * facing / square)[..., None]
        light += strength * np.asarray(source.colour, np.float32)
    front = np.clip(-0.35 * across + 0.75 * ahead, 0.0, 1.0)
    light += (0.55 * lamp * front)[..., None] * LAMP_LIGHT
    gleam = (0.012 + 0.05 * lamp) * np.exp(-(((across + 0.45) / 0.12) ** 2))
    gleam = gleam + 0.05 * np.exp(-(((across - 0.80) / 0.10) ** 2))
    return np.asarray(light * COLOUR + gleam[..., None] * WET_LIGHT, np.float32)
