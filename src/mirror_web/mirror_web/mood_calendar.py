"""The calendar of the Mood page: a month of days in the colours of their moods."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from nicegui import ui

from mirror_mood.log.answers import Day
from mirror_web.catalogue import Texts
from mirror_web.controls import icon_button, set_prop
from mirror_web.mood_choice import Period
from mirror_web.mood_colouring import css_colour, day_colours
from mirror_web.mood_pairs import next_month
from mirror_web.mood_texts import MOOD_NAMES, TEXTS, day_words, month_words

__all__ = ["CalendarPanel"]

WEEKDAYS = Texts("time.short_weekdays")
CELLS = 42  # six weeks, so that every month has room


class CalendarPanel:
    """The panel in the current NiceGUI slot.

    Args:
        open_day: called with the period of a day that was pressed.
        turn: called with the first day of the month that is to be shown.
    """

    def __init__(self, open_day: Callable[[Period], Any], turn: Callable[[date], Any]) -> None:
        self._open_day = open_day
        self._turn = turn
        self._month: date | None = None
        self._days: dict[int, Day] = {}
        with ui.element("section").classes("m-panel"):
            with ui.element("div").classes("m-panel-head m-bar"):
                ui.label(TEXTS["calendar"]).classes("m-panel-title").props('role="heading" aria-level="2"')
                with ui.element("div").classes("m-month"):
                    icon_button("chevron_left", TEXTS["month_before"], lambda: self._move(-1))
                    self._name = ui.label().classes("m-month-name").props('role="status"')
                    icon_button("chevron_right", TEXTS["month_after"], lambda: self._move(1))
            with ui.element("div").classes("m-calendar"):
                for number in range(1, 8):
                    ui.label(WEEKDAYS[str(number)]).classes("m-weekday").props('aria-hidden="true"')
                self._cells = [self._build_cell(index) for index in range(CELLS)]
            ui.label(TEXTS["calendar_hint"]).classes("m-hint")

    def _build_cell(self, index: int) -> tuple[ui.element, ui.label, ui.label]:
        cell = ui.element("button").classes("m-day m-absent").props('type="button" disabled')
        cell.on("click", lambda: self._press(index), args=[])
        with cell:
            number = ui.label().classes("m-day-number").props('aria-hidden="true"')
            mood = ui.label().classes("m-day-mood").props('aria-hidden="true"')
        return cell, number, mood

    async def _move(self, months: int) -> None:
        if self._month is not None:
            await self._turn(next_month(self._month, months))

    async def _press(self, index: int) -> None:
        if (day := self._days.get(index)) is not None:
            await self._open_day((day.total.start_s, day.total.end_s))

    def show(self, days: tuple[Day, ...], chosen: Period | None) -> None:
        """Show a month.

        Args:
            days: all of its days.
            chosen: the period that the page shows, if that stays where it is.
        """
        self._month = days[0].day
        self._name.set_text(month_words(self._month))
        offset = self._month.weekday()
        self._days = {offset + place: day for place, day in enumerate(days)}
        rows = -(-(offset + len(days)) // 7)
        for index, (cell, number, mood) in enumerate(self._cells):
            cell.set_visibility(index < 7 * rows)
            shown = self._days.get(index)
            cell.classes(add="m-absent" if shown is None else "", remove="" if shown is None else "m-absent")
            if shown is not None:
                is_chosen = (shown.total.start_s, shown.total.end_s) == chosen
                _show_day(cell, number, mood, shown, is_chosen)

    def mark(self, chosen: Period | None) -> None:
        """Mark the day that the page shows."""
        for index, day in self._days.items():
            is_chosen = (day.total.start_s, day.total.end_s) == chosen
            set_prop(self._cells[index][0], "aria-pressed", str(is_chosen).lower())


def _show_day(cell: ui.element, number: ui.label, mood: ui.label, day: Day, is_chosen: bool) -> None:
    number.set_text(str(day.day.day))
    mood.set_text("" if day.dominant is None else MOOD_NAMES[day.dominant.word])
    colours = day_colours(day)
    cell.props(remove="disabled" if colours else "", add="" if colours else "disabled")
    words = day_words(day)
    told = {
        "aria-label": words,
        "title": words,
        "aria-pressed": str(is_chosen).lower(),
        "data-day": day.day.isoformat(),
    }
    for name, value in told.items():
        set_prop(cell, name, value)
    if colours is None:
        cell.style(replace="")
    else:
        ground, ink = colours
        cell.style(replace=f"background: {css_colour(ground)}; color: {css_colour(ink)}")
