"""Recorded takes on the Privacy page: who was recorded and when, and erasing all of them."""

from __future__ import annotations

import asyncio

from nicegui import ui

from mirror_core.errors import MirrorError
from mirror_web.calendar_words import date_words
from mirror_web.catalogue import Texts
from mirror_web.control import MirrorControl
from mirror_web.controls import Alert, button, sheet
from mirror_web.film_shelf import stop_take
from mirror_web.film_takes import FilmTake, FilmTakes

__all__ = ["TakesOnRecord"]

TEXTS = Texts("privacy")


class TakesOnRecord:
    """The panel in the current NiceGUI slot.

    Args:
        takes: all of them.
        control: of the mirror, which ends a take that is being recorded.
        root: where its sheet is made.
    """

    def __init__(self, takes: FilmTakes, control: MirrorControl, root: ui.element) -> None:
        self._takes, self._control, self._root = takes, control, root
        self._shown: tuple[FilmTake, ...] | None = None
        with ui.element("section").classes("m-panel"):
            ui.label(TEXTS["takes_title"]).classes("m-panel-title").props('role="heading" aria-level="2"')
            ui.label(TEXTS["takes_hint"]).classes("m-hint")
            self._nobody = ui.label(TEXTS["takes_none"]).classes("m-question")
            self._list = ui.element("ul").classes("m-facts")
            self._done = ui.label().classes("m-hint").props('role="status"')
            with ui.element("div").classes("m-choices m-take-links"):
                ui.link(TEXTS["takes_link"], "/film").classes("m-button m-button-plain")
                self._erase = button(TEXTS["takes_erase"], self._ask, icon="delete", kind="danger")

    async def turn(self) -> None:
        """Look at what there is."""
        takes = await asyncio.to_thread(self._takes.takes)
        if takes == self._shown:
            return
        self._shown = takes
        self._nobody.set_visibility(not takes)
        self._erase.set_visibility(bool(takes))
        self._list.clear()
        with self._list:
            for take in takes:
                with ui.element("li").classes("m-fact") as entry:
                    entry.props["data-take"] = take.id
                    ui.label(f"{take.name} · {date_words(take.date.date())}").classes("m-fact-head")

    def _ask(self) -> None:
        with sheet(self._root, TEXTS["takes_erase_title"]) as dialog:
            ui.label(TEXTS["takes_erase_hint"]).classes("m-hint")
            alert = Alert()

            async def erase() -> None:
                try:
                    count = await asyncio.to_thread(self._erase_all)
                except MirrorError as error:
                    alert.show(str(error))
                    return
                dialog.close()
                self._done.set_text(TEXTS["erased_takes"].format(count=count))
                await self.turn()

            with ui.element("div").classes("m-sheet-buttons"):
                button(TEXTS["erase_no"], dialog.close, kind="quiet")
                button(TEXTS["erase_yes"], erase, kind="danger")

    def _erase_all(self) -> int:
        if (problem := stop_take(self._control)) is not None:
            raise MirrorError(problem)
        return self._takes.erase_all()
