"""Markdown tables of arguments, parameters, nodes, topics, keys and effects."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Sequence
from typing import Any

from mirror.graph import GRAPHS
from mirror.reference.nodes import NodeEntry, Topic
from mirror_camera.source import BUILT_IN_SOURCES
from mirror_core.parameters import ParameterSpec, specs_of
from mirror_display.actions import HELP_LINES
from mirror_effects import Effect

__all__ = [
    "arguments_table",
    "effects_table",
    "keys_table",
    "nodes_table",
    "parameters_table",
    "prose",
    "table",
    "topics_table",
]

TYPE_NAMES: dict[type, str] = {
    bool: "bool",
    int: "integer",
    float: "number",
    str: "text",
    tuple: "list of words",
}


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; | inside a cell is escaped."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", r"\|") for cell in line) + " |" for line in lines)


def prose(text: str) -> str:
    """Text in which < is no HTML tag, for outside of code spans."""
    return text.replace("<", r"\<")


def summary(documented: Any) -> str:
    """The first paragraph of a docstring on one line."""
    return " ".join((inspect.getdoc(documented) or "").partition("\n\n")[0].split())


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        return f"`[{', '.join(value)}]`"
    return f"`{value}`" if value != "" else "empty"


def _allowed(spec: ParameterSpec, fixed: dict[str, str]) -> str:
    if spec.name in fixed:
        return fixed[spec.name]
    if spec.choices is not None:
        return ", ".join(_value(choice) for choice in spec.choices())
    return spec.constraint or ("`true`, `false`" if spec.kind is bool else "any")


def parameters_table(config: type[Any], prefix: str = "", fixed: dict[str, str] | None = None) -> str:
    """A table of a parameter dataclass.

    Args:
        config: the dataclass.
        prefix: before each name, e.g. "landmarks.".
        fixed: what is allowed, by name, where that depends on the plugins installed here.
    """
    rows = []
    for spec in specs_of(config):
        meaning = prose(spec.description) + ("" if spec.live else " Takes effect at the node's next start.")
        allowed = _allowed(spec, fixed or {})
        rows.append([f"`{prefix}{spec.name}`", TYPE_NAMES[spec.kind], _value(spec.default), allowed, meaning])
    return table(("name", "type", "default", "allowed", "meaning"), rows)


def arguments_table(graph_name: str) -> str:
    """The launch arguments of a graph."""
    rows = [
        [
            f"`{argument.name}:=`",
            f"`{argument.default}`" if argument.default else "empty",
            ", ".join(f"`{choice}`" for choice in argument.choices) or "any",
            prose(argument.description),
        ]
        for argument in GRAPHS[graph_name].arguments
    ]
    return table(("argument", "default", "allowed", "meaning"), rows)


def keys_table() -> str:
    """The keys of the window, as its own help lists them."""
    return table(("key", "does"), [[keys, meaning] for keys, meaning in HELP_LINES])


def effects_table(effects: Iterable[type[Effect]], folder: str) -> str:
    """The effects with links to their pages in `folder`."""
    rows = [[f"[`{effect.name}`]({folder}{effect.name}.md)", summary(effect)] for effect in effects]
    return table(("effect", "what it does"), rows)


def _names(topics: Iterable[Topic]) -> str:
    return ", ".join(f"`{topic.name}`" for topic in topics) or "–"


def nodes_table(nodes: Iterable[NodeEntry]) -> str:
    """Each node with what it subscribes to and publishes."""
    rows = [
        [f"`{node.spec.name}`", f"`{node.spec.package}`", _names(node.subscribed), _names(node.published)]
        for node in nodes
    ]
    return table(("node", "package", "subscribed", "published"), rows)


def topics_table(topics: Iterable[Topic]) -> str:
    """Topics of one node."""
    rows = [[f"`{topic.name}`", f"`{topic.message_type}`", prose(topic.remark) or " "] for topic in topics]
    return table(("topic", "type", "remark"), rows)


SOURCE_NAMES = ", ".join(f"`{name}`" for name in ("auto", *BUILT_IN_SOURCES)) + " or a plugin's name"
