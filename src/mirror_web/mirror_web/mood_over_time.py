"""The middle of the Mood page: what a person chooses to see, the curves, their legend and numbers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from nicegui import ui

from mirror_mood.log.answers import Presence
from mirror_web.controls import button, icon_button, set_prop
from mirror_web.mood_choice import SCALES, MoodChoice, Period, View
from mirror_web.mood_fields import field, option_field
from mirror_web.mood_texts import SCALE_NAMES, TEXTS, period_words

__all__ = ["OverTime", "people_options"]

ALL, ONE = "all", "is:"  # values of a choice: everybody, and one who follows the colon


def people_options(people: tuple[Presence, ...], names: Mapping[str, str]) -> list[tuple[str, str]]:
    """Values and words of the choice of a person; those who have no name are counted through."""
    found = [(ALL, TEXTS["everyone"])]
    nameless = 0
    for presence in people:
        if not presence.name:
            words = TEXTS["unknown_people"]
        elif presence.name in names:
            words = names[presence.name]
        else:
            nameless += 1
            words = TEXTS["no_name"] + (f" ({nameless})" if nameless > 1 else "")
        found.append((ONE + presence.name, words))
    return found


def chosen_of(value: str) -> str | None:
    """Whom a value of a choice means."""
    return value.removeprefix(ONE) if value.startswith(ONE) else None


def value_of(chosen: str | None) -> str:
    """The value of a choice that means somebody."""
    return ALL if chosen is None else ONE + chosen


class OverTime:
    """The panel in the current NiceGUI slot.

    Args:
        choose_scale, choose_view: called when a person presses the button of one.
        step: called with 1 for later, −1 for earlier.

    Attributes:
        chart, legend, table: elements that the script fills.
    """

    def __init__(
        self,
        choose_scale: Callable[[str], Any],
        choose_view: Callable[[View], Any],
        step: Callable[[int], Any],
    ) -> None:
        self._client = ui.context.client
        self._told_fields = ""
        with ui.element("section").classes("m-panel m-mood-wide m-over-time"):
            with ui.element("div").classes("m-panel-head m-bar"):
                ui.label(TEXTS["over_time"]).classes("m-panel-title").props('role="heading" aria-level="2"')
                with ui.element("div").classes("m-group").props('role="group"') as views:
                    views.props["aria-label"] = TEXTS["view_group"]
                    self._views = {
                        view: button(
                            TEXTS[f"view_{view}"], lambda view=view: choose_view(view), pressed=False
                        )
                        for view in View
                    }
            self._build_scales(choose_scale)
            with ui.element("div").classes("m-fields"):
                field("from", TEXTS["from"], "datetime-local")
                field("to", TEXTS["to"], "datetime-local")
                option_field("person", TEXTS["person"])
                option_field("mirror", TEXTS["mirror"])
                field("points", TEXTS["points"], "number", min=2, max=5000, inputmode="numeric")
            with ui.element("div").classes("m-heading-line"):
                with ui.element("div").classes("m-headings"):
                    self._period = ui.label().classes("m-period").props('role="status"')
                    self._summary = ui.label().classes("m-summary")
                with ui.element("div").classes("m-steps"):
                    icon_button("chevron_left", TEXTS["earlier"], lambda: step(-1))
                    icon_button("chevron_right", TEXTS["later"], lambda: step(1))
            self._build_chart()
            self._build_numbers()

    def _build_scales(self, choose_scale: Callable[[str], Any]) -> None:
        with ui.element("div").classes("m-group m-scales").props('role="group"') as scales:
            scales.props["aria-label"] = TEXTS["scales"]
            self._scales = {
                scale: button(SCALE_NAMES[scale], lambda scale=scale: choose_scale(scale), pressed=False)
                for scale in SCALES
            }
        for scale, element in self._scales.items():
            element.props["data-scale"] = scale

    def _build_chart(self) -> None:
        with ui.element("div").classes("m-chart-place"):
            self.chart = ui.echart({}).classes("m-chart").props('role="img"')
            self.chart.props["title"] = TEXTS["drag_hint"]
            with ui.element("div").classes("m-over") as self._over, ui.element("div"):
                self._over_text = ui.label(TEXTS["loading"]).classes("m-loading").props('role="status"')
        self.legend = ui.element("div").classes("m-legend")

    def _build_numbers(self) -> None:
        with ui.element("details").classes("m-numbers") as self.table:
            with ui.element("summary"):
                ui.label(TEXTS["numbers"])
            place = ui.element("div").classes("m-table-place").props('tabindex="0" role="region"')
            place.props["aria-label"] = TEXTS["numbers"]
        with ui.element("div").classes("m-saves"):
            self._saves = {
                name: ui.element("a").classes("m-button m-button-plain").props("download")
                for name in ("shown", "rows")
            }
            for name, link in self._saves.items():
                with link:
                    ui.icon("download", size="19px").props('aria-hidden="true"')
                    ui.label(TEXTS[f"save_{name}"])
            ui.label(TEXTS["save_hint"]).classes("m-hint")

    # ---- showing

    def show_choice(self, choice: MoodChoice, zone: str) -> None:
        """Bring the buttons and links to a choice."""
        for scale, element in self._scales.items():
            set_prop(element, "aria-pressed", str(scale == choice.scale).lower())
        for view, element in self._views.items():
            set_prop(element, "aria-pressed", str(view is choice.view).lower())
        query = urlencode({**choice.query(), "zone": zone})
        for name, link in self._saves.items():
            set_prop(link, "href", f"/mood/{name}.csv?{query}")

    def show_fields(
        self,
        choice: MoodChoice,
        period: Period,
        people: list[tuple[str, str]],
        mirrors: tuple[Presence, ...],
    ) -> None:
        """Bring the fields to a choice; one that is just being changed stays as it is."""
        told = json.dumps(
            {
                "values": {
                    "from": period[0],
                    "to": period[1],
                    "points": str(choice.points),
                    "person": value_of(choice.person),
                    "mirror": value_of(choice.mirror),
                },
                "options": {
                    "person": people,
                    "mirror": [(ALL, TEXTS["all_mirrors"]), *((ONE + m.name, m.name) for m in mirrors)],
                },
            }
        )
        if told != self._told_fields:
            self._told_fields = told
            self._client.run_javascript(f"window.mirrorMood.fields({told})")

    def show_curves(self, curves: dict[str, Any], period: Period, zone: str) -> None:
        """Draw curves."""
        self._period.set_text(period_words(*period, zone))
        self._summary.set_text("" if curves["isEmpty"] else curves["summary"])
        curves["label"] = TEXTS["chart_label"].format(summary=curves["summary"])
        self._client.run_javascript(f"window.mirrorMood.show({json.dumps(curves)})")
        self.cover(TEXTS["nothing_here"] if curves["isEmpty"] else None, clear=True)

    def cover(self, sentence: str | None, *, clear: bool = False) -> None:
        """Lay a sentence over the curves, None for nothing; `clear` leaves the axes to be seen."""
        self._over_text.set_text(sentence or "")
        self._over_text.classes(remove="m-loading")
        self._over.set_visibility(sentence is not None)
        self._over.classes(add="m-over-clear" if clear else "", remove="" if clear else "m-over-clear")

    def refuse(self, name: str, is_wrong: bool) -> None:
        """Mark a field whose value is not allowed."""
        self._client.run_javascript(f"window.mirrorMood.refuse({json.dumps([name, is_wrong])})")
