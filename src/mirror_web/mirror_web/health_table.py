"""The nodes on the Health page as a table: what each is for, how it is doing, and its figures."""

from __future__ import annotations

from dataclasses import dataclass

from nicegui import ui

from mirror_web.catalogue import Texts
from mirror_web.controls import set_prop
from mirror_web.health_control import NodeFigures
from mirror_web.selection import plain_name

__all__ = ["NodesTable", "node_name"]

TEXTS, STATES, NAMES = Texts("health"), Texts("health_states"), Texts("health_nodes")
FIGURES = ("rate", "p50", "p99", "dropped")


def node_name(name: str) -> str:
    """What a node is for, in a word or two; one that the catalogue does not know keeps its name."""
    return NAMES.get(name) or plain_name(name)


def figure_words(node: NodeFigures) -> dict[str, str]:
    """A node's figures by FIGURES; "–" for what it does not say."""
    return {
        "rate": "–" if node.rate_hz is None else TEXTS["a_second"].format(number=f"{node.rate_hz:.1f}"),
        "p50": "–" if node.p50_ms is None else f"{node.p50_ms:.1f} ms",
        "p99": "–" if node.p99_ms is None else f"{node.p99_ms:.1f} ms",
        "dropped": "–" if node.dropped is None else str(node.dropped),
    }


@dataclass(frozen=True, slots=True)
class _Row:
    element: ui.element
    state: ui.label
    message: ui.label
    figures: dict[str, ui.label]


class NodesTable:
    """The panel in the current NiceGUI slot."""

    def __init__(self) -> None:
        self._rows: dict[str, _Row] = {}
        self._order: tuple[str, ...] = ()
        with ui.element("section").classes("m-panel"):
            ui.label(TEXTS["nodes"]).classes("m-panel-title").props('role="heading" aria-level="2"')
            with ui.element("table").classes("m-table m-nodes"):
                with ui.element("thead"), ui.element("tr"):
                    for key in ("node", "state", *FIGURES):
                        with ui.element("th").props('scope="col"'):
                            ui.label(TEXTS[key])
                self._body = ui.element("tbody")

    def show(self, nodes: tuple[NodeFigures, ...]) -> None:
        """Bring the table up to date."""
        order = tuple(node.name for node in nodes)
        if order != self._order:
            self._order, self._rows = order, {}
            self._body.clear()
            with self._body:
                self._rows = {node.name: self._build(node.name) for node in nodes}
        for node in nodes:
            row = self._rows[node.name]
            set_prop(row.element, "data-state", str(node.state))
            row.state.set_text(STATES[node.state])
            row.message.set_text(node.message)
            row.message.set_visibility(bool(node.message))
            for key, words in figure_words(node).items():
                row.figures[key].set_text(words)

    @staticmethod
    def _build(name: str) -> _Row:
        with ui.element("tr").classes("m-node") as element:
            element.props["data-node"] = name
            with ui.element("th").props('scope="row"'):
                ui.label(node_name(name))
            with ui.element("td").classes("m-node-state"):
                with ui.element("div").classes("m-health-line"):
                    ui.element("span").classes("m-dot")
                    state = ui.label()
                message = ui.label().classes("m-hint")
            figures = {}
            for key in FIGURES:
                with ui.element("td") as cell:
                    cell.props["data-title"] = TEXTS[key]
                    figures[key] = ui.label()
        return _Row(element, state, message, figures)
