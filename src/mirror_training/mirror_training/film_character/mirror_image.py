"""The character's mirror image on the wet ground."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_training.film_character.camera import Camera
from mirror_training.film_character.street import Street
from mirror_training.opencv import cv2

__all__ = ["mirror_image"]

Field = NDArray[np.float32]
RIPPLE = 0.30  # how much of the stones' lean turns the mirrored rays
BLUR_PX = 0.006  # of the picture's side: the stones' roughness


@lru_cache(maxsize=4)
def _ground(street: Street, camera: Camera) -> tuple[slice, Field, Field, Field]:
    """Rows of the picture that show wet ground, their places, mirrored rays and how much they mirror."""
    rows = np.flatnonzero(street.mirror.max(axis=1) > 0.004)
    part = slice(int(rows[0]), int(rows[-1]) + 1) if rows.size else slice(0, 0)
    place = street.place[part]
    ray = place - camera.position.astype(np.float32)
    ray /= np.linalg.norm(ray, axis=2, keepdims=True)
    lean = street.ripple[part] * RIPPLE
    normal = np.stack([lean[..., 0], np.ones_like(lean[..., 0]), lean[..., 1]], axis=2)
    normal /= np.linalg.norm(normal, axis=2, keepdims=True)
    out = ray - 2.0 * (ray * normal).sum(axis=2, keepdims=True) * normal
    return part, place, np.asarray(out, np.float32), street.mirror[part]


def mirror_image(street: Street, camera: Camera, colour: Field, body: Field, z: float) -> tuple[Field, Field]:
    """What the ground mirrors of the character, which counts as flat and upright for that.

    Args:
        street: with the wet ground.
        camera: sees it.
        colour: float32 [s, s, 3], the character on black.
        body: float32 [s, s], 0 … 1, where it is.
        z: how far in front it stands, in metres.

    Returns:
        (mirrored, share): float32 [s, s, 3] to be added after the ground was darkened by float32 [s, s].
    """
    size = body.shape[0]
    mirrored, share = np.zeros_like(colour), np.zeros_like(body)
    part, place, out, strength = _ground(street, camera)
    if not place.size:
        return mirrored, share
    away = np.minimum(out[..., 2], -0.05)
    along = (z - place[..., 2]) / away
    hit = place + out * along[..., None]
    seen: Any = camera.project(hit, size).astype(np.float32)
    sigma = max(BLUR_PX * size, 0.5)
    picture = cv2.GaussianBlur(np.dstack([colour, body]), (0, 0), sigma / 2, sigmaY=sigma)
    found = cv2.remap(picture, seen[..., 0] - 0.5, seen[..., 1] - 0.5, cv2.INTER_LINEAR)
    weight = np.where(along > 0.0, strength, 0.0)
    mirrored[part], share[part] = found[..., :3] * weight[..., None], found[..., 3] * weight
    return mirrored, share
