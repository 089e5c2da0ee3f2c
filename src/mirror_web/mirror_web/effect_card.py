"""An effect of the stack on the Effects page: its place, and a control for each of its parameters.

The controls' values are set and read by `static/effects.js`; what a person changes comes as the event
`effect_value`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nicegui import ui

from mirror_core.live_parameter import LiveParameter, LiveValue
from mirror_web.catalogue import Texts
from mirror_web.controls import Alert, button, icon_button, set_prop
from mirror_web.parameter_row import build_parameter_row
from mirror_web.parameter_words import parameter_hint
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
                hint = parameter_hint(self._effect, parameter)
                build_parameter_row(self._effect, parameter, hint, defaults.get(parameter.name))
            if defaults:
                with ui.element("div").classes("m-sheet-buttons"):
                    label = TEXTS["reset_all_label"].format(effect=self.name)
                    button(TEXTS["reset_all"], reset, icon="restart_alt", kind="quiet", label=label)

    def place(self, number: int, count: int) -> None:
        """Say where in the stack the effect stands, from 1."""
        self._number.set_text(str(number))
        for element, is_end in ((self._earlier, number == 1), (self._later, number == count)):
            set_prop(element, "aria-disabled", str(is_end).lower())
            element.classes(add="m-ended" if is_end else "", remove="" if is_end else "m-ended")

    def say(self, sentence: str | None) -> None:
        """Show what was refused, None for nothing."""
        self._alert.show(sentence)
