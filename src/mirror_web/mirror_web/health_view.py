"""The graph's health from ROS: diagnostics and log messages go into a `HealthRecord`."""

from __future__ import annotations

from diagnostic_msgs.msg import DiagnosticArray
from rcl_interfaces.msg import Log
from rclpy.node import Node

from mirror_core.diagnostic_messages import statuses_of
from mirror_core.qualities import ROSOUT
from mirror_web.health_record import HealthRecord

__all__ = ["HealthView"]

DIAGNOSTICS_DEPTH = 50  # each node speaks once a second, some at the same moment


def _number(level: bytes | int) -> int:
    """A log level, which is a byte in some releases of ROS 2 and a number in others."""
    return int.from_bytes(level, "little") if isinstance(level, bytes) else int(level)


WORDS = ((_number(Log.ERROR), "error"), (_number(Log.WARN), "warn"), (_number(Log.INFO), "info"))


class HealthView:
    """Listens for as long as the node is open.

    Args:
        node: the owner; its executor must spin.

    Attributes:
        record: what was heard, for the page.
    """

    def __init__(self, node: Node) -> None:
        self._node = node
        self.record = HealthRecord(node.get_namespace().strip("/"))
        self._subscriptions = [
            node.create_subscription(
                DiagnosticArray, "/diagnostics", self._on_diagnostics, DIAGNOSTICS_DEPTH
            ),
            node.create_subscription(Log, "/rosout", self._on_log, ROSOUT),
        ]

    def close(self) -> None:
        """Cease to listen; call it in the owner's thread."""
        for subscription in self._subscriptions:
            self._node.destroy_subscription(subscription)

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        for name, level, sentence, values in statuses_of(message):
            self.record.take_status(name, level, sentence, values)

    def _on_log(self, message: Log) -> None:
        level = _number(message.level)
        word = next((word for least, word in WORDS if level >= least), None)
        if word is None:
            return
        time_s = message.stamp.sec + message.stamp.nanosec / 1e9
        self.record.take_log(message.name, word, message.msg, time_s)
