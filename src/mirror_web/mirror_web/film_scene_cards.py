"""The scenes on the Film page: a card for each, with its preview, what it is worth, and how it is erased."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from nicegui import ui

from mirror_core.errors import MirrorError
from mirror_web.catalogue import Texts
from mirror_web.controls import button, sheet
from mirror_web.film_erasure import ask_to_erase
from mirror_web.film_player import Film
from mirror_web.film_quality import quality_lines, score_lines
from mirror_web.film_scenes import FilmScene, FilmScenes
from mirror_web.film_viewer import build_film_viewer

__all__ = ["SceneCards"]

TEXTS = Texts("film")


class SceneCards:
    """The cards in the current NiceGUI slot.

    Args:
        scenes: all of them.
        root: where sheets are made.
        play: awaited with the name of the scene that is to be played.
        after: awaited when a scene was erased.
    """

    def __init__(
        self,
        scenes: FilmScenes,
        root: ui.element,
        play: Callable[[str], Awaitable[None]],
        after: Callable[[], Awaitable[None]],
    ) -> None:
        self._scenes, self._root, self._play, self._after = scenes, root, play, after
        self._shown: tuple[FilmScene, ...] | None = None
        self._buttons: dict[str, ui.element] = {}
        self._empty = ui.label(TEXTS["no_scenes"]).classes("m-hint")
        self._list = ui.element("ul").classes("m-scenes")

    def show(self, scenes: tuple[FilmScene, ...], played: frozenset[str]) -> None:
        """Bring the cards up to date.

        Args:
            scenes: all of them.
            played: names of those that are played at the moment.
        """
        if scenes != self._shown:
            self._shown = scenes
            self._empty.set_visibility(not scenes)
            self._list.clear()
            self._buttons = {}
            with self._list:
                for scene in scenes:
                    self._build(scene)
        for name, element in self._buttons.items():
            pressed = "true" if name in played else "false"
            if element.props.get("aria-pressed") != pressed:
                element.props["aria-pressed"] = pressed

    def _build(self, scene: FilmScene) -> None:
        with ui.element("li").classes("m-scene") as card:
            card.props["data-scene"] = scene.name
            if scene.has_preview:
                picture = ui.element("img").props('alt="" loading=lazy')
                picture.props["src"] = f"/film/scenes/{scene.name}/picture?at=2"
            ui.label(scene.title).classes("m-scene-title")
            if scene.problem:
                ui.label(scene.problem).classes("m-error")
            else:
                whose = TEXTS["own" if scene.is_own else "shipped"]
                ui.label(TEXTS["scene_facts"].format(side=scene.side, whose=whose)).classes("m-hint")
                for line in score_lines(scene.scores)[:1]:
                    ui.label(line).classes("m-hint")
            with ui.element("div").classes("m-choices"):
                if not scene.problem:
                    label = TEXTS["play_label"].format(title=scene.title)
                    self._buttons[scene.name] = button(
                        TEXTS["play"],
                        partial(self._play, scene.name),
                        icon="play_arrow",
                        label=label,
                        pressed=False,
                    )
                    label = TEXTS["look_label"].format(title=scene.title)
                    button(TEXTS["look"], partial(self._look, scene), icon="visibility", label=label)
                elif scene.is_own:
                    button(TEXTS["erase"], partial(self._ask_erase, scene), kind="danger")

    async def _look(self, scene: FilmScene) -> None:
        seconds = 0.0
        if scene.has_preview:
            try:
                seconds = await asyncio.to_thread(self._seconds, scene.name)
            except MirrorError:
                seconds = 0.0
        with sheet(self._root, scene.title) as dialog:
            if seconds:
                words = TEXTS["preview_words"].format(title=scene.title)
                build_film_viewer(f"/film/scenes/{scene.name}", seconds, words)
                ui.label(TEXTS["preview_hint"]).classes("m-hint")
            scores = score_lines(scene.scores)
            if scores:
                ui.label(TEXTS["drawn"]).classes("m-question")
                _list(scores)
            if scene.quality is not None:
                ui.label(TEXTS["clip_report"]).classes("m-question")
                _list(quality_lines(scene.quality))
            ui.label(TEXTS["rights"]).classes("m-question")
            _list(
                [
                    TEXTS["licence_is"].format(words=scene.licence),
                    TEXTS["consent_is"].format(words=scene.consent),
                ]
            )
            if scene.is_own:

                def erase() -> None:
                    dialog.close()
                    self._ask_erase(scene)

                with ui.element("div").classes("m-sheet-buttons"):
                    button(TEXTS["erase"], erase, icon="delete", kind="danger")

    def _seconds(self, name: str) -> float:
        from mirror_effects.film.scene import PREVIEW

        film = Film(self._scenes.folder_of(name) / PREVIEW)
        film.close()
        return film.seconds

    def _ask_erase(self, scene: FilmScene) -> None:
        title = TEXTS["erase_scene_title"].format(title=scene.title)
        erase = partial(self._scenes.erase, scene.name)
        ask_to_erase(self._root, title, TEXTS["erase_scene_hint"], erase, self._after)


def _list(lines: list[str]) -> None:
    with ui.element("ul").classes("m-purged"):
        for line in lines:
            with ui.element("li"):
                ui.label(line)
