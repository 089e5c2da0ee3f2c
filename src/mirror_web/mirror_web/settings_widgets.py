"""The Widgets panel of the Settings page: in which region of the window each widget stands, and how it looks.

The node `display` has one parameter `widgets`, a list such as `clock@top_left`, and one for each setting of
a widget, such as `clock.hours`. People choose a region for each widget; this goes from the one to the other
and back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from nicegui import ui

from mirror_core.live_parameter import LiveParameter, LiveValue
from mirror_display.widget_places import REGIONS, WidgetPlace, places_of, widget_names
from mirror_web.catalogue import Texts
from mirror_web.controls import Alert
from mirror_web.parameter_row import build_parameter_row
from mirror_web.parameter_words import choice_name, parameter_hint, parameter_name
from mirror_web.selection import plain_name
from mirror_web.settings_rows import heading

__all__ = ["SCOPE", "WidgetsPanel", "is_of_widget", "widget_changes", "widget_name", "widget_rows"]

SCOPE = "widgets"  # of the rows with regions, and the parameter's name
NOWHERE = ""
TEXTS, NAMES, HINTS = Texts("settings"), Texts("settings_widgets"), Texts("settings_widget_hints")


def widget_name(widget: str) -> str:
    """A widget's name for people: "mood_week" → "Mood of the week"; plugins keep their own."""
    return NAMES.get(widget) or plain_name(widget)


def region_words(region: str) -> str:
    """A region for people."""
    return choice_name(region) if region else TEXTS["widget_nowhere"]


def is_of_widget(name: str) -> bool:
    """Whether a parameter of the window belongs to a widget."""
    return name == SCOPE or name.partition(".")[0] in widget_names()


def _lines(window: Mapping[str, LiveParameter]) -> tuple[str, ...]:
    value = window[SCOPE].value if SCOPE in window else ()
    return value if isinstance(value, tuple) else (str(value),)


def _places(window: Mapping[str, LiveParameter]) -> tuple[WidgetPlace, ...]:
    """Where widgets stand now; also those that only the window knows, which may run on another machine."""
    lines = _lines(window)
    known = (*widget_names(), *(line.partition("@")[0].strip() for line in lines))
    return places_of(lines, known)


def widget_rows(window: Mapping[str, LiveParameter]) -> tuple[LiveParameter, ...]:
    """A row for each widget, with its region; empty where the window does not run."""
    if SCOPE not in window:
        return ()
    places = {place.widget: place.region for place in _places(window)}
    names = dict.fromkeys((*widget_names(), *places))
    choices = (NOWHERE, *REGIONS)
    return tuple(LiveParameter(name, places.get(name, NOWHERE), choices=choices) for name in names)


def widget_changes(
    widget: str, region: str, window: Mapping[str, LiveParameter]
) -> Mapping[str, LiveValue] | None:
    """The window's parameters for a widget that somebody has placed; None for what cannot be meant.

    It stands below those that are in its region already.

    Args:
        widget: its name.
        region: one of `REGIONS`, or empty to take it away.
        window: parameters of the window, as they are now.
    """
    if widget not in (row.name for row in widget_rows(window)) or region not in (NOWHERE, *REGIONS):
        return None
    left = [f"{place.widget}@{place.region}" for place in _places(window) if place.widget != widget]
    placed = [f"{widget}@{region}"] if region else []
    return {SCOPE: tuple(left + placed) or ("",)}  # ROS knows no type of an empty list


def _settings_of(widget: str, window: Mapping[str, LiveParameter]) -> Iterator[LiveParameter]:
    return (p for p in window.values() if p.name.startswith(f"{widget}."))


class WidgetsPanel:
    """The panel in the current NiceGUI slot.

    Attributes:
        alert: for what was refused.
    """

    def __init__(self) -> None:
        self._offered: tuple[str, ...] | None = None
        self._settings: dict[str, ui.element] = {}
        with ui.element("section").classes("m-panel") as element:
            element.props["data-panel"] = SCOPE
            heading(TEXTS["widgets"])
            self._about = ui.label(TEXTS["widgets_hint"]).classes("m-hint")
            self._silent = ui.label(TEXTS["no_window"]).classes("m-hint")
            self.alert = Alert()
            self._body = ui.element("div")

    def show(self, window: Mapping[str, LiveParameter], defaults: Mapping[str, LiveValue]) -> None:
        """Offer the widgets of this window; values are set by the page's script.

        Args:
            window: its parameters, none where it does not run.
            defaults: of them.
        """
        rows = widget_rows(window)
        self._silent.set_visibility(not rows)
        self._about.set_visibility(bool(rows))
        offered = tuple(p.name for row in rows for p in (row, *_settings_of(row.name, window)))
        if offered != self._offered:
            self._offered = offered
            self._body.clear()
            with self._body:
                self._settings = {row.name: self._build(row, window, defaults) for row in rows}
        for row in rows:
            self._settings[row.name].set_visibility(row.value != NOWHERE)

    @staticmethod
    def _build(
        row: LiveParameter, window: Mapping[str, LiveParameter], defaults: Mapping[str, LiveValue]
    ) -> ui.element:
        """A widget's region and, below it, its settings, which are returned."""
        name = widget_name(row.name)
        with ui.element("div").classes("m-widget"):
            hint = HINTS.get(row.name, "")
            build_parameter_row(SCOPE, row, hint, name=name, choice_words=region_words)
            with ui.element("div").classes("m-widget-settings") as settings:
                for parameter in _settings_of(row.name, window):
                    short = replace(parameter, name=parameter.name.partition(".")[2])
                    build_parameter_row(
                        "display",
                        parameter,
                        parameter_hint(row.name, short),
                        defaults.get(parameter.name),
                        name=TEXTS["widget_setting"].format(
                            widget=name,
                            setting=NAMES.get(parameter.name.replace(".", "_")) or parameter_name(short.name),
                        ),
                    )
        return settings
