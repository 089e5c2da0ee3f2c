"""The street's geometry: which point of road, kerb, pavement or wall each pixel shows, and of what."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mirror_training.film_character.camera import Camera
from mirror_training.film_character.street_surfaces import bricks, pavement, setts

__all__ = ["KERB_M", "KERB_Z", "WALL_Z", "StreetPoints", "street_points"]

Field = NDArray[np.float32]
Mask = NDArray[np.bool_]
WALL_Z = -2.7  # metres
KERB_Z, KERB_M = -1.45, 0.13  # where the pavement begins, and its height
KERBSTONE_M = 0.9


@dataclass(frozen=True, slots=True, eq=False)
class StreetPoints:
    """The points that the pixels of a picture show; the arrays may be painted on.

    Attributes:
        place: float32 [s, s, 3], metres.
        normal: float32 [s, s, 3], of length 1.
        colour: float32 [s, s, 3], share of light sent back.
        wet: float32 [s, s], 0 … 1.
        ground: bool [s, s], road and pavement.
        wall: bool [s, s].
        eye: float32 [3], where the camera is.
    """

    place: Field
    normal: Field
    colour: Field
    wet: Field
    ground: Mask
    wall: Mask
    eye: Field


def street_points(camera: Camera, size: int) -> StreetPoints:
    """The points in the pixels of a picture of `size` pixels."""
    place, part = _hits(camera, size)
    x, y, z = (np.ascontiguousarray(place[..., i]) for i in range(3))
    level = np.ones_like(x)
    colour, normal, wet = np.zeros_like(place), np.zeros_like(place), np.zeros_like(x)
    for name, tile in (("road", setts()), ("pavement", pavement())):
        here = part[name]
        found, lean, moist = tile.look(x, -z)
        colour[here], wet[here] = found[here], moist[here]
        normal[here] = np.stack([-lean[..., 0], level, -lean[..., 1]], axis=2)[here]  # its down is +z
    found, lean, moist = bricks().look(x, y)
    here = part["wall"]
    colour[here], wet[here] = found[here], moist[here]
    normal[here] = np.stack([-lean[..., 0], lean[..., 1], level], axis=2)[here]
    here = part["kerb"]
    # Kerbstones are dirty below and worn round at their upper edge.
    joint = np.abs(np.mod(x / KERBSTONE_M + 0.3, 1.0) - 0.5) > 0.492
    colour[here] = (0.075 * (0.55 + 0.45 * y / KERB_M) * np.where(joint, 0.3, 1.0))[here][:, None]
    wet[here] = 0.2
    rounded = np.clip((y / KERB_M - 0.72) / 0.28, 0.0, 1.0)
    normal[here] = np.stack([0.0 * level, 0.1 + 1.6 * rounded**2, level], axis=2)[here]
    normal /= np.linalg.norm(normal, axis=2, keepdims=True)
    eye = camera.position.astype(np.float32)
    return StreetPoints(place, normal, colour, wet, part["road"] | part["pavement"], part["wall"], eye)


def _hits(camera: Camera, size: int) -> tuple[Field, dict[str, Mask]]:
    """Where the pixels' rays meet the street, and which part of it."""
    rays, eye = camera.rays(size), camera.position
    place = np.empty_like(rays)
    free = np.ones((size, size), bool)
    down = np.minimum(rays[..., 1], -1e-9)
    to_road, to_pavement = -eye[1] / down, (KERB_M - eye[1]) / down
    to_kerb, to_wall = np.full_like(down, eye[2] - KERB_Z), np.full_like(down, eye[2] - WALL_Z)
    part = {}
    for name, far, when in (
        ("road", to_road, eye[2] - to_road > KERB_Z),
        ("kerb", to_kerb, eye[1] + to_kerb * rays[..., 1] < KERB_M),
        ("pavement", to_pavement, eye[2] - to_pavement > WALL_Z),
        ("wall", to_wall, free.copy()),
    ):
        here = free & when
        part[name] = here
        place[here] = eye + rays[here] * far[here][:, None]
        free &= ~here
    return place.astype(np.float32), part
