"""The switch of the mood log on the Mood page, and what is said of it."""

from __future__ import annotations

import asyncio

from nicegui import ui

from mirror_core.errors import MirrorError
from mirror_web.controls import Alert, ask, button
from mirror_web.mood_control import MoodsControl
from mirror_web.mood_texts import TEXTS

__all__ = ["LogSwitch"]


class LogSwitch:
    """A note that says whether the log is on, with a button that switches it; in the current slot.

    It is not seen where nobody answers.

    Args:
        moods: has the log's switch.
    """

    def __init__(self, moods: MoodsControl) -> None:
        self._moods = moods
        self._is_on: bool | None = None
        with ui.element("div").classes("m-detail m-mood-note").props('role="status"') as self._note:
            self._words = ui.label()
            self._turn_on = button(TEXTS["switch_on"], self._switch, kind="main")
            self._turn_off = button(TEXTS["switch_off"], self._switch)
            self._alert = Alert()
        self._note.set_visibility(False)

    @property
    def is_seen(self) -> bool:
        """Whether the log's node answers, so that there is something to switch."""
        return self._is_on is not None

    @property
    def empty_words(self) -> str:
        """Why nothing is to be seen where the log has nothing at all."""
        if self._is_on is None:
            return TEXTS["no_log"]
        return TEXTS["nothing_yet"] if self._is_on else TEXTS["off_empty"]

    async def turn(self) -> None:
        """Look whether the log is on."""
        try:
            self._is_on = await asyncio.to_thread(self._moods.log_is_on)
        except MirrorError:
            self._is_on = None
        self._words.set_text(TEXTS["on" if self._is_on else "off"])
        self._turn_on.set_visibility(not self._is_on)
        self._turn_off.set_visibility(bool(self._is_on))
        self._note.set_visibility(self._is_on is not None)

    async def _switch(self) -> None:
        self._alert.show(await ask(self._moods.switch_log, self._is_on is False))
        await self.turn()
