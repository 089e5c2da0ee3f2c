"""The widget `clock`: the time of day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pygame

from mirror_core.parameters import parameter
from mirror_display.widgets.pen import Pen
from mirror_display.widgets.widget import Widget, WidgetData

__all__ = ["ClockParameters", "ClockWidget"]

SIZE = 56  # letters that are read from across the room


@dataclass(frozen=True)
class ClockParameters:
    """How the time is written."""

    hours: int = parameter(24, "Hours of the clock's face: 24, or 12 with am and pm.", choices=(12, 24))
    seconds: bool = parameter(False, "Write the seconds, too.")


class ClockWidget(Widget):
    """Shows the time of day."""

    name = "clock"
    Parameters = ClockParameters

    def content(self, data: WidgetData) -> tuple[str, str]:
        """The digits, and am or pm."""
        parameters: ClockParameters = self.parameters
        now = data.now
        rest = f":{now:%M:%S}" if parameters.seconds else f":{now:%M}"
        if parameters.hours == 24:
            return f"{now.hour:02}{rest}", ""
        return f"{now.hour % 12 or 12}{rest}", data.texts["widgets.am" if now.hour < 12 else "widgets.pm"]

    def draw(self, content: Any, pen: Pen) -> pygame.Surface:
        """Large digits, and am or pm small beside them."""
        digits = pen.text(content[0], SIZE)
        if not content[1]:
            return pen.panel(digits)
        half = pen.text(content[1], SIZE * 0.42, quiet=True)
        gap = pen.pixels(8)
        size = (digits.get_width() + gap + half.get_width(), digits.get_height())
        row = pygame.Surface(size, pygame.SRCALPHA)
        row.blit(digits, (0, 0))
        row.blit(half, (digits.get_width() + gap, round(digits.get_height() * 0.8) - half.get_height()))
        return pen.panel(row)
