"""The health node: what all nodes say about themselves, in one message in plain words.

Subscribed: /diagnostics (diagnostic_msgs/DiagnosticArray). Published: health
(diagnostic_msgs/DiagnosticStatus, latched, when something changes; the message is the summary, the values are
each node's own sentence). The figures of the machine (processor, memory, temperature) are this node's own
diagnostics.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue

from mirror_core.diagnostic_messages import statuses_of
from mirror_core.diagnostics import Level
from mirror_core.hosting import leave, run_node
from mirror_core.node import MirrorNode
from mirror_core.parameters import parameter
from mirror_core.qualities import LATCHED
from mirror_inspection.graph_health import GraphHealth, NodeState, Summary, summarised
from mirror_inspection.machine import Machine, machine_troubles, read_machine

__all__ = ["HealthNode", "HealthParameters"]

PERIOD_S = 1.0
DEPTH = 50  # each node speaks once a second, some at the same moment
TROUBLES = ("temperature", "memory")


@dataclass(frozen=True)
class HealthParameters:
    """Who must be there."""

    nodes: tuple[str, ...] = parameter(
        ("camera",),
        "Nodes that must run; a graph names its own. Others may come and go.",
        live=False,
    )


class HealthNode(MirrorNode):
    """Sums up what the nodes of its namespace say."""

    NAME = "health"
    CONFIG = HealthParameters
    clock: Callable[[], float] = staticmethod(time.monotonic)

    def open(self) -> None:
        """Listen to everybody."""
        self._graph = GraphHealth(self.get_namespace(), self.config.nodes, self.clock())
        self._machine: Machine = read_machine()
        self._said: tuple[Any, ...] = ()
        heard = self.create_subscription(DiagnosticArray, "/diagnostics", self._on_diagnostics, DEPTH)
        self.at_close(self.destroy_subscription, heard)
        self._summaries = self.create_publisher(DiagnosticStatus, "health", LATCHED)
        self.at_close(self.destroy_publisher, self._summaries)
        self.timer(PERIOD_S, self._sum_up)
        self.health.counters.update(
            {
                "machine CPU [%]": lambda: round(self._machine.cpu_percent, 1),
                "machine memory [%]": lambda: round(self._machine.memory_percent, 1),
                "temperature [°C]": self._temperature,
            }
        )

    def _temperature(self) -> str:
        return "–" if self._machine.temperature_c is None else f"{self._machine.temperature_c:.0f}"

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        for name, level, sentence, values in statuses_of(message):
            self._graph.take(name, level, sentence, values, self.clock())

    def _sum_up(self) -> None:
        if not self.is_running:
            return
        with suppress(OSError):  # no file can be opened: the reading before has to do
            self._machine = read_machine()
        troubles = dict(machine_troubles(self._machine))
        for key in TROUBLES:
            if key in troubles:
                self.health.set_condition(key, Level.WARN, troubles[key])
            else:
                self.health.clear_condition(key)
        states = self._graph.states(self.clock())
        self._say(summarised(states), states)

    def _say(self, summary: Summary, states: tuple[NodeState, ...]) -> None:
        said = (summary, tuple((state.name, state.message) for state in states))
        if said == self._said:
            return
        self._said = said
        self._summaries.publish(
            DiagnosticStatus(
                level=bytes([int(summary.level)]),
                name=self.get_namespace().strip("/") or "mirror",
                message=summary.message,
                hardware_id="mirror",
                values=[KeyValue(key=state.name, value=state.message) for state in states],
            )
        )


def main() -> None:
    """Entry point of the `health_node` executable."""
    leave(run_node(HealthNode))
