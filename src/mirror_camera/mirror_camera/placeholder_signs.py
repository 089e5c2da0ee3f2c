"""The signs on placeholder pictures: what is wrong with the camera, understood without words."""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import StrEnum

import numpy as np
from PIL import Image as PilImage
from PIL import ImageDraw

__all__ = ["Sign", "draw_sign", "sign_and_title"]

SMOOTHING = 4  # signs are drawn this much larger and scaled down
LINE = 0.06  # width of the lines as a share of the sign's side

Colour = tuple[int, int, int]


class Sign(StrEnum):
    """What a placeholder is about."""

    SHUTTER = "shutter"
    OPENING = "opening"
    MISSING = "missing"
    BUSY = "busy"
    LOCKED = "locked"
    LOST = "lost"
    END = "end"


_WAITING = (  # words of the sentence that says why there is no picture: the sign, the title
    (("another program", "is busy"), Sign.BUSY, "The camera is busy"),
    (("You may not open",), Sign.LOCKED, "The camera is locked"),
    (("was not found", "No camera was found"), Sign.MISSING, "No camera"),
)


def sign_and_title(reason: str) -> tuple[Sign, str]:
    """The sign and the title for a source that is lost.

    Args:
        reason: the sentence that says why.
    """
    for words, sign, title in _WAITING:
        if any(word in reason for word in words):
            return sign, title
    return Sign.LOST, "No picture"


class _Pen:
    """Draws in a square of side 1 with its origin in the upper left corner: 255 where ink is."""

    def __init__(self, side: int) -> None:
        self.mask = PilImage.new("L", (side, side))
        self._draw = ImageDraw.Draw(self.mask)
        self._side = side

    def line(self, *points: tuple[float, float], width: float = 1.0, ink: int = 255) -> None:
        """A line with round ends."""
        half = LINE * width * self._side / 2
        ends = [(x * self._side, y * self._side) for x, y in points]
        self._draw.line(ends, fill=ink, width=max(round(2 * half), 1))
        for x, y in ends:
            self._draw.ellipse((x - half, y - half, x + half, y + half), fill=ink)

    def box(
        self, x: float, y: float, right: float, bottom: float, *, radius: float, filled: bool = False
    ) -> None:
        """A rectangle with round corners."""
        corners = tuple(value * self._side for value in (x, y, right, bottom))
        line = max(round(LINE * self._side), 1)
        self._draw.rounded_rectangle(
            corners, radius * self._side, 255 if filled else None, None if filled else 255, line
        )

    def shape(self, *points: tuple[float, float], ink: int = 255) -> None:
        """A polygon."""
        self._draw.polygon([(x * self._side, y * self._side) for x, y in points], fill=ink)

    def dot(self, x: float, y: float, radius: float, ink: int = 255) -> None:
        """A disc."""
        s = self._side
        self._draw.ellipse(((x - radius) * s, (y - radius) * s, (x + radius) * s, (y + radius) * s), fill=ink)

    def camera(self, lift: float = 0.0) -> None:
        """The camera that most signs are about, higher by `lift`."""
        self.box(0.04, 0.28 - lift, 0.64, 0.74 - lift, radius=0.1, filled=True)
        self.shape(*((x, y - lift) for x, y in ((0.7, 0.47), (0.94, 0.32), (0.94, 0.7), (0.7, 0.55))))

    def camera_with_badge(self) -> None:
        """The camera with free room for a second sign in the lower right corner."""
        self.camera(lift=0.2)
        self.dot(0.74, 0.74, 0.26, ink=0)

    def strike(self) -> None:
        """Cross out what was drawn."""
        self.line((0.08, 0.1), (0.92, 0.92), width=3.4, ink=0)
        self.line((0.1, 0.1), (0.9, 0.9), width=1.2)


def _shutter(pen: _Pen) -> None:
    pen.camera()
    pen.strike()


def _opening(pen: _Pen) -> None:
    pen.camera_with_badge()
    for index in range(8):
        angle = index * math.pi / 4
        x, y = math.sin(angle), -math.cos(angle)
        pen.dot(0.74 + 0.17 * x, 0.72 + 0.17 * y, 0.022 + 0.003 * index)


def _missing(pen: _Pen) -> None:
    pen.camera_with_badge()
    arc = [
        (0.74 + 0.1 * math.cos(a), 0.64 + 0.1 * math.sin(a))
        for a in np.linspace(-math.pi, 0.25 * math.pi, 24)
    ]
    pen.line(*arc, (0.74, 0.76), (0.74, 0.79))
    pen.dot(0.74, 0.9, 0.04)


def _busy(pen: _Pen) -> None:
    pen.camera_with_badge()
    pen.box(0.55, 0.55, 0.95, 0.92, radius=0.05)
    pen.line((0.57, 0.66), (0.93, 0.66))


def _locked(pen: _Pen) -> None:
    pen.camera_with_badge()
    pen.box(0.58, 0.68, 0.9, 0.93, radius=0.04, filled=True)
    arc = [(0.74 + 0.1 * math.cos(a), 0.66 + 0.12 * math.sin(a)) for a in np.linspace(-math.pi, 0.0, 24)]
    pen.line((0.64, 0.7), *arc, (0.84, 0.7))


def _lost(pen: _Pen) -> None:
    pen.camera_with_badge()
    pen.line((0.62, 0.6), (0.86, 0.84))
    pen.line((0.86, 0.6), (0.62, 0.84))


def _end(pen: _Pen) -> None:
    pen.box(0.06, 0.18, 0.94, 0.82, radius=0.1)
    pen.box(0.39, 0.39, 0.61, 0.61, radius=0.03, filled=True)


_SIGNS: dict[Sign, Callable[[_Pen], None]] = {
    Sign.SHUTTER: _shutter,
    Sign.OPENING: _opening,
    Sign.MISSING: _missing,
    Sign.BUSY: _busy,
    Sign.LOCKED: _locked,
    Sign.LOST: _lost,
    Sign.END: _end,
}


def draw_sign(picture: PilImage.Image, sign: Sign, place: tuple[int, int], side: int, colour: Colour) -> None:
    """Draw a sign.

    Args:
        picture: RGB, drawn on in place.
        sign: which one.
        place: its upper left corner in pixels.
        side: in pixels.
        colour: red, green, blue.
    """
    pen = _Pen(max(side, 1) * SMOOTHING)
    _SIGNS[sign](pen)
    mask = pen.mask.resize((max(side, 1), max(side, 1)), PilImage.Resampling.LANCZOS)
    picture.paste(colour, (place[0], place[1], place[0] + mask.width, place[1] + mask.height), mask)
