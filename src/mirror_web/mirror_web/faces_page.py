"""The Faces page: who stands before the mirror, the stored faces, and what can be done with both."""

from __future__ import annotations

import asyncio
from typing import Any

from nicegui import ui

from mirror_core.errors import MirrorError
from mirror_web.controls import Alert, ask, button, sheet
from mirror_web.faces_add import open_add_sheet
from mirror_web.faces_capture import CaptureCards, open_capture_sheet
from mirror_web.faces_control import FacesState, PersonInView, StoredFace, no_gallery
from mirror_web.faces_details import FaceDetails
from mirror_web.faces_grid import FacesGrid
from mirror_web.faces_many import TEXTS as MANY
from mirror_web.faces_many import open_many_sheet
from mirror_web.faces_people import PeopleActions, PeopleList
from mirror_web.faces_stage import FacesStage
from mirror_web.faces_texts import TEXTS
from mirror_web.job_tray import add_tray_scripts
from mirror_web.selection import shown_name
from mirror_web.shell import PageContext

__all__ = ["build_faces_page"]

TURN_S = 0.1  # how often people, captures and changes by others are looked at
RETRY_S = 2.0  # a list that could not be loaded is asked for again after this time
SWAP = "swap"  # the effect that shows worn faces
SHOW_PICTURE = 'document.getElementById("mirror-stage").scrollIntoView({block: "nearest"})'


def build_faces_page(context: PageContext) -> None:
    """Build the page in the current NiceGUI client."""
    _FacesPage(context)


class _FacesPage:
    """One browser tab's Faces page."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self._faces = context.faces
        self._revision: int | None = None
        self._loading = False
        self._details: FaceDetails | None = None
        ui.add_head_html('<link rel="stylesheet" href="/assets/faces.css">')
        for script in ("live", "faces", "points"):
            ui.add_head_html(f'<script src="/assets/{script}.js" defer></script>')
        add_tray_scripts()
        self._root = ui.element("div").classes("m-sheets")
        with ui.element("div").classes("m-faces-page"):
            with ui.element("div").classes("m-mirror-side"):
                self._build_mirror()
            with ui.element("section").classes("m-panel m-gallery"):
                self._build_gallery()
        ui.timer(TURN_S, self._turn)
        ui.timer(1.0, self._look_at_effects)

    def _build_mirror(self) -> None:
        self._offline = Alert("m-detail")
        self._stage = FacesStage(lambda: self._context.settings.mirrored, self._pick_person)
        self._cards = CaptureCards(self._faces, self._open_capture)
        with ui.element("section").classes("m-panel"):
            with ui.element("div").classes("m-panel-head"):
                ui.label(TEXTS["mirror"]).classes("m-panel-title").props('role="heading" aria-level="2"')
                self._keep = button(TEXTS["keep_face"], self._open_capture, icon="add_a_photo", kind="main")
            self._error = Alert()
            self._build_swap_note()
            actions = PeopleActions(
                wear=self._choose_worn,
                take_off=lambda person: self._change(self._faces.wear, _track(person), ""),
                say_who=self._choose_who,
                check_out=lambda person: self._change(self._faces.check_in, person.track_id, ""),
            )
            self._people = PeopleList(actions)

    def _build_swap_note(self) -> None:
        with ui.element("div").classes("m-detail m-note") as self._swap_note:
            ui.label(TEXTS["swap_off"].format(effect=shown_name(SWAP)))
            button(TEXTS["swap_switch_on"], self._switch_swap_on)
        self._swap_note.set_visibility(False)

    def _build_gallery(self) -> None:
        with ui.element("div").classes("m-panel-head"):
            ui.label(TEXTS["gallery"]).classes("m-panel-title").props('role="heading" aria-level="2"')
            with ui.element("div").classes("m-choices"):
                button(TEXTS["add_file"], self._open_add, icon="add_photo_alternate")
                button(MANY["open"], self._open_many, icon="collections")
        self._grid = FacesGrid(self._faces, self._open_details)

    # ---- what changes by itself

    async def _turn(self) -> None:
        if not self._stage.is_seen:
            return
        state = self._faces.state()
        self._stage.show(state)
        self._cards.show(state)
        self._people.show(state)
        self._offline.show(None if state.is_available else no_gallery())
        if state.is_available == ("disabled" in self._keep.props):
            self._keep.props(
                remove="disabled" if state.is_available else "",
                add="" if state.is_available else "disabled",
            )
        self._grid.show_worn(frozenset(state.worn.values()) | {state.worn_by_everybody})
        if self._details is not None:
            if self._details.is_open:
                self._details.show(state)
            else:
                self._details = None
        is_stale = state.revision != self._revision or self._grid.has_failed
        if state.is_available and is_stale and not self._loading:
            self._loading = True
            revision = state.revision
            try:
                if await self._grid.load():
                    self._revision = revision
                else:
                    await asyncio.sleep(RETRY_S)
            finally:
                self._loading = False

    async def _look_at_effects(self) -> None:
        state = self._faces.state() if self._stage.is_seen else FacesState()
        wears = bool(state.worn or state.worn_by_everybody)
        if wears:
            try:
                available, active = await asyncio.to_thread(self._effects)
            except MirrorError:
                available, active = (), ()
            wears = SWAP in available and SWAP not in active
        self._swap_note.set_visibility(wears)

    def _effects(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return self._context.control.effects(), self._context.control.active_effects()

    # ---- what a person does

    async def _change(self, call: Any, *arguments: Any) -> None:
        self._error.show(await ask(call, *arguments))

    async def _switch_swap_on(self) -> None:
        await self._change(self._context.control.set_effects, (SWAP,))
        await self._look_at_effects()

    def _open_capture(self) -> None:
        open_capture_sheet(self._root, self._faces, lambda: ui.run_javascript(SHOW_PICTURE))

    def _open_add(self) -> None:
        open_add_sheet(self._root, self._faces, self._context.uploads, self._grid.load)

    def _open_many(self) -> None:
        open_many_sheet(self._root, self._context.jobs, self._context.job_uploads)

    def _open_details(self, face: StoredFace) -> None:
        self._details = FaceDetails(self._root, self._faces, face, self._grid.load)

    def _pick_person(self, track_id: int) -> None:
        for person in self._faces.state().people:
            if person.track_id == track_id:
                self._choose_worn(person)

    def _choose_worn(self, person: PersonInView | None) -> None:
        title = (
            TEXTS["choose_worn_all"] if person is None else TEXTS["choose_worn"].format(number=person.number)
        )
        self._choose(title, lambda face: ask(self._faces.wear, _track(person), face.id), with_presets=True)

    def _choose_who(self, person: PersonInView) -> None:
        self._choose(
            TEXTS["choose_who"].format(number=person.number),
            lambda face: ask(self._faces.check_in, person.track_id, face.id),
            with_presets=False,
        )

    def _choose(self, title: str, use: Any, *, with_presets: bool) -> None:
        with sheet(self._root, title) as dialog:
            alert = Alert()

            async def pick(face: StoredFace) -> None:
                error = await use(face)
                alert.show(error)
                if error is None:
                    dialog.close()

            grid = FacesGrid(self._faces, pick, page_size=12, with_presets=with_presets)
            ui.timer(0.0, grid.load, once=True)


def _track(person: PersonInView | None) -> int | None:
    return None if person is None else person.track_id
