"""Who stands before the mirror: what they wear, who they are, and the buttons to change it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nicegui import ui

from mirror_web.controls import button
from mirror_web.faces_control import FacesState, PersonInView
from mirror_web.faces_texts import TEXTS, person_name, wearing_words

__all__ = ["PeopleActions", "PeopleList"]


@dataclass(frozen=True, slots=True)
class PeopleActions:
    """What the buttons do; each is called, or awaited.

    Attributes:
        wear: choose a face for this person, None for everybody.
        take_off: take off what this person, or everybody, wears.
        say_who: choose who this person is.
        check_out: they are nobody known any more.
    """

    wear: Callable[[PersonInView | None], Any]
    take_off: Callable[[PersonInView | None], Any]
    say_who: Callable[[PersonInView], Any]
    check_out: Callable[[PersonInView], Any]


class PeopleList:
    """The list in the current NiceGUI slot."""

    def __init__(self, actions: PeopleActions) -> None:
        self._actions = actions
        self._shown: Any = None
        self._list = ui.element("div").classes("m-people")

    def show(self, state: FacesState) -> None:
        """Bring the list up to date; what has not changed stays, and keeps the keyboard's focus."""
        rows = [
            (p.track_id, p.number, p.person, person_name(p, state), wearing_words(p, state))
            for p in state.people
        ]
        shown = (rows, state.worn_by_everybody, state.names.get(state.worn_by_everybody), state.is_available)
        if shown == self._shown:
            return
        self._shown = shown
        self._list.clear()
        with self._list:
            for person in state.people:
                self._build_person(person, state)
            if not state.people:
                with ui.element("div").classes("m-empty m-empty-small"):
                    ui.icon("person_search", size="30px").props('aria-hidden="true"')
                    ui.label(TEXTS["nobody"]).classes("m-hint")
            self._build_everybody(state)

    def _build_person(self, person: PersonInView, state: FacesState) -> None:
        name, worn = person_name(person, state), wearing_words(person, state)
        actions = self._actions
        row = ui.element("div").classes("m-person")
        row.props["data-row"] = person.track_id
        with row:
            self._build_head(str(person.number), name, worn)
            with ui.element("div").classes("m-person-buttons"):
                button(TEXTS["wear"], lambda: actions.wear(person), label=f"{TEXTS['wear']}: {name}")
                if state.worn.get(person.track_id):
                    button(
                        TEXTS["take_off"],
                        lambda: actions.take_off(person),
                        kind="quiet",
                        label=f"{TEXTS['take_off']}: {name}",
                    )
                if person.person:
                    button(
                        TEXTS["check_out"],
                        lambda: actions.check_out(person),
                        kind="quiet",
                        label=f"{TEXTS['check_out']}: {name}",
                    )
                else:
                    button(
                        TEXTS["who"],
                        lambda: actions.say_who(person),
                        kind="quiet",
                        label=f"{TEXTS['who']}: {name}",
                    )

    def _build_everybody(self, state: FacesState) -> None:
        worn = state.worn_by_everybody
        words = f"wears {state.names.get(worn, 'a stored face')}" if worn else ""
        row = ui.element("div").classes("m-person")
        row.props["data-row"] = "everybody"
        with row:
            self._build_head("", TEXTS["everybody"], words)
            with ui.element("div").classes("m-person-buttons"):
                label = f"{TEXTS['wear']}: {TEXTS['everybody']}"
                button(TEXTS["wear"], lambda: self._actions.wear(None), label=label)
                if worn:
                    label = f"{TEXTS['take_off']}: {TEXTS['everybody']}"
                    button(TEXTS["take_off"], lambda: self._actions.take_off(None), kind="quiet", label=label)

    @staticmethod
    def _build_head(number: str, name: str, worn: str) -> None:
        with ui.element("div").classes("m-person-head"):
            with ui.element("span").classes("m-number").props('aria-hidden="true"'):
                if number:
                    ui.label(number)
                else:
                    ui.icon("groups", size="18px")
            with ui.element("div").classes("m-person-words"):
                ui.label(name).classes("m-person-name")
                if worn:
                    ui.label(worn).classes("m-hint")
