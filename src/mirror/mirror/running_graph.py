"""The graph as it runs: which node publishes and subscribes what at this moment, asked of ROS itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from mirror.graph_plan import NodeSpec
from mirror.reference.nodes import NodeEntry, Topic
from mirror_core.parameters import NoParameters

__all__ = ["connected", "running_nodes"]

# What every node of ROS, or every lifecycle node, has without doing anything for it.
EVERYBODYS = ("/rosout", "/parameter_events", "/clock")
TRANSITIONS = "/transition_event"
HIDDEN = "/_"  # names that ROS hides: the parts of an action


def running_nodes(node: Any, namespace: str, order: Iterable[str] = ()) -> tuple[NodeEntry, ...]:
    """The nodes of a namespace with their topics, as discovery knows them now.

    Args:
        node: any rclpy node; it asks.
        namespace: of the graph, "/mirror".
        order: names that come first, in this order.

    Returns:
        Names are relative where they are in the namespace; what every node has is left out.
    """
    names = sorted(name for name, place in node.get_node_names_and_namespaces() if place == namespace)
    first = [name for name in order if name in names]
    return tuple(
        NodeEntry(
            spec=NodeSpec(name, "", "", ""),
            purpose="",
            remarks="",
            subscribed=_topics(node.get_subscriber_names_and_types_by_node(name, namespace), namespace),
            published=_topics(node.get_publisher_names_and_types_by_node(name, namespace), namespace),
            config=NoParameters,
        )
        for name in (*first, *(name for name in names if name not in first))
    )


def _topics(listed: Iterable[tuple[str, Sequence[str]]], namespace: str) -> tuple[Topic, ...]:
    topics = []
    for name, types in sorted(listed):
        if name in EVERYBODYS or name.endswith(TRANSITIONS) or HIDDEN in name:
            continue
        relative = name.removeprefix(f"{namespace}/")
        topics.append(Topic(relative, types[0].replace("/msg/", "/"), ""))
    return tuple(topics)


def connected(nodes: Sequence[NodeEntry]) -> tuple[NodeEntry, ...]:
    """Only the topics that one of these nodes publishes and another takes; nodes without any are left out.

    /diagnostics, which all publish, is left out too.
    """
    published = {topic.name for node in nodes for topic in node.published}
    taken = {topic.name for node in nodes for topic in node.subscribed}
    shown = (published & taken) - {"/diagnostics"}

    def kept(topics: Sequence[Topic]) -> tuple[Topic, ...]:
        return tuple(topic for topic in topics if topic.name in shown)

    entries = (
        NodeEntry(
            node.spec, node.purpose, node.remarks, kept(node.subscribed), kept(node.published), node.config
        )
        for node in nodes
    )
    return tuple(entry for entry in entries if entry.subscribed or entry.published)
