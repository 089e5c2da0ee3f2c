"""Small signs that are understood without words, drawn in lines of one width."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise

import pygame

__all__ = ["PICTOGRAMS", "pictogram"]

SMOOTHING = 4  # signs are drawn this much larger and scaled down
LINE = 0.065  # width of the lines as a share of the sign's side

Colour = tuple[int, int, int]


class _Pen:
    """Draws in a square of side 1 with its origin in the upper left corner."""

    def __init__(self, side: int, colour: Colour) -> None:
        self.canvas = pygame.Surface((side, side), pygame.SRCALPHA)
        # What is clear has the colour too, so that smoothing leaves no dark edges.
        self._clear = (*colour, 0)
        self.canvas.fill(self._clear)
        self._side, self._colour = side, (*colour, 255)
        self._width = max(round(LINE * side), 1)

    def line(self, *points: tuple[float, float], clear: bool = False, width: float = 1.0) -> None:
        """A line with round ends."""
        colour = self._clear if clear else self._colour
        thickness = max(round(self._width * width), 1)
        ends = [(x * self._side, y * self._side) for x, y in points]
        for (ax, ay), (bx, by) in pairwise(ends):
            length = math.hypot(bx - ax, by - ay) or 1.0
            nx, ny = (ay - by) / length * thickness / 2, (bx - ax) / length * thickness / 2
            corners = [(ax + nx, ay + ny), (bx + nx, by + ny), (bx - nx, by - ny), (ax - nx, ay - ny)]
            pygame.draw.polygon(self.canvas, colour, corners)
        for end in ends:
            pygame.draw.circle(self.canvas, colour, end, thickness / 2)

    def shape(self, *points: tuple[float, float], filled: bool = True) -> None:
        """A polygon with round corners."""
        if filled:
            pygame.draw.polygon(
                self.canvas, self._colour, [(x * self._side, y * self._side) for x, y in points]
            )
        self.line(*points, points[0])

    def box(
        self, x: float, y: float, width: float, height: float, *, radius: float, filled: bool = False
    ) -> None:
        """A rectangle with round corners."""
        s = self._side
        rect = pygame.Rect(round(x * s), round(y * s), round(width * s), round(height * s))
        pygame.draw.rect(
            self.canvas, self._colour, rect, 0 if filled else self._width, border_radius=round(radius * s)
        )

    def ellipse(self, x: float, y: float, half_width: float, half_height: float, turn: float = 1.0) -> None:
        """A curve around (x, y), or the part of it from the right over below."""
        steps = 64
        angles = [2 * math.pi * turn * index / steps for index in range(steps + 1)]
        self.line(*[(x + half_width * math.cos(a), y + half_height * math.sin(a)) for a in angles])

    def dot(self, x: float, y: float, radius: float, clear: bool = False) -> None:
        """A filled circle."""
        colour = self._clear if clear else self._colour
        pygame.draw.circle(self.canvas, colour, (x * self._side, y * self._side), radius * self._side)

    def strike(self) -> None:
        """Cross out what was drawn: a line with a gap on both sides."""
        self.line((0.1, 0.12), (0.9, 0.88), clear=True, width=3.2)
        self.line((0.12, 0.12), (0.88, 0.88), width=1.2)


def _camera(pen: _Pen) -> None:
    pen.box(0.06, 0.28, 0.58, 0.44, radius=0.1, filled=True)
    pen.shape((0.74, 0.46), (0.91, 0.34), (0.91, 0.66), (0.74, 0.54))


def _camera_off(pen: _Pen) -> None:
    _camera(pen)
    pen.strike()


def _eye(pen: _Pen) -> None:
    points = [(0.06 + 0.88 * t / 40, 0.5 - 0.27 * math.sin(math.pi * t / 40)) for t in range(41)]
    pen.line(*points)
    pen.line(*[(x, 1.0 - y) for x, y in points])
    pen.dot(0.5, 0.5, 0.15)


def _not_kept(pen: _Pen) -> None:
    pen.box(0.12, 0.18, 0.76, 0.2, radius=0.05)
    pen.line((0.18, 0.38), (0.18, 0.84), (0.82, 0.84), (0.82, 0.38))
    pen.line((0.4, 0.54), (0.6, 0.54))
    pen.strike()


def _sparkle(pen: _Pen) -> None:
    for x, y, size in ((0.42, 0.55, 0.38), (0.8, 0.22, 0.18)):
        points = []
        for corner in range(8):
            radius = size if corner % 2 == 0 else size * 0.28
            angle = math.pi / 4 * corner
            points.append((x + radius * math.sin(angle), y - radius * math.cos(angle)))
        pen.shape(*points)


def _phone(pen: _Pen) -> None:
    pen.box(0.27, 0.07, 0.46, 0.86, radius=0.09)
    pen.line((0.44, 0.8), (0.56, 0.8))


def _face(pen: _Pen) -> None:
    pen.ellipse(0.5, 0.5, 0.33, 0.4)
    pen.dot(0.38, 0.44, 0.05)
    pen.dot(0.62, 0.44, 0.05)
    smile = [
        (0.5 + 0.15 * math.cos(a / 20 * math.pi), 0.6 + 0.11 * math.sin(a / 20 * math.pi)) for a in range(21)
    ]
    pen.line(*smile)


def _left(pen: _Pen) -> None:
    pen.line((0.62, 0.2), (0.34, 0.5), (0.62, 0.8))


def _right(pen: _Pen) -> None:
    pen.line((0.38, 0.2), (0.66, 0.5), (0.38, 0.8))


def _moon(pen: _Pen) -> None:
    pen.dot(0.48, 0.52, 0.38)
    pen.dot(0.64, 0.42, 0.33, clear=True)


def _disk(pen: _Pen) -> None:
    pen.ellipse(0.5, 0.22, 0.36, 0.12)
    pen.line((0.14, 0.22), (0.14, 0.78))
    pen.line((0.86, 0.22), (0.86, 0.78))
    pen.ellipse(0.5, 0.5, 0.36, 0.12, turn=0.5)
    pen.ellipse(0.5, 0.78, 0.36, 0.12, turn=0.5)


PICTOGRAMS: dict[str, Callable[[_Pen], None]] = {
    "camera": _camera,
    "camera_off": _camera_off,
    "eye": _eye,
    "not_kept": _not_kept,
    "sparkle": _sparkle,
    "phone": _phone,
    "face": _face,
    "left": _left,
    "right": _right,
    "moon": _moon,
    "disk": _disk,
}


@lru_cache(maxsize=64)
def pictogram(name: str, side: int, colour: Colour) -> pygame.Surface:
    """A sign; do not draw on it.

    Args:
        name: one of `PICTOGRAMS`.
        side: in pixels.
        colour: red, green, blue.
    """
    pen = _Pen(max(side, 1) * SMOOTHING, colour)
    PICTOGRAMS[name](pen)
    return pygame.transform.smoothscale(pen.canvas, (max(side, 1), max(side, 1)))
