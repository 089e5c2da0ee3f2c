"""The Live page: the mirror's picture, its state, the effect switch and the privacy shutter."""

from __future__ import annotations

import asyncio

from nicegui import events, ui

from mirror_core.errors import MirrorError
from mirror_web.catalogue import Texts
from mirror_web.control import CameraState, Status
from mirror_web.selection import NO_EFFECT, chosen, moved, shown_name, toggled
from mirror_web.shell import PageContext

__all__ = ["build_live_page"]

REFRESH_S = 1.0
_TEXTS = Texts("live")
_STATE_CLASSES = " ".join(f"m-{state}" for state in CameraState)


def build_live_page(context: PageContext) -> None:
    """Build the page in the current NiceGUI client."""
    _LivePage(context)


class _LivePage:
    """One browser tab's Live page."""

    def __init__(self, context: PageContext) -> None:
        self._control = context.control
        self._available: tuple[str, ...] = ()
        self._active: tuple[str, ...] = ()
        ui.add_head_html('<script src="/assets/live.js" defer></script>')
        with ui.element("div").classes("m-live"):
            with ui.element("div"):
                self._build_picture()
                self._build_figures()
            with ui.element("div").classes("m-side"):
                self._build_effects()
                self._build_camera()
        ui.timer(REFRESH_S, self._refresh)

    def _build_picture(self) -> None:
        with ui.element("div").classes("m-stage").props('id="mirror-stage"'):
            picture = ui.element("img").props('id="mirror-picture"')
            picture.props["alt"] = _TEXTS["picture"]
            with ui.element("div").classes("m-state m-starting") as self._state:
                ui.element("span").classes("m-dot")
                self._state_name = ui.label(_TEXTS[CameraState.STARTING])
            with ui.element("div").classes("m-tools"):
                save = ui.element("a").props('href="/snapshot.jpg" download="mirror.jpg"')
                save.props["aria-label"] = save.props["title"] = _TEXTS["save_picture"]
                with save.classes("m-icon-button"):
                    ui.icon("photo_camera")
                whole = ui.element("button").props('type="button"')
                whole.props["aria-label"] = whole.props["title"] = _TEXTS["full_screen"]
                with whole.classes("m-icon-button").on("click", js_handler="() => mirrorFullscreen()"):
                    ui.icon("fullscreen")
        self._detail = ui.label().classes("m-detail").props('role="status"')
        self._detail.set_visibility(False)

    def _build_figures(self) -> None:
        with ui.element("div").classes("m-figures"):
            self._figures = [
                self._build_figure(_TEXTS[name]) for name in ("frame_rate", "latency", "effects_on")
            ]

    @staticmethod
    def _build_figure(name: str) -> ui.label:
        with ui.element("div").classes("m-figure"):
            value = ui.label("—").classes("m-figure-value")
            ui.label(name).classes("m-figure-name")
        return value

    def _build_effects(self) -> None:
        with ui.element("section").classes("m-panel"):
            with ui.element("div").classes("m-panel-head"):
                ui.label(_TEXTS["effects"]).classes("m-panel-title")
                self._combine = ui.switch(_TEXTS["combine"], on_change=self._show_effects).props("left-label")
            self._hint = ui.label().classes("m-hint")
            self._effects = ui.element("div").classes("m-effects")
            self._error = ui.label().classes("m-error").props('role="alert"')
            self._error.set_visibility(False)
        self._show_effects()

    def _build_camera(self) -> None:
        with ui.element("section").classes("m-panel"):
            with ui.element("div").classes("m-panel-head"):
                ui.label(_TEXTS["camera"]).classes("m-panel-title")
                self._camera = ui.switch(value=True)
                self._camera.props["aria-label"] = _TEXTS["camera"]
                # Unlike on_change this comes from the person only, not from _refresh.
                self._camera.on("update:model-value", self._switch_camera, [None])
            ui.label(_TEXTS["camera_hint"]).classes("m-hint")

    def _show_effects(self) -> None:
        combining = bool(self._combine.value)
        self._hint.set_text(_TEXTS["in_order" if combining else "choose"])
        self._effects.clear()
        with self._effects:
            for name in self._available:
                if not (combining and name == NO_EFFECT):
                    self._build_effect(name, combining)

    def _build_effect(self, name: str, combining: bool) -> None:
        is_on = name in self._active
        with ui.element("div").classes("m-effect-row"):
            button = (
                ui.element("button")
                .classes("m-effect")
                .props(f'type="button" aria-pressed="{str(is_on).lower()}"')
            )
            button.props["data-effect"] = name
            wanted = toggled(self._available, self._active, name) if combining else chosen(name)
            button.on("click", lambda: self._ask_for(wanted))
            if is_on:
                button.classes("m-effect-on")
            with button:
                with ui.element("span").classes("m-badge"):
                    if is_on and combining:
                        ui.label(str(self._active.index(name) + 1))
                    elif is_on:
                        ui.icon("check", size="15px")
                ui.label(shown_name(name)).classes("ellipsis")
            if combining and is_on and self._active.index(name) > 0:
                earlier = ui.element("button").classes("m-icon-button").props('type="button"')
                earlier.props["title"] = _TEXTS["earlier"]
                earlier.props["aria-label"] = _TEXTS["earlier_label"].format(effect=shown_name(name))
                earlier.on("click", lambda: self._ask_for(moved(self._active, name, -1)))
                with earlier:
                    ui.icon("arrow_upward", size="20px")

    async def _ask_for(self, names: tuple[str, ...]) -> None:
        try:
            error = await asyncio.to_thread(self._control.set_effects, names)
        except MirrorError as failure:
            error = str(failure)
        self._show_error(error)
        await self._refresh()

    async def _switch_camera(self, event: events.GenericEventArguments) -> None:
        # The switch itself may have been put back meanwhile, by a _refresh that was under way.
        is_wanted = bool(event.args)
        try:
            error = await asyncio.to_thread(self._control.set_shutter, not is_wanted)
        except MirrorError as failure:
            error = str(failure)
        self._show_error(error)
        await self._refresh()

    def _show_error(self, error: str | None) -> None:
        self._error.set_text(error or "")
        self._error.set_visibility(error is not None)

    def _ask(self) -> tuple[Status, tuple[str, ...], tuple[str, ...]]:
        return self._control.status(), self._control.effects(), self._control.active_effects()

    async def _refresh(self) -> None:
        try:
            status, available, active = await asyncio.to_thread(self._ask)
        except MirrorError:
            status, available, active = (
                Status(CameraState.LOST, _TEXTS["no_answer"]),
                self._available,
                self._active,
            )
        self._state.classes(remove=_STATE_CLASSES, add=f"m-{status.camera}")
        self._state_name.set_text(_TEXTS[status.camera])
        self._detail.set_text(status.detail)
        self._detail.set_visibility(bool(status.detail))
        self._camera.set_value(status.camera is not CameraState.OFF)
        latency = "—" if status.latency_ms is None else f"{status.latency_ms:.0f} ms"
        count = len([name for name in active if name != NO_EFFECT])
        for label, text in zip(self._figures, (f"{status.fps:.0f} fps", latency, str(count)), strict=True):
            label.set_text(text)
        if (available, active) != (self._available, self._active):
            self._available, self._active = available, active
            if len(active) > 1:
                self._combine.set_value(True)
            self._show_effects()
