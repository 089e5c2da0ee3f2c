"""An effect of the stack on the Effects page: its place, and a control for each of its parameters.

The controls' values are set and read by `static/effects.js`; what a person changes comes as the event
`effect_value`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from nicegui import ui

from mirror_core.live_parameter import LiveParameter, LiveValue
from mirror_web.catalogue import Texts
from mirror_web.controls import Alert, button, icon_button, set_prop
from mirror_web.effect_values import control_kind, range_words, slider_step
from mirror_web.parameter_words import choice_name, parameter_hint, parameter_name
from mirror_web.selection import shown_name

__all__ = ["EffectCard"]

MOST_OPEN = 12  # an effect with more parameters begins folded
TEXTS = Texts("effects")


class EffectCard:
    """The card in the current NiceGUI slot.

    Args:
        effect: its name.
        parameters: its parameters as they are now.
        defaults: of its parameters, as far as they are known.
        move: called with −1 to apply it earlier, 1 for later.
        remove: called to take it out of the stack.
        reset: called to put all parameters back.

    Attributes:
        element: the card.
    """

    def __init__(
        self,
        effect: str,
        parameters: tuple[LiveParameter, ...],
        defaults: Mapping[str, LiveValue],
        *,
        move: Callable[[int], Any],
        remove: Callable[[], Any],
        reset: Callable[[], Any],
    ) -> None:
        self.name = shown_name(effect)
        self._effect = effect
        with ui.element("li").classes("m-panel m-stack-card") as self.element:
            self.element.props["data-card"] = effect
            with ui.element("div").classes("m-stack-head"):
                with ui.element("span").classes("m-grip").props("data-grip") as grip:
                    ui.icon("drag_indicator", size="22px").props('aria-hidden="true"')
                grip.props["title"] = TEXTS["drag"]
                self._number = ui.label().classes("m-badge").props('aria-hidden="true"')
                ui.label(self.name).classes("m-panel-title").props('role="heading" aria-level="3"')
                self._earlier = self._build_step("arrow_upward", "earlier", lambda: move(-1))
                self._later = self._build_step("arrow_downward", "later", lambda: move(1))
                self._build_step("close", "remove", remove)
            self._alert = Alert()
            if parameters:
                self._build_parameters(parameters, defaults, reset)

    def _build_step(self, icon: str, key: str, on_click: Callable[[], Any]) -> ui.element:
        element = icon_button(icon, TEXTS[key].format(effect=self.name), on_click)
        element.props["data-step"] = key
        return element

    def _build_parameters(
        self,
        parameters: tuple[LiveParameter, ...],
        defaults: Mapping[str, LiveValue],
        reset: Callable[[], Any],
    ) -> None:
        with ui.element("details").classes("m-numbers m-settings") as settings:
            if len(parameters) <= MOST_OPEN:
                settings.props("open")
            with ui.element("summary"):
                ui.label(TEXTS["settings"].format(count=len(parameters)))
            for parameter in parameters:
                self._build_parameter(parameter, defaults)
            if defaults:
                with ui.element("div").classes("m-sheet-buttons"):
                    label = TEXTS["reset_all_label"].format(effect=self.name)
                    button(TEXTS["reset_all"], reset, icon="restart_alt", kind="quiet", label=label)

    def _build_parameter(self, parameter: LiveParameter, defaults: Mapping[str, LiveValue]) -> None:
        kind, name = control_kind(parameter), parameter_name(parameter.name)
        identity = f"m-{self._effect}-{parameter.name}"
        with ui.element("div").classes(f"m-parameter m-parameter-{kind}") as row:
            row.props["data-effect"], row.props["data-parameter"] = self._effect, parameter.name
            row.props["data-kind"] = kind
            if parameter.name in defaults:
                row.props["data-default"] = json.dumps(defaults[parameter.name])
            with ui.element("div").classes("m-parameter-head"):
                ui.label(name).classes("m-parameter-name").props["id"] = f"{identity}-name"
                if kind in ("slider", "number"):
                    self._build_number(parameter, identity)
                elif kind == "switch":
                    self._build_input(identity, 'type=checkbox role="switch"').classes("m-switch")
                if parameter.name in defaults:
                    back = ui.element("button").classes("m-icon-button m-reset").props('type="button" hidden')
                    label = TEXTS["reset_one"].format(name=name)
                    back.props["aria-label"] = back.props["title"] = label
                    with back:
                        ui.icon("restart_alt", size="20px").props('aria-hidden="true"')
            self._build_control(kind, parameter, identity)
            words = [parameter_hint(self._effect, parameter), range_words(parameter)]
            hint = ui.label(" ".join(word for word in words if word)).classes("m-hint")
            hint.props["id"] = f"{identity}-hint"

    @staticmethod
    def _build_input(identity: str, kind: str) -> ui.element:
        element = ui.element("input").props(f'{kind} data-value aria-describedby="{identity}-hint"')
        element.props["aria-labelledby"] = f"{identity}-name"
        return element

    def _build_number(self, parameter: LiveParameter, identity: str) -> None:
        number = self._build_input(identity, "type=number step=any").classes("m-exact")
        if isinstance(parameter.value, int):
            number.props["step"] = 1
        for prop, limit in (("min", parameter.minimum), ("max", parameter.maximum)):
            if limit is not None:
                number.props[prop] = limit

    def _build_control(self, kind: str, parameter: LiveParameter, identity: str) -> None:
        if kind == "slider":
            slider = self._build_input(identity, "type=range").classes("m-range")
            slider.props["min"], slider.props["max"] = parameter.minimum, parameter.maximum
            slider.props["step"] = slider_step(parameter)
        elif kind == "text":
            self._build_input(identity, "type=text autocomplete=off spellcheck=false").classes("m-text")
        elif kind == "select":
            with ui.element("select").classes("m-text").props("data-value") as select:
                select.props["aria-labelledby"] = f"{identity}-name"
                select.props["aria-describedby"] = f"{identity}-hint"
                for choice in parameter.choices:
                    with ui.element("option") as option:
                        option.props["value"] = choice
                        option.props["label"] = choice_name(choice)
        elif kind == "choices":
            with ui.element("div").classes("m-choices").props('role="group"') as group:
                group.props["aria-labelledby"] = f"{identity}-name"
                for choice in parameter.choices:
                    with ui.element("label").classes("m-check"):
                        box = ui.element("input").props("type=checkbox data-value")
                        box.props["value"] = choice
                        ui.label(choice_name(choice))

    def place(self, number: int, count: int) -> None:
        """Say where in the stack the effect stands, from 1."""
        self._number.set_text(str(number))
        for element, is_end in ((self._earlier, number == 1), (self._later, number == count)):
            set_prop(element, "aria-disabled", str(is_end).lower())
            element.classes(add="m-ended" if is_end else "", remove="" if is_end else "m-ended")

    def say(self, sentence: str | None) -> None:
        """Show what was refused, None for nothing."""
        self._alert.show(sentence)
