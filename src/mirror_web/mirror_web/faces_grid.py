"""The stored faces as thumbnails, with search and paging; on the page itself and wherever one is chosen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from nicegui import ui

from mirror_core.errors import MirrorError
from mirror_web.controls import Alert, button, jpeg_url
from mirror_web.faces_control import FacePage, FacesControl, StoredFace
from mirror_web.faces_texts import TEXTS, count_words, short_kept_words

__all__ = ["FacesGrid"]

SEARCH_PAUSE_S = 0.3  # after the last key before a search begins


class FacesGrid:
    """The grid in the current NiceGUI slot; `load` fills it.

    Args:
        control: the gallery.
        on_pick: called (or awaited) with the face that was tapped on.
        page_size: faces a page.
        with_presets: False leaves out the faces that belong to nobody.

    Attributes:
        has_failed: the last answer was an error; ask again.
    """

    def __init__(
        self,
        control: FacesControl,
        on_pick: Callable[[StoredFace], Any],
        *,
        page_size: int = 24,
        with_presets: bool = True,
    ) -> None:
        self._control = control
        self._on_pick = on_pick
        self._page_size = page_size
        self._with_presets = with_presets
        self._offset = 0
        self._page: FacePage | None = None
        self._worn: frozenset[str] = frozenset()
        self.has_failed = False
        self._asked = 0
        self._search = ui.input(placeholder=TEXTS["search"], on_change=self._search_changed)
        self._search.props("outlined dense clearable type=search").classes("m-field m-search")
        self._search.props["aria-label"] = TEXTS["search"]
        with self._search.add_slot("prepend"):
            ui.icon("search", size="20px")
        self._alert = Alert()
        self._grid = ui.element("div").classes("m-faces").props('aria-busy="true"')
        self._pager = ui.element("div").classes("m-pager")
        self._show_loading()

    async def _search_changed(self) -> None:
        self._offset = 0
        self._asked += 1
        asked = self._asked
        await asyncio.sleep(SEARCH_PAUSE_S)
        if asked == self._asked:
            await self.load()

    async def load(self) -> bool:
        """Ask for the faces and show them; what has not changed stays as it is.

        Returns:
            Whether the newest answer is shown; False where the gallery did not answer.
        """
        self._asked += 1
        asked = self._asked
        name = str(self._search.value or "").strip()
        try:
            page = await asyncio.to_thread(self._control.faces, name, self._offset, self._page_size)
        except MirrorError as error:
            if asked == self._asked:
                self._fail(str(error))
            return False
        if asked != self._asked:
            return True  # a later question is under way
        if not page.faces and page.total and self._offset:
            self._offset = (page.total - 1) // self._page_size * self._page_size
            return await self.load()
        self.has_failed = False
        self._alert.show(None)
        if page != self._page:
            self._page = page
            self._show(page, searched=bool(name))
        return True

    def show_worn(self, ids: frozenset[str]) -> None:
        """Mark the faces that are worn now."""
        if ids != self._worn:
            self._worn = ids
            if self._page is not None:
                self._show(self._page, searched=bool(str(self._search.value or "").strip()))

    def _show_loading(self) -> None:
        self._grid.clear()
        with self._grid:
            ui.label(TEXTS["loading"]).classes("m-unseen").props('role="status"')
            for _ in range(6):
                ui.element("div").classes("m-face m-skeleton")

    def _fail(self, reason: str) -> None:
        self.has_failed = True
        self._alert.show(f"{reason} {TEXTS['list_failed']}")
        if self._page is None:
            self._grid.clear()

    def _show(self, page: FacePage, *, searched: bool) -> None:
        self._grid.clear()
        self._grid.props["aria-busy"] = "false"
        faces = [face for face in page.faces if self._with_presets or not face.preset]
        with self._grid:
            for face in faces:
                self._build_card(face)
        self._pager.clear()
        with self._pager:
            if not faces:
                with ui.element("div").classes("m-empty"):
                    ui.icon("search_off" if searched else "face", size="34px").props('aria-hidden="true"')
                    ui.label(TEXTS["not_found" if searched else "empty"])
                    if not searched:
                        ui.label(TEXTS["empty_hint"]).classes("m-hint")
            elif words := count_words(self._offset, len(page.faces), page.total):
                self._build_pager(words, page.total)

    def _build_card(self, face: StoredFace) -> None:
        card = ui.element("button").classes("m-face").props('type="button"')
        card.props["data-face"] = face.id
        card.on("click", lambda: self._on_pick(face), args=[])
        with card:
            with ui.element("span").classes("m-face-picture"):
                if face.thumbnail:
                    ui.element("img").props('alt=""').props["src"] = jpeg_url(face.thumbnail)
                else:
                    ui.icon("face", size="40px").props('aria-hidden="true"')
                if face.id in self._worn:
                    ui.label("worn").classes("m-face-worn")
            ui.label(face.name).classes("m-face-name")
            ui.label(short_kept_words(face)).classes("m-face-kept")

    def _build_pager(self, words: str, total: int) -> None:
        earlier = button(TEXTS["previous"], lambda: self._turn(-1), icon="chevron_left")
        ui.label(words).classes("m-hint").props('role="status"')
        later = button(TEXTS["next"], lambda: self._turn(1), icon="chevron_right")
        if self._offset == 0:
            earlier.props("disabled")
        if self._offset + self._page_size >= total:
            later.props("disabled")

    async def _turn(self, pages: int) -> None:
        self._offset = max(self._offset + pages * self._page_size, 0)
        await self.load()
