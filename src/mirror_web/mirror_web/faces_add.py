"""Adding a face from a photo or a file; where the mirror finds no face, a person places its points."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from nicegui import events, ui
from numpy.typing import NDArray

from mirror_core.errors import MirrorError
from mirror_gallery.consent import Consent, Scope
from mirror_gallery.point_fit import fit_mesh
from mirror_web.consent_form import ConsentForm
from mirror_web.controls import Alert, button, icon_button, sheet
from mirror_web.face_points import mesh_lines, mesh_of_file, start_points
from mirror_web.faces_control import FacesControl
from mirror_web.faces_texts import TEXTS
from mirror_web.file_drop import ChosenFile, FileDrop
from mirror_web.uploads import LARGEST_UPLOAD_MB, Uploads

__all__ = ["open_add_sheet"]

LARGER = 1.08  # one press on "larger"
TURN_RAD = 0.06  # one press on "turn"


def open_add_sheet(
    root: ui.element, control: FacesControl, uploads: Uploads, on_added: Callable[[], Any]
) -> None:
    """Ask for a file, name and consent, and store the face.

    Args:
        root: where the sheet is made.
        control: the gallery.
        uploads: what the server awaits.
        on_added: called (or awaited) once the face is stored.
    """
    _AddSheet(root, control, uploads, on_added)


class _AddSheet:
    """One open sheet."""

    def __init__(
        self, root: ui.element, control: FacesControl, uploads: Uploads, on_added: Callable[[], Any]
    ) -> None:
        self._root = root
        self._control = control
        self._on_added = on_added
        self._file: ChosenFile | None = None
        self._points_file: ChosenFile | None = None
        self._points: NDArray[np.float32] | None = None
        self._placed: NDArray[np.float32] | None = None
        with sheet(root, TEXTS["add_title"]) as self._dialog:
            self._form_area = ui.element("div").classes("m-details")
            with self._form_area:
                self._build_form(uploads)
            self._editor_area = ui.element("div").classes("m-details")
            self._editor_area.set_visibility(False)
        self._dialog.on("hide", self._drop.forget, args=[])

    def _build_form(self, uploads: Uploads) -> None:
        self._drop = FileDrop(
            uploads,
            accept="image/*,.mirrorface,.json,.csv",
            title=TEXTS["drop"],
            hint=TEXTS["drop_hint"].format(limit=LARGEST_UPLOAD_MB),
            choose=TEXTS["choose_file"],
            on_chosen=self._take,
            on_error=self._show_error,
        )
        self._note = ui.label().classes("m-hint").props('role="status"')
        ui.label(TEXTS["drop_privacy"]).classes("m-hint")
        self._form = ConsentForm((Scope.UNTIL_REVOKED, Scope.UNTIL_DATE))
        self._agreed = ui.checkbox(TEXTS["may_store"])
        self._alert = Alert()
        with ui.element("div").classes("m-sheet-buttons"):
            self._by_hand = button(TEXTS["points_by_hand"], self._open_editor, icon="face_retouching_natural")
            self._by_hand.set_visibility(False)
            button(TEXTS["cancel"], self._dialog.close, kind="quiet")
            self._add_button = button(TEXTS["add"], self._add, kind="main")

    def _show_error(self, sentence: str) -> None:
        self._alert.show(sentence)

    def _take(self, chosen: ChosenFile) -> None:
        if chosen.kind == "points":
            self._points_file = chosen
        else:
            self._file = chosen
            self._by_hand.set_visibility(chosen.kind == "photo")
            self._form.set_name_hint(TEXTS["name_in_file"] if chosen.kind == "face" else "")
        self._points = None
        notes = [] if self._file is None else [self._file.name]
        error = None
        if self._points_file is not None and self._file is not None and self._file.kind == "photo":
            try:
                name = self._points_file.name
                self._points = mesh_of_file(
                    self._points_file.text, name, self._file.original, self._file.sent
                )
                notes.append(TEXTS["points_read"].format(name=name))
            except MirrorError as refusal:
                error, self._points_file = str(refusal), None
        elif self._points_file is not None:
            notes.append(self._points_file.name)
        self._note.set_text(" · ".join(notes))
        self._alert.show(error)

    async def _add(self) -> None:
        answers, error = self._form.answers_or_error()
        file, points = self._file, self._points
        if file is None:
            error = TEXTS["no_file"]
        elif error is None and not self._agreed.value:
            error = TEXTS["may_store_missing"]
        self._alert.show(error)
        if file is None or answers is None or error is not None:
            return
        name, consent = answers

        def store(data: bytes) -> Mapping[str, Any]:
            return self._store(data, name, consent, points)

        self._add_button.props("disabled")
        self._note.set_text(TEXTS["adding"])
        answer = await self._drop.send(store)
        self._add_button.props(remove="disabled")
        self._note.set_text(file.name)
        error = answer.get("error")
        if error is not None:
            self._alert.show(error or TEXTS["send_failed"])
            if answer.get("needs_landmarks"):
                self._open_editor()
            return
        self._dialog.close()
        with self._root:
            ui.notify(TEXTS["added"].format(name=name or file.name), position="bottom")
        await self._on_added()

    def _store(
        self, data: bytes, name: str, consent: Consent, points: NDArray[np.float32] | None
    ) -> Mapping[str, Any]:
        added = self._control.add(data, name, consent, points)
        return {"error": added.error, "id": added.id, "needs_landmarks": added.needs_landmarks}

    # ---- points by hand

    def _open_editor(self) -> None:
        if self._file is None or self._file.kind != "photo":
            return
        self._form_area.set_visibility(False)
        self._editor_area.set_visibility(True)
        self._editor_area.clear()
        starts = start_points(self._file.sent)
        indices = tuple(point.index for point in starts)
        with self._editor_area:
            ui.label(TEXTS["points_intro"]).classes("m-hint")
            root = ui.element("div").classes("m-points").props('role="group"')
            root.props["aria-label"] = TEXTS["points_title"]
            root_id = str(root.html_id)
            with ui.element("div").classes("m-point-tools"):
                for icon, text, factor, angle in (
                    ("add", "points_larger", LARGER, 0.0),
                    ("remove", "points_smaller", 1 / LARGER, 0.0),
                    ("rotate_left", "points_left", 1.0, -TURN_RAD),
                    ("rotate_right", "points_right", 1.0, TURN_RAD),
                ):
                    call = f'mirrorPoints.turn("{root_id}", {factor}, {angle})'
                    icon_button(icon, TEXTS[text], lambda call=call: ui.run_javascript(call))
                reset = f'mirrorPoints.reset("{root_id}")'
                icon_button("restart_alt", TEXTS["points_reset"], lambda: ui.run_javascript(reset))
            ui.label(TEXTS["points_keys"]).classes("m-hint m-pointer-only")
            alert = Alert()
            with ui.element("div").classes("m-sheet-buttons"):
                button(TEXTS["cancel"], self._close_editor, kind="quiet")
                use = button(TEXTS["points_use"], self._use_points, kind="main")
        self._placed = None

        def moved(event: events.GenericEventArguments) -> None:
            placed = [(float(x), float(y)) for x, y in event.args["detail"]["points"]]
            try:
                mesh = fit_mesh(dict(zip(indices, placed, strict=True)))
            except MirrorError as error:
                self._placed = None
                alert.show(str(error))
                use.props("disabled")
                return
            alert.show(None)
            use.props(remove="disabled")
            self._placed = mesh[:, :2]
            ui.run_javascript(f'mirrorPoints.lines("{root_id}", {json.dumps(mesh_lines(mesh))})')

        root.on("moved", moved, args=["detail"])
        points = json.dumps([{"index": p.index, "label": p.label, "x": p.x, "y": p.y} for p in starts])
        ui.run_javascript(f'mirrorPoints.open("{root_id}", "{self._drop.area_id}", {points})')

    def _close_editor(self) -> None:
        self._editor_area.set_visibility(False)
        self._editor_area.clear()
        self._form_area.set_visibility(True)

    async def _use_points(self) -> None:
        if self._placed is None:
            return
        self._points = self._placed
        self._close_editor()
        await self._add()
