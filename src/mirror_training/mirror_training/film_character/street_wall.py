"""Things on the wall: the window with its blind, bills and the drain pipe."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mirror_training.film_character.cloth import cloud
from mirror_training.film_character.iron import cylinder, iron
from mirror_training.film_character.street_points import WALL_Z, StreetPoints

__all__ = ["hang_on_wall", "pipe", "rectangle"]

Field = NDArray[np.float32]
Box = tuple[float, float, float, float]
"""Left, right, bottom and top in metres."""
Colour = tuple[float, float, float]

WINDOW: Box = (0.62, 1.52, 1.28, 2.75)
FRAME_M, SILL_M = 0.05, 0.10
BARS = ((1.048, 1.092, 1.28, 2.75), (0.62, 1.52, 2.02, 2.06))  # between the window's panes
SLAT_M = 0.062
ROOM_LIGHT = (0.055, 0.165, 0.30)
BILLS: tuple[tuple[Box, float], ...] = (
    ((-0.78, -0.36, 0.98, 1.58), 0.03),
    ((-0.52, -0.14, 0.74, 1.22), -0.05),
)
"""Place and lean of the bills."""
PAPER = (0.144, 0.176, 0.200)
PIPE_X, PIPE_M = 0.36, 0.045


def rectangle(x: Field, y: Field, box: Box, soft_m: float = 0.004) -> Field:
    """1 inside of a rectangle, 0 outside."""
    left, right, low, high = box
    inside = np.minimum(np.minimum(x - left, right - x), np.minimum(y - low, high - y))
    return np.asarray(np.clip(inside / soft_m + 0.5, 0.0, 1.0), np.float32)


def _paint(points: StreetPoints, mask: Field, colour: Colour | Field, wet: float = 0.1) -> None:
    """Cover the wall where the mask is 1 with something flat."""
    share = mask * points.wall
    for array, value in (
        (points.colour, np.asarray(colour, np.float32)),
        (points.normal, np.array((0.0, 0.0, 1.0), np.float32)),
    ):
        array[:] = array * (1 - share[..., None]) + value * share[..., None]
    points.wet[:] = points.wet * (1 - share) + wet * share


def hang_on_wall(points: StreetPoints) -> Field:
    """Draw bills and window on the wall; returns the light that comes from the room: float32 [s, s, 3]."""
    x, y = points.place[..., 0], points.place[..., 1]
    _bills(points, x, y)
    return _window(points, x, y)


def _bills(points: StreetPoints, x: Field, y: Field) -> None:
    """Torn bills with a heading, a picture and some lines, all too weathered to be read."""
    rng = np.random.default_rng(12)
    size = x.shape[0]
    grime = 1.0 + 0.12 * cloud(rng, size, size, (30, 30))
    for (left, right, low, high), lean in BILLS:
        torn = 0.006 * cloud(rng, size, size, (40, 40))
        u, v = x + lean * (y - low) + torn, y - lean * (x - left) + torn
        paper = grime[..., None] * np.array(PAPER, np.float32)
        _paint(points, rectangle(u, v, (left, right, low, high)), paper)
        heading = (left + 0.05, right - 0.05, high - 0.16, high - 0.06)
        _paint(points, rectangle(u, v, heading), (0.020, 0.020, 0.060))
        picture = (left + 0.11, right - 0.11, low + 0.15, high - 0.21)
        _paint(points, rectangle(u, v, picture), (0.040, 0.042, 0.045))
        for line in range(3):
            foot = low + 0.035 + 0.034 * line
            _paint(
                points, rectangle(u, v, (left + 0.06, right - 0.06, foot, foot + 0.015)), (0.05, 0.05, 0.05)
            )


def _window(points: StreetPoints, x: Field, y: Field) -> Field:
    """A window with a sill; behind its glass a blind, through whose slats a lamp of the room shines."""
    left, right, low, high = WINDOW
    ledge = (left - 0.11, right + 0.11, low - SILL_M, low)
    _paint(points, rectangle(x, y, ledge), (0.16, 0.16, 0.16), 0.3)
    _paint(points, rectangle(x, y, (left - FRAME_M, right + FRAME_M, low, high)), (0.045, 0.040, 0.036))
    _paint(points, rectangle(x, y, WINDOW), (0.006, 0.006, 0.006), 0.6)
    below = np.exp(-np.clip(ledge[2] - y, 0, 1) / 0.05) * (y < ledge[2]) * ((x > ledge[0]) & (x < ledge[1]))
    points.colour[:] *= (1.0 - 0.6 * below * points.wall)[..., None]
    slat = np.mod(y, SLAT_M) / SLAT_M
    gap = np.clip((slat - 0.42) / 0.10, 0, 1) * np.clip((1.0 - slat) / 0.08, 0, 1)
    pane = rectangle(x, y, (left + 0.015, right - 0.015, low + 0.015, high))
    for bar in BARS:
        pane = pane * (1.0 - rectangle(x, y, bar))
    for at in (left + 0.22, right - 0.22):
        pane = pane * (1.0 - 0.6 * rectangle(x, y, (at - 0.004, at + 0.004, low, high)))
    lamp = np.exp(-(((x - 1.15) / 0.55) ** 2) - ((y - 2.2) / 0.8) ** 2)
    shine = pane * (0.10 + 0.90 * gap) * (0.35 + 0.65 * lamp) * points.wall
    return np.asarray(shine[..., None] * np.array(ROOM_LIGHT, np.float32), np.float32)


def pipe(light: Field, points: StreetPoints, lamp: float) -> Field:
    """Draw the drain pipe over the light of the wall.

    Args:
        light: float32 [s, s, 3].
        points: what the pixels show.
        lamp: 1 with the swinging lamp, 0 without it.
    """
    x, y = points.place[..., 0], points.place[..., 1]
    collar = (np.abs(np.mod(y - 0.55, 1.15) - 0.02) < 0.035) & (y > 0.3)
    cover, across, ahead = cylinder(x - PIPE_X, np.where(collar, PIPE_M * 1.35, PIPE_M))
    on = (points.wall * cover)[..., None]
    beside = x - PIPE_X - PIPE_M
    shadow = 0.55 * np.exp(-np.clip(beside, 0, 1) / 0.03) * (beside > 0) * points.wall
    metal = 1.4 * iron(across, ahead, (PIPE_X, WALL_Z + PIPE_M), y, lamp)
    return np.asarray(light * (1.0 - shadow)[..., None] * (1 - on) + metal * on, np.float32)
