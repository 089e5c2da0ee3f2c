"""The policy for SROS2: the form that sros2 takes, and no more rights than a node needs."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

pytest.importorskip("ament_index_python", reason="ROS 2 is not installed")
pytest.importorskip("rclpy", reason="ROS 2 is not installed")

from mirror.arguments import parse_arguments
from mirror.command import app
from mirror.graph import graph_named
from mirror.reference.nodes import described_nodes
from mirror.running import processes_of
from mirror.sros2_policy import ASKED, CALLED, EXECUTED, OFFERED, STEERED, policy_xml, profiles_of
from mirror_core.errors import UsageError

# sros2/policy/schemas/policy.xsd, version 0.2.0: element → allowed children, required and allowed attributes.
SCHEMA: dict[str, tuple[set[str], set[str], set[str]]] = {
    "policy": ({"enclaves"}, {"version"}, {"version"}),
    "enclaves": ({"enclave"}, set(), set()),
    "enclave": ({"profiles"}, {"path"}, {"path"}),
    "profiles": ({"profile", "metadata"}, set(), {"type"}),
    "profile": ({"topics", "services", "actions"}, {"ns", "node"}, {"ns", "node"}),
    "topics": ({"topic"}, set(), {"publish", "subscribe"}),
    "services": ({"service"}, set(), {"reply", "request"}),
    "actions": ({"action"}, set(), {"call", "execute"}),
    "topic": (set(), set(), set()),
    "service": (set(), set(), set()),
    "action": (set(), set(), set()),
}
MUST_HOLD = {"policy", "enclaves", "enclave", "profiles", "topics", "services", "actions"}


def policy(*words: str, graph: str = "full") -> ElementTree.Element:
    values = parse_arguments(graph_named(graph).arguments, words)
    plan = graph_named(graph).plan(values)
    return ElementTree.fromstring(policy_xml(plan, profiles_of(described_nodes(graph, **values))))


def check(element: ElementTree.Element) -> None:
    """That an element is as the schema says."""
    children, required, allowed = SCHEMA[element.tag]
    assert required <= set(element.attrib) <= allowed, element.tag
    assert {child.tag for child in element} <= children
    assert len(element) > 0 or element.tag not in MUST_HOLD
    if element.tag in ("topics", "services", "actions"):
        assert set(element.attrib.values()) == {"ALLOW"}
    if not children:
        assert element.text
        assert element.text == element.text.strip()
    for child in element:
        check(child)


@pytest.mark.parametrize("graph", ["full", "mood", "film", "unmask", "replay"])
def test_it_has_the_form_that_sros2_takes(graph: str) -> None:
    root = policy(graph=graph)
    check(root)
    assert root.get("version") == "0.2.0"


def test_one_process_is_one_enclave_and_separate_ones_are_many() -> None:
    composed = [enclave.get("path") for enclave in policy().iter("enclave")]
    assert composed == ["/mirror", "/mirror/tools"]
    root = policy("composed:=false", "namespace:=hall/one")
    nodes = {profile.get("node") for profile in root.iter("profile")} - {"tools"}
    assert {enclave.get("path") for enclave in root.iter("enclave")} == {
        f"/hall/one/{node}" for node in (*nodes, "tools")
    }
    assert {profile.get("ns") for profile in root.iter("profile")} == {"/hall/one"}


def test_a_process_of_its_own_names_its_enclave() -> None:
    root = policy("composed:=false", "mimic:=true")
    enclaves = {enclave.get("path") for enclave in root.iter("enclave")} - {"/mirror/tools"}
    commands = [process.command for process in processes_of("full", ["composed:=false", "mimic:=true"])]
    assert {command[list(command).index("--enclave") + 1] for command in commands} == enclaves


def allowed(root: ElementTree.Element, node: str, rule: str) -> set[str]:
    (profile,) = (found for found in root.iter("profile") if found.get("node") == node)
    return {child.text or "" for group in profile if group.get(rule) == "ALLOW" for child in group}


def test_no_node_may_more_than_it_needs() -> None:
    root = policy("mimic:=true", "foxglove:=true")
    assert "faces" not in allowed(root, "camera", "subscribe")
    assert "camera/image_raw" not in allowed(root, "mood_log", "subscribe")
    assert [
        node.get("node")
        for node in root.iter("profile")
        if "gallery/erase" in allowed(root, str(node.get("node")), "request")
    ] == ["web"]
    assert allowed(root, "gallery", "execute") == {"gallery/capture"}
    for profile in root.iter("profile"):
        node = str(profile.get("node"))
        if node != "tools":
            names = {
                name
                for rule in ("publish", "subscribe", "reply", "request", "execute", "call")
                for name in allowed(root, node, rule)
            }
            assert not [name for name in names if "*" in name], node


def test_the_tables_name_nodes_that_there_are() -> None:
    nodes = {entry.spec.name for entry in described_nodes("full", mimic="true", hri="true", foxglove="true")}
    assert {*ASKED, *CALLED, *EXECUTED, *OFFERED, *STEERED} <= nodes
    assert {target for targets in STEERED.values() for target in targets} - {"*"} <= nodes


def test_the_command_writes_it(tmp_path) -> None:
    out = tmp_path / "policy.xml"
    done = CliRunner().invoke(app, ["sros2", "policy", "--graph", "mood", "--out", str(out), "web:=false"])
    assert done.exit_code == 0, done
    root = ElementTree.parse(out).getroot()
    check(root)
    assert "web" not in {profile.get("node") for profile in root.iter("profile")}
    wrong = CliRunner().invoke(app, ["sros2", "policy", "--graph", "none"])
    assert isinstance(wrong.exception, UsageError)
