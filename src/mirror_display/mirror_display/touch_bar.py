"""The buttons for fingers at the lower edge: where they lie, which one was touched, and how they look."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache

import pygame

from mirror_display.layout import Rect, Size
from mirror_display.panels import QUIET_TEXT, TEXT, Panels, canvas_unit, put_panel, upright
from mirror_display.pictograms import pictogram
from mirror_display.window_texts import WindowTexts

__all__ = ["Button", "TouchBar", "button_areas", "button_at"]

SIDE = (112, 104)  # of a button, where the canvas's shorter side has 720 px: 15 mm on a 24-inch screen
GAP, MARGIN = 14, 28
ICON, WORDS = 46, 20


class Button(StrEnum):
    """From left to right."""

    PREVIOUS = "previous"
    OWN_FACE = "own_face"
    PAIR = "pair"
    SHUTTER = "shutter"
    NEXT = "next"


SIGNS = {
    Button.PREVIOUS: "left",
    Button.OWN_FACE: "face",
    Button.PAIR: "phone",
    Button.SHUTTER: "camera_off",
    Button.NEXT: "right",
}


def _unit(canvas: Size) -> float:
    whole = len(Button) * SIDE[0] + (len(Button) - 1) * GAP + 2 * GAP
    return min(canvas_unit(canvas), canvas[0] / whole)


def button_areas(canvas: Size) -> dict[Button, Rect]:
    """Where each button lies on the canvas, (x, y, width, height) in pixels."""
    unit = _unit(canvas)
    width, height, gap, margin = (round(length * unit) for length in (*SIDE, GAP, MARGIN))
    whole = len(Button) * width + (len(Button) - 1) * gap
    left, top = (canvas[0] - whole) // 2, canvas[1] - margin - height
    return {button: (left + i * (width + gap), top, width, height) for i, button in enumerate(Button)}


def button_at(x: float, y: float, canvas: Size) -> Button | None:
    """The button at a point of the canvas in pixels."""
    for button, (left, top, width, height) in button_areas(canvas).items():
        if left <= x < left + width and top <= y < top + height:
            return button
    return None


class TouchBar:
    """Draws the buttons; finished ones are kept."""

    def __init__(self, panels: Panels) -> None:
        self._panels = panels
        self._button = lru_cache(maxsize=2 * len(Button))(self._draw_button)

    def draw(self, surface: pygame.Surface, canvas: Size, texts: WindowTexts, rotation: int) -> None:
        """Draw over the picture; arguments as `IdleScreen.draw`."""
        for button, (x, y, width, height) in button_areas(canvas).items():
            panel = self._button(button, texts[f"bar.{button}"], (width, height), _unit(canvas), rotation)
            put_panel(surface, panel, (x, y), rotation=rotation)

    def _draw_button(
        self, button: Button, text: str, size: Size, unit: float, rotation: int
    ) -> pygame.Surface:
        width, height = size
        panel = self._panels.blank(width, height, 22 * unit)
        icon = pictogram(SIGNS[button], round(ICON * unit), TEXT)
        words = self._panels.font(round(WORDS * unit)).render(text, True, QUIET_TEXT)
        panel.blit(icon, ((width - icon.get_width()) // 2, round(16 * unit)))
        panel.blit(words, ((width - words.get_width()) // 2, height - words.get_height() - round(11 * unit)))
        return upright(panel, rotation)
