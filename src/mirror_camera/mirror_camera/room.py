"""The room behind the people of the demo reel, painted by code and lit anew for every frame."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_camera.choreography import Light
from mirror_core.frame import Image

__all__ = ["GAIN_UNIT", "Room", "light_colour", "paint_room"]

GAIN_UNIT = 128  # a gain of 1 as uint8; 1/128 is finer than a face's grain
PAINTED_HEIGHT = 360  # px at which the room is painted before it is enlarged; it is out of focus
WALL = (118, 128, 138)  # B, G, R of the wall where the light falls on it
GRAIN = 1.6  # standard deviation of the camera's noise, grey levels; also hides banding
GRAIN_SEED = 7
GAIN_GRID = (32, 18)  # columns, rows of the light on the wall
SIDE_LIGHT = 0.34  # how much brighter the wall is on the light's side at azimuth ±1


def paint_room(width: int, height: int) -> Image:
    """A plain room in even light, out of focus: uint8 [height, width, 3]."""
    rows = PAINTED_HEIGHT
    columns = max(round(rows * width / height), 1)
    room = np.empty((rows, columns, 3), np.float32)
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    x, y = x / rows - columns / rows / 2, y / rows  # in frame heights, x from the middle
    room[:] = np.array(WALL, np.float32) * (1.06 - 0.22 * y)[..., None]
    _rectangle(room, (-0.86, 0.02, -0.50, 0.60), (176, 182, 182))  # window
    _rectangle(room, (-0.69, 0.02, -0.67, 0.60), (120, 124, 128))  # its bar
    _rectangle(room, (-0.86, 0.30, -0.50, 0.32), (120, 124, 128))
    _rectangle(room, (0.50, 0.14, 0.80, 0.52), (70, 78, 88))  # picture frame
    _rectangle(room, (0.53, 0.17, 0.77, 0.49), (150, 140, 122))
    _rectangle(room, (0.53, 0.35, 0.77, 0.49), (96, 118, 110))
    _rectangle(room, (-2.0, 0.80, 2.0, 1.0), (82, 92, 104))  # panelling
    _rectangle(room, (-2.0, 0.785, 2.0, 0.80), (128, 136, 144))
    room = np.asarray(cv2.GaussianBlur(room, (0, 0), rows * 0.018), np.float32)
    glow = np.exp(-(((x + 0.62) / 0.55) ** 2 + ((y - 0.28) / 0.5) ** 2)).astype(np.float32)
    room *= (1 + 0.20 * glow)[..., None]
    room *= (1.02 - 0.20 * (x * x + (y - 0.45) ** 2))[..., None].clip(0.6, 1.1)  # vignette
    large = cv2.resize(room, (width, height), interpolation=cv2.INTER_CUBIC)
    noise = np.random.default_rng(GRAIN_SEED).normal(0, GRAIN, (height, width, 1)).astype(np.float32)
    return np.asarray(np.clip(large + noise, 0, 255), np.uint8)


class Room:
    """The painted room at one size, in any light.

    Args:
        width, height: size in pixels, 1 or more.
    """

    def __init__(self, width: int, height: int) -> None:
        self._painted = paint_room(width, height)
        self._latest: tuple[bytes, Image] = (b"", self._painted)

    def lit(self, light: Light) -> Image:
        """A new picture of the room in `light`, uint8 [height, width, 3]."""
        columns, rows = GAIN_GRID
        across = np.linspace(-1, 1, columns, dtype=np.float32)
        gain = 1 + SIDE_LIGHT * light.azimuth * np.sin(across * np.pi / 2)
        grid = np.broadcast_to(gain[None, :, None] * light_colour(light), (rows, columns, 3)) * GAIN_UNIT
        coarse = np.clip(grid, 0, 255).astype(np.uint8)
        key, picture = self._latest  # light moves slowly: most frames have the one before's
        if key != coarse.tobytes():
            size = (self._painted.shape[1], self._painted.shape[0])
            full = cv2.resize(coarse, size, interpolation=cv2.INTER_LINEAR)
            picture = np.asarray(cv2.multiply(self._painted, full, scale=1 / GAIN_UNIT), np.uint8)
            self._latest = (coarse.tobytes(), picture)
        return picture.copy()


def light_colour(light: Light) -> NDArray[np.float32]:
    """Gain per channel (B, G, R), float32 [3]."""
    warm = light.warmth
    return (light.level * np.array([1 - 0.20 * warm, 1 - 0.02 * warm, 1 + 0.10 * warm])).astype(np.float32)


def _rectangle(
    room: NDArray[np.float32], box: tuple[float, float, float, float], colour: tuple[int, int, int]
) -> None:
    """Fill a box (left, top, right, bottom in frame heights, x from the middle)."""
    rows, columns = room.shape[:2]
    left, right = (round(columns / 2 + edge * rows) for edge in (box[0], box[2]))
    room[round(box[1] * rows) : round(box[3] * rows), max(left, 0) : max(right, 0)] = colour
