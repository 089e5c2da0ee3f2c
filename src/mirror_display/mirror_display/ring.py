"""The ring around a face: where it lies in the window, and how parts of it are drawn there.

Drawn straight into the window's pixels, after mirroring and turning, with 1/16 px precision.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.faces import Roi
from mirror_display.layout import Placement, canvas_to_window

__all__ = [
    "SHADOW",
    "SHIFT",
    "WHOLE",
    "Band",
    "Ring",
    "draw_bands",
    "draw_stroke",
    "fixed_point",
    "ring_around",
    "to_fixed",
]

HALF_WIDTH, HALF_HEIGHT = 0.72, 0.69  # radii as shares of the face's box
UP = 0.05  # the centre stands so much of the box's height above its middle: hair is not in the box
THICKNESS_PX = 7  # where the canvas's shorter side has 720 px
REFERENCE_SIDE = 720
SMALLEST_RADIUS_PX = 4.0
SMALLEST_THICKNESS_PX = 3.0
SHIFT = 4  # fractional bits of cv2's coordinates
SAGITTA_PX = 0.08  # a curve is drawn in straight pieces that leave it by so much
STEPS_MULTIPLE = 24  # pieces of a turn come in multiples of this, so that few circles are kept
AA_PX = 0.5  # cv2 draws a smooth edge so much outside the polygon's own

SHADOW = (12, 10, 8, 0)  # BGRX; below what is drawn, so that it is seen on any picture
WHOLE = (0.0, 1.0)  # span of the whole ring


@dataclass(frozen=True, slots=True)
class Ring:
    """An ellipse on the canvas, which is what the person sees upright.

    Attributes:
        x, y: its centre.
        half_width, half_height: its radii.
        thickness: of its line; all in pixels.
    """

    x: float
    y: float
    half_width: float
    half_height: float
    thickness: float

    def point(self, progress: float) -> tuple[float, float]:
        """The canvas point that lies this share (0 … 1) of a turn clockwise from the top."""
        angle = 2 * np.pi * progress
        return (
            float(self.x + self.half_width * np.sin(angle)),
            float(self.y - self.half_height * np.cos(angle)),
        )

    @property
    def length(self) -> float:
        """Length of the line in pixels, as that of the circle with the mean radius."""
        return math.pi * (self.half_width + self.half_height)

    def wider(self, pixels: float) -> Ring:
        """The ring with radii longer by so many pixels, which may be negative."""
        width = max(self.half_width + pixels, 0.0)
        return replace(self, half_width=width, half_height=max(self.half_height + pixels, 0.0))


@dataclass(frozen=True, slots=True)
class Band:
    """A part of a ring.

    Attributes:
        span: begin and end as shares of a turn, clockwise from the top, 0 … 1.
        colour: BGRX.
    """

    span: tuple[float, float]
    colour: tuple[int, int, int, int]


def ring_around(box: Roi, placement: Placement) -> Ring:
    """The ring around a face.

    Args:
        box: of the face, in pixels of the camera's picture.
        placement: where that picture lies in the window.
    """
    x, y, width, height = placement.source
    left, top, target_width, target_height = placement.target
    scale_x, scale_y = target_width / width, target_height / height
    u = box.centre[0] - x
    if placement.mirrored:
        u = width - u
    short = min(placement.window_size)
    return Ring(
        left + u * scale_x,
        top + (box.centre[1] - UP * box.height - y) * scale_y,
        max(HALF_WIDTH * box.width * scale_x, SMALLEST_RADIUS_PX),
        max(HALF_HEIGHT * box.height * scale_y, SMALLEST_RADIUS_PX),
        max(THICKNESS_PX * short / REFERENCE_SIDE, SMALLEST_THICKNESS_PX),
    )


def to_fixed(value: float) -> int:
    """A length in pixels as cv2 takes it with `SHIFT`."""
    return round(value * (1 << SHIFT))


def fixed_point(x: float, y: float, placement: Placement) -> tuple[int, int]:
    """The window point of a canvas point, as cv2 takes it with `SHIFT`."""
    u, v = canvas_to_window(x, y, placement.window_size, placement.rotation)
    # Pixel i covers i … i+1, but cv2 puts its coordinate i into the middle of pixel i.
    return to_fixed(u - 0.5), to_fixed(v - 0.5)


def draw_stroke(
    pixels: NDArray[np.uint8], ring: Ring, placement: Placement, band: Band, thickness: float
) -> None:
    """Draw a part of the ring with round ends, to a degree exactly.

    Args:
        pixels: uint8 [window height, window width, 4], BGRX, drawn on in place.
        ring: on the canvas.
        placement: where the canvas lies in the window.
        band: the part.
        thickness: in pixels.
    """
    cv2.ellipse(
        pixels,
        fixed_point(ring.x, ring.y, placement),
        (to_fixed(ring.half_width), to_fixed(ring.half_height)),
        placement.rotation,
        -90 + 360 * band.span[0],
        -90 + 360 * band.span[1],
        band.colour,
        max(round(thickness), 1),
        cv2.LINE_AA,
        SHIFT,
    )


def draw_bands(
    pixels: NDArray[np.uint8],
    ring: Ring,
    placement: Placement,
    bands: Sequence[Band],
    thickness: float,
) -> None:
    """Draw parts of the ring with straight ends and without rounding, so that they may move smoothly.

    Args:
        pixels: uint8 [window height, window width, 4], BGRX, drawn on in place.
        ring: on the canvas.
        placement: where the canvas lies in the window.
        bands: from the lowest to the topmost.
        thickness: in pixels.
    """
    half = max(thickness / 2 - AA_PX, 0.0)
    chord = math.sqrt(8 * min(ring.half_width, ring.half_height) * SAGITTA_PX)
    steps = STEPS_MULTIPLE * math.ceil(ring.length / chord / STEPS_MULTIPLE)
    spans = np.array([band.span for band in bands], np.float64).reshape(-1)
    # The bands share the points between their ends: much quicker than a call of sin for each band.
    directions = np.concatenate([_circle(steps), _directions(spans)])
    outer = _in_window(directions, ring.wider(half), placement)
    inner = _in_window(directions, ring.wider(-half), placement)
    for index, band in enumerate(bands):
        begin, end = band.span
        if end - begin >= 1.0:
            curves = [outer[:steps], inner[:steps]]
        else:
            between = slice(math.floor(begin * steps) + 1, max(math.ceil(end * steps), 0))
            first, last = steps + 2 * index, steps + 2 * index + 1
            there = (outer[first : first + 1], outer[between], outer[last : last + 1])
            back = (inner[last : last + 1], inner[between][::-1], inner[first : first + 1])
            curves = [np.concatenate([*there, *back])]
        cv2.fillPoly(pixels, curves, band.colour, cv2.LINE_AA, SHIFT)


@lru_cache(maxsize=16)
def _circle(steps: int) -> NDArray[np.float64]:
    """Directions of so many steps of a turn, from the top clockwise: float64 [steps, 2]."""
    return _directions(np.arange(steps) / steps)


def _directions(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Directions (right, down) at shares of a turn from the top clockwise: float64 [n, 2]."""
    angles = 2 * np.pi * shares
    return np.stack([np.sin(angles), -np.cos(angles)], axis=1)


def _in_window(directions: NDArray[np.float64], ring: Ring, placement: Placement) -> NDArray[np.int32]:
    """The ring's points in these directions: int32 [n, 2] as cv2 takes them with `SHIFT`."""
    scale = 1 << SHIFT
    right, down = ring.half_width * scale, ring.half_height * scale
    turn = {
        0: ((right, 0), (0, down)),
        90: ((0, right), (-down, 0)),
        180: ((-right, 0), (0, -down)),
        270: ((0, -right), (down, 0)),
    }[placement.rotation]
    points = directions @ np.array(turn) + fixed_point(ring.x, ring.y, placement)
    return np.asarray(np.rint(points), np.int32)
