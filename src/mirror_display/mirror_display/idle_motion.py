"""What moves while nobody is there: the clock's place, which spares the screen, and the inviting dots."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["DOTS", "clock_shift", "dots"]

SHIFT_EVERY_S = 60.0  # the clock stands so long in one place
SHIFT = (0.12, 0.16)  # farthest from the middle, as shares of the canvas's width and height
GOLDEN = (0.7548776662466927, 0.5698402909980532)  # steps of the plane's most even sequence (M. Roberts, R2)
DOTS = 26
TURN_S = 17.0  # in which the dots go round once
BREATH_S = 6.5  # in which their oval grows and shrinks once
BREATH = 0.05


def clock_shift(now_s: float) -> tuple[float, float]:
    """By which shares of the canvas's size the clock stands beside the middle, −0.12 … 0.12 and −0.16 … 0.16.

    Places follow an even sequence, so that no pixel is lit much longer than its neighbours.

    Args:
        now_s: any clock in seconds.
    """
    index = math.floor(now_s / SHIFT_EVERY_S)
    u, v = ((0.5 + index * step) % 1.0 for step in GOLDEN)
    return (2 * u - 1) * SHIFT[0], (2 * v - 1) * SHIFT[1]


def dots(now_s: float) -> NDArray[np.float64]:
    """The dots of the oval that invites people: float64 [26, 4].

    Columns: x and y in units of the oval's half height, from its middle; radius in the same unit;
    brightness 0 … 1. The brightest ones lead, as those who follow fade.

    Args:
        now_s: any clock in seconds.
    """
    share = np.arange(DOTS) / DOTS
    breath = 1.0 + BREATH * math.sin(2 * math.pi * now_s / BREATH_S)
    angle = 2 * math.pi * (now_s / TURN_S + share)
    x = 0.74 * breath * np.sin(angle)
    # A face's oval is narrower below, like an egg.
    y = -breath * np.cos(angle)
    x *= 1.0 - 0.16 * np.clip(y, 0.0, 1.0)
    wave = 0.5 + 0.5 * np.cos(2 * math.pi * (share - now_s / 5.0) * 2)
    return np.stack([x, y, 0.014 + 0.022 * wave, 0.25 + 0.75 * wave], axis=1)
