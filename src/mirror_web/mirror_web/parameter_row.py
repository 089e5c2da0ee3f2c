"""A parameter on a page: its name, the right control, what it does, and the way back to its default.

The controls' values are set and read by `static/effects.js`; what a person changes comes as the event
`effect_value` with the row's scope (an effect or a node), the parameter's name and the value.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from nicegui import ui

from mirror_core.live_parameter import LiveParameter, LiveValue
from mirror_web.catalogue import Texts
from mirror_web.effect_values import control_kind, range_words, slider_step
from mirror_web.parameter_words import choice_name, parameter_name

__all__ = ["build_parameter_row"]

TEXTS = Texts("effects")


def build_parameter_row(
    scope: str,
    parameter: LiveParameter,
    hint: str,
    default: LiveValue | None = None,
    *,
    name: str = "",
    choice_words: Callable[[str], str] = choice_name,
) -> ui.element:
    """Build the row in the current NiceGUI slot.

    Args:
        scope: what the parameter belongs to.
        parameter: as it is now.
        hint: what it does.
        default: what its button goes back to, None where there is no such button.
        name: for people; empty: made from the parameter's own.
        choice_words: an allowed word for people.

    Returns:
        The row, `.m-parameter`.
    """
    kind, name = control_kind(parameter), name or parameter_name(parameter.name)
    identity = f"m-{scope}-{parameter.name}"
    with ui.element("div").classes(f"m-parameter m-parameter-{kind}") as row:
        row.props["data-effect"], row.props["data-parameter"] = scope, parameter.name
        row.props["data-kind"] = kind
        if default is not None:
            row.props["data-default"] = json.dumps(default)
        with ui.element("div").classes("m-parameter-head"):
            ui.label(name).classes("m-parameter-name").props["id"] = f"{identity}-name"
            if kind in ("slider", "number"):
                _build_number(parameter, identity)
            elif kind == "switch":
                _build_input(identity, 'type=checkbox role="switch"').classes("m-switch")
            if default is not None:
                _build_reset(name)
        _build_control(kind, parameter, identity, choice_words)
        words = " ".join(word for word in (hint, range_words(parameter)) if word)
        ui.label(words).classes("m-hint").props["id"] = f"{identity}-hint"
    return row


def _build_reset(name: str) -> None:
    back = ui.element("button").classes("m-icon-button m-reset").props('type="button" hidden')
    back.props["aria-label"] = back.props["title"] = TEXTS["reset_one"].format(name=name)
    with back:
        ui.icon("restart_alt", size="20px").props('aria-hidden="true"')


def _build_input(identity: str, kind: str) -> ui.element:
    element = ui.element("input").props(f'{kind} data-value aria-describedby="{identity}-hint"')
    element.props["aria-labelledby"] = f"{identity}-name"
    return element


def _build_number(parameter: LiveParameter, identity: str) -> None:
    number = _build_input(identity, "type=number step=any").classes("m-exact")
    if isinstance(parameter.value, int):
        number.props["step"] = 1
    for prop, limit in (("min", parameter.minimum), ("max", parameter.maximum)):
        if limit is not None:
            number.props[prop] = limit


def _build_control(
    kind: str, parameter: LiveParameter, identity: str, choice_words: Callable[[str], str]
) -> None:
    if kind == "slider":
        slider = _build_input(identity, "type=range").classes("m-range")
        slider.props["min"], slider.props["max"] = parameter.minimum, parameter.maximum
        slider.props["step"] = slider_step(parameter)
    elif kind == "text":
        _build_input(identity, "type=text autocomplete=off spellcheck=false").classes("m-text")
    elif kind == "select":
        with ui.element("select").classes("m-text").props("data-value") as select:
            select.props["aria-labelledby"] = f"{identity}-name"
            select.props["aria-describedby"] = f"{identity}-hint"
            for choice in parameter.choices:
                with ui.element("option") as option:
                    option.props["value"] = choice
                    option.props["label"] = choice_words(choice)
    elif kind == "choices":
        with ui.element("div").classes("m-choices").props('role="group"') as group:
            group.props["aria-labelledby"] = f"{identity}-name"
            for choice in parameter.choices:
                with ui.element("label").classes("m-check"):
                    box = ui.element("input").props("type=checkbox data-value")
                    box.props["value"] = choice
                    ui.label(choice_words(choice))
