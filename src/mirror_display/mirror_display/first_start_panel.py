"""Draws the steps of the first start: a sign, a few large words, and how to go on."""

from __future__ import annotations

from functools import lru_cache

import pygame

from mirror_display.first_start import STEPS, FirstStartView
from mirror_display.layout import Size
from mirror_display.panels import (
    ACCENT,
    GOOD,
    QUIET_TEXT,
    TEXT,
    Panels,
    canvas_unit,
    put_panel,
    trimmed,
    upright,
)
from mirror_display.pictograms import pictogram
from mirror_display.window_texts import WindowTexts

__all__ = ["DIMMED", "FirstStartPanel"]

DIMMED = 0.3  # share of the picture's brightness that is left behind the words
SIGNS = {"sees": "eye", "keeps": "not_kept", "off": "camera_off", "use": "sparkle"}
SIGN_SIZE, TITLE_SIZE, TEXT_SIZE, SMALL_SIZE = 120, 54, 36, 24  # 36 is read from two metres
WIDEST = 900  # of the lines; longer ones are hard to follow
SMALLEST = (720, 620)  # a canvas that is narrower or lower has smaller letters
DOT = 6


class FirstStartPanel:
    """Draws a step; finished ones are kept."""

    def __init__(self, panels: Panels) -> None:
        self._panels = panels
        self._step = lru_cache(maxsize=8)(self._draw_step)

    def draw(
        self, surface: pygame.Surface, canvas: Size, view: FirstStartView, texts: WindowTexts, rotation: int
    ) -> None:
        """Draw over the dimmed picture; arguments as `IdleScreen.draw`."""
        unit = min(canvas_unit(canvas), canvas[0] / SMALLEST[0], canvas[1] / SMALLEST[1])
        wrap = min(round(WIDEST * unit), canvas[0] - round(96 * unit))
        panel = self._step(view.step, view.number, texts, unit, wrap=wrap, rotation=rotation)
        middle = (canvas[0] // 2, canvas[1] // 2)
        put_panel(surface, panel, middle, (0.5, 0.5), rotation=rotation, opacity=view.opacity)

    def _draw_step(
        self, step: str, number: int, texts: WindowTexts, unit: float, *, wrap: int, rotation: int
    ) -> pygame.Surface:
        def words(key: str, size: int, colour: tuple[int, int, int]) -> pygame.Surface:
            font = self._panels.font(round(size * unit))
            return trimmed(font.render(texts[f"first_start.{key}"], True, colour, wraplength=wrap))

        sign = pictogram(SIGNS[step], round(SIGN_SIZE * unit), GOOD if step == "sees" else ACCENT)
        dots = self._draw_dots(number, unit)
        parts = [
            (sign, 30),
            (words(f"{step}_title", TITLE_SIZE, TEXT), 22),
            (words(step, TEXT_SIZE, TEXT), 40),
            (dots, 22),
            (words("go_on", SMALL_SIZE, QUIET_TEXT), 6),
            (words("skip", SMALL_SIZE, QUIET_TEXT), 0),
        ]
        height = sum(part.get_height() + round(gap * unit) for part, gap in parts)
        panel = pygame.Surface((max(part.get_width() for part, _ in parts), height), pygame.SRCALPHA)
        top = 0
        for part, gap in parts:
            panel.blit(part, ((panel.get_width() - part.get_width()) // 2, top))
            top += part.get_height() + round(gap * unit)
        return upright(panel, rotation)

    def _draw_dots(self, number: int, unit: float) -> pygame.Surface:
        radius = max(round(DOT * unit), 2)
        pitch = 4 * radius
        row = pygame.Surface((pitch * len(STEPS), 2 * radius), pygame.SRCALPHA)
        for index in range(len(STEPS)):
            colour = ACCENT if index == number else (96, 102, 110)
            self._panels.draw_dot(row, (pitch * index + pitch // 2, radius), radius, colour)
        return row
