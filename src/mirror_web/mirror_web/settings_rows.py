"""A panel of the Settings page: rows of parameters of one node, made again when other ones are offered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nicegui import ui

from mirror_core.live_parameter import LiveParameter, LiveValue
from mirror_web.controls import Alert
from mirror_web.parameter_row import build_parameter_row
from mirror_web.parameter_words import choice_name

__all__ = ["RowsPanel", "heading"]


def heading(text: str) -> None:
    """The heading of a panel, in the current NiceGUI slot."""
    ui.label(text).classes("m-panel-title").props('role="heading" aria-level="2"')


class RowsPanel:
    """The panel in the current NiceGUI slot.

    Args:
        scope: the rows' scope, as of `build_parameter_row`.
        title: its heading.
        silent: what stands there while nothing is offered.
        hint: what a row of the scope does.
        names: a parameter's name for people; empty: made from its own.
        choices: an allowed word for people.
        about: what the panel is for; empty: its heading says enough.
        panel: its name for scripts; empty: that of the scope.

    Attributes:
        element: the panel.
        alert: for what was refused.
    """

    def __init__(
        self,
        scope: str,
        title: str,
        silent: str,
        hint: Callable[[str, LiveParameter], str],
        *,
        names: Callable[[str], str] = lambda name: "",
        choices: Callable[[str], str] = choice_name,
        about: str = "",
        panel: str = "",
    ) -> None:
        self._scope = scope
        self._hint, self._names, self._choices = hint, names, choices
        self._offered: tuple[Any, ...] | None = None
        with ui.element("section").classes("m-panel") as self.element:
            self.element.props["data-panel"] = panel or scope
            heading(title)
            if about:
                ui.label(about).classes("m-hint")
            self._silent = ui.label(silent).classes("m-hint")
            self.alert = Alert()
            self._body = ui.element("div")

    def show(self, rows: Sequence[LiveParameter], defaults: Mapping[str, LiveValue]) -> None:
        """Offer these rows; their values are set by the page's script."""
        offered = tuple((row.name, row.choices, row.minimum, row.maximum) for row in rows)
        self._silent.set_visibility(not rows)
        if offered == self._offered:
            return
        self._offered = offered
        self._body.clear()
        with self._body:
            for row in rows:
                build_parameter_row(
                    self._scope,
                    row,
                    self._hint(self._scope, row),
                    defaults.get(row.name),
                    name=self._names(row.name),
                    choice_words=self._choices,
                )
