"""The comparison of the Mood page: two periods in words, as bars beside each other, and as two lines."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
from nicegui import ui

from mirror_core.mood_colours import MOOD_COLOURS
from mirror_core.moods import MoodLabel
from mirror_mood.log.answers import Comparison, Series
from mirror_web.mood_colouring import css_colour
from mirror_web.mood_curves import STACK, with_ends
from mirror_web.mood_fields import field, option_field
from mirror_web.mood_pairs import OWN_FIELDS, Pair, PairChoice
from mirror_web.mood_texts import (
    MOOD_NAMES,
    TEXTS,
    difference_words,
    percent_words,
    period_words,
    signed_points,
)

__all__ = ["ComparePanel", "comparison_lines"]

FULL_BAR = 0.62  # share of a cell's width that stands for the largest share of a mood
PAST_OPACITY = 0.5  # of the bar of the first period


def comparison_lines(found: Comparison, names: tuple[str, str]) -> dict[str, Any]:
    """The valence of both periods, each from its beginning on, for the script: seconds and values."""
    length_s = max(total.end_s - total.start_s for total in (found.first, found.second))

    def line(series: Series, start_s: int) -> list[tuple[int, float | None]]:
        return [
            (time_s - start_s, None if source < 0 else round(float(series.valence[source]), 4))
            for time_s, source in zip(*with_ends(series), strict=True)
        ]

    return {
        "length": length_s,
        "names": names,
        "first": line(found.first_series, found.first.start_s),
        "second": line(found.second_series, found.second.start_s),
    }


class ComparePanel:
    """The panel in the current NiceGUI slot.

    Attributes:
        chart: the element of the two lines.
    """

    def __init__(self) -> None:
        self._client = ui.context.client
        with ui.element("section").classes("m-panel"):
            ui.label(TEXTS["compare"]).classes("m-panel-title").props('role="heading" aria-level="2"')
            with ui.element("div").classes("m-compare-fields"):
                option_field("compare", TEXTS["compare_what"])
            with ui.element("div").classes("m-compare-fields") as self._own:
                for name in OWN_FIELDS:
                    field(name, TEXTS[name], "date")
            self._own.set_visibility(False)
            self._periods = ui.label().classes("m-hint")
            self._words = ui.element("ul").classes("m-words").props('aria-live="polite"')
            with ui.element("div") as self._found:
                self._build_table()
                self.chart = ui.echart({}).classes("m-chart-compare").props('role="img"')
                self.chart.props["aria-label"] = TEXTS["compare_label"]
                ui.label(TEXTS["compare_label"]).classes("m-hint").props('aria-hidden="true"')
            self._found.set_visibility(False)
        self._said: tuple[str, ...] = ()

    def _build_table(self) -> None:
        with ui.element("table").classes("m-table m-compare-table"):
            with ui.element("thead"), ui.element("tr"):
                heads = []
                for text in (TEXTS["mood"], "", "", TEXTS["difference"]):
                    with ui.element("th").props('scope="col"'):
                        heads.append(ui.label(text))
                self._heads = heads[1:3]
            with ui.element("tbody"):
                self._rows = {mood: self._build_row(mood) for mood in STACK}

    @staticmethod
    def _build_row(mood: MoodLabel) -> tuple[list[tuple[ui.element, ui.label]], ui.label]:
        colour = css_colour(MOOD_COLOURS[mood])
        pairs = []
        with ui.element("tr").props(f'data-compared="{mood.word}"'):
            with ui.element("th").props('scope="row"'):
                ui.label(MOOD_NAMES[mood.word])
            for number in range(2):
                with ui.element("td").classes("m-bar-cell"), ui.element("div").classes("m-pair"):
                    bar = ui.element("div").classes("m-pair-bar").props('aria-hidden="true"')
                    opacity = PAST_OPACITY if number == 0 else 1
                    bar.style(f"background: {colour}; opacity: {opacity}; width: 1px")
                    pairs.append((bar, ui.label()))
            with ui.element("td"):
                difference = ui.label()
        return pairs, difference

    def show_fields(self, choice: PairChoice, own: Mapping[str, date]) -> None:
        """Bring the fields to a choice."""
        self._own.set_visibility(choice is PairChoice.OWN)
        told = {
            "values": {"compare": str(choice), **{name: day.isoformat() for name, day in own.items()}},
            "options": {"compare": [(str(each), TEXTS[f"compare_{each}"]) for each in PairChoice]},
        }
        self._client.run_javascript(f"window.mirrorMood.fields({json.dumps(told)})")

    def show(self, found: Comparison, pair: Pair, zone: str) -> None:
        """Show two periods."""
        both = zip(pair.names, (pair.first, pair.second), strict=True)
        self._periods.set_text(" · ".join(f"{name}: {period_words(*period, zone)}" for name, period in both))
        self._say(difference_words(found, *pair.names))
        is_known = bool(found.first.count or found.second.count)
        self._found.set_visibility(is_known)
        if not is_known:
            return
        for head, name in zip(self._heads, pair.names, strict=True):
            head.set_text(name)
        means = np.stack([found.first.means, found.second.means])
        largest = max(float(np.nanmax(means)), 0.01)
        for mood, (pairs, difference) in self._rows.items():
            for (bar, label), total in zip(pairs, (found.first, found.second), strict=True):
                share = float(total.means[mood])
                label.set_text(percent_words(share))
                width = 0.0 if np.isnan(share) else 100 * FULL_BAR * share / largest
                bar.style(f"width: {width:.1f}%")
            shares = [round(float(total.means[mood]), 2) for total in (found.first, found.second)]
            difference.set_text(signed_points(shares[1] - shares[0]))  # of what stands beside it
        lines = json.dumps(comparison_lines(found, pair.names))
        self._client.run_javascript(f"window.mirrorMood.compare({lines})")

    def refuse(self, sentence: str) -> None:
        """Say why two periods cannot be compared."""
        self._periods.set_text("")
        self._say((sentence,))
        self._found.set_visibility(False)

    def _say(self, sentences: tuple[str, ...]) -> None:
        if sentences == self._said:
            return
        self._said = sentences
        self._words.clear()
        with self._words:
            for sentence in sentences:
                with ui.element("li"):
                    ui.label(sentence)
