"""The policy for SROS2 allows everything that the running graph does."""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any

import pytest

CLIENTS = "get_client_names_and_types_by_node"
WORDS = ("camera:=demo", "mimic:=true", "foxglove:=true")
HIDDEN = "/_action/"
RULES = {
    "publish": "get_publisher_names_and_types_by_node",
    "subscribe": "get_subscriber_names_and_types_by_node",
    "reply": "get_service_names_and_types_by_node",
    "request": CLIENTS,
}


def full_name(name: str, node: str) -> str:
    """As sros2 resolves a name of a profile."""
    if name.startswith("/"):
        return name
    return f"/mirror/{node}{name[1:]}" if name.startswith("~") else f"/mirror/{name}"


@pytest.mark.timeout(180)
def test_whatever_the_graph_does_is_allowed(
    start_mirror: Callable[..., Any], observe: Callable[..., Any]
) -> None:
    from sensor_msgs.msg import Image

    from mirror.arguments import parse_arguments
    from mirror.graph import graph_named
    from mirror.reference.nodes import described_nodes
    from mirror.sros2_policy import profiles_of
    from mirror_msgs.msg import BodyArray, MoodArray

    values = parse_arguments(graph_named("full").arguments, WORDS)
    profiles = {each.node: each for each in profiles_of(described_nodes("full", **values))}
    mirror = start_mirror(*WORDS, parameters={"foxglove": {"port": 0}, "mood_log": {"log": True}})
    observer = observe(mirror)
    heard = [
        observer.listen(kind, f"/mirror/{name}")
        for kind, name in ((Image, "image"), (MoodArray, "moods"), (BodyArray, "bodies"))
    ]
    observer.until(lambda: all(topic.count for topic in heard), "pictures, moods and bodies")
    node = observer.node
    observer.until(lambda: set(profiles) <= set(node.get_node_names()), f"all of {sorted(profiles)}")
    refused: dict[str, set[str]] = {}
    seen = 0
    for name, profile in profiles.items():
        actions = [full_name(action, name) for action in (*profile.executes, *profile.calls)]
        for rule, ask in RULES.items():
            field = {
                "publish": "publishes",
                "subscribe": "subscribes",
                "reply": "replies",
                "request": "requests",
            }
            patterns = [full_name(pattern, name) for pattern in getattr(profile, field[rule])]
            for used, _ in getattr(node, ask)(name, "/mirror"):
                seen += 1
                if HIDDEN in used:
                    is_allowed = used.partition(HIDDEN)[0] in actions
                else:
                    is_allowed = any(fnmatchcase(used, pattern) for pattern in patterns)
                if not is_allowed:
                    refused.setdefault(name, set()).add(f"{rule} {used}")
    assert refused == {}, "\n".join(f"{name}: {sorted(what)}" for name, what in refused.items())
    assert seen > 200  # it was not blind
