"""The upper part of the Mood page: live lines of who stands there now."""

from __future__ import annotations

import json
from collections.abc import Mapping

from nicegui import ui

from mirror_core.moods import Mood
from mirror_web.controls import set_prop
from mirror_web.mood_curves import STACK
from mirror_web.mood_live import LiveMoods
from mirror_web.mood_texts import TEXTS, mood_words, percent_words

__all__ = ["NowPanel", "now_words", "person_words"]

WORDS_TURNS = 3  # words change at every third turn: what changes more often cannot be read
DECIMALS = 3


def person_words(mood: Mood, present: tuple[Mood, ...], names: Mapping[str, str]) -> str:
    """What to call somebody: the name, or a number among those who are not known."""
    if mood.person:
        return names.get(mood.person, TEXTS["no_name"])
    strangers = [other.track_id for other in present if not other.person]
    if len(strangers) == 1:
        return TEXTS["somebody"]
    return TEXTS["somebody_number"].format(number=strangers.index(mood.track_id) + 1)


def now_words(mood: Mood) -> str:
    """A mood in words: "happy 83 %", or that the mirror is unsure."""
    if mood.unsure:
        return TEXTS["unsure"]
    return f"{mood_words(mood.dominant)} {percent_words(mood.confidence)}"


class NowPanel:
    """The panel in the current NiceGUI slot.

    Attributes:
        chart: the element of the lines.
        is_open: whether the script is ready for lines; what came before is sent then.
    """

    def __init__(self, live: LiveMoods) -> None:
        self._live = live
        self._client = ui.context.client
        self._chosen: int | None = None
        self._sent_s: float | None = None
        self._turns = 0
        self.is_open = False
        self._people: tuple[int, ...] | None = None
        self._chips: dict[int, tuple[ui.element, ui.label]] = {}
        with ui.element("section").classes("m-panel m-mood-wide"):
            with ui.element("div").classes("m-bar"):
                ui.label(TEXTS["now"]).classes("m-panel-title").props('role="heading" aria-level="2"')
                self._group = ui.element("div").classes("m-people-now").props('role="group"')
                self._group.props["aria-label"] = TEXTS["person"]
            self._empty = ui.label(TEXTS["now_silent"]).classes("m-now-empty").props('role="status"')
            # The chart's own element is left alone: what changes it would empty it.
            with ui.element("div") as self._place:
                self.chart = ui.echart({}).classes("m-chart-live").props('role="img"')
                self.chart.props["aria-label"] = TEXTS["now_label"]
        self._place.set_visibility(False)

    def turn(self, names: Mapping[str, str]) -> None:
        """Bring everything up to date; call it several times a second while somebody looks."""
        self._live.watch()
        present = self._live.present()
        tracks = tuple(mood.track_id for mood in present)
        if tracks != self._people:
            self._people = tracks
            self._show_people(present)
        self._turns += 1
        if self._turns % WORDS_TURNS == 0 or not self._turns:
            self._show_words(present, names)
        if present and self.is_open:
            self._send()

    def _show_people(self, present: tuple[Mood, ...]) -> None:
        tracks = [mood.track_id for mood in present]
        if self._chosen not in tracks:
            self._choose(tracks[0] if tracks else None)
        self._group.clear()
        self._chips = {}
        with self._group:
            for track_id in tracks:
                is_chosen = track_id == self._chosen
                chip = ui.element("button").classes("m-button m-button-plain").props('type="button"')
                chip.props["data-track"], chip.props["aria-pressed"] = track_id, str(is_chosen).lower()
                chip.on("click", lambda track=track_id: self._choose(track), args=[])
                with chip:
                    self._chips[track_id] = (chip, ui.label())
        self._place.set_visibility(bool(tracks))
        self._empty.set_visibility(not tracks)
        self._turns = WORDS_TURNS - 1  # the words at once

    def _choose(self, track_id: int | None) -> None:
        self._chosen, self._sent_s = track_id, None
        for track, (chip, _) in self._chips.items():
            set_prop(chip, "aria-pressed", str(track == track_id).lower())

    def _show_words(self, present: tuple[Mood, ...], names: Mapping[str, str]) -> None:
        self._empty.set_text(TEXTS["now_silent"] if self._live.is_silent else TEXTS["now_nobody"])
        for mood in present:
            name = person_words(mood, present, names)
            self._chips[mood.track_id][1].set_text(
                TEXTS["now_person"].format(name=name, mood=now_words(mood))
            )

    def _send(self) -> None:
        if self._chosen is None:
            return
        restart = self._sent_s is None
        samples = self._live.since(self._sent_s or 0.0, self._chosen)
        if samples:
            self._sent_s = samples[-1].time_s
        values = [
            [
                round(sample.time_s * 1000),
                [round(float(sample.mood.probabilities[mood]), DECIMALS) for mood in STACK],
            ]
            for sample in samples
        ]
        told = {"now": round(self._live.now_s() * 1000), "restart": restart, "samples": values}
        self._client.run_javascript(f"window.mirrorMood?.live({json.dumps(told)})")
