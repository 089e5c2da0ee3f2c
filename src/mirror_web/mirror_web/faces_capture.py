"""Guided capture on the page: the questions before it, then hint, quality and how it ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nicegui import ui

from mirror_web.consent_form import ConsentForm
from mirror_web.controls import Alert, ask, button, sheet
from mirror_web.faces_control import Capture, CaptureState, FacesControl, FacesState
from mirror_web.faces_texts import HINTS, QUALITY_NAMES, TEXTS, person_name

__all__ = ["CaptureCards", "open_capture_sheet"]

GOOD, FAIR = 0.7, 0.4  # from these qualities on a bar is green, yellow

_ENDINGS = {
    CaptureState.DONE: ("check_circle", "capture_done"),
    CaptureState.FAILED: ("error", "capture_failed"),
    CaptureState.CANCELLED: ("cancel", "capture_cancelled"),
}


def open_capture_sheet(root: ui.element, control: FacesControl, on_started: Callable[[], Any]) -> None:
    """Ask whose face, the name and what was agreed, and begin.

    Args:
        root: where the sheet is made.
        control: the gallery.
        on_started: called once the capture runs.
    """
    state = control.state()
    with sheet(root, TEXTS["capture_title"]) as dialog:
        ui.label(TEXTS["capture_intro"] if state.people else TEXTS["capture_nobody"]).classes("m-hint")
        if not state.people:
            with ui.element("div").classes("m-sheet-buttons"):
                button(TEXTS["close"], dialog.close)
            return
        chosen = {"id": state.people[0].track_id}
        if len(state.people) > 1:
            ui.label(TEXTS["capture_who"]).classes("m-question")
            ui.radio(
                {p.track_id: _numbered(p.number, person_name(p, state)) for p in state.people},
                value=chosen["id"],
                on_change=lambda event: chosen.update(id=event.value),
            ).classes("m-radio")
        form = ConsentForm()
        alert = Alert()

        async def start() -> None:
            answers, error = form.answers_or_error()
            if answers is not None:
                error = await ask(control.start_capture, chosen["id"], *answers)
            alert.show(error)
            if error is None:
                dialog.close()
                on_started()

        with ui.element("div").classes("m-sheet-buttons"):
            button(TEXTS["cancel"], dialog.close, kind="quiet")
            button(TEXTS["start"], start, kind="main")


def _numbered(number: int, name: str) -> str:
    return name if name == TEXTS["person_number"].format(number=number) else f"{number} · {name}"


def _hint_words(capture: Capture) -> str:
    """The hint in the page's language; the gallery's own words where the catalogue does not know it."""
    return HINTS.get(capture.hint_key) or capture.hint


class CaptureCards:
    """A card for each capture, in the current NiceGUI slot.

    A capture's end stays until it is closed here or another capture of the same person begins.

    Args:
        control: the gallery.
        on_again: opens the questions for another capture.
    """

    def __init__(self, control: FacesControl, on_again: Callable[[], Any]) -> None:
        self._control = control
        self._on_again = on_again
        self._cards: dict[int, _CaptureCard] = {}
        self._closed: dict[int, Capture] = {}
        self._list = ui.element("div").classes("m-captures")

    def show(self, state: FacesState) -> None:
        """Bring the cards up to date."""
        told = {capture.track_id: capture for capture in state.captures}
        self._closed = {t: closed for t, closed in self._closed.items() if told.get(t) == closed}
        for track_id, capture in told.items():
            if track_id in self._closed:
                continue
            if track_id not in self._cards:
                with self._list:
                    self._cards[track_id] = _CaptureCard(capture, self)
            self._cards[track_id].show(capture)
        for track_id, card in list(self._cards.items()):
            if track_id not in told and card.capture.state is CaptureState.RUNNING:
                self._cards.pop(track_id).delete()  # nobody says any more how it stands

    def close(self, capture: Capture) -> None:
        """Take away the card of a capture that has ended."""
        card = self._cards.pop(capture.track_id, None)
        if card is not None:
            card.delete()
            self._closed[capture.track_id] = capture

    async def cancel(self, capture: Capture) -> str | None:
        """Ask for the end of a capture."""
        return await ask(self._control.cancel_capture, capture.track_id)

    def again(self, capture: Capture) -> None:
        """Close this card and ask for another capture."""
        self.close(capture)
        self._on_again()


class _CaptureCard:
    """One capture: the hint in big letters, small bars, and the buttons."""

    def __init__(self, capture: Capture, cards: CaptureCards) -> None:
        self.capture = capture
        self._cards = cards
        self._built: tuple[CaptureState, bool] | None = None
        self._panel = ui.element("section").classes("m-panel m-capture")
        self._panel.props["aria-label"] = TEXTS["capture_title"]

    def delete(self) -> None:
        """Take it off the page."""
        self._panel.delete()

    def show(self, capture: Capture) -> None:
        """Show how the capture stands."""
        self.capture = capture
        if self._built != (capture.state, capture.can_cancel):
            self._built = (capture.state, capture.can_cancel)
            self._panel.clear()
            self._panel.classes(remove="m-running m-done m-failed m-cancelled", add=f"m-{capture.state}")
            self._panel.props["data-capture"] = str(capture.state)
            with self._panel:
                if capture.state is CaptureState.RUNNING:
                    self._build_running(capture)
                else:
                    self._build_end(capture)
        if capture.state is CaptureState.RUNNING:
            self._hint.set_text(_hint_words(capture))
            percent = f"{capture.progress:.0%}"
            self._percent.set_text(percent)
            self._bar.style(f"width: {percent}")
            for name, (bar, track) in self._bars.items():
                value = min(max(capture.quality.get(name, 0.0), 0.0), 1.0)
                level = "m-good" if value >= GOOD else "m-fair" if value >= FAIR else "m-poor"
                bar.classes(remove="m-good m-fair m-poor", add=level).style(f"width: {value:.0%}")
                track.props["aria-valuenow"] = round(value * 100)

    def _build_running(self, capture: Capture) -> None:
        with ui.element("div").classes("m-panel-head"):
            ui.label(TEXTS["capture_running"].format(name=capture.name)).classes("m-hint")
            self._percent = ui.label().classes("m-hint")
        self._hint = ui.label().classes("m-capture-hint").props('role="status"')
        with ui.element("div").classes("m-progress").props('aria-hidden="true"'):
            self._bar = ui.element("div").classes("m-progress-done")
        with ui.element("div").classes("m-qualities"):
            self._bars = {name: self._build_bar(shown) for name, shown in QUALITY_NAMES.items()}
        self._alert = Alert()
        if capture.can_cancel:
            with ui.element("div").classes("m-sheet-buttons"):
                button(TEXTS["cancel"], self._cancel)
        else:
            ui.label(TEXTS["capture_elsewhere"]).classes("m-hint")

    @staticmethod
    def _build_bar(name: str) -> tuple[ui.element, ui.element]:
        with ui.element("div").classes("m-quality"):
            ui.label(name).classes("m-hint").props('aria-hidden="true"')
            track = ui.element("div").classes("m-quality-track").props('role="meter" aria-valuemax=100')
            track.props["aria-label"] = name
            with track:
                bar = ui.element("div").classes("m-quality-bar")
        return bar, track

    def _build_end(self, capture: Capture) -> None:
        icon, text = _ENDINGS[capture.state]
        with ui.element("div").classes("m-capture-end").props('role="status"'):
            ui.icon(icon, size="34px").props('aria-hidden="true"')
            with ui.element("div"):
                ui.label(TEXTS[text]).classes("m-capture-hint")
                if capture.state is CaptureState.DONE:
                    ui.label(TEXTS["added"].format(name=capture.name)).classes("m-hint")
                elif capture.state is CaptureState.FAILED and capture.hint:
                    ui.label(capture.hint).classes("m-hint")
        with ui.element("div").classes("m-sheet-buttons"):
            if capture.state is not CaptureState.DONE:
                button(TEXTS["capture_again"], lambda: self._cards.again(self.capture))
            button(TEXTS["close"], lambda: self._cards.close(self.capture), kind="quiet")

    async def _cancel(self) -> None:
        self._alert.show(await self._cards.cancel(self.capture))
