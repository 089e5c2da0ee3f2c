"""The widget `greeting`: greets by name who agreed to be recognised; nobody else, and nobody namelessly."""

from __future__ import annotations

from typing import Any

import pygame

from mirror_display.widgets.pen import Pen
from mirror_display.widgets.widget import Widget, WidgetData

__all__ = ["GreetingWidget"]

SIZE = 34
MORNING_H, DAY_H, EVENING_H = (
    4,
    11,
    18,
)  # hours at which each greeting begins; the evening lasts over midnight
LONGEST_NAME = 28  # letters of a name that are written


class GreetingWidget(Widget):
    """Greets the people before the mirror who agreed to be recognised."""

    name = "greeting"
    needs = frozenset({"people"})

    def content(self, data: WidgetData) -> str | None:
        """One sentence; None where nobody is there who may be greeted."""
        if not data.people:
            return None
        names = [_short(name) for name in data.people]
        joined = names[0]
        if len(names) > 1:
            first, last = ", ".join(names[:-1]), names[-1]
            joined = data.texts["widgets.and"].format(first=first, last=last)
        return data.texts[f"widgets.good_{_time_of_day(data.now.hour)}"].format(names=joined)

    def draw(self, content: Any, pen: Pen) -> pygame.Surface:
        """The sentence on a panel."""
        return pen.panel(pen.text(content, SIZE))


def _time_of_day(hour: int) -> str:
    if MORNING_H <= hour < DAY_H:
        return "morning"
    return "day" if DAY_H <= hour < EVENING_H else "evening"


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1].rstrip()}…"
