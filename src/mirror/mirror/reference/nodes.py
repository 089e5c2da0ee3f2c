"""What the nodes of the graph table say of themselves: purpose, topics and parameters."""

from __future__ import annotations

import importlib
import inspect
import re
from dataclasses import dataclass
from typing import Any

from mirror.graph import GRAPHS, NodeSpec

__all__ = ["NodeEntry", "Topic", "described_nodes"]

# "faces (mirror_msgs/FaceArray, only while an effect needs them), image (sensor_msgs/Image), what is shown"
ENTRY = re.compile(
    r"(?P<name>/?[a-z][a-z0-9_/]*) \((?P<inside>[^()]*)\)(?P<after>(?:(?!, /?[a-z0-9_/]+ \().)*)"
)
TYPE = re.compile(r"[a-z][a-z0-9_]*/[A-Z][A-Za-z0-9]*")
# Up to the full stop that ends the sentence: outside of parentheses, before a space or the end.
SECTION = re.compile(r"(Subscribed|Published): ((?:[^().]|\([^()]*\)|\.(?!\s|$))*)\.")


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic as a node's module describes it: relative name, message type, remark."""

    name: str
    message_type: str
    remark: str


@dataclass(frozen=True, slots=True)
class NodeEntry:
    """One node.

    Attributes:
        spec: its row of the graph table, made from the default arguments.
        purpose: the first line of its module.
        remarks: what else the module says, topics aside.
        subscribed, published: its topics; /diagnostics, which every node publishes, is not among the latter.
        config: its parameter dataclass.
    """

    spec: NodeSpec
    purpose: str
    remarks: str
    subscribed: tuple[Topic, ...]
    published: tuple[Topic, ...]
    config: type[Any]


def parse_topics(text: str) -> tuple[Topic, ...]:
    """The topics of a sentence such as "image (sensor_msgs/Image), faces (mirror_msgs/FaceArray, few)".

    Raises:
        ValueError: if a topic has no message type.
    """
    topics = []
    for entry in ENTRY.finditer(text):
        name, inside = entry["name"], entry["inside"]
        message_type, _, remark = inside.partition(", ")
        if not TYPE.fullmatch(message_type):
            raise ValueError(f"{name} ({inside}): the message type must come first.")
        remarks = (remark, entry["after"].strip(" ,"))
        topics.append(Topic(name, message_type, "; ".join(part for part in remarks if part)))
    return tuple(topics)


def parse_description(description: str) -> tuple[str, str, dict[str, tuple[Topic, ...]]]:
    """Purpose, remarks and topics ("Subscribed", "Published") of a node module's docstring."""
    purpose, _, rest = inspect.cleandoc(description).partition("\n")
    rest = " ".join(rest.split())
    topics = {match[1]: parse_topics(match[2]) for match in SECTION.finditer(rest)}
    return purpose, " ".join(SECTION.sub("", rest).split()), topics


def _describe(spec: NodeSpec) -> NodeEntry:
    module_name, _, class_name = spec.factory.partition(":")
    module = importlib.import_module(module_name)
    purpose, remarks, topics = parse_description(module.__doc__ or "")
    return NodeEntry(
        spec=spec,
        purpose=purpose,
        remarks=remarks,
        subscribed=topics.get("Subscribed", ()),
        published=topics.get("Published", ()),
        config=getattr(module, class_name).CONFIG,
    )


def described_nodes(graph_name: str, **values: str) -> tuple[NodeEntry, ...]:
    """The nodes that a graph starts with these arguments, the others having their defaults."""
    graph = GRAPHS[graph_name]
    defaults = {argument.name: argument.default for argument in graph.arguments}
    return tuple(_describe(spec) for spec in graph.nodes({**defaults, **values}))
