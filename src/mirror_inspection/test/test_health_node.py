"""The health node: one latched message that says how the graph is doing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run colcon build first")

from diagnostic_msgs.msg import DiagnosticStatus

from mirror_core.diagnostics import Level
from mirror_core.node import MirrorNode
from mirror_core.qualities import LATCHED
from mirror_inspection import health_node
from mirror_inspection.graph_health import START_S
from mirror_inspection.health_node import HealthNode
from mirror_inspection.machine import Machine

PLACE = ["--ros-args", "-r", "__ns:=/mirror"]


class Camera(MirrorNode):
    """Stands for the camera."""

    NAME = "camera"


def start_health(start_host: Callable[..., Any], *nodes: str) -> Any:
    words = [*PLACE, "-p", f"nodes:=[{', '.join(nodes)}]"]
    return start_host(lambda: HealthNode(cli_args=words), "health").node


@pytest.fixture
def said(spinner: Any) -> list[DiagnosticStatus]:
    messages: list[DiagnosticStatus] = []
    listener = spinner.node("listener", namespace="/mirror")
    listener.create_subscription(DiagnosticStatus, "health", messages.append, LATCHED)
    return messages


def test_a_graph_that_comes_up_is_well_and_its_troubles_are_told_in_its_words(
    start_host: Callable[..., Any], spinner: Any, said: list[DiagnosticStatus]
) -> None:
    start_health(start_host, "camera")
    spinner.until(lambda: said and said[-1].message == "The mirror is starting: camera.", "the start")
    camera = start_host(lambda: Camera(cli_args=PLACE), "camera").node
    spinner.until(lambda: said[-1].message == "All is well: 2 nodes run.", "all to be well")
    assert (said[-1].level, said[-1].name) == (b"\x00", "mirror")
    assert {value.key: value.value for value in said[-1].values} == {
        "camera": "Running.",
        "health": "Running.",
    }

    camera.health.set_condition("source", Level.WARN, "The camera Fake Cam is gone.")
    spinner.until(lambda: said[-1].level == b"\x01", "a warning")
    assert said[-1].message == "The mirror needs attention. camera: The camera Fake Cam is gone."
    camera.health.clear_condition("source")
    spinner.until(lambda: said[-1].message == "All is well: 2 nodes run.", "all to be well again")


def test_who_comes_later_hears_it_too_and_nothing_is_said_twice(
    start_host: Callable[..., Any], spinner: Any, said: list[DiagnosticStatus]
) -> None:
    start_host(lambda: Camera(cli_args=PLACE), "camera")
    start_health(start_host, "camera")
    spinner.until(lambda: said and said[-1].message == "All is well: 2 nodes run.", "all to be well")
    late: list[DiagnosticStatus] = []
    spinner.node("late", namespace="/mirror").create_subscription(
        DiagnosticStatus, "health", late.append, LATCHED
    )
    spinner.until(lambda: late, "the latched message")
    assert late[0].message == "All is well: 2 nodes run."
    texts = [(message.level, message.message, str(message.values)) for message in said]
    assert len(texts) == len(set(texts))


def test_a_node_that_never_comes_is_missed(
    start_host: Callable[..., Any],
    spinner: Any,
    said: list[DiagnosticStatus],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from mirror_core.testing import FakeClock

    clock = FakeClock()
    monkeypatch.setattr(HealthNode, "clock", staticmethod(clock))
    start_health(start_host, "camera")
    spinner.until(lambda: said, "the first message")
    clock.advance(START_S)
    spinner.until(lambda: said[-1].level == b"\x02", "an error")
    assert said[-1].message.startswith("Something is broken. camera: Has not started.")


def test_the_machine_is_told_as_figures_and_as_a_warning(
    start_host: Callable[..., Any],
    spinner: Any,
    said: list[DiagnosticStatus],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(health_node, "read_machine", lambda: Machine(12.34, 50.0, 91.0, 85.0))
    node = start_health(start_host, "health")
    spinner.until(lambda: said and said[-1].level == b"\x01", "a warning")
    assert "health: The machine is hot (91 °C)" in said[-1].message
    values = node.report().values
    assert (values["machine CPU [%]"], values["temperature [°C]"]) == ("12.3", "91")
    monkeypatch.setattr(health_node, "read_machine", lambda: Machine(12.34, 50.0))
    spinner.until(lambda: said[-1].message == "All is well: 1 node runs.", "the warning to end")
    assert node.report().values["temperature [°C]"] == "–"


def test_a_machine_that_cannot_be_read_does_not_end_the_node(
    start_host: Callable[..., Any], eventually: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = start_health(start_host, "camera")
    asked: list[int] = []

    def fails() -> Any:
        asked.append(1)
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(health_node, "read_machine", fails)
    eventually(lambda: len(asked) >= 2, "two readings")
    assert node.is_running
