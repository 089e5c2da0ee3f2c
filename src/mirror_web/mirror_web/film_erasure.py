"""The question before something of a film is erased."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from nicegui import ui

from mirror_core.errors import MirrorError
from mirror_web.catalogue import Texts
from mirror_web.controls import Alert, button, sheet

__all__ = ["ask_to_erase"]

TEXTS = Texts("film")


def ask_to_erase(
    root: ui.element, title: str, hint: str, erase: Callable[[], object], after: Callable[[], Awaitable[None]]
) -> None:
    """Open a sheet that asks; a MirrorError of the erasing is shown on it.

    Args:
        root: where sheets are made.
        title, hint: what will be gone, in words.
        erase: does it, in a worker thread.
        after: awaited when it is gone.
    """
    with sheet(root, title) as dialog:
        ui.label(hint).classes("m-hint")
        alert = Alert()

        async def go() -> None:
            try:
                await asyncio.to_thread(erase)
            except MirrorError as error:
                alert.show(str(error))
                return
            dialog.close()
            await after()

        with ui.element("div").classes("m-sheet-buttons"):
            button(TEXTS["erase_no"], dialog.close, kind="quiet")
            button(TEXTS["erase_yes"], go, kind="danger")
