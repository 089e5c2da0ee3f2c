"""The street lamp in the picture: base, post, cross-bar and a lantern with lit panes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mirror_training.film_character.camera import Camera
from mirror_training.film_character.iron import cylinder, iron
from mirror_training.film_character.street_points import KERB_M
from mirror_training.film_character.street_wall import rectangle
from mirror_training.opencv import cv2

__all__ = ["street_lamp"]

Field = NDArray[np.float32]
AXIS = (-1.24, -1.72)  # x and z
POST = (  # height and radius, in metres
    (0.13, 0.105), (0.16, 0.105), (0.20, 0.075), (0.42, 0.066), (0.46, 0.078), (0.50, 0.078), (0.54, 0.045),
    (1.25, 0.036), (1.27, 0.050), (1.31, 0.050), (1.33, 0.034), (1.86, 0.030), (1.88, 0.055), (1.93, 0.055),
)  # fmt: skip
CAP = ((2.22, 0.185), (2.24, 0.185), (2.26, 0.15), (2.36, 0.05), (2.40, 0.025), (2.44, 0.032), (2.48, 0.0))
GLASS = (1.93, 2.23)  # lower and upper end of the panes
FLAME_Y = 2.07
GLASS_LIGHT = np.array((0.42, 0.78, 1.05), np.float32)


def _between(y: Field, low: float, high: float) -> NDArray[np.bool_]:
    return (y > low) & (y < high)


def _panes(x: Field, y: Field) -> tuple[Field, Field]:
    """Coverage of the lantern's panes, which widen upwards between iron ribs, and their light."""
    half = 0.085 + 0.070 * np.clip((y - GLASS[0]) / (GLASS[1] - GLASS[0]), 0, 1)
    cover = np.clip((half - np.abs(x)) / 0.004, 0, 1) * _between(y, *GLASS)
    ribs = np.abs(np.abs(x) - half * 0.97) < 0.010
    ribs |= (np.abs(np.abs(x) - half * 0.34) < 0.006) | (np.abs(y - GLASS[0] - 0.01) < 0.010)
    flame = np.exp(-((x / 0.055) ** 2) - ((y - FLAME_Y) / 0.075) ** 2)
    light = (1.1 + 5.0 * flame)[..., None] * GLASS_LIGHT
    return np.asarray(cover, np.float32)[..., None], np.where(ribs[..., None], 0.03, light).astype(np.float32)


def street_lamp(light: Field, camera: Camera, lamp: float) -> Field:
    """Draw the street lamp over the light of what is behind it.

    Args:
        light: float32 [s, s, 3].
        camera: where from.
        lamp: 1 with the swinging lamp, 0 without it.
    """
    size = light.shape[0]
    depth = camera.distance_m - AXIS[1]
    rays = camera.rays(size)
    x = (rays[..., 0] * depth - AXIS[0]).astype(np.float32)
    y = (camera.height_m + rays[..., 1] * depth).astype(np.float32)
    heights, radii = np.array(POST).T
    cover, across, ahead = cylinder(x, np.interp(y, heights, radii).astype(np.float32))
    cover = cover * _between(y, heights[0], heights[-1])
    foot = np.exp(-((x / 0.16) ** 2) - ((y - KERB_M) / 0.03) ** 2) * (y < KERB_M + 0.03)
    light = light * (1.0 - 0.7 * foot)[..., None]
    on = np.clip(cover + rectangle(x, y, (-0.20, 0.20, 1.775, 1.800)), 0, 1)[..., None]
    light = light * (1 - on) + iron(across, ahead, AXIS, y, lamp) * on
    pane, glass = _panes(x, y)
    light = light * (1 - pane) + glass * pane
    half = np.interp(y, *np.array(CAP).T)
    cap = (np.clip((half - np.abs(x)) / 0.004, 0, 1) * _between(y, CAP[0][0], CAP[-1][0]))[..., None]
    light = light * (1 - cap) + (0.012 + 0.02 * np.clip(x / 0.15, 0, 1))[..., None] * cap
    glow = cv2.GaussianBlur(np.asarray(glass * pane, np.float32), (0, 0), size / 60)
    return np.asarray(light + 0.25 * glow, np.float32)
