"""The widget `mood_week`: the moods of the last seven days as a small chart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pygame

from mirror_core.mood_colours import MOOD_COLOURS
from mirror_core.moods import MoodLabel
from mirror_core.parameters import parameter
from mirror_display.panels import QUIET_TEXT
from mirror_display.widgets.pen import Pen
from mirror_display.widgets.widget import Widget, WidgetData

__all__ = ["EVERYBODY", "VIEWER", "MoodWeekParameters", "MoodWeekWidget"]

VIEWER, EVERYBODY = "viewer", "everybody"
BAR, BAR_GAP, BARS = 24, 12, 96  # width of a bar, room between bars, their height, in units
TITLE, LETTERS, CAPTION = 20, 17, 17
FINEST = 100  # shares are drawn in hundredths: smaller changes redraw nothing
SMOOTHING = 3


@dataclass(frozen=True)
class MoodWeekParameters:
    """Whose moods are shown."""

    of: str = parameter(
        EVERYBODY,
        "Whose moods: everybody's, or the viewer's: of the one person before the mirror who agreed to be "
        "recognised; with several or none of them nothing is shown.",
        choices=(VIEWER, EVERYBODY),
    )


@dataclass(frozen=True, slots=True)
class _Bar:
    """One day: its weekday, hundredths of each mood from below, the day's mood; nothing of an empty day."""

    weekday: str
    hundredths: tuple[tuple[MoodLabel, int], ...] = ()
    dominant: MoodLabel | None = None


class MoodWeekWidget(Widget):
    """Shows the moods of the last seven days, while the mood log is on."""

    name = "mood_week"
    needs = frozenset({"mood_week", "people"})
    Parameters = MoodWeekParameters

    def content(self, data: WidgetData) -> tuple[str, str, tuple[_Bar, ...]] | None:
        """Title, what today is mostly, and the bars; None where there is nothing to show."""
        week, texts = data.mood_week, data.texts
        if week is None or not any(day.shares for day in week.days):
            return None
        title = (
            texts["widgets.week_of"].format(name=week.name)
            if week.name
            else texts["widgets.week_of_everybody"]
        )
        bars = []
        for day in week.days:
            order = sorted(range(len(day.shares)), key=lambda mood: -day.shares[mood])
            hundredths = tuple((MoodLabel(mood), round(day.shares[mood] * FINEST)) for mood in order)
            bars.append(
                _Bar(texts[f"widgets.short_weekdays.{day.day.isoweekday()}"], hundredths, day.dominant)
            )
        last = next(bar.dominant for bar in reversed(bars) if bar.dominant is not None)
        is_today = bars[-1].dominant is not None
        mood = texts[f"moods.{last.name.lower()}"]
        caption = texts["widgets.mostly_today" if is_today else "widgets.mostly_last"].format(mood=mood)
        return title, caption, tuple(bars)

    def draw(self, content: Any, pen: Pen) -> pygame.Surface:
        """The title, a bar for each day with its moods in their colours, weekdays, what today is mostly."""
        title, caption, bars = content
        return pen.panel(
            pen.text(title, TITLE),
            _chart(bars, pen),
            pen.text(caption, CAPTION, quiet=True),
            gap=6,
        )


def _chart(bars: tuple[_Bar, ...], pen: Pen) -> pygame.Surface:
    width, gap, high = pen.pixels(BAR), pen.pixels(BAR_GAP), pen.pixels(BARS)
    letters = [pen.text(bar.weekday, LETTERS, quiet=index < len(bars) - 1) for index, bar in enumerate(bars)]
    step = max(width + gap, max(letter.get_width() for letter in letters) + pen.pixels(6))
    size = (step * len(bars), high + pen.pixels(4) + max(letter.get_height() for letter in letters))
    chart = pygame.Surface(size, pygame.SRCALPHA)
    for index, (bar, letter) in enumerate(zip(bars, letters, strict=True)):
        left = index * step + (step - width) // 2
        chart.blit(_drawn_bar(bar, width, high), (left, 0))
        chart.blit(letter, (index * step + (step - letter.get_width()) // 2, high + pen.pixels(4)))
    return chart


def _drawn_bar(bar: _Bar, width: int, high: int) -> pygame.Surface:
    """A bar with round corners, the day's mood at the foot; an empty day is an outline."""
    large = pygame.Surface((width * SMOOTHING, high * SMOOTHING), pygame.SRCALPHA)
    radius = width * SMOOTHING // 4
    if not bar.hundredths:
        foot = pygame.Rect(0, large.get_height() - 4 * SMOOTHING, large.get_width(), 4 * SMOOTHING)
        pygame.draw.rect(large, (*QUIET_TEXT, 110), foot, border_radius=2 * SMOOTHING)
        return pygame.transform.smoothscale(large, (width, high))
    whole = max(sum(share for _, share in bar.hundredths), 1)
    bottom = float(large.get_height())
    for mood, share in bar.hundredths:
        top = bottom - large.get_height() * share / whole
        pygame.draw.rect(
            large, MOOD_COLOURS[mood], (0, round(top), large.get_width(), round(bottom) - round(top))
        )
        bottom = top
    shape = pygame.Surface(large.get_size(), pygame.SRCALPHA)
    pygame.draw.rect(shape, (255, 255, 255, 255), shape.get_rect(), border_radius=radius)
    large.blit(shape, (0, 0), special_flags=pygame.BLEND_RGBA_MIN)
    return pygame.transform.smoothscale(large, (width, high))
