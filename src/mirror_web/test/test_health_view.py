"""The Health page's way to the graph over ROS: what a real node says about itself and logs."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")

from mirror_core.diagnostics import Level
from mirror_core.node import MirrorNode
from mirror_web.health_control import NodeFigures, NodeState
from mirror_web.health_view import HealthView

PLACE = ["--ros-args", "-r", "__ns:=/mirror"]


class Worker(MirrorNode):
    """Says something and logs something."""

    NAME = "worker"

    def open(self) -> None:
        self.health.set_condition("disk", Level.WARN, "The disk is nearly full.")
        self.health.counters["dropped"] = lambda: 7


class Page(MirrorNode):
    """Owns the view."""

    NAME = "web"

    def open(self) -> None:
        self.view = HealthView(self)
        self.at_close(self.view.close)


def test_diagnostics_and_log_messages_arrive(
    start_host: Callable[..., Any], eventually: Callable[..., Any]
) -> None:
    worker = start_host(lambda: Worker(cli_args=PLACE)).node
    record = start_host(lambda: Page(cli_args=PLACE)).node.view.record

    def found() -> list[NodeFigures]:
        return [node for node in record.health().nodes if node.name == "worker"]

    eventually(found, "the diagnostics")
    (node,) = found()
    assert (node.state, node.message, node.dropped) == (NodeState.WARN, "The disk is nearly full.", 7)
    logger = worker.get_logger()
    logger.debug("a detail")
    logger.info("a note")
    logger.warning("a warning")
    logger.error("an error")
    eventually(lambda: "an error" in {line.text for line in record.health().messages}, "the messages")
    said = [line for line in record.health().messages if line.name == "worker"]
    assert [(line.level, line.text) for line in said] == [
        ("error", "an error"),
        ("warn", "a warning"),
        ("info", "a note"),
    ]
    assert abs(said[0].time_s - time.time()) < 600
