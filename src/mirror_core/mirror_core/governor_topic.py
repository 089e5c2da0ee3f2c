"""The governor's level among nodes: one says how far work is lowered, others follow, in any process."""

from __future__ import annotations

from std_msgs.msg import UInt8

from mirror_core.governor import EverySecond
from mirror_core.node import MirrorNode
from mirror_core.qualities import LATCHED

__all__ = ["GOVERNOR_TOPIC", "GovernedTracking"]

GOVERNOR_TOPIC = "governor"


class GovernedTracking:
    """Follows the level for a node that tracks; made in `open`, ends with the node.

    Attributes:
        level: the newest that was said, 0 before.
        left_out: frames that were not tracked because of it; counted by the node.
    """

    def __init__(self, node: MirrorNode) -> None:
        self.level = 0
        self.left_out = 0
        self._every_second = EverySecond()
        subscription = node.create_subscription(UInt8, GOVERNOR_TOPIC, self._take, LATCHED)
        node.at_close(node.destroy_subscription, subscription)
        node.health.counters["not tracked, to save time"] = lambda: self.left_out

    def _take(self, message: UInt8) -> None:
        self.level = int(message.data)

    def may_leave_out(self) -> bool:
        """Whether the frame that has come may be left out; ask once for each."""
        return self._every_second.leaves_out(self.level)
