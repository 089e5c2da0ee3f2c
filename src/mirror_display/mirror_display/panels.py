"""What every text over the picture is made of: fonts, dark panels with round corners, dots."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pygame

from mirror_display.layout import Size, canvas_size, rect_in_window

__all__ = [
    "ACCENT",
    "BAD",
    "GOOD",
    "QUIET_TEXT",
    "TEXT",
    "Colour",
    "Panels",
    "canvas_unit",
    "put_panel",
    "trimmed",
    "upright",
]

_FONTS = (  # pygame's own font is bold only, so a regular one is taken where it is installed
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf",
    "/usr/share/fonts/TTF/DejaVuSans.ttf",
)
_THIN_FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans-ExtraLight.ttf"  # for very large figures
_REFERENCE_SIDE = 720  # pixels of the canvas's shorter side at which the unit is 1
_SMALLEST_UNIT, _LARGEST_UNIT = 0.8, 4.0
_SMALLEST_FONT = 8
_SMOOTHING = 3  # panels are drawn this much larger and scaled down, which smooths their round corners

_PANEL = (14, 17, 22, 205)
_OUTLINE = (255, 255, 255, 28)
TEXT = (240, 243, 247)
QUIET_TEXT = (160, 170, 182)
ACCENT = (255, 190, 92)
GOOD = (95, 211, 141)
BAD = (255, 122, 122)

Colour = tuple[int, int, int]
"""Red, green, blue, 0 … 255."""


def canvas_unit(canvas: Size) -> float:
    """By what sizes are multiplied on a canvas of this size in pixels, so that texts stay legible."""
    return min(max(min(canvas) / _REFERENCE_SIDE, _SMALLEST_UNIT), _LARGEST_UNIT)


def upright(panel: pygame.Surface, rotation: int) -> pygame.Surface:
    """The panel turned so that it reads correctly on a canvas turned by `rotation` degrees."""
    return pygame.transform.rotate(panel, -rotation)


def put_panel(
    surface: pygame.Surface,
    panel: pygame.Surface,
    at: tuple[int, int],
    anchor: tuple[float, float] = (0.0, 0.0),
    *,
    rotation: int,
    opacity: float = 1.0,
) -> None:
    """Draw a panel over what is on a surface.

    Args:
        surface: the window.
        panel: as `upright` gives it.
        at: canvas point in pixels.
        anchor: the point of the panel that comes there, as shares of its upright width and height.
        rotation: clockwise turn of the canvas in degrees (0, 90, 180, 270).
        opacity: 0 … 1.
    """
    width, height = canvas_size(panel.get_size(), rotation)
    x, y = at[0] - round(width * anchor[0]), at[1] - round(height * anchor[1])
    window_rect = rect_in_window((x, y, width, height), surface.get_size(), rotation)
    panel.set_alpha(round(255 * min(max(opacity, 0.0), 1.0)))
    surface.blit(panel, window_rect[:2])


def trimmed(words: pygame.Surface) -> pygame.Surface:
    """Rendered lines without the empty room beside them: wrapped ones are as wide as they may be."""
    inked = words.get_bounding_rect()
    return words.subsurface((inked.x, 0, max(inked.width, 1), words.get_height()))


class Panels:
    """Makes fonts and empty panels and keeps them, because both take long to make."""

    def __init__(self) -> None:
        if not pygame.font.get_init():
            pygame.font.init()
        self._font_file = next((path for path in _FONTS if Path(path).is_file()), None)
        self.font = lru_cache(maxsize=16)(self._open_font)
        self._blank = lru_cache(maxsize=16)(self._draw_blank)
        self.left_font = lru_cache(maxsize=8)(self._open_left_font)
        self.thin_font = lru_cache(maxsize=4)(self._open_thin_font)

    def blank(self, width: int, height: int, radius: float) -> pygame.Surface:
        """An empty panel to draw on, with round corners of `radius` pixels."""
        return self._blank(width, height, radius).copy()

    def _open_font(self, size: int) -> pygame.font.Font:
        font = pygame.font.Font(self._font_file, max(size, _SMALLEST_FONT))
        font.align = pygame.FONT_CENTER
        return font

    def _open_left_font(self, size: int) -> pygame.font.Font:
        font = self._open_font(size)
        font.align = pygame.FONT_LEFT
        return font

    def _open_thin_font(self, size: int) -> pygame.font.Font:
        file = _THIN_FONT if Path(_THIN_FONT).is_file() else self._font_file
        return pygame.font.Font(file, max(size, _SMALLEST_FONT))

    @staticmethod
    def _draw_blank(width: int, height: int, radius: float) -> pygame.Surface:
        large = pygame.Surface((width * _SMOOTHING, height * _SMOOTHING), pygame.SRCALPHA)
        corner = round(radius * _SMOOTHING)
        pygame.draw.rect(large, _PANEL, large.get_rect(), border_radius=corner)
        pygame.draw.rect(large, _OUTLINE, large.get_rect(), width=_SMOOTHING, border_radius=corner)
        return pygame.transform.smoothscale(large, (width, height))

    @staticmethod
    def draw_dot(panel: pygame.Surface, centre: tuple[int, int], radius: int, colour: Colour) -> None:
        """Draw a dot with a smooth edge; centre and radius in pixels."""
        side = 2 * radius * _SMOOTHING
        large = pygame.Surface((side, side), pygame.SRCALPHA)
        pygame.draw.circle(large, colour, (side // 2, side // 2), side // 2)
        small = pygame.transform.smoothscale(large, (2 * radius, 2 * radius))
        panel.blit(small, (centre[0] - radius, centre[1] - radius))
