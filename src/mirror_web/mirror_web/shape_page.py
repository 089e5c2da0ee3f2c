"""The Shape page: sliders on the shape model, on the mean face, on a photograph, and on the mirror."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from nicegui import events, ui

from mirror_core.errors import MirrorError
from mirror_effects.deform_presets import PRESETS, preset_parameters
from mirror_tracking.shape_model import shared_shape_model
from mirror_web.controls import Alert, ask, button, jpeg_url
from mirror_web.file_drop import ChosenFile, FileDrop, add_upload_script
from mirror_web.selection import toggled
from mirror_web.shape_photo import ShapePhoto, demo_photo, photo_of_file
from mirror_web.shape_texts import TEXTS, component_words, preset_name
from mirror_web.shape_values import (
    CARICATURE,
    COMPONENTS,
    DEFORM,
    LARGEST_FACTOR,
    LARGEST_STRENGTH,
    LEAST_FACTOR,
    NO_PRESET,
    SLIDER_LIMIT,
    UNCHANGED_FACTOR,
    ShapeValues,
)
from mirror_web.shell import PageContext
from mirror_web.uploads import LARGEST_UPLOAD_MB

__all__ = ["build_shape_page"]

FIRST_SLIDERS = 8
REFRESH_S = 0.5


def build_shape_page(context: PageContext) -> None:
    """Build the page in the current NiceGUI client."""
    _ShapePage(context)


class _ShapePage:
    """One browser tab's Shape page."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self._control = context.control
        self._client = ui.context.client
        self._values = ShapeValues()
        self._live: dict[str, bool] = {DEFORM: False, CARICATURE: False}
        self._told: dict[str, dict[str, Any]] = {DEFORM: {}, CARICATURE: {}}
        self._available: tuple[str, ...] | None = None
        self._changes = -1
        self._switchings = 0
        self._touched_s = float("-inf")
        self._photo: ShapePhoto | None = None
        self._rendered: ShapeValues | None = None
        self._is_rendering = self._is_telling = False
        ui.add_head_html('<link rel="stylesheet" href="/assets/faces.css">')
        ui.add_head_html('<link rel="stylesheet" href="/assets/shape.css">')
        ui.add_head_html('<script src="/assets/shape.js" defer></script>')
        add_upload_script()
        with ui.element("div").classes("m-shape-page"):
            with ui.element("section").classes("m-panel m-shape-view"):
                self._build_view()
            with ui.element("div").classes("m-side"):
                self._build_deform()
                self._build_caricature()
        ui.on("shape_values", self._on_values)
        ui.timer(0.0, self._open, once=True)
        ui.timer(REFRESH_S, self._refresh)

    # ---- building

    def _build_view(self) -> None:
        with ui.element("div").classes("m-tabs").props('role="group"'):
            self._tabs = {
                name: button(TEXTS[name], lambda name=name: self._show_tab(name), pressed=name == "mean")
                for name in ("mean", "photo")
            }
        with ui.element("div") as self._mean_view:
            canvas = ui.element("canvas").classes("m-shape-canvas").props('tabindex="0" role="img"')
            canvas.props["aria-label"] = TEXTS["view_label"]
            self._canvas_id = str(canvas.html_id)
            ui.label(TEXTS["view_hint"]).classes("m-hint")
        with ui.element("div") as self._photo_view:
            picture = ui.element("img").classes("m-shape-photo")
            picture.props["alt"] = TEXTS["photo_label"]
            self._picture_id = str(picture.html_id)
            self._photo_note = ui.label().classes("m-hint").props('role="status"')
            self._photo_alert = Alert()
            self._drop = FileDrop(
                self._context.uploads,
                accept="image/*",
                title=TEXTS["photo_drop"],
                hint=TEXTS["photo_hint"].format(limit=LARGEST_UPLOAD_MB),
                choose=TEXTS["photo_choose"],
                on_chosen=self._take_photo,
                on_error=self._photo_alert.show,
            )
            self._demo_button = button(TEXTS["photo_demo"], self._use_demo, kind="quiet")
            self._demo_button.set_visibility(False)
        self._photo_view.set_visibility(False)

    def _build_head(self, effect: str) -> ui.switch:
        with ui.element("div").classes("m-panel-head"):
            ui.label(TEXTS[effect]).classes("m-panel-title").props('role="heading" aria-level="2"')
            live = ui.switch(TEXTS["live"]).props("left-label")
            live.props["title"] = TEXTS["live_hint"]
            live.props["aria-label"] = f"{TEXTS['live']}: {TEXTS[effect]}"
            # Unlike on_change this comes from the person only, not from _refresh.
            live.on("update:model-value", lambda event: self._switch_live(effect, bool(event.args)), [None])
        ui.label(TEXTS[f"{effect}_hint"]).classes("m-hint")
        return live

    def _build_deform(self) -> None:
        labels = shared_shape_model().labels[:COMPONENTS]
        self._switches: dict[str, ui.switch] = {}
        with ui.element("section").classes("m-panel"):
            self._switches[DEFORM] = self._build_head(DEFORM)
            self._error = Alert()
            ui.label(TEXTS["presets"]).classes("m-question")
            with ui.element("div").classes("m-choices m-presets"):
                self._presets = self._build_presets()
            self._build_slider("strength", TEXTS["strength"], 0.0, LARGEST_STRENGTH, 1.0)
            for index, label in enumerate(labels[:FIRST_SLIDERS]):
                self._build_component(index, label)
            self._rest = ui.element("div")
            with self._rest:
                for index, label in enumerate(labels[FIRST_SLIDERS:], start=FIRST_SLIDERS):
                    self._build_component(index, label)
            self._rest.set_visibility(False)
            with ui.element("div").classes("m-sheet-buttons"):
                self._more = button(TEXTS["more"].format(count=len(labels)), self._show_more, kind="quiet")
                button(TEXTS["reset"], self._reset, icon="restart_alt")

    def _build_component(self, index: int, label: str) -> None:
        words = component_words(index + 1, label)
        self._build_slider(str(index), words, -SLIDER_LIMIT, SLIDER_LIMIT, 0.0)

    def _build_caricature(self) -> None:
        with ui.element("section").classes("m-panel"):
            self._switches[CARICATURE] = self._build_head(CARICATURE)
            self._build_slider("factor", TEXTS["factor"], LEAST_FACTOR, LARGEST_FACTOR, UNCHANGED_FACTOR)

    @staticmethod
    def _build_slider(component: str, label: str, low: float, high: float, rest: float) -> None:
        with ui.element("label").classes("m-slider"):
            ui.label(label).classes("m-slider-name")
            ui.element("output").props('aria-hidden="true"')
            slider = ui.element("input").props("type=range step=0.05")
            slider.props["data-component"] = component
            slider.props["aria-label"] = label  # the label element names the first it holds, the output
            # Not as the element's value: Vue would put that back whenever it draws the page anew.
            slider.props["data-rest"] = rest
            slider.props["min"], slider.props["max"] = low, high

    def _build_presets(self) -> dict[str, ui.element]:
        chips = {}
        for name in (NO_PRESET, *PRESETS):
            words = TEXTS["preset_none"] if name == NO_PRESET else preset_name(name)
            pressed = name == self._values.preset
            chips[name] = button(words, lambda name=name: self._choose_preset(name), pressed=pressed)
            chips[name].props["data-preset"] = name
        return chips

    # ---- what a person does

    async def _open(self) -> None:
        self._client.run_javascript(f'mirrorShape.open("{self._canvas_id}")')
        await self._refresh()

    async def _on_values(self, event: events.GenericEventArguments) -> None:
        found: Mapping[str, Any] = event.args
        components = tuple(float(value or 0.0) for value in found["components"])
        values = replace(
            self._values,
            components=components,
            strength=float(found["strength"]),
            factor=float(found["factor"]),
        )
        await self._use(values)

    async def _choose_preset(self, name: str) -> None:
        values = replace(self._values, preset=name)
        self._show(values, "preset")
        await self._use(values)

    async def _reset(self) -> None:
        values = ShapeValues(factor=self._values.factor)
        self._show(values, "preset", "components", "strength")
        await self._use(values)

    def _show_more(self) -> None:
        self._rest.set_visibility(not self._rest.visible)
        words = TEXTS["less"] if self._rest.visible else TEXTS["more"].format(count=COMPONENTS)
        self._more.clear()
        with self._more:
            ui.label(words)

    async def _use(self, values: ShapeValues) -> None:
        """Take other values: on the photograph and on the mirror."""
        self._touched_s = asyncio.get_running_loop().time()
        self._values = values
        await asyncio.gather(self._tell(), self._render())

    def _show(self, values: ShapeValues, *parts: str) -> None:
        """Bring parts of what the browser shows to these values; the others may be in somebody's hand."""
        offset = []
        if values.preset in PRESETS:
            offset = preset_parameters(values.preset, shared_shape_model()).tolist()
        shown = {
            "components": values.components,
            "strength": values.strength,
            "factor": values.factor,
            "preset": offset,
        }
        told = {part: shown[part] for part in parts}
        self._client.run_javascript(f"mirrorShape.set({json.dumps(told)})")
        for name, chip in self._presets.items():
            chip.props["aria-pressed"] = str(name == values.preset).lower()

    # ---- the mirror

    async def _switch_live(self, effect: str, wanted: bool) -> None:
        self._switchings += 1  # what _refresh is asking just now is out of date
        active = await asyncio.to_thread(self._control.active_effects)
        error = None
        if wanted != (effect in active):
            names = toggled(await asyncio.to_thread(self._control.effects), active, effect)
            error = await ask(self._control.set_effects, names)
        self._error.show(error)
        self._switchings += 1
        self._live[effect] = wanted and error is None
        self._told[effect] = {}
        self._touched_s = asyncio.get_running_loop().time()
        self._switches[effect].set_value(self._live[effect])
        await self._tell()

    async def _tell(self) -> None:
        """Send the newest values to the effects that are on; one sending at a time."""
        if self._is_telling:
            return
        self._is_telling = True
        try:
            while wishes := self._untold():
                for effect, values in wishes.items():
                    error = await ask(self._control.set_effect_parameters, effect, values)
                    self._error.show(error)
                    if error is not None:
                        return  # the next change sends it again
                    self._told[effect].update(values)
        finally:
            self._is_telling = False

    def _untold(self) -> dict[str, dict[str, Any]]:
        wanted = {
            DEFORM: self._values.deform_parameters,
            CARICATURE: self._values.caricature_parameters,
        }
        changed = {
            effect: {name: value for name, value in values.items() if self._told[effect].get(name) != value}
            for effect, values in wanted.items()
            if self._live[effect]
        }
        return {effect: values for effect, values in changed.items() if values}

    async def _refresh(self) -> None:
        switchings = self._switchings
        try:
            available, active, changes = await asyncio.to_thread(self._ask)
        except MirrorError:
            return
        if switchings != self._switchings:
            return  # somebody has switched meanwhile
        if available != self._available:
            self._available = available
            for effect, switch in self._switches.items():
                switch.set_enabled(effect in available)
        if asyncio.get_running_loop().time() - self._touched_s < 2 * REFRESH_S:
            return  # what was just done here may not be known there yet
        was, self._live = self._live, {effect: effect in active for effect in self._live}
        for effect, switch in self._switches.items():
            switch.set_value(self._live[effect])
        if (was != self._live or changes != self._changes) and any(self._live.values()):
            self._changes = changes
            await self._adopt()

    def _ask(self) -> tuple[tuple[str, ...], tuple[str, ...], int]:
        control = self._control
        return control.effects(), control.active_effects(), control.parameter_changes()

    async def _adopt(self) -> None:
        """Show what the mirror shows: somebody else may have changed it."""
        before = values = self._values
        live = tuple(effect for effect, is_live in self._live.items() if is_live)
        found = {effect: await asyncio.to_thread(self._control.effect_parameters, effect) for effect in live}
        if self._values is not before:
            self._changes = -1  # somebody has moved a slider meanwhile, which counts more: look again
            return
        if DEFORM in found:
            values = values.with_deform(found[DEFORM])
            self._told[DEFORM] = dict(values.deform_parameters)
        if CARICATURE in found:
            values = values.with_caricature(found[CARICATURE])
            self._told[CARICATURE] = dict(values.caricature_parameters)
        if values != self._values:
            self._values = values
            self._show(values, "preset", "components", "strength", "factor")
            await self._render()

    # ---- the photograph

    async def _show_tab(self, name: str) -> None:
        for tab, element in self._tabs.items():
            element.props["aria-pressed"] = str(tab == name).lower()
        self._mean_view.set_visibility(name == "mean")
        self._photo_view.set_visibility(name == "photo")
        if name == "photo" and self._photo is None:
            await self._use_demo()

    async def _use_demo(self) -> None:
        self._photo_note.set_text(TEXTS["photo_loading"])
        try:
            self._photo = await asyncio.to_thread(demo_photo)
        except MirrorError as error:
            self._photo_alert.show(str(error))
        self._photo_note.set_text("")
        self._demo_button.set_visibility(False)
        self._rendered = None
        await self._render()

    async def _take_photo(self, _: ChosenFile) -> None:
        self._photo_note.set_text(TEXTS["photo_loading"])
        answer = await self._drop.send(self._open_photo)
        self._photo_note.set_text("")
        error = answer.get("error")
        self._photo_alert.show(None if error is None else error or TEXTS["send_failed"])
        self._drop.forget()
        if error is None:
            self._demo_button.set_visibility(True)
            self._rendered = None
            await self._render()

    def _open_photo(self, data: bytes) -> Mapping[str, Any]:
        self._photo = photo_of_file(data)
        return {}

    async def _render(self) -> None:
        """Show the newest values on the photograph; one rendering at a time."""
        if self._photo is None or self._is_rendering or not self._photo_view.visible:
            return
        self._is_rendering = True
        try:
            while self._rendered != self._values:
                values = self._values
                jpeg = await asyncio.to_thread(self._photo.jpeg, values)
                self._rendered = values
                self._client.run_javascript(f'mirrorShape.picture("{self._picture_id}", "{jpeg_url(jpeg)}")')
        except MirrorError as error:
            self._photo_alert.show(str(error))
        finally:
            self._is_rendering = False
