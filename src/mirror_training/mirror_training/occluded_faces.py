"""Faces with drawn occluders and the mask of what stays visible: what the occlusion network learns from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror_effects.occlusion_input import (
    CHIN,
    FOREHEAD,
    GRID,
    aligned,
    face_hint,
    face_outline,
    upright_similarity,
)
from mirror_training.face_photos import FacePhoto
from mirror_training.occluder import Occluder, Place
from mirror_training.occluders import draw_occluder
from mirror_training.opencv import cv2
from mirror_training.textures import Field, Textures, fine_noise, skin_colour, smooth_noise

__all__ = ["Sample", "draw_sample", "lay_over"]

CLEAN_SHARE = 0.13  # faces that nothing covers
OUTSIDE_WEIGHT, NEAR_WEIGHT = 0.04, 0.4  # of pixels far outside and just outside the face's outline
NEAR_PX = 9
SKIN_TONES = np.array(
    [[150, 175, 220], [110, 140, 195], [80, 110, 165], [60, 80, 125], [40, 55, 85]], np.float32
)


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One example.

    Attributes:
        picture: uint8 [GRID, GRID, 4], BGR and the hint.
        visible: uint8 [GRID, GRID], 255 where the face is visible.
        weight: uint8 [GRID, GRID], what each pixel counts, 0 … 255.
    """

    picture: NDArray[np.uint8]
    visible: NDArray[np.uint8]
    weight: NDArray[np.uint8]


