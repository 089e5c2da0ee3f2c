"""The Film page: scenes and how they are played, takes, and making a scene from a clip."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from nicegui import ui

from mirror_core.errors import MirrorError
from mirror_core.live_parameter import LiveValue
from mirror_web.catalogue import Texts
from mirror_web.controls import Alert, ask, button
from mirror_web.film_choices import FilmChoices
from mirror_web.film_make import open_make_sheet
from mirror_web.film_scene_cards import SceneCards
from mirror_web.film_scenes import FilmScene
from mirror_web.film_takes import FilmTake
from mirror_web.film_takes_panel import TakesPanel
from mirror_web.job_tray import add_tray_scripts
from mirror_web.jobs_list import JobsList
from mirror_web.selection import NO_EFFECT
from mirror_web.shell import PageContext

__all__ = ["build_film_page"]

TURN_S = 0.5
SLOW_TURNS = 3  # the discs are looked at every so many turns
FILM = "film"  # the effect
TEXTS, LIVE = Texts("film"), Texts("live")


def build_film_page(context: PageContext) -> None:
    """Build the page in the current NiceGUI client."""
    _FilmPage(context)


class _FilmPage:
    """One browser tab's Film page."""

    def __init__(self, context: PageContext) -> None:
        self._context, self._control, self._shelf = context, context.control, context.film
        self._turns = 0
        self._scenes: tuple[FilmScene, ...] = ()
        self._takes: tuple[FilmTake, ...] = ()
        self._lock = asyncio.Lock()  # one refresh at a time
        for style in ("mood", "health", "film"):
            ui.add_head_html(f'<link rel="stylesheet" href="/assets/{style}.css">')
        for script in ("live", "film"):
            ui.add_head_html(f'<script src="/assets/{script}.js" defer></script>')
        add_tray_scripts()
        self._root = ui.element("div").classes("m-sheets")
        with ui.element("div").classes("m-film-page"):
            with ui.element("div").classes("m-film-view"):
                with ui.element("div").classes("m-stage").props('id="mirror-stage"'):
                    picture = ui.element("img").props('id="mirror-picture"')
                    picture.props["alt"] = LIVE["picture"]
                self._build_playing()
            with ui.element("div").classes("m-side"):
                self._build_scenes()
                self._build_takes()
        ui.timer(0.0, self._turn, once=True)
        ui.timer(TURN_S, self._turn)

    @staticmethod
    def _heading(text: str) -> None:
        ui.label(text).classes("m-panel-title").props('role="heading" aria-level="2"')

    def _build_playing(self) -> None:
        with ui.element("section").classes("m-panel"):
            with ui.element("div").classes("m-panel-head"):
                self._heading(TEXTS["playing"])
                self._stop = button(TEXTS["stop"], self._end, icon="stop")
            self._words = ui.label().classes("m-hint").props('role="status"')
            self._alert = Alert()
            self._choices = FilmChoices(self._change)

    def _build_scenes(self) -> None:
        with ui.element("section").classes("m-panel"):
            with ui.element("div").classes("m-panel-head"):
                self._heading(TEXTS["scenes"])
                button(TEXTS["make"], self._open_make, icon="movie_creation", kind="main")
            JobsList(self._context.jobs, lambda job: job.kind == "scene")
            self._cards = SceneCards(self._shelf.scenes, self._root, self._play, self._look_again)

    def _build_takes(self) -> None:
        with ui.element("section").classes("m-panel"):
            self._heading(TEXTS["takes"])
            self._panel = TakesPanel(self._shelf.takes, self._root, self._record, self._look_again)

    # ---- what a person does

    async def _change(self, values: Mapping[str, LiveValue]) -> None:
        self._alert.show(await ask(self._control.set_effect_parameters, FILM, values))
        await self._refresh()

    async def _play(self, name: str) -> None:
        error = await ask(self._control.set_effect_parameters, FILM, {"scene": name})
        if error is None:
            error = await ask(self._switch_on)
        self._alert.show(error)
        await self._refresh()

    def _switch_on(self) -> str | None:
        if FILM not in self._control.effects():
            return TEXTS["no_film"]
        if FILM in self._control.active_effects():
            return None
        return self._control.set_effects((FILM,))

    async def _end(self) -> None:
        self._alert.show(await ask(self._switch_off))
        await self._refresh()

    def _switch_off(self) -> str | None:
        self._control.set_effect_parameters(FILM, {"take": ""})
        rest = tuple(name for name in self._control.active_effects() if name != FILM)
        return self._control.set_effects(rest or (NO_EFFECT,))

    async def _record(self, name: str) -> str | None:
        error = await ask(self._control.set_effect_parameters, FILM, {"take": name})
        await self._refresh()
        return error

    def _open_make(self) -> None:
        open_make_sheet(self._root, self._context.jobs, self._context.job_uploads, self._shelf.scenes)

    async def _look_again(self) -> None:
        self._turns = 0
        await self._refresh()

    # ---- what changes by itself

    async def _turn(self) -> None:
        await self._refresh()
        self._turns += 1

    async def _refresh(self) -> None:
        async with self._lock:
            if self._turns % SLOW_TURNS == 0:
                self._scenes, self._takes = await asyncio.to_thread(self._found)
            try:
                available, active, values = await asyncio.to_thread(self._ask)
            except MirrorError:
                self._words.set_text(LIVE["no_answer"])
                return
            is_on = FILM in active
            self._stop.set_visibility(is_on)
            played = self._played(values) if is_on else frozenset()
            titles = [scene.title for scene in self._scenes if scene.name in played]
            if FILM not in available:
                self._words.set_text(TEXTS["no_film"])
            elif titles:
                self._words.set_text(TEXTS["playing_is"].format(titles=", ".join(titles)))
            else:
                self._words.set_text(TEXTS["playing_off"])
            self._choices.show(self._scenes, values)
            self._cards.show(self._scenes, played)
            recorded = str(values.get("take", "")) if is_on else ""
            self._panel.show(self._takes, recorded, can_record=is_on and bool(titles))

    def _found(self) -> tuple[tuple[FilmScene, ...], tuple[FilmTake, ...]]:
        return self._shelf.scenes.scenes(), self._shelf.takes.takes()

    def _ask(self) -> tuple[tuple[str, ...], tuple[str, ...], dict[str, LiveValue]]:
        parameters = self._control.effect_parameters(FILM)
        values = {parameter.name: parameter.value for parameter in parameters}
        return self._control.effects(), self._control.active_effects(), values

    def _played(self, values: Mapping[str, LiveValue]) -> frozenset[str]:
        playable = [scene.name for scene in self._scenes if not scene.problem]
        first = str(values.get("scene", "")) or (playable[0] if playable else "")
        found = {first}
        if values.get("participants") == "two":
            found.add(str(values.get("second_scene", "")) or first)
        return frozenset(found & set(playable))
