"""Hears what the mirror under a soak says about itself: frames shown, their age, restarts, complaints."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from typing import Any

import rclpy
from diagnostic_msgs.msg import DiagnosticArray
from rclpy.executors import SingleThreadedExecutor
from rclpy.signals import SignalHandlerOptions

from mirror_core.diagnostic_messages import statuses_of
from mirror_core.diagnostics import Level
from mirror_core.errors import MirrorError

__all__ = ["GraphWatch"]

TURN_S = 0.1
DISPLAY = "display"


class GraphWatch:
    """Listens to /diagnostics; things arrive only while it waits.

    Args:
        domain: ROS domain of the mirror.
        each_turn: called about ten times a second while it waits, e.g. to take a reading.

    Attributes:
        node: for clients; its answers come while the watch waits.
        complaints: sentence → when it was first heard, of every node that was not well.
    """

    def __init__(self, domain: int, each_turn: Callable[[], None] = lambda: None) -> None:
        self._context = rclpy.Context()
        rclpy.init(
            context=self._context, args=[], domain_id=domain, signal_handler_options=SignalHandlerOptions.NO
        )
        self.node = rclpy.create_node(
            "soak", namespace="/mirror", context=self._context, start_parameter_services=False
        )
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self.node)
        self._values: dict[str, Mapping[str, str]] = {}
        self._each_turn = each_turn
        self.complaints: dict[str, float] = {}
        self.node.create_subscription(DiagnosticArray, "/diagnostics", self._take, 50)

    def _take(self, message: DiagnosticArray) -> None:
        for name, level, sentence, values in statuses_of(message):
            node = name.rpartition("/")[2]
            self._values[node] = values
            if level != Level.OK:
                self.complaints.setdefault(f"{node}: {sentence}", time.monotonic())

    def figure(self, node: str, key: str) -> float:
        """A node's newest figure; NaN where it has not told one."""
        try:
            return float(self._values[node][key])
        except (KeyError, ValueError):
            return float("nan")

    @property
    def nodes(self) -> tuple[str, ...]:
        """Those that have spoken, by name."""
        return tuple(sorted(self._values))

    @property
    def frames(self) -> int:
        """That the window has shown."""
        shown = self.figure(DISPLAY, "frames")
        return 0 if math.isnan(shown) else int(shown)

    @property
    def p50_ms(self) -> float:
        """Median age of the newest frames when they were shown."""
        return self.figure(DISPLAY, "latency p50 [ms]")

    @property
    def p99_ms(self) -> float:
        """Age that one of a hundred frames had."""
        return self.figure(DISPLAY, "latency p99 [ms]")

    @property
    def restarts(self) -> int:
        """Of all nodes together."""
        told = [self.figure(node, "restarts") for node in self._values]
        return int(sum(value for value in told if not math.isnan(value)))

    def until(self, condition: Callable[[], Any], what: str, timeout_s: float) -> Any:
        """Wait for a condition and return its value.

        Raises:
            MirrorError: if it does not come in time.
        """
        end_s = time.monotonic() + timeout_s
        while not (value := condition()):
            if time.monotonic() > end_s:
                raise MirrorError(f"Waited {timeout_s:.0f} s in vain for {what}.")
            self._executor.spin_once(timeout_sec=TURN_S)
            self._each_turn()
        return value

    def wait(self, seconds: float) -> None:
        """Take what comes meanwhile."""
        end_s = time.monotonic() + seconds
        self.until(lambda: time.monotonic() >= end_s, "time to pass", seconds + 1.0)

    def close(self) -> None:
        """Leave the graph."""
        self._executor.shutdown(timeout_sec=1.0)
        self.node.destroy_node()
        self._context.try_shutdown()
