"""The Privacy page: the shutter, who is stored and why, what goes where, and erasing all of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from datetime import UTC, datetime

from nicegui import events, ui

from mirror_core.errors import MirrorError
from mirror_web.catalogue import Texts
from mirror_web.control import CameraState
from mirror_web.controls import Alert, ask
from mirror_web.faces_control import StoredFace
from mirror_web.faces_texts import TEXTS as FACES
from mirror_web.faces_texts import consent_lines, date_words
from mirror_web.mood_switch import LogSwitch
from mirror_web.privacy_audit import AuditPanel
from mirror_web.privacy_control import Destination, Reach
from mirror_web.privacy_erasure import ErasePanel
from mirror_web.privacy_takes import TakesOnRecord
from mirror_web.shell import PageContext

__all__ = ["build_privacy_page", "stored_people"]

TURN_S = 1.0
SLOW_TURNS = 3  # what costs more is looked at every so many turns
PART = 48  # faces that are asked for at once
MOST_LISTED = 192
TEXTS, PLACES, REACHES = Texts("privacy"), Texts("privacy_places"), Texts("privacy_reach")


def stored_people(context: PageContext) -> tuple[list[StoredFace], int]:
    """The stored faces of people, without the presets, and how many more there are; may block.

    Raises:
        MirrorError: if the gallery does not answer.
    """
    found: list[StoredFace] = []
    offset = 0
    while True:
        part = context.faces.faces("", offset, PART)
        found += [face for face in part.faces if not face.preset]
        offset += len(part.faces)
        if not part.faces or offset >= part.total or len(found) >= MOST_LISTED:
            return found[:MOST_LISTED], max(part.total - offset, 0) + max(len(found) - MOST_LISTED, 0)


def sent_words(destinations: tuple[Destination, ...]) -> str:
    """What leaves the machine, in one sentence."""
    count = sum(destination.reach is Reach.OUTSIDE for destination in destinations)
    if not destinations:
        return TEXTS["sent_unknown"]
    if count:
        return TEXTS["sent_one"] if count == 1 else TEXTS["sent_some"].format(count=count)
    return TEXTS["sent_nothing"]


def build_privacy_page(context: PageContext) -> None:
    """Build the page in the current NiceGUI client."""
    _PrivacyPage(context)


class _PrivacyPage:
    """One browser tab's Privacy page."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self._turns = 0
        self._names: Mapping[str, str] | None = None
        self._told: tuple[Destination, ...] | None = None
        for style in ("faces", "mood", "health"):
            ui.add_head_html(f'<link rel="stylesheet" href="/assets/{style}.css">')
        self._root = ui.element("div").classes("m-sheets")
        with ui.element("div").classes("m-privacy-page"):
            with ui.element("div"):
                self._build_shutter()
                self._build_people()
                self._build_moods()
                self._takes = TakesOnRecord(context.film.takes, context.control, self._root)
            with ui.element("div"):
                self._build_places()
                self._erase = ErasePanel(context, self._root, self._look_again)
                self._audit = AuditPanel(context.privacy)
        ui.timer(0.0, self._turn, once=True)
        ui.timer(TURN_S, self._turn)

    @staticmethod
    def _heading(text: str) -> None:
        ui.label(text).classes("m-panel-title").props('role="heading" aria-level="2"')

    def _build_shutter(self) -> None:
        with ui.element("section").classes("m-panel"):
            with ui.element("div").classes("m-panel-head"):
                self._heading(TEXTS["shutter"])
                self._camera = ui.switch(value=True)
                self._camera.props["aria-label"] = TEXTS["camera"]
                # Unlike on_change this comes from the person only, not from _turn.
                self._camera.on("update:model-value", self._switch_camera, [None])
            self._camera_words = ui.label().classes("m-hint").props('role="status"')
            self._alert = Alert()

    def _build_people(self) -> None:
        with ui.element("section").classes("m-panel"):
            self._heading(TEXTS["people"])
            ui.label(TEXTS["people_hint"]).classes("m-hint")
            self._people_alert = Alert("m-detail")
            self._nobody = ui.label(TEXTS["people_none"]).classes("m-question")
            self._nobody.set_visibility(False)
            self._people = ui.element("ul").classes("m-facts")
            ui.link(TEXTS["people_link"], "/faces").classes("m-button m-button-plain")

    def _build_moods(self) -> None:
        with ui.element("section").classes("m-panel"):
            self._heading(TEXTS["moods"])
            ui.label(TEXTS["moods_hint"]).classes("m-hint")
            self._no_log = ui.label(TEXTS["moods_silent"]).classes("m-hint")
            self._switch = LogSwitch(self._context.moods)

    def _build_places(self) -> None:
        with ui.element("section").classes("m-panel"):
            self._heading(TEXTS["sent"])
            self._sent = ui.label().classes("m-question").props('role="status"')
            ui.label(TEXTS["sent_hint"]).classes("m-hint")
            self._places = ui.element("ul").classes("m-facts")

    # ---- what a person does

    async def _switch_camera(self, event: events.GenericEventArguments) -> None:
        self._alert.show(await ask(self._context.control.set_shutter, not event.args))
        await self._show_shutter()

    async def _look_again(self) -> None:
        self._names = None
        await self._takes.turn()
        await self._show_people()

    # ---- what changes by itself

    async def _turn(self) -> None:
        await self._show_shutter()
        if self._turns % SLOW_TURNS == 0:
            await self._show_people()
            await self._show_places()
            await self._switch.turn()
            await self._takes.turn()
            self._no_log.set_visibility(not self._switch.is_seen)
            await self._audit.turn()
        self._turns += 1

    async def _show_shutter(self) -> None:
        try:
            status = await asyncio.to_thread(self._context.control.status)
        except MirrorError as error:
            self._alert.show(str(error))
            return
        is_off = status.camera is CameraState.OFF
        self._camera.set_value(not is_off)
        self._camera_words.set_text(TEXTS["shutter_closed" if is_off else "shutter_open"])

    async def _show_people(self) -> None:
        try:
            names = await asyncio.to_thread(self._context.faces.names)
            if names == self._names:
                return
            people, more = await asyncio.to_thread(stored_people, self._context)
        except MirrorError as error:
            self._people_alert.show(str(error))
            return
        self._names = names
        self._people_alert.show(None)
        self._nobody.set_visibility(not people)
        self._people.clear()
        with self._people:
            for face in people:
                self._build_person(face)
            if more:
                with ui.element("li").classes("m-fact"):
                    ui.label(TEXTS["people_more"].format(count=more))

    @staticmethod
    def _build_person(face: StoredFace) -> None:
        with ui.element("li").classes("m-fact") as entry:
            entry.props["data-face"] = face.id
            ui.label(face.name).classes("m-fact-head")
            stored = FACES["stored"].format(date=date_words(face.created))
            why = " ".join(consent_lines(face, datetime.now(UTC)))
            ui.label(f"{stored}. {why}").classes("m-hint")

    async def _show_places(self) -> None:
        with contextlib.suppress(MirrorError):  # they are asked for again
            found = await asyncio.to_thread(self._context.privacy.destinations)
            if found != self._told:
                self._told = found
                self._sent.set_text(sent_words(found))
                self._places.clear()
                with self._places:
                    for destination in found:
                        self._build_place(destination)

    @staticmethod
    def _build_place(destination: Destination) -> None:
        kind = Reach.INSIDE if destination.reach is Reach.OFF else destination.reach
        with ui.element("li").classes(f"m-fact m-fact-{kind}") as entry:
            entry.props["data-place"], entry.props["data-reach"] = destination.key, str(destination.reach)
            with ui.element("div").classes("m-fact-head"):
                ui.element("span").classes("m-dot").props('aria-hidden="true"')
                ui.label(PLACES[destination.key])
            ui.label(REACHES[f"{destination.key}_{destination.reach}"]).classes("m-hint")
            if destination.place and destination.reach is not Reach.OFF:
                ui.label(destination.place).classes("m-fact-value")
