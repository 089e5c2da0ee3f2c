"""The Health page: every node's state in plain words, latency over the last minutes, recent messages."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from nicegui import events, ui

from mirror_web.catalogue import Texts
from mirror_web.control import CameraState, Status
from mirror_web.controls import set_prop
from mirror_web.health_control import HealthState, LogLine, NodeFigures, NodeState
from mirror_web.health_table import NodesTable, node_name
from mirror_web.shell import PageContext

__all__ = ["build_health_page"]

TURN_S = 1.0
MOST_SHOWN = 60  # messages
WANTED_FIRST = ("display", "effects")  # whose latency is drawn at first
TROUBLES = (NodeState.ERROR, NodeState.SILENT, NodeState.WARN)
ICONS = {"info": "info", "warn": "warning", "error": "error"}
TEXTS, STATES = Texts("health"), Texts("health_states")


def summary_words(state: HealthState) -> tuple[NodeState, str]:
    """How the whole mirror is doing: the worst state and a sentence."""
    if not state.nodes:
        return NodeState.SILENT, TEXTS["nothing_heard"]
    in_need = [node for node in state.nodes if node.state in TROUBLES]
    if not in_need:
        return NodeState.OK, TEXTS["all_well"]
    names = ", ".join(node_name(node.name) for node in in_need)
    broken = [node for node in in_need if node.state is not NodeState.WARN]
    return in_need[0].state, TEXTS["broken" if broken else "attention"].format(names=names)


def camera_words(camera: NodeFigures | None, status: Status) -> str:
    """Which camera there is and what it does."""
    if status.camera is CameraState.OFF:
        return TEXTS["camera_off"]
    if camera is None or camera.state is NodeState.SILENT:
        return TEXTS["camera_silent"]
    source = TEXTS.get(f"source_{camera.source}", camera.source)
    rate = f"{camera.rate_hz or 0.0:.0f}"
    return TEXTS["camera_idle" if rate == "0" else "camera_from"].format(source=source, rate=rate)


def build_health_page(context: PageContext) -> None:
    """Build the page in the current NiceGUI client."""
    _HealthPage(context)


class _HealthPage:
    """One browser tab's Health page."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self._client = ui.context.client
        self._node = ""
        self._offered: tuple[str, ...] = ()
        self._newest = -1
        self._only_troubles = False
        for style in ("faces", "mood", "health"):
            ui.add_head_html(f'<link rel="stylesheet" href="/assets/{style}.css">')
        ui.add_head_html('<script src="/assets/health.js" defer></script>')
        with ui.element("div").classes("m-health-page"):
            with ui.element("section").classes("m-panel m-health-summary").props('role="status"') as panel:
                self._summary = panel
                with ui.element("div").classes("m-health-line"):
                    ui.element("span").classes("m-dot")
                    self._words = ui.label().classes("m-health-words")
                self._camera = ui.label().classes("m-hint")
                self._camera_says = ui.label().classes("m-hint")
            self._table = NodesTable()
            self._build_plot()
            self._build_messages()
        ui.on("health_node", self._on_node)
        ui.on("health_filter", self._on_filter)
        ui.timer(0.0, self._turn, once=True)
        ui.timer(TURN_S, self._turn)

    def _build_plot(self) -> None:
        with ui.element("section").classes("m-panel"):
            with ui.element("div").classes("m-panel-head"):
                ui.label(TEXTS["latency"]).classes("m-panel-title").props('role="heading" aria-level="2"')
                with ui.element("label").classes("m-choice"):
                    self._select = ui.element("select").props('data-health="node"')
                    self._select.props["aria-label"] = TEXTS["latency_of"]
            ui.label(TEXTS["latency_hint"]).classes("m-hint")
            self._chart = ui.echart({}).classes("m-chart-live").props('role="img"')
            self._said = ui.label().classes("m-hint")

    def _build_messages(self) -> None:
        with ui.element("section").classes("m-panel"):
            with ui.element("div").classes("m-panel-head"):
                ui.label(TEXTS["messages"]).classes("m-panel-title").props('role="heading" aria-level="2"')
                with ui.element("label").classes("m-choice"):
                    select = ui.element("select").props('data-health="filter"')
                    select.props["aria-label"] = TEXTS["messages_which"]
                    with select:
                        for value in ("all", "troubles"):
                            option = ui.element("option")
                            option.props["value"] = value
                            option.props["label"] = TEXTS[f"messages_{value}"]
            self._empty = ui.label(TEXTS["no_messages"]).classes("m-hint")
            self._list = ui.element("ol").classes("m-messages").props('tabindex="0"')
            self._list.props["aria-label"] = TEXTS["messages"]

    # ---- what a person does

    def _on_node(self, event: events.GenericEventArguments) -> None:
        self._node = str(event.args)
        self._draw()

    def _on_filter(self, event: events.GenericEventArguments) -> None:
        self._only_troubles = event.args == "troubles"
        self._newest = -1
        self._show_messages(self._context.health.health().messages)

    # ---- what changes by itself

    def _turn(self) -> None:
        state = self._context.health.health()
        worst, words = summary_words(state)
        set_prop(self._summary, "data-state", str(worst))
        self._words.set_text(words)
        self._show_camera(state)
        self._table.show(state.nodes)
        self._offer(tuple(sorted(n.name for n in state.nodes if n.p50_ms is not None)))
        self._draw()
        self._show_messages(state.messages)

    def _show_camera(self, state: HealthState) -> None:
        camera = next((node for node in state.nodes if node.name == "camera"), None)
        self._camera.set_text(camera_words(camera, self._context.control.status()))
        self._camera_says.set_text(camera.message if camera is not None else "")
        self._camera_says.set_visibility(bool(camera is not None and camera.message))

    def _offer(self, names: tuple[str, ...]) -> None:
        if names == self._offered:
            return
        self._offered = names
        if self._node not in names:
            self._node = next((name for name in WANTED_FIRST if name in names), names[0] if names else "")
        self._select.clear()
        with self._select:
            for name in names:
                option = ui.element("option")
                option.props["value"], option.props["label"] = name, node_name(name)
                if name == self._node:
                    option.props["selected"] = True

    def _draw(self) -> None:
        samples = self._context.health.latencies(self._node)
        told = {
            "id": self._chart.id,
            "p50": [[round(-sample.ago_s, 1), round(sample.p50_ms, 2)] for sample in samples],
            "p99": [[round(-sample.ago_s, 1), round(sample.p99_ms, 2)] for sample in samples],
            "names": [TEXTS["p50"], TEXTS["p99"]],
            "now": TEXTS["now"],
        }
        words = TEXTS["no_latency"]
        if samples:
            newest, worst = samples[-1], max(sample.p99_ms for sample in samples)
            words = TEXTS["latency_said"].format(
                node=node_name(self._node),
                p50=f"{newest.p50_ms:.1f}",
                p99=f"{newest.p99_ms:.1f}",
                worst=f"{worst:.1f}",
            )
        self._said.set_text(words)
        set_prop(self._chart, "aria-label", words)
        self._client.run_javascript(f"window.mirrorHealth?.plot({json.dumps(told)})")

    def _show_messages(self, messages: tuple[LogLine, ...]) -> None:
        newest = messages[0].number if messages else 0
        if newest == self._newest:
            return
        self._newest = newest
        shown = [line for line in messages if not self._only_troubles or line.level != "info"][:MOST_SHOWN]
        self._empty.set_visibility(not shown)
        self._list.set_visibility(bool(shown))
        self._list.clear()
        with self._list:
            for line in shown:
                with ui.element("li").classes(f"m-message m-message-{line.level}"):
                    ui.icon(ICONS[line.level], size="18px").props('aria-hidden="true"')
                    with ui.element("div").classes("m-message-words"):
                        when = datetime.fromtimestamp(line.time_s, UTC).astimezone()
                        level = STATES[f"message_{line.level}"]
                        head = f"{when:%H:%M:%S} · {level} · {node_name(line.name)}"
                        ui.label(head).classes("m-hint")
                        ui.label(line.text)
