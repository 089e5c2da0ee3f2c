"""Textures of occluders: pieces of photographs, skin of other faces, and patterns made from noise."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mirror_core.frame import Image
from mirror_effects.occlusion_input import GRID
from mirror_training.face_photos import FacePhoto
from mirror_training.opencv import cv2

__all__ = ["Field", "Textures", "fine_noise", "skin_colour", "smooth_noise"]

Field = NDArray[np.float32]
"""float32 [GRID, GRID] or [GRID, GRID, 3]; colours are 0 … 255, BGR."""

CHEEKS_AND_FOREHEAD = (50, 280, 151, 205, 425)  # landmarks amid bare skin
PALETTE_SPREAD = 90.0  # standard deviation of random colours about middle grey


def smooth_noise(rng: np.random.Generator, cells: int, channels: int = 1) -> Field:
    """Noise of about `cells` bumps along a side, roughly −1 … 1; channels = 1 gives [GRID, GRID]."""
    shape = (cells, cells) if channels == 1 else (cells, cells, channels)
    coarse = rng.standard_normal(shape).astype(np.float32)
    noise: Field = cv2.resize(coarse, (GRID, GRID), interpolation=cv2.INTER_CUBIC)
    return noise


def fine_noise(rng: np.random.Generator) -> Field:
    """Grain of several sizes, [GRID, GRID], standard deviation about 1."""
    weights = rng.dirichlet(np.ones(3)).astype(np.float32)
    grain: Field = np.zeros((GRID, GRID), np.float32)
    for weight, cells in zip(weights, (12, 30, GRID), strict=True):
        grain += weight * smooth_noise(rng, cells)
    return grain


def skin_colour(photo: FacePhoto) -> NDArray[np.float32]:
    """The mean colour of a face's bare skin: float32 [3]."""
    height, width = photo.image.shape[:2]
    places = np.rint(photo.landmarks[list(CHEEKS_AND_FOREHEAD)]).astype(int)
    x, y = np.clip(places[:, 0], 3, width - 4), np.clip(places[:, 1], 3, height - 4)
    patches = [photo.image[b - 3 : b + 4, a - 3 : a + 4].reshape(-1, 3) for a, b in zip(x, y, strict=True)]
    colour: NDArray[np.float32] = np.median(np.concatenate(patches), axis=0).astype(np.float32)
    return colour


class Textures:
    """A stock of textures.

    Args:
        photos: pictures to cut pieces from.
        faces: faces whose skin is used.
    """

    def __init__(self, photos: Sequence[Image], faces: Sequence[FacePhoto]) -> None:
        self._photos = photos
        self._faces = [face for face in faces if not face.is_grey] or faces

    def colour(self, rng: np.random.Generator) -> NDArray[np.float32]:
        """Any colour: float32 [3]; often grey, because things are."""
        colour = rng.normal(110.0, PALETTE_SPREAD, 3)
        saturation = rng.uniform(0.0, 1.0)
        colour = colour.mean() + saturation * (colour - colour.mean())
        return np.asarray(np.clip(colour, 5.0, 250.0).astype(np.float32), np.float32)

    def photo(self, rng: np.random.Generator) -> Field:
        """A piece of a photograph, turned and scaled at random."""
        image = self._photos[int(rng.integers(len(self._photos)))]
        height, width = image.shape[:2]
        scale = rng.uniform(0.4, 2.0)
        turn = cv2.getRotationMatrix2D(
            (rng.uniform(0, width), rng.uniform(0, height)), rng.uniform(0, 360), scale
        )
        turn[:, 2] += GRID / 2 - np.array([width, height]) / 2 * rng.uniform(0.5, 1.5)
        piece = cv2.warpAffine(
            image, turn, (GRID, GRID), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
        )
        return np.asarray(piece.astype(np.float32), np.float32)

    def pattern(self, rng: np.random.Generator) -> Field:
        """Stripes, checks, wood or cloudy noise of two colours."""
        first, second = self.colour(rng), self.colour(rng)
        y, x = np.mgrid[:GRID, :GRID].astype(np.float32)
        angle = rng.uniform(0, np.pi)
        along = x * np.cos(angle) + y * np.sin(angle)
        across = y * np.cos(angle) - x * np.sin(angle)
        period = rng.uniform(3.0, 30.0)
        match int(rng.integers(5)):
            case 0:
                share = (along / period) % 1.0 < rng.uniform(0.2, 0.8)
            case 1:
                share = ((along // period) + (across // period)) % 2 == 0
            case 2:
                share = 0.5 + 0.5 * np.sin(across / period * 6.0 + 2.0 * smooth_noise(rng, 5))
            case 3:
                share = 0.5 + 0.5 * smooth_noise(rng, int(rng.integers(3, 25)))
            case _:
                share = np.zeros((GRID, GRID))
        share = np.clip(share.astype(np.float32), 0.0, 1.0)[..., None]
        return np.asarray(first * share + second * (1.0 - share), np.float32)

    def anything(self, rng: np.random.Generator) -> Field:
        """A photograph's piece or a pattern, with grain and uneven light."""
        texture = self.photo(rng) if rng.random() < 0.55 else self.pattern(rng)
        light = 1.0 + rng.uniform(0.0, 0.25) * smooth_noise(rng, 3) + rng.uniform(0.0, 0.08) * fine_noise(rng)
        return np.asarray(texture * light[..., None], np.float32)

    def skin(self, rng: np.random.Generator, own: NDArray[np.float32]) -> Field:
        """Skin: near the wearer's own colour in half of the cases, else another face's, with its texture."""
        face = self._faces[int(rng.integers(len(self._faces)))]
        colour = own * rng.uniform(0.75, 1.2) if rng.random() < 0.5 else skin_colour(face)
        colour = colour * rng.normal(1.0, 0.04, 3).astype(np.float32)
        centre = face.landmarks[CHEEKS_AND_FOREHEAD[int(rng.integers(len(CHEEKS_AND_FOREHEAD)))]]
        scale = rng.uniform(1.5, 4.0)
        turn = cv2.getRotationMatrix2D((float(centre[0]), float(centre[1])), rng.uniform(0, 360), scale)
        turn[:, 2] += GRID / 2 - centre
        patch = cv2.warpAffine(
            face.image, turn, (GRID, GRID), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
        )
        grey = cv2.cvtColor(patch, cv2.COLOR_BGR2GRAY).astype(np.float32)
        detail = (grey - cv2.GaussianBlur(grey, (0, 0), 10.0)) / max(float(grey.mean()), 20.0)
        light = 1.0 + rng.uniform(0.3, 1.0) * np.clip(detail, -0.25, 0.25)
        light += rng.uniform(0.0, 0.12) * smooth_noise(rng, 4) + rng.uniform(0.0, 0.05) * fine_noise(rng)
        blush = rng.uniform(0.0, 0.06) * smooth_noise(rng, 4, 3)
        return np.asarray(colour * (light[..., None] + blush), np.float32)
