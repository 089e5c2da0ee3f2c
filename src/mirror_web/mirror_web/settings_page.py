"""The Settings page: camera, picture, widgets, watermark, name, window, storage, the way to the defaults."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping

from nicegui import events, ui

from mirror_camera.cameras import Camera
from mirror_core.errors import MirrorError
from mirror_core.live_parameter import LiveParameter, LiveValue
from mirror_web.access_panel import AccessPanel
from mirror_web.catalogue import Texts, languages
from mirror_web.controls import Alert, ask, button, sheet
from mirror_web.effect_values import typed_value
from mirror_web.file_drop import add_upload_script
from mirror_web.parameter_words import choice_name, parameter_hint
from mirror_web.settings_camera import camera_changes, camera_rows, choice_words
from mirror_web.settings_places import PlacesPanel
from mirror_web.settings_rows import RowsPanel, heading
from mirror_web.settings_storage import PLACES
from mirror_web.settings_watermark import NODE as EFFECTS
from mirror_web.settings_watermark import WatermarkPanel, is_of_watermark
from mirror_web.settings_widgets import SCOPE as WIDGETS
from mirror_web.settings_widgets import WidgetsPanel, is_of_widget, widget_changes, widget_rows
from mirror_web.shell import PageContext

__all__ = ["build_settings_page"]

REFRESH_S = 0.5
SLOW_TURNS = 4  # cameras are looked for every so many turns
TEXTS, LIVE, ACCESS = Texts("settings"), Texts("live"), Texts("access")
PICTURE = ("rotation", "mirrored", "fit", "fullscreen", "language")  # of the window, what most people want
PAGE = ("name", "language", "mirrored", "host")  # of this page
HOSTS = ("127.0.0.1", "0.0.0.0")  # this machine only, or all of the network
NODES = tuple(dict.fromkeys(("camera", "display", EFFECTS, "web", *(place.node for place in PLACES))))
Nodes = Mapping[str, Mapping[str, LiveParameter]]


def build_settings_page(context: PageContext) -> None:
    """Build the page in the current NiceGUI client."""
    _SettingsPage(context)


def page_rows(found: Mapping[str, LiveParameter]) -> tuple[LiveParameter, ...]:
    """The page's own parameters that are offered; its language is one of those that there are."""
    rows = []
    for name in PAGE:
        if name not in found:
            continue
        row = found[name]
        if name == "language":
            row = LiveParameter(name, row.value, row.description, choices=("", *languages()))
        elif name == "host":
            choices = tuple(dict.fromkeys((*HOSTS, str(row.value))))
            row = LiveParameter(name, row.value, row.description, choices=choices)
        rows.append(row)
    return tuple(rows)


def page_words(word: str) -> str:
    """A choice of the page's own parameters for people."""
    if word in HOSTS:
        return TEXTS["host_here" if word == HOSTS[0] else "host_network"]
    return languages().get(word) or word or TEXTS["browser_language"]


def window_words(word: str) -> str:
    """A choice of the window's parameters for people."""
    return f"{word}°" if word.isdigit() else languages().get(word) or choice_name(word)


