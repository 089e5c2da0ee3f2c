"""Occluders before a face: hands, arms, sticks, things and shapeless pieces."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mirror_effects.occlusion_input import GRID
from mirror_training.capsules import draw_limbs
from mirror_training.occluder import FINE, SHIFT, DrawOccluder, Occluder, Place, filled_polygon
from mirror_training.opencv import cv2
from mirror_training.textures import Textures, smooth_noise

__all__ = ["HELD"]


def _direction(angle: float) -> NDArray[np.float32]:
    return np.array([np.cos(angle), np.sin(angle)], np.float32)


def _light(rng: np.random.Generator) -> tuple[float, float]:
    x, y = _direction(rng.uniform(0, 2 * np.pi)) * rng.uniform(0.2, 1.0)
    return float(x), float(y)


def _hand(rng: np.random.Generator, place: Place, textures: Textures) -> Occluder:
    size = rng.uniform(0.38, 0.85) * GRID  # wrist to middle finger tip, about a face's height
    facing = rng.uniform(0, 2 * np.pi)
    forward, side = _direction(facing), _direction(facing + np.pi / 2)
    flip = rng.choice([-1.0, 1.0])
    target = place.spot(rng)
    wrist = target - forward * size * rng.uniform(0.15, 1.05)
    limbs = []
    spread = rng.uniform(0.03, 0.28)
    curl = rng.uniform(-0.1, 0.5)
    thickness = size * rng.uniform(0.045, 0.066)
    bent = rng.random(5) < rng.choice([0.05, 0.3, 0.8])
    for finger, (offset, length) in enumerate(((-1.5, 0.40), (-0.5, 0.46), (0.5, 0.43), (1.5, 0.34))):
        knuckle = wrist + forward * size * 0.5 + side * flip * offset * size * 0.115
        limbs.append(
            (*(wrist + side * flip * offset * size * 0.07), thickness * 1.5, *knuckle, thickness * 1.3)
        )
        heading = facing + flip * offset * spread + rng.normal(0, 0.06)
        joint, reach = knuckle, length * size * (0.45 if bent[finger] else 1.0)
        for part, share in enumerate((0.45, 0.32, 0.23)):
            heading += flip * curl * rng.uniform(0.0, 0.5)
            tip = joint + _direction(heading) * reach * share
            limbs.append((*joint, thickness * (1.1 - 0.1 * part), *tip, thickness * (1.0 - 0.12 * part)))
            joint = tip
    if rng.random() < 0.8:
        base = wrist + forward * size * 0.18 - side * flip * size * 0.16
        heading = facing - flip * rng.uniform(0.1, 1.0)
        middle = base + _direction(heading) * size * 0.2
        tip = middle + _direction(heading + flip * rng.uniform(0.0, 0.5)) * size * 0.17
        limbs += [
            (*wrist, thickness * 1.7, *base, thickness * 1.5),
            (*base, thickness * 1.3, *middle, thickness * 1.1),
        ]
        limbs.append((*middle, thickness * 1.1, *tip, thickness * 0.9))
    elbow = wrist - forward * size * 1.5 + side * size * rng.normal(0, 0.3)
    limbs.append((*wrist, size * rng.uniform(0.14, 0.19), *elbow, size * rng.uniform(0.16, 0.26)))
    array = np.array(limbs, np.float32)
    alpha, brightness = draw_limbs(array, _light(rng), rng.uniform(0.15, 0.75))
    gloved = rng.random() < 0.12
    colour = textures.anything(rng) if gloved else textures.skin(rng, place.skin)
    colour = colour * brightness[..., None]
    if not gloved and rng.random() < 0.5:
        nails = np.zeros((GRID, GRID), np.float32)
        for x, y, _, tip_x, tip_y, radius in array[3:16:4]:
            centre = (int(FINE * (tip_x * 0.8 + x * 0.2)), int(FINE * (tip_y * 0.8 + y * 0.2)))
            cv2.circle(nails, centre, int(FINE * radius * 0.6), 1.0, -1, cv2.LINE_AA, SHIFT)
        tone = rng.normal(1.12, 0.12) * rng.normal(1.0, 0.05, 3).astype(np.float32)
        colour = colour * (1.0 + nails[..., None] * (tone - 1.0))
    if rng.random() < 0.25:  # a sleeve from the wrist on
        y, x = np.mgrid[:GRID, :GRID].astype(np.float32)
        behind = (x - wrist[0]) * forward[0] + (y - wrist[1]) * forward[1]
        sleeve = np.clip(-behind - size * rng.uniform(0.0, 0.3), 0.0, 1.0)[..., None]
        colour = colour * (1.0 - sleeve) + textures.anything(rng) * brightness[..., None] * sleeve
    return Occluder(colour, alpha)


def _arm(rng: np.random.Generator, place: Place, textures: Textures) -> Occluder:
    through, way = place.spot(rng), _direction(rng.uniform(0, 2 * np.pi))
    near, far = through - way * GRID * rng.uniform(0.05, 1.5), through + way * GRID * 1.5
    limb = np.array([[*near, rng.uniform(6, 16), *far, rng.uniform(6, 18)]], np.float32)
    alpha, brightness = draw_limbs(limb, _light(rng), rng.uniform(0.15, 0.8))
    colour = textures.skin(rng, place.skin) if rng.random() < 0.6 else textures.anything(rng)
    return Occluder(colour * brightness[..., None], alpha)


def _stick(rng: np.random.Generator, place: Place, textures: Textures) -> Occluder:
    through, way = place.spot(rng), _direction(rng.uniform(0, 2 * np.pi))
    radius = float(np.exp(rng.uniform(np.log(0.9), np.log(7.0))))
    near, far = through - way * GRID * rng.uniform(0.05, 1.5), through + way * GRID * 1.5
    limbs = [(*near, radius, *far, radius * rng.uniform(0.8, 1.3))]
    if rng.random() < 0.2:  # a microphone, a lollipop, a spoon
        limbs.append((*near, radius * rng.uniform(1.6, 3.0), *(near + way), radius * 1.6))
    alpha, brightness = draw_limbs(np.array(limbs, np.float32), _light(rng), rng.uniform(0.0, 0.9))
    if rng.random() < 0.4:  # square ends, as of a ruler
        y, x = np.mgrid[:GRID, :GRID].astype(np.float32)
        alpha = alpha * np.clip((x - near[0]) * way[0] + (y - near[1]) * way[1] + 0.5, 0.0, 1.0)
    colour = textures.skin(rng, place.skin) if rng.random() < 0.15 else textures.anything(rng)
    return Occluder(colour * brightness[..., None], alpha)


def _object(rng: np.random.Generator, place: Place, textures: Textures) -> Occluder:
    centre, turn = place.spot(rng), rng.normal(0, 0.5)
    half = np.array([rng.uniform(8, 28), rng.uniform(8, 34)])
    power = rng.choice([2.0, 4.0, 10.0])  # ellipse … rounded box
    angles = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    c, s = np.cos(angles), np.sin(angles)
    outline = (
        np.column_stack([np.sign(c) * np.abs(c) ** (2 / power), np.sign(s) * np.abs(s) ** (2 / power)]) * half
    )
    outline[:, 0] *= 1.0 + rng.uniform(-0.25, 0.25) * outline[:, 1] / half[1]  # a cup is narrower below
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    outline = outline @ rotation.T + centre + rng.normal(0, 8, 2)
    alpha = filled_polygon(outline)
    inner = cv2.GaussianBlur(alpha, (0, 0), 4.0)
    light = 1.0 - rng.uniform(0.0, 0.6) * (1.0 - inner)
    return Occluder(textures.anything(rng) * light[..., None], alpha)


def _blob(rng: np.random.Generator, place: Place, textures: Textures) -> Occluder:
    centre = place.spot(rng)
    y, x = np.mgrid[:GRID, :GRID].astype(np.float32)
    radius = rng.uniform(7, 32)
    stretch = rng.uniform(0.5, 2.0)
    distance = np.sqrt(((x - centre[0]) * stretch) ** 2 + ((y - centre[1]) / stretch) ** 2)
    edge = radius * (1.0 + rng.uniform(0.05, 0.35) * smooth_noise(rng, int(rng.integers(4, 14)))) - distance
    alpha = np.clip(edge + 0.5, 0.0, 1.0).astype(np.float32)
    colour = textures.skin(rng, place.skin) if rng.random() < 0.25 else textures.anything(rng)
    return Occluder(colour, alpha)


HELD: dict[str, DrawOccluder] = {
    "hand": _hand,
    "arm": _arm,
    "stick": _stick,
    "object": _object,
    "blob": _blob,
}
