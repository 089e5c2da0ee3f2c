"""Draws the choice of an effect: names that pass by along the lower edge, the middle one large."""

from __future__ import annotations

from functools import lru_cache

import pygame

from mirror_display.carousel import CarouselView
from mirror_display.layout import Size, rect_in_window
from mirror_display.panels import ACCENT, QUIET_TEXT, TEXT, Panels, canvas_unit, put_panel, upright
from mirror_display.window_texts import WindowTexts

__all__ = ["CarouselStrip"]

HEIGHT = 170
NAME_SIZE, HINT_SIZE = 44, 22
SMALLEST = 0.56  # size of the names at the side, as a share of the middle one's
STEPS = 6  # sizes between the two
PITCH = 0.36  # distance of two names as a share of the canvas's width
MIDDLE, SIDE = 0.44, 0.26  # widest names, as shares of the canvas's width: they do not touch
SHADE = (10, 12, 16, 200)
BAR = 4


class CarouselStrip:
    """Draws the carousel; finished names are kept."""

    def __init__(self, panels: Panels) -> None:
        self._panels = panels
        self._name = lru_cache(maxsize=96)(self._draw_name)
        self._shade = lru_cache(maxsize=2)(self._draw_shade)

    def draw(
        self, surface: pygame.Surface, canvas: Size, view: CarouselView, texts: WindowTexts, rotation: int
    ) -> None:
        """Draw over the picture; arguments as `IdleScreen.draw`."""
        width, height = canvas
        unit = canvas_unit(canvas)
        strip = round(HEIGHT * unit)
        put_panel(surface, self._shade(width, strip, rotation), (0, height - strip), rotation=rotation)
        middle = height - round(strip * 0.56)
        for index, name in enumerate(view.names):
            place = index - len(view.names) // 2 + view.offset
            nearness = max(1.0 - abs(place), 0.0)
            if abs(place) > 1.6:
                continue
            widest = round(width * (MIDDLE if nearness >= 0.5 else SIDE))
            panel = self._name(texts.effect(name), round(nearness * STEPS), unit, widest, rotation)
            at = (round(width * (0.5 + place * PITCH)), middle)
            put_panel(surface, panel, at, (0.5, 0.5), rotation=rotation)
        self._draw_time(surface, canvas, view.stayed, unit, rotation)
        hint = self._name(texts["window.choose"], -1, unit, width, rotation)
        put_panel(surface, hint, (width // 2, height - round(16 * unit)), (0.5, 1.0), rotation=rotation)

    @staticmethod
    def _draw_time(surface: pygame.Surface, canvas: Size, stayed: float, unit: float, rotation: int) -> None:
        whole, bar = round(220 * unit), max(round(BAR * unit), 2)
        top = canvas[1] - round(56 * unit)
        for share, colour in ((1.0, (70, 76, 84)), (stayed, ACCENT)):
            rect = ((canvas[0] - whole) // 2, top, round(whole * share), bar)
            pygame.draw.rect(surface, colour, rect_in_window(rect, surface.get_size(), rotation))

    def _draw_name(self, text: str, step: int, unit: float, widest: int, rotation: int) -> pygame.Surface:
        if step < 0:
            size, colour = HINT_SIZE * unit, QUIET_TEXT
        else:
            share = step / STEPS
            size = NAME_SIZE * unit * (SMALLEST + (1 - SMALLEST) * share)
            colour = tuple(round(q + (t - q) * share) for q, t in zip(QUIET_TEXT, TEXT, strict=True))  # type: ignore[assignment]
        words = self._panels.font(round(size)).render(text, True, colour)
        if words.get_width() > widest:  # a long name is written smaller, not cut
            words = self._panels.font(round(size * widest / words.get_width())).render(text, True, colour)
        return upright(words, rotation)

    @staticmethod
    def _draw_shade(width: int, height: int, rotation: int) -> pygame.Surface:
        shade = pygame.Surface((1, height), pygame.SRCALPHA)
        for y in range(height):
            share = min(y / (height * 0.35), 1.0)
            shade.set_at((0, y), (*SHADE[:3], round(SHADE[3] * share)))
        return upright(pygame.transform.scale(shade, (width, height)), rotation)
