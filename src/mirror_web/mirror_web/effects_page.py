"""The Effects page: the stack in order, every parameter of every effect in it, and presets of all of it."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from typing import Any

from nicegui import events, ui

from mirror_core.errors import MirrorError
from mirror_core.live_parameter import LiveParameter, LiveValue
from mirror_web.catalogue import Texts
from mirror_web.controls import Alert, ask, button
from mirror_web.effect_card import EffectCard
from mirror_web.effect_values import default_values, typed_value
from mirror_web.presets_panel import PresetsPanel
from mirror_web.selection import NO_EFFECT, moved, shown_name, toggled
from mirror_web.shell import PageContext

__all__ = ["build_effects_page"]

REFRESH_S = 0.5
TEXTS = Texts("effects")
LIVE = Texts("live")


def build_effects_page(context: PageContext) -> None:
    """Build the page in the current NiceGUI client."""
    _EffectsPage(context)


class _EffectsPage:
    """One browser tab's Effects page."""

    def __init__(self, context: PageContext) -> None:
        self._control = context.control
        self._client = ui.context.client
        self._available: tuple[str, ...] | None = None
        self._active: tuple[str, ...] | None = None  # the stack, without the effect that changes nothing
        self._cards: dict[str, EffectCard] = {}
        self._parameters: dict[str, dict[str, LiveParameter]] = {}
        self._changes = -1
        self._wishes: dict[str, dict[str, LiveValue]] = {}
        self._is_telling = False
        self._lock = asyncio.Lock()  # one refresh at a time
        for style in ("faces", "mood", "shape", "effects"):
            ui.add_head_html(f'<link rel="stylesheet" href="/assets/{style}.css">')
        for script in ("live", "effects"):
            ui.add_head_html(f'<script src="/assets/{script}.js" defer></script>')
        with ui.element("div").classes("m-effects-page"):
            with ui.element("div").classes("m-effects-view"), ui.element("div") as stage:
                stage.classes("m-stage").props('id="mirror-stage"')
                picture = ui.element("img").props('id="mirror-picture"')
                picture.props["alt"] = LIVE["picture"]
            with ui.element("div").classes("m-side m-effects-stack"):
                self._build_stack()
            with ui.element("div").classes("m-side m-effects-presets"):
                self._presets = PresetsPanel(context.presets, self._control, self._after_preset)
        ui.on("effect_value", self._on_value)
        ui.on("effect_order", self._on_order)
        ui.timer(0.0, self._refresh, once=True)
        ui.timer(REFRESH_S, self._refresh)

    def _build_stack(self) -> None:
        with ui.element("section").classes("m-panel"):
            ui.label(TEXTS["stack"]).classes("m-panel-title").props('role="heading" aria-level="2"')
            ui.label(TEXTS["stack_hint"]).classes("m-hint")
            self._alert = Alert()
            ui.label(TEXTS["add"]).classes("m-question")
            self._rest = ui.element("div").classes("m-choices m-presets")
        self._stack = ui.element("ol").classes("m-stack")
        self._stack.props["aria-label"] = TEXTS["stack"]
        self._empty = ui.label(TEXTS["empty"]).classes("m-panel m-stack-empty").props('role="status"')
        self._empty.set_visibility(False)

    # ---- what a person does

    async def _on_order(self, event: events.GenericEventArguments) -> None:
        names = tuple(str(name) for name in event.args)
        if sorted(names) == sorted(self._active or ()):
            await self._choose(names)
        else:
            await self._refresh()

    async def _move(self, effect: str, by: int) -> None:
        active = self._active or ()
        if effect in active and (names := moved(active, effect, by)) != active:
            await self._choose(names)

    async def _toggle(self, effect: str) -> None:
        await self._choose(toggled(self._available or (), self._active or (), effect))

    async def _choose(self, names: tuple[str, ...]) -> None:
        self._alert.show(await ask(self._control.set_effects, names))
        await self._refresh()

    async def _on_value(self, event: events.GenericEventArguments) -> None:
        effect, name = str(event.args["effect"]), str(event.args["name"])
        parameter = self._parameters.get(effect, {}).get(name)
        value = None if parameter is None else typed_value(parameter, event.args["value"])
        if value is None:
            await self._show_values(effect)
            return
        self._wishes.setdefault(effect, {})[name] = value
        await self._tell()

    async def _reset(self, effect: str) -> None:
        known = self._parameters.get(effect, {})
        defaults = await asyncio.to_thread(default_values, effect)
        self._wishes[effect] = {name: value for name, value in defaults.items() if name in known}
        await self._tell()
        await self._show_values(effect)

    async def _tell(self) -> None:
        """Send the newest wishes to the mirror; one sending at a time."""
        if self._is_telling:
            return
        self._is_telling = True
        try:
            while self._wishes:
                effect = next(iter(self._wishes))
                error = await ask(self._control.set_effect_parameters, effect, self._wishes.pop(effect))
                if effect in self._cards:
                    self._cards[effect].say(error)
                if error is not None:
                    await self._show_values(effect)
        finally:
            self._is_telling = False

    async def _after_preset(self) -> None:
        self._changes = -1
        await self._refresh()

    # ---- what changes by itself

    async def _refresh(self) -> None:
        async with self._lock:
            try:
                available, stack, changes = await asyncio.to_thread(self._ask)
            except MirrorError:
                self._alert.show(LIVE["no_answer"])
                return
            active = tuple(name for name in stack if name != NO_EFFECT)
            if (available, active) != (self._available, self._active):
                await self._show_stack(available, active)
            if changes != self._changes and not self._is_telling:
                self._changes = changes
                for effect in active:
                    await self._show_values(effect)
            await self._presets.refresh()

    def _ask(self) -> tuple[tuple[str, ...], tuple[str, ...], int]:
        control = self._control
        return control.effects(), control.active_effects(), control.parameter_changes()

    async def _show_stack(self, available: tuple[str, ...], active: tuple[str, ...]) -> None:
        self._available, self._active = available, active
        for effect in set(self._cards) - set(active):
            self._cards.pop(effect).element.delete()
            self._parameters.pop(effect, None)
        for effect in active:
            if effect not in self._cards:
                await self._build_card(effect)
        for place, effect in enumerate(active):
            card = self._cards[effect]
            card.element.move(self._stack, place)
            card.place(place + 1, len(active))
        self._empty.set_visibility(not active and bool(available))
        self._rest.clear()
        with self._rest:
            for name in available:
                if name != NO_EFFECT and name not in active:
                    chip = button(shown_name(name), partial(self._toggle, name), icon="add")
                    chip.props["data-add"] = name
        for effect in active:
            await self._show_values(effect)

    async def _build_card(self, effect: str) -> None:
        found = await self._read(effect)
        defaults = await asyncio.to_thread(default_values, effect)
        with self._stack:
            self._cards[effect] = EffectCard(
                effect,
                found,
                defaults,
                move=partial(self._move, effect),
                remove=partial(self._toggle, effect),
                reset=partial(self._reset, effect),
            )

    async def _read(self, effect: str) -> tuple[LiveParameter, ...]:
        try:
            found = await asyncio.to_thread(self._control.effect_parameters, effect)
        except MirrorError:
            found = ()
        self._parameters[effect] = {parameter.name: parameter for parameter in found}
        return found

    async def _show_values(self, effect: str) -> None:
        """Bring an effect's controls to what the mirror says; one in somebody's hand stays as it is."""
        values: dict[str, Any] = {parameter.name: parameter.value for parameter in await self._read(effect)}
        if not self._wishes.get(effect):
            self._client.run_javascript(f"window.mirrorEffects?.set({json.dumps({effect: values})})")
