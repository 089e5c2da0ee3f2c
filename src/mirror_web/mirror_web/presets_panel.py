"""The presets on the Effects page: saved under a name, shown on the mirror, renamed, removed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from nicegui import ui

from mirror_core.errors import MirrorError
from mirror_web.catalogue import Texts
from mirror_web.control import MirrorControl
from mirror_web.controls import Alert, ask, button, icon_button, sheet
from mirror_web.effect_presets import (
    LONGEST_NAME,
    EffectPreset,
    PresetStore,
    current_stack,
    use_preset,
)
from mirror_web.selection import shown_name

__all__ = ["PresetsPanel"]

TEXTS = Texts("effects")


class PresetsPanel:
    """The panel in the current NiceGUI slot.

    Args:
        store: the presets, which all browsers share.
        control: the mirror.
        after: awaited when a preset was put on the mirror.
    """

    def __init__(
        self, store: PresetStore, control: MirrorControl, after: Callable[[], Awaitable[None]]
    ) -> None:
        self._store = store
        self._control = control
        self._after = after
        self._revision: tuple[int, int] | None = None
        self._names: tuple[str, ...] = ()
        self._root = ui.element("div").classes("m-sheets")
        with ui.element("section").classes("m-panel"):
            ui.label(TEXTS["presets"]).classes("m-panel-title").props('role="heading" aria-level="2"')
            ui.label(TEXTS["presets_hint"]).classes("m-hint")
            self._alert = Alert()
            self._list = ui.element("ul").classes("m-preset-list")
            with ui.element("form").classes("m-preset-save") as form:
                form.on("submit.prevent", self._save, args=[])
                self._name = ui.input(TEXTS["preset_name"]).classes("m-field")
                self._name.props(f'outlined dense maxlength={LONGEST_NAME} autocomplete="off"')
                self._name.props["data-field"] = "preset"
                button(TEXTS["save"], self._save, icon="bookmark_add", kind="main")

    async def refresh(self) -> None:
        """Bring the list up to date, if the presets have changed."""
        revision = await asyncio.to_thread(self._store.revision)
        if revision == self._revision:
            return
        self._revision = revision
        try:
            presets = await asyncio.to_thread(self._store.presets)
        except MirrorError as error:
            self._alert.show(str(error))
            return
        self._alert.show(None)
        self._names = tuple(preset.name for preset in presets)
        self._list.clear()
        with self._list:
            for preset in presets:
                self._build(preset)

    def _build(self, preset: EffectPreset) -> None:
        with ui.element("li").classes("m-preset") as entry:
            entry.props["data-preset"] = preset.name
            load = ui.element("button").classes("m-preset-load").props('type="button"')
            load.props["aria-label"] = TEXTS["load"].format(name=preset.name)
            load.on("click", partial(self._load, preset.name), args=[])
            with load:
                ui.label(preset.name).classes("m-person-name")
                effects = " → ".join(shown_name(part.effect) for part in preset.stack)
                ui.label(effects).classes("m-hint")
            icon_button("edit", TEXTS["rename"].format(name=preset.name), partial(self._rename, preset.name))
            label = TEXTS["remove_preset"].format(name=preset.name)
            icon_button("delete_outline", label, partial(self._remove, preset.name))

    # ---- what a person does

    async def _save(self) -> None:
        name = str(self._name.value or "").strip()
        if name in self._names:
            with sheet(self._root, TEXTS["replace_title"].format(name=name)) as dialog:
                ui.label(TEXTS["replace_hint"]).classes("m-hint")
                with ui.element("div").classes("m-sheet-buttons"):
                    button(TEXTS["cancel"], dialog.close, kind="quiet")

                    async def replace() -> None:
                        dialog.close()
                        await self._keep(name)

                    button(TEXTS["replace"], replace, kind="main")
            return
        await self._keep(name)

    async def _keep(self, name: str) -> None:
        def keep() -> None:
            self._store.save(EffectPreset(name, current_stack(self._control)))

        if await self._do(keep):
            self._name.set_value("")

    async def _load(self, name: str) -> None:
        def load() -> str | None:
            return use_preset(self._control, self._store.preset(name))

        self._alert.show(await ask(load))
        await self._after()

    async def _rename(self, name: str) -> None:
        with sheet(self._root, TEXTS["rename"].format(name=name)) as dialog:
            field = ui.input(TEXTS["preset_name"], value=name).classes("m-field")
            field.props(f'outlined maxlength={LONGEST_NAME} autocomplete="off" autofocus')
            alert = Alert()

            async def rename() -> None:
                try:
                    wanted = EffectPreset(str(field.value or "").strip(), ()).name
                    await asyncio.to_thread(self._store.rename, name, wanted)
                except MirrorError as error:
                    alert.show(str(error))
                    return
                dialog.close()
                await self.refresh()

            field.on("keydown.enter", rename, args=[])
            with ui.element("div").classes("m-sheet-buttons"):
                button(TEXTS["cancel"], dialog.close, kind="quiet")
                button(TEXTS["save"], rename, kind="main")

    async def _remove(self, name: str) -> None:
        with sheet(self._root, TEXTS["remove_title"].format(name=name)) as dialog:
            ui.label(TEXTS["remove_hint"]).classes("m-hint")

            async def remove() -> None:
                dialog.close()
                await self._do(lambda: self._store.remove(name))

            with ui.element("div").classes("m-sheet-buttons"):
                button(TEXTS["keep"], dialog.close, kind="quiet")
                button(TEXTS["remove_yes"], remove, kind="danger")

    async def _do(self, work: Callable[[], None]) -> bool:
        try:
            await asyncio.to_thread(work)
        except MirrorError as error:
            self._alert.show(str(error))
            return False
        self._alert.show(None)
        await self.refresh()
        return True
