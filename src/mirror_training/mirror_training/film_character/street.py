"""The night street behind the character: the still picture, lit once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mirror_core.frame import Image
from mirror_training.film_character.camera import Camera
from mirror_training.film_character.cloth import cloud
from mirror_training.film_character.film_look import VIGNETTE, vignette
from mirror_training.film_character.light import (
    AMBIENT_DOWN,
    AMBIENT_UP,
    LAMP,
    LANTERN,
    MOON,
    STANDARD_M,
    Light,
    airlight,
    cone,
    film_curve,
)
from mirror_training.film_character.street_lamp import street_lamp
from mirror_training.film_character.street_points import WALL_Z, StreetPoints, street_points
from mirror_training.film_character.street_wall import hang_on_wall, pipe
from mirror_training.opencv import cv2

__all__ = ["Street", "street"]

Field = NDArray[np.float32]
SAMPLES = 2  # per pixel, across and down
FOG = (0.034, 0.025, 0.018)
FOG_PER_M = 0.085
FOG_FROM_M = 4.5
ON_WALL = {"lantern": 0.50, "moon": 0.30}  # share of the lights that the street gets
ROAD_LIT = 1.7  # how much more of the lamp the road gets than the wall
MIRRORS = 1.5  # times more than water does
MIRRORED = 1.6  # times brighter what the road mirrors is
STEEP = 2.3  # mirrored rays rise so much more than they would: the road shows the lit wall and the lantern


@dataclass(frozen=True, slots=True, eq=False)
class Street:
    """The still picture, and what the character's shadow and mirror image need to know of it.

    Attributes:
        picture: uint8 [s, s, 3], with all lights.
        dark: uint8 [s, s, 3], the same without the swinging lamp.
        place: float32 [s, s, 3], the point of the street in each pixel, in metres.
        mirror: float32 [s, s], how much of what is behind it a wet ground mirrors, 0 … 1.
        ripple: float32 [s, s, 2], how far the ground's normal leans to x and to z.
    """

    picture: Image
    dark: Image
    place: Field
    mirror: Field
    ripple: Field


@lru_cache(maxsize=4)
def street(camera: Camera, size: int, dark_corners: float = VIGNETTE) -> Street:
    """The street as a camera sees it.

    Args:
        camera: where from.
        size: side of the picture in pixels.
        dark_corners: strength of the vignette, 0 for none.
    """
    fine = size * SAMPLES
    points = street_points(camera, fine)
    room = hang_on_wall(points)
    pool = cone(*np.moveaxis(points.place, 2, 0)) * np.where(points.ground, ROAD_LIT, 1.0)
    share = _mirror_share(points)
    corners = vignette(fine, dark_corners)[..., None]
    pictures = []
    for lamp in (1.0, 0.0):
        lights = [(LAMP, lamp * pool), (LANTERN, ON_WALL["lantern"]), (MOON, ON_WALL["moon"])]
        light = street_lamp(pipe(_radiance(points, lights) + room, points, lamp), camera, lamp)
        wet = MIRRORED * _mirrored_wall(points, light, camera)
        light += share[..., None] * (wet - light)
        light = _fogged(light, points) * corners
        shown = np.ascontiguousarray(np.moveaxis(film_curve(np.moveaxis(light, 2, 0)), 0, 2))
        small = cv2.resize(shown, (size, size), interpolation=cv2.INTER_AREA)
        pictures.append(np.rint(small * 255.0).astype(np.uint8))
    middle = slice(SAMPLES // 2, None, SAMPLES)
    lean = np.ascontiguousarray(points.normal[..., (0, 2)] * points.ground[..., None])
    mirror, ripple = (cv2.resize(each, (size, size), interpolation=cv2.INTER_AREA) for each in (share, lean))
    return Street(pictures[0], pictures[1], points.place[middle, middle].copy(), mirror, ripple)


def _view(points: StreetPoints) -> Field:
    """Directions from the points to the camera."""
    view = points.eye - points.place
    return np.asarray(view / np.linalg.norm(view, axis=2, keepdims=True))


def _radiance(points: StreetPoints, lights: Sequence[tuple[Light, Field | float]]) -> Field:
    """Light that the points send to the camera: scattered, and highlights of the lamps on what is wet."""
    view = _view(points)
    up = (0.5 + 0.5 * points.normal[..., 1])[..., None]
    light = np.asarray(AMBIENT_DOWN, np.float32) * (1 - up) + np.asarray(AMBIENT_UP, np.float32) * up
    beside_wall = np.clip((points.place[..., 2] - WALL_Z) / 0.5, 0.0, 1.0)
    corner = np.where(points.wall, np.clip(points.place[..., 1] / 0.7, 0.0, 1.0), beside_wall)
    light = light * (0.45 + 0.55 * corner)[..., None]
    mirrored = np.zeros_like(light)
    shine = 14.0 + 90.0 * points.wet
    gloss = points.wet * (0.15 + 1.6 * points.wet)
    for lamp, arrives in lights:
        towards = np.asarray(lamp.position, np.float32) - points.place
        square = (towards**2).sum(axis=2)
        towards /= np.sqrt(square)[..., None]
        facing = (points.normal * towards).sum(axis=2)
        strength = np.asarray(arrives, np.float32) * STANDARD_M**2 / np.maximum(square, 0.05)
        colour = np.asarray(lamp.colour, np.float32)
        light = light + (np.clip(facing, 0.0, None) * strength)[..., None] * colour
        half = towards + view
        half /= np.linalg.norm(half, axis=2, keepdims=True)
        spot = np.clip((points.normal * half).sum(axis=2), 0.0, 1.0)
        mirrored += (gloss * spot**shine * (facing > 0) * strength)[..., None] * colour
    return np.asarray(points.colour * light + mirrored, np.float32)


def _mirror_share(points: StreetPoints) -> Field:
    """How much wet ground mirrors: nearly Schlick's approximation of Fresnel's law for water."""
    cosine = np.clip((points.normal * _view(points)).sum(axis=2), 0.0, 1.0)
    share = points.wet * (0.03 + 0.97 * (1.0 - cosine) ** 4)
    return np.asarray(np.where(points.ground, np.clip(MIRRORS * share, 0.0, 0.85), 0.0), np.float32)


def _mirrored_wall(points: StreetPoints, shown: Field, camera: Camera) -> Field:
    """What wet ground mirrors of the wall: the light of the place that the mirrored ray meets."""
    ray = -_view(points)
    bent = points.normal * np.array((0.35, 1.0, 0.35), np.float32)
    bent /= np.linalg.norm(bent, axis=2, keepdims=True)
    out = ray - 2.0 * (ray * bent).sum(axis=2, keepdims=True) * bent
    out[..., 1] *= STEEP
    away = np.minimum(out[..., 2], -0.05)
    hit = points.place + out * ((WALL_Z - points.place[..., 2]) / away)[..., None]
    size = shown.shape[0]
    pixel = np.clip(camera.project(hit, size)[..., :2], 0, size - 1).astype(np.float32)
    soft = cv2.GaussianBlur(shown, (0, 0), size / 300)
    return np.asarray(cv2.remap(soft, pixel[..., 0], pixel[..., 1], cv2.INTER_LINEAR), np.float32)


def _fogged(light: Field, points: StreetPoints) -> Field:
    """Fog: what is far fades, and the air about the lantern glows."""
    size = light.shape[0]
    far = np.linalg.norm(points.place - points.eye, axis=2)
    clear = np.exp(-FOG_PER_M * np.maximum(far - FOG_FROM_M, 0.0))[..., None]
    rng = np.random.default_rng(8)
    drift = 1.0 + 0.22 * cloud(rng, size, size, (5, 4)) + 0.10 * cloud(rng, size, size, (9, 9))
    low = 0.7 + 0.6 * np.exp(-np.maximum(points.place[..., 1], 0.0) / 0.5)
    fog = np.asarray(FOG, np.float32) * (drift * low)[..., None]
    halo = airlight(LANTERN, points.eye, -_view(points), far) * (0.9 + 0.1 * drift)[..., None]
    return np.asarray(light * clear + fog * (1 - clear) + halo, np.float32)
