"""The widget `date`: weekday and date in the window's language."""

from __future__ import annotations

from typing import Any

import pygame

from mirror_display.widgets.pen import Pen
from mirror_display.widgets.widget import Widget, WidgetData

__all__ = ["DateWidget"]

WEEKDAY_SIZE, DATE_SIZE = 30, 24


class DateWidget(Widget):
    """Shows the weekday and the date."""

    name = "date"

    def content(self, data: WidgetData) -> tuple[str, str]:
        """Weekday and date in words."""
        day, texts = data.now.date(), data.texts
        month = texts[f"clock.months.{day.month}"]
        written = texts["widgets.date"].format(day=day.day, month=month, year=day.year)
        return texts[f"clock.weekdays.{day.isoweekday()}"], written

    def draw(self, content: Any, pen: Pen) -> pygame.Surface:
        """The weekday over the date."""
        return pen.panel(pen.text(content[0], WEEKDAY_SIZE), pen.text(content[1], DATE_SIZE, quiet=True))