class _SettingsPage:
    """One browser tab's Settings page."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self._control = context.settings_control
        self._client = ui.context.client
        self._lock = asyncio.Lock()  # one refresh at a time
        self._turns = 0
        self._changes = -1
        self._nodes: Nodes = {}
        self._cameras: tuple[Camera, ...] = ()
        for style in ("faces", "mood", "shape", "effects", "health", "settings"):
            ui.add_head_html(f'<link rel="stylesheet" href="/assets/{style}.css">')
        ui.add_head_html('<script src="/assets/effects.js" defer></script>')
        add_upload_script()
        self._root = ui.element("div").classes("m-sheets")
        with ui.element("div").classes("m-settings-page"):
            with ui.element("div"):
                self._build_camera()
                self._picture = self._window_rows(TEXTS["picture"])
                self._widgets = WidgetsPanel()
                self._watermark = WatermarkPanel(context.uploads, self._on_own_mark)
                self._build_page()
            with ui.element("div"):
                self._window = self._window_rows(TEXTS["window"])
                self._places = PlacesPanel(self._control)
                self._build_access()
                self._build_reset()
        ui.on("effect_value", self._on_value)
        ui.timer(0.0, self._turn, once=True)
        ui.timer(REFRESH_S, self._turn)

    def _build_camera(self) -> None:
        self._camera = RowsPanel(
            "camera",
            TEXTS["camera"],
            TEXTS["no_camera_node"],
            lambda _, row: TEXTS[f"camera_{row.name}_hint"],
            names=lambda name: TEXTS[f"camera_{name}"],
            choices=lambda word: choice_words(self._cameras, word),
        )
        with self._camera.element:
            self._trouble = Alert("m-detail")

    @staticmethod
    def _window_rows(title: str) -> RowsPanel:
        return RowsPanel(
            "display",
            title,
            TEXTS["no_window"],
            parameter_hint,
            names=lambda name: TEXTS["fit"] if name == "fit" else "",  # that of a mask has the same name
            choices=window_words,
        )

    def _build_page(self) -> None:
        self._page = RowsPanel(
            "web",
            TEXTS["page"],
            TEXTS["no_answer"],
            lambda _, row: TEXTS[f"page_{row.name}_hint"],
            names=lambda name: TEXTS[f"page_{name}"],
            choices=page_words,
        )

    def _build_access(self) -> None:
        with ui.element("section").classes("m-panel"):
            heading(ACCESS["connect"])
            AccessPanel(self._context.access)

    def _build_reset(self) -> None:
        with ui.element("section").classes("m-panel"):
            heading(TEXTS["reset"])
            self._kept = ui.label().classes("m-hint").props('role="status"')
            with ui.element("div").classes("m-sheet-buttons"):
                button(TEXTS["reset_all"], self._ask_reset, icon="restart_alt", kind="danger")
            self._reset_alert = Alert()

    # ---- what a person does

    async def _on_value(self, event: events.GenericEventArguments) -> None:
        scope, name, value = (str(event.args["effect"]), str(event.args["name"]), event.args["value"])
        node = "display" if scope == WIDGETS else scope
        known = self._nodes.get(node, {})
        changes: Mapping[str, LiveValue] | None = None
        if scope == WIDGETS:
            changes = widget_changes(name, str(value), known)
        elif node == "camera":
            changes = camera_changes(name, str(value), known)
        elif name in known and (typed := typed_value(known[name], value)) is not None:
            changes = {name: typed}
        if changes is not None:
            refusal = await self._set(node, changes)
            for panel in self._panels(scope, name):
                panel.alert.show(refusal)
        self._changes = -1
        await self._turn()

    def _panels(self, scope: str, name: str) -> tuple[RowsPanel | WidgetsPanel, ...]:
        """Where it is said that a change was refused."""
        if scope == WIDGETS or (scope == "display" and is_of_widget(name)):
            return (self._widgets,)
        if scope == "display":
            return (self._picture, self._window)
        return ({"camera": self._camera, EFFECTS: self._watermark}.get(scope, self._page),)

    async def _on_own_mark(self, changes: Mapping[str, LiveValue]) -> None:
        """A picture for the watermark was chosen."""
        self._watermark.alert.show(await self._set(EFFECTS, changes))
        self._changes = -1
        await self._turn()

    async def _set(self, node: str, changes: Mapping[str, LiveValue]) -> str | None:
        refusal = await ask(self._control.set_parameters, node, changes)
        if refusal is None and node == "web" and "name" in changes and "mood_log" in self._nodes:
            refusal = await ask(self._control.set_parameters, "mood_log", {"mirror_id": changes["name"]})
        return refusal

    def _ask_reset(self) -> None:
        with sheet(self._root, TEXTS["reset_title"]) as dialog:
            ui.label(TEXTS["reset_hint"]).classes("m-hint")

            async def reset() -> None:
                dialog.close()
                self._reset_alert.show(await ask(self._control.reset))
                self._changes = -1
                await self._turn()

            with ui.element("div").classes("m-sheet-buttons"):
                button(TEXTS["reset_no"], dialog.close, kind="quiet")
                button(TEXTS["reset_yes"], reset, kind="danger")

    # ---- what changes by itself

    async def _turn(self) -> None:
        async with self._lock:
            changes = await asyncio.to_thread(self._control.changes)
            if self._turns % SLOW_TURNS == 0:
                cameras = await asyncio.to_thread(self._control.cameras)
                # A node that has begun or ended makes no event.
                changes = -2 if cameras != self._cameras or len(self._nodes) < len(NODES) else changes
                self._cameras = cameras
                await self._show_status()
            self._turns += 1
            if changes != self._changes or not self._nodes:
                self._changes = changes
                await self._show()

    async def _show_status(self) -> None:
        try:
            status = await asyncio.to_thread(self._context.control.status)
            self._trouble.show(status.detail or None)
            kept = sum(len(values) for values in (await asyncio.to_thread(self._control.kept)).values())
        except MirrorError as error:
            self._reset_alert.show(str(error))
            return
        where = self._control.kept_in()
        words = TEXTS["kept"].format(count=kept, path=where) if where else TEXTS["not_kept_at_all"]
        self._kept.set_text(words)

    async def _show(self) -> None:
        read = (asyncio.to_thread(self._control.parameters, node) for node in NODES)
        found = zip(NODES, await asyncio.gather(*read), strict=True)
        self._nodes = {node: {p.name: p for p in parameters} for node, parameters in found if parameters}
        defaults = {
            node: await asyncio.to_thread(self._control.defaults, node)
            for node in ("display", EFFECTS, "web")
        }
        window = self._nodes.get("display", {})
        camera = camera_rows(self._nodes.get("camera", {}), self._cameras)
        page = page_rows(self._nodes.get("web", {}))
        effects = {n: p for n, p in self._nodes.get(EFFECTS, {}).items() if is_of_watermark(n)}
        self._camera.show(camera, {})
        self._picture.show([window[name] for name in PICTURE if name in window], defaults["display"])
        rest = [p for p in window.values() if p.name not in PICTURE and not is_of_widget(p.name)]
        self._window.show(rest, defaults["display"])
        self._widgets.show(window, defaults["display"])
        self._watermark.show_effects(effects, defaults[EFFECTS])
        self._page.show(page, defaults["web"])
        self._places.show(self._nodes)
        values = {
            scope: {row.name: row.value for row in rows}
            for scope, rows in (
                ("camera", camera),
                ("display", window.values()),
                (WIDGETS, widget_rows(window)),
                (EFFECTS, effects.values()),
                ("web", page),
            )
        }
        self._client.run_javascript(f"window.mirrorEffects?.set({json.dumps(values)})")
