"""One stored face: who wears it, who it is, its consent in words, its name, its file, and its end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from nicegui import ui

from mirror_core.errors import MirrorError
from mirror_gallery.face_names import MOST_CHARACTERS, checked_name
from mirror_web.controls import Alert, ask, button, jpeg_url, sheet
from mirror_web.faces_control import FacesControl, FacesState, StoredFace
from mirror_web.faces_texts import TEXTS, consent_lines, date_words, person_name

__all__ = ["FaceDetails"]


def file_name(name: str) -> str:
    """What an exported face's file is called: "Ada Lovelace" → "Ada Lovelace.mirrorface"."""
    kept = "".join(c if c.isalnum() or c in " -_." else "_" for c in name).strip(" .")
    return f"{kept or 'face'}.mirrorface"


class FaceDetails:
    """An open sheet about one face.

    Args:
        root: where the sheet is made.
        control: the gallery.
        face: what it is about.
        on_change: called (or awaited) after something was changed here.
    """

    def __init__(
        self, root: ui.element, control: FacesControl, face: StoredFace, on_change: Callable[[], Any]
    ) -> None:
        self._control = control
        self._face = face
        self._on_change = on_change
        self._shown: Any = None
        self._targets: ui.element | None = None
        with sheet(root, face.name) as self._dialog:
            self._body = ui.element("div").classes("m-details")
            with self._body:
                self._build()
        self.show(control.state())

    @property
    def is_open(self) -> bool:
        """Whether the sheet is still there."""
        return not self._dialog.is_deleted and bool(self._dialog.value)

    def show(self, state: FacesState) -> None:
        """Bring the buttons for the people in view up to date."""
        people = [(p.track_id, p.number, p.person, person_name(p, state)) for p in state.people]
        shown = (people, dict(state.worn), state.worn_by_everybody)
        if shown == self._shown or self._targets is None or not self.is_open:
            return
        self._shown = shown
        self._targets.clear()
        with self._targets:
            self._build_targets(state)

    def _build(self) -> None:
        face = self._face
        with ui.element("div").classes("m-details-head"):
            if face.thumbnail:
                ui.element("img").props('alt=""').props["src"] = jpeg_url(face.thumbnail)
            with ui.element("div").classes("m-details-words"):
                for line in consent_lines(face, datetime.now(UTC)):
                    ui.label(line)
                ui.label(TEXTS["stored"].format(date=date_words(face.created))).classes("m-hint")
        self._alert = Alert()
        self._targets = ui.element("div").classes("m-targets")
        if not face.preset:
            with ui.element("div").classes("m-rename"):
                self._name = ui.input(TEXTS["name"], value=face.name)
                self._name.props(f'outlined dense maxlength={MOST_CHARACTERS} autocomplete="off"')
                self._name.classes("m-field").on("keydown.enter", self._rename, args=[])
                button(TEXTS["rename"], self._rename)
        with ui.element("div").classes("m-sheet-buttons"):
            if not face.preset:
                button(TEXTS["erase"], self._ask_erase, icon="delete", kind="danger")
            button(TEXTS["export"], self._export, icon="download").props["title"] = TEXTS["export_hint"]

    def _build_targets(self, state: FacesState) -> None:
        ui.label(TEXTS["wear_on"]).classes("m-question")
        with ui.element("div").classes("m-choices"):
            for person in state.people:
                self._build_wear(
                    person.track_id, person_name(person, state), state.worn.get(person.track_id, "")
                )
            self._build_wear(None, TEXTS["everybody"], state.worn_by_everybody)
        if self._face.preset or not state.people:
            return
        ui.label(TEXTS["check_in_as"]).classes("m-question")
        with ui.element("div").classes("m-choices"):
            for person in state.people:
                is_here = person.person == self._face.id
                wanted = "" if is_here else self._face.id
                name = TEXTS["person_number"].format(number=person.number)
                button(
                    name,
                    lambda track=person.track_id, wanted=wanted: self._change(
                        self._control.check_in, track, wanted
                    ),
                    pressed=is_here,
                    label=f"{TEXTS['check_in_as']}: {name}",
                )
        ui.label(TEXTS["check_in_hint"]).classes("m-hint")

    def _build_wear(self, track_id: int | None, name: str, worn: str) -> None:
        is_worn = worn == self._face.id
        wanted = "" if is_worn else self._face.id
        button(
            name,
            lambda: self._change(self._control.wear, track_id, wanted),
            pressed=is_worn,
            label=f"{TEXTS['wear_on']}: {name}",
        )

    async def _change(self, call: Callable[..., str | None], *arguments: Any) -> None:
        error = await ask(call, *arguments)
        self._alert.show(error)
        if error is None:
            self.show(self._control.state())
            await self._on_change()

    async def _rename(self) -> None:
        try:
            name = checked_name(str(self._name.value or ""))
        except MirrorError as refusal:
            self._alert.show(str(refusal))
            return
        error = await ask(self._control.rename, self._face.id, name)
        self._alert.show(error)
        if error is None:
            self._dialog.close()
            await self._on_change()

    async def _export(self) -> None:
        try:
            data = await asyncio.to_thread(self._control.export, self._face.id)
        except MirrorError as error:
            self._alert.show(str(error))
            return
        self._alert.show(None)
        ui.download.content(data, file_name(self._face.name), "application/octet-stream")

    def _ask_erase(self) -> None:
        self._targets = None
        self._body.clear()
        with self._body:
            ui.label(TEXTS["erase_title"].format(name=self._face.name)).classes("m-capture-hint")
            ui.label(TEXTS["erase_hint"]).classes("m-hint")
            self._alert = Alert()
            with ui.element("div").classes("m-sheet-buttons"):
                button(TEXTS["erase_no"], self._dialog.close)
                button(TEXTS["erase_yes"], self._erase, icon="delete", kind="danger")

    async def _erase(self) -> None:
        try:
            erased = await asyncio.to_thread(self._control.erase, self._face.id)
        except MirrorError as error:
            self._alert.show(str(error))
            return
        if erased.error is not None:
            self._alert.show(erased.error)
            return
        self._body.clear()
        with self._body:
            with ui.element("div").props('role="status"'):
                ui.label(TEXTS["erased_title"].format(name=self._face.name)).classes("m-capture-hint")
                ui.label(TEXTS["erased_list" if erased.purged else "erased_nothing"]).classes("m-hint")
                with ui.element("ul").classes("m-purged"):
                    for item in erased.purged:
                        with ui.element("li"):
                            ui.label(item)
            with ui.element("div").classes("m-sheet-buttons"):
                button(TEXTS["close"], self._dialog.close, kind="main")
        await self._on_change()
