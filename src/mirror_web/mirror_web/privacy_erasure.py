"""Erasing everything that the mirror keeps of people, from the Privacy page."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from nicegui import ui

from mirror_core.errors import MirrorError
from mirror_web.catalogue import Texts
from mirror_web.controls import Alert, button, sheet
from mirror_web.film_shelf import stop_take
from mirror_web.shell import PageContext

__all__ = ["ErasePanel", "erase_everything"]

TEXTS = Texts("privacy")


def erase_everything(context: PageContext, progress: Callable[[int, int], None]) -> tuple[str, ...]:
    """Erase all stored faces of people, all moods, takes and files of long work; for a worker thread.

    It goes on where something cannot be erased.

    Args:
        context: has the gallery, the mood log, the takes and the long work.
        progress: called with how many faces are done, and of how many.

    Returns:
        What came of it, a sentence each; those that begin with what did not work come first.
    """
    failed: list[str] = []
    erased = works = 0
    try:
        works = context.jobs.remove_all()  # first: an import that runs would store another face meanwhile
    except MirrorError as error:
        failed.append(str(error))
    try:
        people = _people(context)
    except MirrorError as error:
        people = []
        failed.append(str(error))
    for place, face_id in enumerate(people):
        progress(place, len(people))
        try:
            answer = context.faces.erase(face_id)
        except MirrorError as error:
            failed.append(str(error))
            continue
        if answer.error is None:
            erased += 1
        else:
            failed.append(answer.error)
    done = [TEXTS["erased_faces"].format(count=erased)]
    try:
        seconds = context.moods.erase_log()
        done.append(TEXTS["erased_moods"].format(count=seconds))
    except MirrorError as error:
        failed.append(str(error))
    try:
        if (problem := stop_take(context.control)) is not None:
            failed.append(problem)
        done.append(TEXTS["erased_takes"].format(count=context.film.takes.erase_all()))
    except MirrorError as error:
        failed.append(str(error))
    if works:
        done.append(TEXTS["erased_works"].format(count=works))
    return (*dict.fromkeys(failed), *done)


def _people(context: PageContext) -> list[str]:
    """Ids of all stored faces that are no presets."""
    found: list[str] = []
    offset = 0
    while True:
        part = context.faces.faces("", offset, 48)
        found += [face.id for face in part.faces if not face.preset]
        offset += len(part.faces)
        if not part.faces or offset >= part.total:
            return found


class ErasePanel:
    """The panel in the current NiceGUI slot.

    Args:
        context: has the gallery and the mood log.
        root: where its sheet is made.
        after: awaited when everything is erased.
    """

    def __init__(self, context: PageContext, root: ui.element, after: Callable[[], Awaitable[None]]) -> None:
        self._context = context
        self._root = root
        self._after = after
        self._is_erasing = False
        with ui.element("section").classes("m-panel"):
            ui.label(TEXTS["erase"]).classes("m-panel-title").props('role="heading" aria-level="2"')
            ui.label(TEXTS["erase_hint"]).classes("m-hint")
            with ui.element("div").classes("m-sheet-buttons"):
                button(TEXTS["erase_all"], self._ask, icon="delete_forever", kind="danger")
            self._progress = ui.label().classes("m-hint").props('role="status"')
            self._done = ui.element("ul").classes("m-purged").props('aria-live="polite"')

    def _ask(self) -> None:
        with sheet(self._root, TEXTS["erase_title"]) as dialog:
            ui.label(TEXTS["erase_hint"]).classes("m-hint")
            sure = ui.checkbox(TEXTS["erase_sure"])
            alert = Alert()

            async def erase() -> None:
                if not sure.value:
                    alert.show(TEXTS["erase_not_sure"])
                    return
                dialog.close()
                await self._erase()

            with ui.element("div").classes("m-sheet-buttons"):
                button(TEXTS["erase_no"], dialog.close, kind="quiet")
                button(TEXTS["erase_yes"], erase, kind="danger")

    async def _erase(self) -> None:
        if self._is_erasing:
            return
        self._is_erasing = True
        loop = asyncio.get_running_loop()
        self._done.clear()

        def tell(done: int, count: int) -> None:
            words = TEXTS["erasing"].format(done=done, count=count)
            loop.call_soon_threadsafe(self._progress.set_text, words)

        try:
            sentences = await asyncio.to_thread(erase_everything, self._context, tell)
        finally:
            self._is_erasing = False
        self._progress.set_text("")
        with self._done:
            for sentence in sentences:
                with ui.element("li"):
                    ui.label(sentence)
        await self._after()
