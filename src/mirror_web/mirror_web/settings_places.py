"""The Storage panel of the Settings page: where faces and moods are kept, with a trial of each address."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial

from nicegui import ui

from mirror_core.live_parameter import LiveParameter
from mirror_web.catalogue import Texts
from mirror_web.controls import Alert, ask, button
from mirror_web.privacy_control import masked
from mirror_web.settings_control import SettingsControl
from mirror_web.settings_storage import PLACES, Place, in_time, try_address

__all__ = ["PlacesPanel"]

TEXTS, NAMES, TRIALS = Texts("settings"), Texts("privacy_places"), Texts("settings_storage")


class _PlaceRow:
    """One address: what it is now, a field for another one, and the trial."""

    def __init__(self, place: Place, control: SettingsControl) -> None:
        self._place = place
        self._control = control
        self._address = ""
        self._is_trying = False
        with ui.element("li").classes("m-fact") as self.element:
            self.element.props["data-place"] = place.key
            ui.label(NAMES[place.key]).classes("m-fact-head").props["id"] = f"m-place-{place.key}"
            self._now = ui.label()
            self._field = ui.input().classes("m-field m-place-field").props("outlined dense dark")
            self._field.props["aria-label"] = TEXTS["other_address"].format(place=NAMES[place.key])
            self._field.props["placeholder"] = TEXTS["database_hint" if place.is_database else "objects_hint"]
            self._field.props["autocomplete"], self._field.props["spellcheck"] = "off", "false"
            with ui.element("div").classes("m-place-buttons"):
                self._try = button(TEXTS["try"], self._try_it, icon="network_check", label=self._said("try"))
                button(TEXTS["use"], self._use, label=self._said("use"))
                self._back = button(TEXTS["here"], self._use_default, kind="quiet", label=self._said("here"))
            self._trial = ui.label().classes("m-hint m-trial").props('role="status"')
            self._alert = Alert()

    def _said(self, key: str) -> str:
        return f"{TEXTS[key]}: {NAMES[self._place.key]}"

    def show(self, parameter: LiveParameter | None) -> None:
        """Show where it is stored now; the field is left alone, somebody may be writing in it."""
        self.element.set_visibility(parameter is not None)
        self._address = str(parameter.value) if parameter is not None else ""
        empty = TEXTS["nowhere" if self._place.may_be_nowhere else "state_folder"]
        self._now.set_text(masked(self._address) or empty)
        self._now.classes(
            add="m-fact-value" if self._address else "m-hint",
            remove="m-hint" if self._address else "m-fact-value",
        )
        self._back.set_visibility(bool(self._address))

    async def _try_it(self) -> bool:
        """Try the address in the field, else the one that is used, and say how that went."""
        if self._is_trying:
            return False
        self._is_trying = True
        self._alert.show(None)
        self._trial.set_text(TEXTS["trying"])
        address = str(self._field.value or "").strip() or self._address
        try:
            trial = await asyncio.to_thread(in_time, partial(try_address, self._place, address))
        finally:
            self._is_trying = False
        self._trial.set_text(trial.sentence if trial.works else "")
        self._alert.show(None if trial.works else trial.sentence)
        return trial.works

    async def _use(self) -> None:
        address = str(self._field.value or "").strip()
        if not address:
            self._alert.show(TEXTS["no_address"])
        elif await self._try_it():  # with one that is not understood the mirror would not start again
            await self._set(address)

    async def _use_default(self) -> None:
        await self._set("")

    async def _set(self, address: str) -> None:
        values = {self._place.parameter: address}
        refusal = await ask(self._control.set_parameters, self._place.node, values)
        self._alert.show(refusal)
        self._trial.set_text("" if refusal else TEXTS["next_start"])
        if refusal is None:
            self._field.set_value("")  # an address may hold a password, which nobody sees again


class PlacesPanel:
    """The panel in the current NiceGUI slot.

    Args:
        control: the mirror's settings.
    """

    def __init__(self, control: SettingsControl) -> None:
        with ui.element("section").classes("m-panel"):
            ui.label(TEXTS["storage"]).classes("m-panel-title").props('role="heading" aria-level="2"')
            ui.label(TEXTS["storage_hint"]).classes("m-hint")
            with ui.element("ul").classes("m-facts"):
                self._rows = {place: _PlaceRow(place, control) for place in PLACES}
            self._none = ui.label(TEXTS["storage_silent"]).classes("m-hint")

    def show(self, nodes: Mapping[str, Mapping[str, LiveParameter]]) -> None:
        """Show what is so now.

        Args:
            nodes: parameters by node and name; a node that does not run has none.
        """
        found = {place: nodes.get(place.node, {}).get(place.parameter) for place in PLACES}
        for place, parameter in found.items():
            self._rows[place].show(parameter)
        self._none.set_visibility(not any(found.values()))
