"""Draws the privacy light: a green light while the camera runs, a crossed-out camera while it is off."""

from __future__ import annotations

from functools import lru_cache

import pygame

from mirror_display.layout import Rect, Size
from mirror_display.panels import BAD, GOOD, Colour, Panels, canvas_unit, put_panel, upright
from mirror_display.pictograms import pictogram
from mirror_display.privacy_light import Light

__all__ = ["LightSign", "light_area"]

ROOM = (74, 42)  # width and height of the sign, where the canvas's shorter side has 720 px
WORDS_ROOM = (210, 42)
MARGIN = 14
SMALL_SIDE = 400  # on a canvas whose shorter side is smaller than this, the sign shrinks with it
ICON = 26
DOT = 7
GLOW = 15
WORDS = 22


def _unit(canvas: Size) -> float:
    return canvas_unit(canvas) * min(1.0, min(canvas) / SMALL_SIDE)


def _anchor(corner: str) -> tuple[float, float]:
    return float(corner.endswith("right")), float(corner.startswith("bottom"))


def light_area(canvas: Size, corner: str, with_words: bool = False) -> Rect:
    """Where the light stands on the canvas, (x, y, width, height) in pixels.

    Args:
        canvas: its size in pixels.
        corner: "top_right" or the like.
        with_words: the room for the words beside the crossed-out camera too.
    """
    unit = _unit(canvas)
    room = WORDS_ROOM if with_words else ROOM
    width, height, margin = (round(length * unit) for length in (*room, MARGIN))
    right, bottom = _anchor(corner)
    x = margin + right * (canvas[0] - 2 * margin - width)
    y = margin + bottom * (canvas[1] - 2 * margin - height)
    return round(x), round(y), width, height


class LightSign:
    """Draws the light; finished signs are kept."""

    def __init__(self, panels: Panels) -> None:
        self._panels = panels
        self._sign = lru_cache(maxsize=8)(self._draw_sign)

    def draw(
        self, surface: pygame.Surface, canvas: Size, light: Light, words: str, *, corner: str, rotation: int
    ) -> None:
        """Draw over everything.

        Args:
            surface: the window.
            canvas: the upright size of the window.
            light: what it says.
            words: beside the crossed-out camera.
            corner: of the canvas.
            rotation: clockwise turn of the canvas in degrees.
        """
        if light is Light.UNKNOWN:
            return
        sign = self._sign(light, words if light is Light.CLOSED else "", _unit(canvas), rotation)
        right, bottom = _anchor(corner)
        x, y, width, height = light_area(canvas, corner)
        at = (round(x + right * width), round(y + bottom * height))
        put_panel(surface, sign, at, (right, bottom), rotation=rotation)

    def _draw_sign(self, light: Light, words: str, unit: float, rotation: int) -> pygame.Surface:
        width, height, icon = (max(round(length * unit), 1) for length in (*ROOM, ICON))
        colour = GOOD if light is Light.ON else BAD
        text = None
        if words and unit >= 0.5:
            text = self._panels.font(round(WORDS * unit)).render(words, True, colour)
            width = icon + text.get_width() + round(44 * unit)
        panel = self._panels.blank(width, height, height / 2)
        pad = round(15 * unit)
        if light is Light.ON:
            self._draw_glow(panel, (round(19 * unit), height // 2), unit, colour)
            pad = round(34 * unit)
        name = "camera" if light is Light.ON else "camera_off"
        panel.blit(pictogram(name, icon, colour), (pad, (height - icon) // 2))
        if text is not None:
            panel.blit(text, (pad + icon + round(10 * unit), (height - text.get_height()) // 2))
        return upright(panel, rotation)

    def _draw_glow(self, panel: pygame.Surface, centre: tuple[int, int], unit: float, colour: Colour) -> None:
        glow = max(round(GLOW * unit), 1)
        soft = pygame.Surface((2 * glow, 2 * glow), pygame.SRCALPHA)
        for radius in range(glow, 0, -1):
            share = 1 - radius / glow
            pygame.draw.circle(soft, (*colour, round(110 * share**2)), (glow, glow), radius)
        panel.blit(soft, (centre[0] - glow, centre[1] - glow))
        self._panels.draw_dot(panel, centre, max(round(DOT * unit), 1), colour)