def _placed(
    rng: np.random.Generator, photo: FacePhoto
) -> tuple[Field, NDArray[np.uint8], NDArray[np.float32], NDArray[np.float32]]:
    """A face in the square as the tracker would put it, a little wrong; doubts, true and tracked points."""
    true = upright_similarity(photo.landmarks)
    spread = rng.normal(0, 1, 4)
    wobble = cv2.getRotationMatrix2D((GRID / 2, GRID / 2), 6.0 * spread[0], float(np.exp(0.06 * spread[1])))
    wobble[:, 2] += 2.5 * spread[2:]
    similarity = wobble[:, :2] @ true
    similarity[:, 2] += wobble[:, 2]
    image = photo.image
    points = aligned(photo.landmarks, similarity)
    square = cv2.warpAffine(
        image, similarity, (GRID, GRID), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    doubt = np.zeros((GRID, GRID), np.uint8)
    if photo.doubt is not None:
        doubt = cv2.warpAffine(photo.doubt, similarity, (GRID, GRID))
    if rng.random() < 0.5:
        square, doubt = square[:, ::-1], doubt[:, ::-1]
        points = np.column_stack([GRID - 1 - points[:, 0], points[:, 1]])
        # Mirrored points carry the other side's numbers; the hint and the outline do not mind.
    tracked = points + rng.normal(0, 1.2, 2) + rng.normal(0, 0.3, points.shape)
    return square.astype(np.float32), doubt, points.astype(np.float32), tracked.astype(np.float32)


def _tinted(rng: np.random.Generator, square: Field) -> Field:
    """Give a grey picture a skin's colour and its surroundings some other."""
    first, second = SKIN_TONES[rng.integers(len(SKIN_TONES), size=2)]
    tone = first + (second - first) * np.float32(rng.random())
    grey = square.mean(axis=2, keepdims=True)
    share = np.clip(0.5 + smooth_noise(rng, 3, 3) * 0.12, 0.0, 1.0) + 0.5
    tinted: Field = np.clip(grey * share * (tone / tone.mean()) ** np.float32(rng.uniform(0.6, 1.2)), 0, 255)
    return tinted


def _soft_shape(rng: np.random.Generator, place: Place, textures: Textures) -> Field:
    """A shape such as shadows and light spots have: 0 … 1."""
    if rng.random() < 0.5:
        alpha = draw_occluder(
            rng, place, textures, str(rng.choice(["hand", "stick", "object", "blob"]))
        ).alpha
    else:
        angle, bend = rng.uniform(0, 2 * np.pi), rng.uniform(0, 8)
        y, x = np.mgrid[:GRID, :GRID].astype(np.float32)
        centre = place.spot(rng)
        side = (x - centre[0]) * np.cos(angle) + (y - centre[1]) * np.sin(angle) + bend * smooth_noise(rng, 4)
        alpha = np.clip(side + 0.5, 0.0, 1.0).astype(np.float32)
    blurred: Field = cv2.GaussianBlur(alpha, (0, 0), float(rng.uniform(0.8, 6.0)))
    return blurred


def _with_harmless_changes(
    rng: np.random.Generator, square: Field, place: Place, textures: Textures
) -> Field:
    """Shadows, light, beard and make-up: they change a face, but nothing is in front of it."""
    if rng.random() < 0.35:
        depth = rng.uniform(0.1, 0.6) * rng.normal(1.0, 0.06, 3)
        square = square * (1.0 - depth.astype(np.float32) * _soft_shape(rng, place, textures)[..., None])
    if rng.random() < 0.2:
        gain = rng.uniform(0.1, 0.7) * rng.normal(1.0, 0.15, 3)
        square = square * (1.0 + gain.astype(np.float32) * _soft_shape(rng, place, textures)[..., None])
    low, high = place.points.min(axis=0), place.points.max(axis=0)
    y, x = np.mgrid[:GRID, :GRID].astype(np.float32)
    if rng.random() < 0.2:  # beard or stubble, about mouth and jaw
        centre = place.points[13]
        near = np.clip(1.3 - np.hypot((x - centre[0]) / 26, (y - centre[1] - 4) / 20), 0.0, 1.0)
        grain = np.clip(0.7 + 0.4 * fine_noise(rng), 0.0, 1.0)
        square = square * (1.0 - rng.uniform(0.15, 0.75) * (near * grain)[..., None])
    if rng.random() < 0.15:  # rouge, eye shadow, lipstick
        for index in rng.choice([50, 280, 13, 159, 386, 151], 2):
            spot = place.points[index]
            size = rng.uniform(4, 11)
            soft = np.exp(-((x - spot[0]) ** 2 + ((y - spot[1]) * 1.5) ** 2) / (2 * size * size))
            tint = rng.uniform(-0.35, 0.25, 3).astype(np.float32)
            square = square * (1.0 + tint * soft[..., None].astype(np.float32))
    if rng.random() < 0.4:  # light from one side
        ramp = (x - (low[0] + high[0]) / 2) / (high[0] - low[0]) * rng.normal(0, 0.6)
        ramp = ramp + (y - (low[1] + high[1]) / 2) / (high[1] - low[1]) * rng.normal(0, 0.3)
        square = square * np.exp(ramp)[..., None]
    return square


def lay_over(square: Field, occluder: Occluder, shadow: Field | None = None) -> Field:
    """Lay an occluder over a picture, after the soft shadow (0 … 1, how much darker) that it casts."""
    if shadow is not None:
        square = square * (1.0 - shadow[..., None])
    alpha = occluder.alpha[..., None]
    return np.asarray(square * (1.0 - alpha) + np.clip(occluder.colour, 0, 255) * alpha, np.float32)


def _moved(rng: np.random.Generator, occluder: Occluder) -> Occluder:
    """An occluder blurred as by focus or its own motion, its colour weighted by its alpha."""
    if rng.random() < 0.2:
        length = int(rng.integers(3, 12))
        kernel = np.zeros((length, length), np.float32)
        way = rng.uniform(0, np.pi)
        half = (length - 1) / 2
        offset = np.array([np.cos(way), np.sin(way)]) * half
        a, b = (tuple(int(v) for v in np.rint(np.array([half, half]) + s * offset)) for s in (1, -1))
        cv2.line(kernel, a, b, 1.0)
        kernel /= kernel.sum()
    else:
        sigma = rng.choice([0.01, 0.4, 0.7, 1.1])
        line = cv2.getGaussianKernel(5, float(sigma), cv2.CV_32F)
        kernel = line @ line.T
    alpha = cv2.filter2D(occluder.alpha, -1, kernel)
    colour = cv2.filter2D(occluder.colour * occluder.alpha[..., None], -1, kernel)
    return Occluder(colour / np.maximum(alpha, 1e-3)[..., None], alpha)


def _photographed(rng: np.random.Generator, square: Field) -> NDArray[np.uint8]:
    """What a camera makes of it: colour cast, exposure, blur, noise, compression."""
    cast = rng.normal(1.0, 0.08 if rng.random() < 0.85 else 0.22, 3).astype(np.float32)
    square = np.clip(square * cast * np.float32(np.exp(rng.normal(-0.05, 0.2))), 0, 255)
    if rng.random() < 0.5:
        square = 255.0 * (square / 255.0) ** np.float32(np.exp(rng.normal(0, 0.25)))
    if rng.random() < 0.08:
        square = np.repeat(square.mean(axis=2, keepdims=True), 3, axis=2)
    if rng.random() < 0.25:
        side = int(GRID * rng.uniform(0.4, 0.9))
        square = cv2.resize(square, (side, side), interpolation=cv2.INTER_AREA)
        square = cv2.resize(square, (GRID, GRID), interpolation=cv2.INTER_LINEAR)
    square = square + rng.uniform(0, 7) * rng.standard_normal(square.shape).astype(np.float32)
    picture: NDArray[np.uint8] = np.clip(square, 0, 255).astype(np.uint8)
    if rng.random() < 0.3:
        quality = int(rng.integers(25, 90))
        packed: Any = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        picture = cv2.imdecode(packed, cv2.IMREAD_COLOR)
    return picture


def draw_sample(
    rng: np.random.Generator, photos: Sequence[FacePhoto], textures: Textures, kind: str | None = None
) -> Sample:
    """Draw one example from a random face, with occluders of random kinds (or one of `kind`)."""
    photo = photos[int(rng.integers(len(photos)))]
    square, doubt, points, tracked = _placed(rng, photo)
    if photo.is_grey and rng.random() < 0.85:
        square = _tinted(rng, square)
    skin = np.maximum(skin_colour(photo), 12.0)
    if photo.is_grey:
        inside = square[GRID // 2 - 12 : GRID // 2 + 24, GRID // 2 - 16 : GRID // 2 + 16]
        skin = np.median(inside.reshape(-1, 3), axis=0).astype(np.float32)
    above = points[FOREHEAD] + 0.07 * (points[FOREHEAD] - points[CHIN])
    x, y = np.clip(np.rint(above).astype(int), 2, GRID - 3)
    place = Place(points, skin, np.median(square[y - 2 : y + 1, x - 2 : x + 3].reshape(-1, 3), axis=0))
    square = _with_harmless_changes(rng, square, place, textures)
    covered: Field = np.zeros((GRID, GRID), np.float32)
    if rng.random() >= CLEAN_SHARE or kind:
        for _ in range(1 if kind else int(rng.choice([1, 2, 3], p=[0.68, 0.25, 0.07]))):
            occluder = _moved(rng, draw_occluder(rng, place, textures, kind))
            shadow = None
            if rng.random() < 0.55:
                blurred = cv2.GaussianBlur(occluder.alpha, (0, 0), float(rng.uniform(1.0, 5.0)))
                shift = np.array([[1, 0, rng.normal(0, 3)], [0, 1, rng.normal(1, 3)]], np.float32)
                shadow = cv2.warpAffine(blurred, shift, (GRID, GRID)) * np.float32(rng.uniform(0.1, 0.6))
            square = lay_over(square, occluder, shadow)
            covered = 1.0 - (1.0 - covered) * (1.0 - occluder.alpha)
    hint = face_hint(tracked)
    outline = np.zeros((GRID, GRID), np.uint8)
    cv2.fillConvexPoly(outline, np.rint(face_outline(points)).astype(np.int32), 255)
    near = cv2.dilate(outline, np.ones((NEAR_PX, NEAR_PX), np.uint8))
    weight = np.where(outline > 0, 1.0, np.where(near > 0, NEAR_WEIGHT, OUTSIDE_WEIGHT))
    weight = np.where((doubt > 0) & (covered < 0.5), 0.0, weight)
    picture = np.dstack([_photographed(rng, square), hint])
    visible = np.clip(255.0 * (1.0 - covered), 0, 255).astype(np.uint8)
    return Sample(picture, visible, (255 * weight).astype(np.uint8))
