"""Draws what is seen while nobody is there: the clock, the invitation, the very dark clock."""

from __future__ import annotations

from functools import lru_cache

import pygame

from mirror_display.idle_motion import dots
from mirror_display.layout import Size, canvas_to_window
from mirror_display.panels import Colour, Panels, canvas_unit, put_panel, upright
from mirror_display.presence import Rest
from mirror_display.stage import StageView

__all__ = ["IdleScreen"]

TIME_SIZE, DATE_SIZE, INVITATION_SIZE = 220, 44, 40
SMALL_TIME_SIZE = 64
BRIGHT, QUIET = (236, 239, 244), (150, 158, 168)
DARK, DARK_QUIET = (52, 54, 58), (38, 40, 44)  # of 255: hardly seen in a lit room, and enough in a dark one
OVAL = 0.27  # the oval's half height as a share of the canvas's height
WARM, COOL = (255, 196, 112), (120, 190, 255)
DOT_LEVELS = 10  # of a dot's brightness and size, so that few are drawn
SPRITE_EDGE = 2.2  # radius of a dot's soft edge, in its own radii


class IdleScreen:
    """Draws in place of the picture; finished texts and dots are kept."""

    def __init__(self, panels: Panels) -> None:
        self._panels = panels
        self._text = lru_cache(maxsize=12)(self._draw_text)
        self._dot = lru_cache(maxsize=4 * DOT_LEVELS)(self._draw_dot)

    def draw(
        self, surface: pygame.Surface, canvas: Size, view: StageView, invitation: str, rotation: int
    ) -> None:
        """Draw over an empty window.

        Args:
            surface: the window.
            canvas: the upright size of the window.
            view: what to show.
            invitation: the sentence that invites people.
            rotation: clockwise turn of the canvas in degrees.
        """
        width, height = canvas
        unit = min(canvas_unit(canvas), width / 700)
        if view.rest is Rest.ATTRACT:
            self._draw_invitation(surface, canvas, view, invitation, unit=unit, rotation=rotation)
            return
        dark = view.rest is Rest.DARK
        x = round(width * (0.5 + view.shift[0]))
        y = round(height * (0.5 + view.shift[1]))
        time = self._text(view.clock, round(TIME_SIZE * unit), DARK if dark else BRIGHT, True, rotation)
        date = self._text(view.date, round(DATE_SIZE * unit), DARK_QUIET if dark else QUIET, False, rotation)
        put_panel(surface, time, (x, y), (0.5, 0.62), rotation=rotation)
        put_panel(surface, date, (x, y + round(62 * unit)), (0.5, 0.0), rotation=rotation)

    def _draw_invitation(
        self,
        surface: pygame.Surface,
        canvas: Size,
        view: StageView,
        invitation: str,
        *,
        unit: float,
        rotation: int,
    ) -> None:
        width, height = canvas
        half = OVAL * min(height, width * 1.1)
        middle = (width / 2, height * 0.42)
        for x, y, radius, brightness in dots(view.motion_s):
            level = round(float(brightness) * (DOT_LEVELS - 1))
            sprite = self._dot(level, max(round(float(radius) * half), 1))
            at = (middle[0] + float(x) * half, middle[1] + float(y) * half)
            u, v = canvas_to_window(*at, surface.get_size(), rotation)
            surface.blit(sprite, (round(u - sprite.get_width() / 2), round(v - sprite.get_height() / 2)))
        words = self._text(invitation, round(INVITATION_SIZE * unit), BRIGHT, False, rotation)
        clock = self._text(view.clock, round(SMALL_TIME_SIZE * unit), QUIET, True, rotation)
        below = round(middle[1] + 1.25 * half)
        put_panel(surface, words, (width // 2, below), (0.5, 0.0), rotation=rotation)
        put_panel(surface, clock, (width // 2, round(middle[1])), (0.5, 0.5), rotation=rotation)

    def _draw_text(
        self, text: str, size: int, colour: Colour, is_thin: bool, rotation: int
    ) -> pygame.Surface:
        font = self._panels.thin_font(size) if is_thin else self._panels.font(size)
        return upright(font.render(text, True, colour), rotation)

    @staticmethod
    def _draw_dot(level: int, radius: int) -> pygame.Surface:
        share = level / (DOT_LEVELS - 1)
        colour = tuple(round(c + (w - c) * share) for c, w in zip(COOL, WARM, strict=True))
        reach = max(round(radius * SPRITE_EDGE), 2)
        sprite = pygame.Surface((2 * reach, 2 * reach), pygame.SRCALPHA)
        for ring in range(reach, 0, -1):
            soft = min(max((reach - ring) / max(reach - radius * 0.6, 1.0), 0.0), 1.0) ** 2
            alpha = round(255 * soft * (0.3 + 0.7 * share))
            pygame.draw.circle(sprite, (*colour, alpha), (reach, reach), ring)
        return sprite
