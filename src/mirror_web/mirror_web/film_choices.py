"""How a film scene is played: which one, by whom, how it is shown; each choice a parameter of the effect."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from nicegui import events, ui

from mirror_core.live_parameter import LiveValue
from mirror_web.catalogue import Texts
from mirror_web.film_scenes import FilmScene

__all__ = ["FilmChoices"]

TEXTS = Texts("film")
CHOICES = {
    "participants": ("one", "two", "turns"),
    "view": ("full", "beside", "inset"),
    "corner": ("top_left", "top_right", "bottom_left", "bottom_right"),
}
NUMBERS = {"turn": (3, 120, 1), "inset_size": (0.1, 0.5, 0.05)}  # lowest, highest, step
VALUE = "(event) => emit(event.target.value)"
CHECKED = "(event) => emit(event.target.checked)"


class FilmChoices:
    """The controls in the current NiceGUI slot.

    Args:
        on_change: awaited with the parameters that a person has changed.
    """

    def __init__(self, on_change: Callable[[Mapping[str, LiveValue]], Awaitable[None]]) -> None:
        self._on_change = on_change
        self._offered: tuple[tuple[str, str], ...] = ()
        self._values: Mapping[str, LiveValue] = {}
        self._inputs: dict[str, ui.element] = {}
        self._rows: dict[str, ui.element] = {}
        self._outputs: dict[str, ui.label] = {}
        with ui.element("div").classes("m-film-choices"):
            self._build_select("scene", ())
            self._build_select("participants", CHOICES["participants"])
            self._build_select("second_scene", ())
            self._build_number("turn")
            self._build_select("view", CHOICES["view"])
            self._build_select("corner", CHOICES["corner"])
            self._build_number("inset_size")
            self._build_switch("show_score")

    def _build_select(self, name: str, words: tuple[str, ...]) -> None:
        with ui.element("label").classes("m-film-row") as self._rows[name]:
            ui.label(TEXTS[name])
            select = self._inputs[name] = ui.element("select").props(f'data-film-choice="{name}"')
            with select:
                for word in words:
                    _option(word, TEXTS[f"{name}_{word}"])
        select.on("change", partial(self._changed, name), js_handler=VALUE)

    def _build_number(self, name: str) -> None:
        lowest, highest, step = NUMBERS[name]
        with ui.element("label").classes("m-film-row") as self._rows[name]:
            ui.label(TEXTS[name])
            with ui.element("span").classes("m-film-number"):
                number = self._inputs[name] = ui.element("input").props(
                    f'type=range data-film-choice="{name}"'
                )
                number.props["min"], number.props["max"], number.props["step"] = lowest, highest, step
                self._outputs[name] = ui.label().classes("m-film-output")
        number.on("change", partial(self._changed, name), js_handler=VALUE)

    def _build_switch(self, name: str) -> None:
        with ui.element("label").classes("m-film-row m-film-check") as self._rows[name]:
            switch = self._inputs[name] = ui.element("input").props(
                f'type=checkbox data-film-choice="{name}"'
            )
            ui.label(TEXTS[name])
        ui.label(TEXTS["show_score_hint"]).classes("m-hint")
        switch.on("change", partial(self._changed, name), js_handler=CHECKED)

    async def _changed(self, name: str, event: events.GenericEventArguments) -> None:
        value: LiveValue = event.args
        if name in NUMBERS:
            value = float(event.args)
        await self._on_change({name: value})

    # ---- what changes by itself

    def show(self, scenes: tuple[FilmScene, ...], values: Mapping[str, LiveValue]) -> None:
        """Bring the controls up to date.

        Args:
            scenes: those that can be chosen.
            values: of the effect's parameters; empty where there is no such effect.
        """
        offered = tuple((scene.name, scene.title) for scene in scenes if not scene.problem)
        if offered != self._offered:
            self._offered = offered
            self._offer("scene", offered, TEXTS["scene_first"])
            self._offer("second_scene", offered, TEXTS["scene_same"])
            self._values = {}
        for name in self._inputs:
            if name in values and values[name] != self._values.get(name):
                self._set(name, values[name])
        self._values = dict(values)
        self._rows["second_scene"].set_visibility(values.get("participants") == "two")
        self._rows["turn"].set_visibility(values.get("participants") == "turns")
        for name in ("corner", "inset_size"):
            self._rows[name].set_visibility(values.get("view") == "inset")

    def _offer(self, name: str, scenes: tuple[tuple[str, str], ...], nothing: str) -> None:
        select = self._inputs[name]
        select.clear()
        with select:
            _option("", nothing)
            for scene, title in scenes:
                _option(scene, title)

    def _set(self, name: str, value: LiveValue) -> None:
        if name in NUMBERS:
            number = float(value) if isinstance(value, int | float) else 0.0
            key = "turn_seconds" if name == "turn" else "inset_percent"
            amount = number if name == "turn" else 100 * number
            self._outputs[name].set_text(TEXTS[key].format(count=f"{amount:.0f}"))
        what = "checked" if name == "show_score" else "value"
        # A property: an attribute would change nothing once a person has used the control.
        element = self._inputs[name]
        target = f"document.getElementById({json.dumps(element.html_id)})"
        element.client.run_javascript(f"const e = {target}; if (e) e.{what} = {json.dumps(value)};")


def _option(value: str, words: str) -> None:
    option = ui.element("option")
    option.props["value"], option.props["label"] = value, words
