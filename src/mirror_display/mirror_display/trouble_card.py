"""Draws a trouble: a sign, what is wrong, and what to do, in letters that are read from two metres."""

from __future__ import annotations

from functools import lru_cache

import pygame

from mirror_display.layout import Size, canvas_size
from mirror_display.panels import ACCENT, TEXT, Panels, canvas_unit, put_panel, trimmed, upright
from mirror_display.pictograms import pictogram

__all__ = ["TroubleCard"]

SIGN_SIZE, TITLE_SIZE, TEXT_SIZE = 92, 42, 32
WIDEST = 860
SMALLEST = (640, 480)  # a canvas that is narrower or lower has smaller letters
MARGIN = 16


class TroubleCard:
    """Draws cards; finished ones are kept."""

    def __init__(self, panels: Panels) -> None:
        self._panels = panels
        self._card = lru_cache(maxsize=8)(self._draw_card)

    def draw(
        self,
        surface: pygame.Surface,
        canvas: Size,
        sign: str,
        texts: tuple[str, str],
        *,
        at: tuple[float, float],
        rotation: int,
    ) -> None:
        """Draw over the picture.

        Args:
            surface: the window.
            canvas: the upright size of the window.
            sign: a pictogram's name.
            texts: what is wrong, and what to do.
            at: the card's middle, as shares of the canvas's size.
            rotation: clockwise turn of the canvas in degrees.
        """
        unit = min(canvas_unit(canvas), canvas[0] / SMALLEST[0], canvas[1] / SMALLEST[1])
        widest = min(round(WIDEST * unit), canvas[0] - round(48 * unit))
        card = self._card(sign, texts, unit, widest, rotation)
        height = canvas_size(card.get_size(), rotation)[1]
        lowest = canvas[1] - height // 2 - round(MARGIN * unit)
        middle = (round(canvas[0] * at[0]), min(round(canvas[1] * at[1]), lowest))
        put_panel(surface, card, middle, (0.5, 0.5), rotation=rotation)

    def _draw_card(
        self, sign: str, texts: tuple[str, str], unit: float, widest: int, rotation: int
    ) -> pygame.Surface:
        icon = pictogram(sign, round(SIGN_SIZE * unit), ACCENT)
        pad, gap = round(30 * unit), round(28 * unit)
        wrap = max(widest - icon.get_width() - gap - 2 * pad, 1)
        lines = [
            self._lines(text, round(size * unit), colour, wrap)
            for text, size, colour in zip(texts, (TITLE_SIZE, TEXT_SIZE), (TEXT, ACCENT), strict=True)
        ]
        between = round(14 * unit)
        height = sum(part.get_height() for part in lines) + between
        width = icon.get_width() + gap + max(part.get_width() for part in lines) + 2 * pad
        whole = max(height, icon.get_height()) + 2 * pad
        card = self._panels.blank(width, whole, 28 * unit)
        card.blit(icon, (pad, (whole - icon.get_height()) // 2))
        top = (whole - height) // 2
        for part in lines:
            card.blit(part, (pad + icon.get_width() + gap, top))
            top += part.get_height() + between
        return upright(card, rotation)

    def _lines(self, text: str, size: int, colour: tuple[int, int, int], wrap: int) -> pygame.Surface:
        font = self._panels.left_font(size)
        return trimmed(font.render(text, True, colour, wraplength=wrap))
