"""What the night street is made of: bricks, wet setts and flagstones, as colour, relief and wetness."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mirror_training.film_character.cloth import cloud
from mirror_training.opencv import cv2

__all__ = ["Tile", "bricks", "pavement", "setts"]

Field = NDArray[np.float32]
STONES = 65521  # different stones, after which their looks repeat
PER_M = 400  # pixels per metre of the pictures


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """The picture of a flat surface, seen from straight above it.

    Attributes:
        colour: float32 [h, w, 3], share of light sent back.
        lean: float32 [h, w, 2], how far the normal leans to the picture's right and down.
        wet: float32 [h, w], 0 … 1, how much it mirrors.
        left_m, top_m: place of the picture's corner on the surface; rows go towards smaller `top_m` values.
    """

    colour: Field
    lean: Field
    wet: Field
    left_m: float
    top_m: float

    def look(self, x: Field, y: Field) -> tuple[Field, Field, Field]:
        """Colour, lean and wetness at places (metres, y upwards)."""
        columns = np.asarray((x - self.left_m) * PER_M, np.float32)
        rows = np.asarray((self.top_m - y) * PER_M, np.float32)
        colour, lean, wet = (
            cv2.remap(sheet, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
            for sheet in (self.colour, self.lean, self.wet)
        )
        return colour, lean, wet


def _leans(relief: Field) -> Field:
    down, right = np.gradient(relief)
    return np.asarray(np.stack([right * PER_M, down * PER_M], axis=2), np.float32)


def _cells(
    rng: np.random.Generator, shape: tuple[int, int], size: tuple[float, float], joint: float, jitter: float
) -> tuple[NDArray[np.int64], Field, Field]:
    """Stones in rows, every second one shifted by half: number, and distance from the edges in pixels."""
    (height, width), (high, wide) = shape, size
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    y = y + jitter * 3.0 * cloud(rng, height, width, (9, 9))
    x = x + jitter * 3.0 * cloud(rng, height, width, (9, 9))
    row = np.floor(y / high).astype(np.int64)
    shift = np.where(row % 2 == 0, 0.0, 0.5) + jitter * 0.5 * rng.standard_normal(row.max() + 2)[row]
    along = x / wide + shift
    column = np.floor(along).astype(np.int64)
    in_y, in_x = (y / high - row) * high, (along - column) * wide
    edge_y = np.minimum(in_y, high - in_y) - joint / 2
    edge_x = np.minimum(in_x, wide - in_x) - joint / 2
    return row * 1009 + column, np.asarray(edge_x, np.float32), np.asarray(edge_y, np.float32)


def _per_cell(rng: np.random.Generator, number: NDArray[np.int64]) -> Field:
    """A random number for every stone, standard deviation 1."""
    table = rng.standard_normal(STONES).astype(np.float32)
    return np.asarray(table[number % STONES], np.float32)


def bricks(seed: int = 3) -> Tile:
    """A wall 4.4 m wide and 3.6 m high of old bricks in running bond."""
    rng = np.random.default_rng(seed)
    width, height = round(4.4 * PER_M), round(3.6 * PER_M)
    number, edge_x, edge_y = _cells(rng, (height, width), (0.075 * PER_M, 0.225 * PER_M), 0.011 * PER_M, 0.25)
    edge = np.minimum(edge_x, edge_y)
    brick = np.clip(edge / 2.0 + 0.5, 0.0, 1.0)
    tone = _per_cell(rng, number)
    hue = _per_cell(rng, number)
    base = np.stack([0.060 + 0.008 * hue, 0.085 + 0.008 * hue, 0.165 + 0.025 * tone], axis=2)
    base *= (1.0 + 0.22 * tone + 0.10 * cloud(rng, height, width, (120, 150)))[..., None]
    mortar = (
        np.array([0.115, 0.125, 0.135], np.float32)
        * (1.0 + 0.15 * cloud(rng, height, width, (90, 110)))[..., None]
    )
    colour = mortar * (1 - brick[..., None]) + np.clip(base, 0.01, 1.0) * brick[..., None]
    soot = np.clip(cloud(rng, height, width, (4, 6)) + 0.5 * cloud(rng, height, width, (12, 15)), -1.2, 2.0)
    colour *= (0.80 - 0.17 * soot)[..., None]
    rows = np.linspace(3.6, 0.0, height, dtype=np.float32)[:, None]
    colour *= (0.55 + 0.45 * np.clip(rows / 0.7, 0.0, 1.0) ** 0.7)[
        ..., None
    ]  # splashed and mossy at its foot
    streaks = np.clip(cloud(rng, height, width, (3, 60)), 0, 2) * np.clip(
        cloud(rng, height, width, (3, 5)), 0, 1
    )
    colour *= (1.0 - 0.18 * streaks)[..., None]
    relief = 0.006 * np.clip(edge / 3.0, 0.0, 1.0) + 0.0022 * tone * brick
    relief += 0.0011 * cloud(rng, height, width, (160, 190)) * brick
    relief = cv2.GaussianBlur(relief.astype(np.float32), (0, 0), 1.0)
    wet = np.asarray(0.10 + 0.10 * np.clip(streaks, 0, 1) + 0.12 * np.clip(1 - rows / 0.6, 0, 1), np.float32)
    return Tile(
        colour.astype(np.float32), _leans(relief), np.broadcast_to(wet, (height, width)).copy(), -2.2, 3.6
    )


def setts(seed: int = 4) -> Tile:
    """A road of wet, domed stones with puddles, 5.2 m wide and 3.4 m deep; x to the right, −z upwards."""
    rng = np.random.default_rng(seed)
    width, height = round(5.2 * PER_M), round(3.4 * PER_M)
    number, edge_x, edge_y = _cells(rng, (height, width), (0.105 * PER_M, 0.150 * PER_M), 0.016 * PER_M, 0.8)
    tone = _per_cell(rng, number)
    dome = np.clip(edge_x / (0.055 * PER_M), 0, 1) ** 0.5 * np.clip(edge_y / (0.042 * PER_M), 0, 1) ** 0.5
    stone = np.clip(np.minimum(edge_x, edge_y) / 3.0 + 0.5, 0.0, 1.0)
    lie = cloud(rng, height, width, (5, 7)) + 0.35 * cloud(rng, height, width, (14, 20))
    relief = (
        0.016 * dome
        + 0.003 * tone * stone
        + 0.0010 * cloud(rng, height, width, (150, 220)) * stone
        + 0.006 * lie
    )
    level = np.quantile(relief, 0.30) + 0.004 * cloud(rng, height, width, (3, 4))
    puddle = np.clip((level - relief) / 0.003 + 0.5, 0.0, 1.0)
    relief = np.where(relief < level, level, relief)
    grey = 0.050 * (1.0 + 0.25 * tone + 0.20 * cloud(rng, height, width, (130, 190)))
    colour = np.stack([grey * 1.10, grey * 1.02, grey], axis=2) * (0.35 + 0.65 * stone)[..., None]
    colour *= (1.0 - 0.55 * puddle)[..., None]
    wet = np.clip(0.34 + 0.12 * lie + 0.10 * tone * stone, 0.12, 0.7) * (0.4 + 0.6 * stone)
    wet = np.maximum(wet, 0.95 * puddle)
    relief = cv2.GaussianBlur(relief.astype(np.float32), (0, 0), 1.4)
    return Tile(
        np.clip(colour, 0.004, 1).astype(np.float32), _leans(relief), wet.astype(np.float32), -2.6, 1.6
    )


def pavement(seed: int = 5) -> Tile:
    """Flagstones 5.2 m wide and 1.4 m deep, wet; x to the right, −z upwards."""
    rng = np.random.default_rng(seed)
    width, height = round(5.2 * PER_M), round(1.4 * PER_M)
    number, edge_x, edge_y = _cells(rng, (height, width), (0.46 * PER_M, 0.74 * PER_M), 0.010 * PER_M, 0.1)
    stone = np.clip(np.minimum(edge_x, edge_y) / 2.0 + 0.5, 0.0, 1.0)
    tone = _per_cell(rng, number)
    blotch = cloud(rng, height, width, (6, 22))
    grey = 0.085 * (1.0 + 0.12 * tone + 0.12 * blotch + 0.08 * cloud(rng, height, width, (90, 300)))
    colour = np.stack([grey * 1.05, grey, grey * 0.98], axis=2) * (0.3 + 0.7 * stone)[..., None]
    relief = 0.004 * stone + 0.002 * tone * stone + 0.0006 * cloud(rng, height, width, (110, 380))
    wet = np.clip(0.30 + 0.22 * blotch, 0.08, 0.85) * (0.4 + 0.6 * stone)
    relief = cv2.GaussianBlur(relief.astype(np.float32), (0, 0), 1.0)
    return Tile(colour.astype(np.float32), _leans(relief), wet.astype(np.float32), -2.6, 2.9)
