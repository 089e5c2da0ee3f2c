"""Occluders that a face wears: glasses, hair, cloth before mouth or forehead."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mirror_effects.occlusion_input import GRID, face_outline
from mirror_tracking.topology import LEFT_EYE, RIGHT_EYE
from mirror_training.occluder import FINE, SHIFT, DrawOccluder, Occluder, Place, filled_polygon
from mirror_training.opencv import cv2
from mirror_training.textures import Textures, fine_noise, smooth_noise

__all__ = ["WORN"]


def _eyes(place: Place) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    return place.points[RIGHT_EYE].mean(axis=0), place.points[LEFT_EYE].mean(axis=0)


def _glasses(rng: np.random.Generator, place: Place, textures: Textures, *, dark: bool = False) -> Occluder:
    right, left = _eyes(place)
    across = left - right
    distance = max(float(np.hypot(*across)), 12.0)
    angle = float(np.degrees(np.arctan2(across[1], across[0])))
    width = int(rng.integers(1, 9))  # half pixels
    frame = np.zeros((2 * GRID, 2 * GRID), np.uint8)
    lenses = np.zeros((GRID, GRID), np.uint8)
    half_x, half_y = distance * rng.uniform(0.34, 0.48), distance * rng.uniform(0.22, 0.42)
    squareness = rng.choice([2.0, 3.0, 6.0])
    drop = distance * rng.uniform(-0.05, 0.12)
    angles = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    c, s = np.cos(angles), np.sin(angles)
    shape = np.column_stack(
        [
            half_x * np.sign(c) * np.abs(c) ** (2 / squareness),
            half_y * np.sign(s) * np.abs(s) ** (2 / squareness),
        ]
    )
    turn = cv2.getRotationMatrix2D((0, 0), -angle, 1.0)[:, :2]
    upper_width = width + (int(rng.integers(2, 8)) if rng.random() < 0.4 else 0)  # a heavy upper rim
    rimless = rng.random() < 0.15
    for eye in (right, left):
        outline = shape @ turn.T + eye + np.array([0, drop])
        cv2.fillPoly(lenses, [np.rint(outline * FINE).astype(np.int32)], 255, cv2.LINE_AA, SHIFT)
        rim = np.rint(outline * 2 * FINE).astype(np.int32)
        if not rimless:
            cv2.polylines(frame, [rim], True, 255, width, cv2.LINE_AA, SHIFT)
        if rimless or upper_width > width:  # the second half of the outline is the upper one
            cv2.polylines(frame, [rim[20:]], False, 255, upper_width, cv2.LINE_AA, SHIFT)
    unit = across / distance
    for eye, outwards in ((right, -1.0), (left, 1.0)):
        inner, outer = eye - unit * outwards * half_x, eye + unit * outwards * half_x
        middle, temple = (right + left) / 2, outer + unit * outwards * distance * 0.9
        for a, b in ((inner, middle), (outer, temple)):
            ends = [tuple(int(v) for v in np.rint((p + np.array([0, drop])) * 2 * FINE)) for p in (a, b)]
            cv2.line(frame, ends[0], ends[1], 255, width, cv2.LINE_AA, SHIFT)
    frame = cv2.resize(frame, (GRID, GRID), interpolation=cv2.INTER_AREA)
    colour = (
        textures.colour(rng) * (0.3 if rng.random() < 0.6 else 1.0) * np.ones((GRID, GRID, 1), np.float32)
    )
    alpha = frame.astype(np.float32) / 255
    if dark:
        lens = lenses.astype(np.float32) / 255
        y = np.linspace(0, 1, GRID, dtype=np.float32)[:, None, None]
        tint = textures.colour(rng) * rng.uniform(0.05, 0.5) * (1.0 + rng.uniform(-0.5, 1.5) * y)
        if rng.random() < 0.4:
            tint = tint + textures.photo(rng) * rng.uniform(0.1, 0.5)  # a reflection
        colour = colour * alpha[..., None] + tint * (1.0 - alpha[..., None])
        alpha = np.maximum(alpha, lens * rng.uniform(0.8, 1.0))
    return Occluder((colour * (1.0 + 0.1 * fine_noise(rng))[..., None]).astype(np.float32), alpha)


def _sunglasses(rng: np.random.Generator, place: Place, textures: Textures) -> Occluder:
    return _glasses(rng, place, textures, dark=True)


def _hair_colour(rng: np.random.Generator, place: Place) -> NDArray[np.float32]:
    if rng.random() < 0.5:
        return place.hair * np.float32(rng.uniform(0.7, 1.2))
    tone = np.clip(rng.normal(45, 40), 8, 210) * np.array([0.7, 0.9, 1.1]) ** rng.uniform(0, 2)
    return np.asarray(tone.astype(np.float32), np.float32)


def _fringe(rng: np.random.Generator, place: Place) -> Occluder:
    """Hair that hangs closely over forehead and temples, with a ragged or combed lower edge."""
    outline = face_outline(place.points)
    low, high = outline.min(axis=0), outline.max(axis=0)
    width, height = high - low
    x = np.linspace(-0.6, 0.6, GRID, dtype=np.float32) + np.float32(
        (GRID / 2 - (low[0] + high[0]) / 2) / width
    )
    parting = rng.uniform(-0.4, 0.4)
    ragged = cv2.resize(rng.standard_normal((1, int(rng.integers(6, 30)))).astype(np.float32), (GRID, 1))[0]
    edge = rng.uniform(-0.1, 0.35) + rng.choice([0.0, 0.5, 1.5]) * np.abs(x - parting) ** rng.uniform(
        1.0, 2.5
    )
    edge = low[1] + height * (edge + rng.uniform(0.0, 0.05) * ragged)
    rows = np.arange(GRID, dtype=np.float32)[:, None]
    alpha = np.clip((edge[None] - rows) * rng.uniform(0.25, 1.0) + 0.5, 0.0, 1.0)
    strands = rng.standard_normal((3, GRID)).astype(np.float32)
    strands = cv2.GaussianBlur(cv2.resize(strands, (GRID, GRID)), (3, 1), 0)
    shear = np.array([[1.0, rng.normal(0, 0.4), 0], [0, 1.0, 0]])
    strands = cv2.warpAffine(strands, shear, (GRID, GRID), borderMode=cv2.BORDER_WRAP)
    brightness = np.clip(1.0 + rng.uniform(0.1, 0.4) * strands + 0.2 * smooth_noise(rng, 3), 0.3, 1.8)
    return Occluder(
        (brightness[..., None] * _hair_colour(rng, place)).astype(np.float32), alpha.astype(np.float32)
    )


def _strands(rng: np.random.Generator, place: Place) -> Occluder:
    """Single strands, from above or from one side."""
    outline = face_outline(place.points)
    low, high = outline.min(axis=0), outline.max(axis=0)
    width, height = high - low
    mask = np.zeros((GRID, GRID), np.uint8)
    brightness = np.zeros((GRID, GRID), np.float32)
    curtain = rng.random() < 0.5
    count = int(rng.integers(60, 160)) if curtain else int(rng.integers(4, 40))
    root_x, side = rng.uniform(low[0], high[0]), rng.choice([-1.0, 1.0])
    reach = rng.uniform(0.3, 1.1)
    for _ in range(count):
        if curtain:
            x = (low[0] if side < 0 else high[0]) - side * rng.uniform(-0.1, 0.22) * width
        else:
            x = rng.uniform(low[0] - 4, high[0] + 4)
        start = np.array([x, low[1] - rng.uniform(0, 10)])
        offset = (
            rng.normal(0, 0.12) * width + 0.25 * (x - root_x),
            reach * height * rng.uniform(0.7, 1.1) + 6,
        )
        end = start + np.array(offset)
        bend = (start + end) / 2 + rng.normal(0, 5, 2)
        t = np.linspace(0, 1, 8)[:, None]
        curve = (1 - t) ** 2 * start + 2 * t * (1 - t) * bend + t**2 * end
        strand = [np.rint(curve * FINE).astype(np.int32)]
        thickness = int(rng.integers(1, 3))
        cv2.polylines(mask, strand, False, 255, thickness, cv2.LINE_AA, SHIFT)
        cv2.polylines(brightness, strand, False, float(rng.uniform(0.6, 1.5)), thickness, cv2.LINE_AA, SHIFT)
    brightness = np.where(mask > 0, np.maximum(brightness, 0.4), 1.0)
    colour = (brightness[..., None] * _hair_colour(rng, place)).astype(np.float32)
    return Occluder(colour, mask.astype(np.float32) / 255)


def _hair(rng: np.random.Generator, place: Place, textures: Textures) -> Occluder:
    del textures
    return _fringe(rng, place) if rng.random() < 0.6 else _strands(rng, place)


def _cloth(rng: np.random.Generator, place: Place, textures: Textures) -> Occluder:
    outline = face_outline(place.points)
    low, high = outline.min(axis=0), outline.max(axis=0)
    height = high[1] - low[1]
    top = low[1] + height * rng.uniform(0.42, 0.85)
    if rng.random() < 0.15:
        top = low[1] + height * rng.uniform(0.05, 0.3)  # a cap or a bandage instead: the upper face
        columns = np.linspace(low[0] - 8, high[0] + 8, 9)
        edge = top + 4 * np.sin(np.linspace(0, np.pi, 9)) * rng.uniform(-1, 1)
        corners = np.vstack([np.column_stack([columns, edge]), [[high[0] + 8, -4], [low[0] - 8, -4]]])
    else:
        columns = np.linspace(low[0] - 3, high[0] + 3, 9)
        rise = height * rng.uniform(-0.1, 0.16) * np.sin(np.linspace(0, np.pi, 9))
        edge = top - rise + rng.normal(0, 0.8, 9)
        bottom = (
            [[high[0] - 4, GRID + 4], [low[0] + 4, GRID + 4]]
            if rng.random() < 0.5
            else [
                [high[0] - 10, high[1] + 3],
                [low[0] + 10, high[1] + 3],
            ]
        )
        corners = np.vstack([np.column_stack([columns, edge]), bottom])
    alpha = filled_polygon(corners)
    folds = 1.0 + rng.uniform(0.02, 0.2) * np.sin(
        np.mgrid[:GRID, :GRID][0] * rng.uniform(0.2, 0.9) + 2.0 * smooth_noise(rng, 4)
    )
    texture = textures.anything(rng)
    if rng.random() < 0.5:
        texture = texture * 0.2 + textures.colour(rng) * 0.8
    return Occluder((texture * folds[..., None]).astype(np.float32), alpha)


WORN: dict[str, DrawOccluder] = {
    "glasses": _glasses,
    "sunglasses": _sunglasses,
    "hair": _hair,
    "cloth": _cloth,
}
