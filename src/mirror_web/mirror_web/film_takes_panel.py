"""Takes on the Film page: recording somebody who agrees, and watching, saving and erasing what there is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from nicegui import ui

from mirror_web.calendar_words import date_words
from mirror_web.catalogue import Texts
from mirror_web.controls import Alert, button, sheet
from mirror_web.film_erasure import ask_to_erase
from mirror_web.film_takes import FilmTake, FilmTakes
from mirror_web.film_viewer import build_film_viewer

__all__ = ["TakesPanel"]

TEXTS = Texts("film")
LONGEST_NAME = 80  # characters, as a take keeps them


class TakesPanel:
    """The panel's contents in the current NiceGUI slot.

    Args:
        takes: all of them.
        root: where sheets are made.
        record: awaited with the name of who agreed, empty to end; returns None or why not.
        after: awaited when a take was erased.
    """

    def __init__(
        self,
        takes: FilmTakes,
        root: ui.element,
        record: Callable[[str], Awaitable[str | None]],
        after: Callable[[], Awaitable[None]],
    ) -> None:
        self._takes, self._root, self._record, self._after = takes, root, record, after
        self._shown: tuple[FilmTake, ...] | None = None
        self._build_recording()
        ui.label(TEXTS["takes_list"]).classes("m-question")
        self._empty = ui.label(TEXTS["no_takes"]).classes("m-hint")
        self._list = ui.element("ul").classes("m-facts")

    def _build_recording(self) -> None:
        ui.label(TEXTS["take_hint"]).classes("m-hint")
        with ui.element("div") as self._form:
            self._name = ui.input(TEXTS["take_name"]).classes("m-field m-film-field")
            self._name.props(f'outlined maxlength={LONGEST_NAME} autocomplete="off" data-field="take"')
            with ui.element("div").classes("m-checks"):
                self._agreed = ui.checkbox(TEXTS["take_agreed"])
            with ui.element("div").classes("m-choices"):
                self._begin_button = button(
                    TEXTS["take_begin"], self._begin, icon="fiber_manual_record", kind="main"
                )
        with ui.element("div").classes("m-detail m-note m-recording").props('role="status"') as self._running:
            self._running_words = ui.label()
            button(TEXTS["take_end"], self._end, icon="stop", kind="main")
        self._running.set_visibility(False)
        self._alert = Alert()

    async def _begin(self) -> None:
        name = " ".join(str(self._name.value or "").split())
        if not name:
            self._alert.show(TEXTS["take_no_name"])
        elif not self._agreed.value:
            self._alert.show(TEXTS["take_not_agreed"])
        else:
            self._alert.show(await self._record(name))
            self._agreed.set_value(False)  # the next one is asked anew

    async def _end(self) -> None:
        self._alert.show(await self._record(""))

    # ---- what changes by itself

    def show(self, takes: tuple[FilmTake, ...], recorded: str, *, can_record: bool) -> None:
        """Bring the panel up to date.

        Args:
            takes: all of them.
            recorded: name of who is recorded at the moment, empty for nobody.
            can_record: a scene is played, so that there is something to record.
        """
        self._form.set_visibility(not recorded)
        self._running.set_visibility(bool(recorded))
        newest = takes[0] if takes else None
        if recorded:
            is_over = newest is not None and newest.name == recorded and newest.is_complete
            key = (
                "take_over"
                if is_over and newest is not None and newest.seconds > 595
                else "take_running_words"
            )
            self._running_words.set_text(TEXTS[key].format(name=recorded))
        if can_record == ("disabled" in self._begin_button.props):
            self._begin_button.props(
                remove="disabled" if can_record else "", add="" if can_record else "disabled"
            )
        if takes == self._shown:
            return
        self._shown = takes
        self._empty.set_visibility(not takes)
        self._list.clear()
        with self._list:
            for take in takes:
                self._build(take)

    def _build(self, take: FilmTake) -> None:
        when = f"{date_words(take.date.date())}, {take.date:%H:%M}"
        with ui.element("li").classes("m-fact") as entry:
            entry.props["data-take"] = take.id
            ui.label(f"{take.name} · {when}").classes("m-fact-head")
            if take.is_complete:
                facts = TEXTS["take_facts"].format(
                    seconds=f"{take.seconds:.0f}", size=f"{take.megabytes:.1f}", scenes=", ".join(take.scenes)
                )
            else:
                facts = TEXTS["take_incomplete"]
            ui.label(facts).classes("m-hint")
            words = {"name": take.name, "when": when}
            with ui.element("div").classes("m-choices m-take-buttons"):
                if take.is_complete and take.megabytes:
                    label = TEXTS["watch_label"].format(**words)
                    button(TEXTS["watch"], partial(self._watch, take, when), icon="play_arrow", label=label)
                    link = ui.link(TEXTS["save"], f"/film/takes/{take.id}/video")
                    link.classes("m-button m-button-plain").props["download"] = f"{take.id}.mp4"
                    link.props["aria-label"] = TEXTS["save_label"].format(**words)
                label = TEXTS["erase_take_label"].format(**words)
                button(TEXTS["erase"], partial(self._ask_erase, take, when), kind="danger", label=label)

    def _watch(self, take: FilmTake, when: str) -> None:
        with sheet(self._root, f"{take.name} · {when}"):
            words = TEXTS["take_words"].format(name=take.name)
            build_film_viewer(f"/film/takes/{take.id}", take.seconds, words)

    def _ask_erase(self, take: FilmTake, when: str) -> None:
        title = TEXTS["erase_take_title"].format(name=take.name, when=when)
        erase = partial(self._takes.erase, take.id)
        ask_to_erase(self._root, title, TEXTS["erase_take_hint"], erase, self._after)
