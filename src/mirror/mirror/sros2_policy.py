"""What each process of a graph may publish, subscribe and ask, as a policy for SROS2.

Made from the graph table: topics from the nodes' own descriptions, services and actions from the tables
below, which a test holds against the running graph. The format is sros2's policy.xml, version 0.2.0 (its
policy.xsd): enclaves, which are processes, with a profile for each node; what is not allowed is denied.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from xml.etree import ElementTree

from mirror.graph_plan import Plan
from mirror.reference.nodes import NodeEntry

__all__ = ["TOOLS", "Profile", "enclave_of", "policy_xml", "profile_of", "profiles_of"]

VERSION = "0.2.0"
TOOLS = "tools"  # enclave of ROS's own commands, rviz and `mirror faces`, which come and go
PARAMETER_SERVICES = (
    "describe_parameters",
    "get_parameter_types",
    "get_parameters",
    "list_parameters",
    "set_parameters",
    "set_parameters_atomically",
)
LIFECYCLE_SERVICES = (
    "change_state",
    "get_available_states",
    "get_available_transitions",
    "get_state",
    "get_transition_graph",
)
TYPE_SERVICE = "get_type_description"
GALLERY = (
    "add",
    "check_in",
    "erase",
    "export",
    "get",
    "get_baseline",
    "import",
    "keep_baseline",
    "list",
    "rename",
    "wear",
)
CAPTURE = "gallery/capture"

# What nodes offer beside what every lifecycle node does; names are relative to the namespace.
OFFERED: Mapping[str, Sequence[str]] = {
    "gallery": tuple(f"gallery/{name}" for name in GALLERY),
    "web": ("page/pair",),
}
EXECUTED: Mapping[str, Sequence[str]] = {"gallery": (CAPTURE,)}
# What they ask of others.
ASKED: Mapping[str, Sequence[str]] = {
    "display": ("gallery/check_in", "gallery/list", "gallery/wear", "page/pair"),
    "effects": ("gallery/get", "gallery/list"),
    "gestures": ("gallery/check_in", "gallery/list"),
    "mood": ("gallery/get_baseline", "gallery/keep_baseline"),
    "mood_log": ("gallery/list",),
    "web": tuple(f"gallery/{name}" for name in GALLERY if "baseline" not in name and name != "import"),
}
CALLED: Mapping[str, Sequence[str]] = dict.fromkeys(("display", "gestures", "web"), (CAPTURE,))
# Whose parameters they read and set, and whose states they change; "*": of every node of the graph.
STEERED: Mapping[str, Sequence[str]] = {
    "display": ("camera", "effects", "mood_log"),
    "gestures": ("camera", "effects"),
    "mood": ("camera", "effects"),
    "web": ("*",),
}
# Topics whose names are made while the graph runs.
PUBLISHED_TOO: Mapping[str, Sequence[str]] = {"hri": ("/humans/*",)}


@dataclass(frozen=True, slots=True)
class Profile:
    """What one node may do; names are as in the policy: relative to the namespace, ~/ for the node's own.

    Attributes:
        node: its name.
        publishes, subscribes: topics.
        replies, requests: services that it offers, and that it asks.
        executes, calls: actions that it offers, and that it asks.
    """

    node: str
    publishes: frozenset[str] = frozenset()
    subscribes: frozenset[str] = frozenset()
    replies: frozenset[str] = frozenset()
    requests: frozenset[str] = frozenset()
    executes: frozenset[str] = field(default=frozenset())
    calls: frozenset[str] = field(default=frozenset())


def profile_of(entry: NodeEntry, nodes: Iterable[str]) -> Profile:
    """What a node of a graph may do.

    Args:
        entry: the node as it describes itself.
        nodes: names of all nodes of the graph.
    """
    name = entry.spec.name
    steered = STEERED.get(name, ())
    targets = sorted(nodes) if "*" in steered else [node for node in steered if node in set(nodes)]
    return Profile(
        node=name,
        publishes=frozenset(
            {
                *(topic.name for topic in entry.published),
                *PUBLISHED_TOO.get(name, ()),
                *("/diagnostics", "/parameter_events", "/rosout", "~/transition_event"),
            }
        ),
        subscribes=frozenset(
            {
                *(topic.name for topic in entry.subscribed),
                *("/clock", "/parameter_events"),
                *(f"{target}/transition_event" for target in targets),
            }
        ),
        replies=frozenset(
            {
                *(f"~/{service}" for service in (*PARAMETER_SERVICES, *LIFECYCLE_SERVICES, TYPE_SERVICE)),
                *OFFERED.get(name, ()),
            }
        ),
        requests=frozenset(
            {
                *ASKED.get(name, ()),
                *(
                    f"{target}/{service}"
                    for target in targets
                    for service in (*PARAMETER_SERVICES, "change_state", "get_state")
                ),
            }
        ),
        executes=frozenset(EXECUTED.get(name, ())),
        calls=frozenset(CALLED.get(name, ())),
    )


def profiles_of(entries: Sequence[NodeEntry]) -> tuple[Profile, ...]:
    """The profiles of all nodes of a graph."""
    names = [entry.spec.name for entry in entries]
    return tuple(profile_of(entry, names) for entry in entries)


def enclave_of(plan: Plan, node: str) -> str:
    """The enclave of the process in which a node runs: one for all, or one for each."""
    return f"/{plan.namespace}" if plan.composed else f"/{plan.namespace}/{node}"


def policy_xml(plan: Plan, profiles: Sequence[Profile], *, with_tools: bool = True) -> str:
    """The policy of a graph, with an enclave for each of its processes.

    Args:
        plan: what is started.
        profiles: of its nodes.
        with_tools: also an enclave from which every topic can be listened to and every service asked.
    """
    policy = ElementTree.Element("policy", version=VERSION)
    enclaves = ElementTree.SubElement(policy, "enclaves")
    grouped: dict[str, list[Profile]] = {}
    for profile in profiles:
        grouped.setdefault(enclave_of(plan, profile.node), []).append(profile)
    namespace = f"/{plan.namespace}"
    for path, members in grouped.items():
        _add_enclave(enclaves, path, namespace, members)
    if with_tools:
        everything = frozenset(("/*",))
        tools = Profile(
            TOOLS,
            publishes=frozenset(("/parameter_events", "/rosout")),
            subscribes=everything,
            requests=frozenset((f"{namespace}/*",)),
            calls=frozenset((f"{namespace}/*",)),
        )
        _add_enclave(enclaves, f"{namespace}/{TOOLS}", namespace, [tools])
    ElementTree.indent(policy)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(policy, encoding="unicode")}\n'


def _add_enclave(
    enclaves: ElementTree.Element, path: str, namespace: str, members: Sequence[Profile]
) -> None:
    enclave = ElementTree.SubElement(enclaves, "enclave", path=path)
    profiles = ElementTree.SubElement(enclave, "profiles")
    for member in members:
        profile = ElementTree.SubElement(profiles, "profile", ns=namespace, node=member.node)
        for kind, rule, names in (
            ("topic", "publish", member.publishes),
            ("topic", "subscribe", member.subscribes),
            ("service", "reply", member.replies),
            ("service", "request", member.requests),
            ("action", "execute", member.executes),
            ("action", "call", member.calls),
        ):
            if names:
                listed = ElementTree.SubElement(profile, f"{kind}s", {rule: "ALLOW"})
                for name in sorted(names):
                    ElementTree.SubElement(listed, kind).text = name
