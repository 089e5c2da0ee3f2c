"""Publishes the time of the bag that is played as /clock, as `ros2 bag play --clock` does."""

from __future__ import annotations

import threading
from collections.abc import Callable

from rclpy.time import Time
from rosgraph_msgs.msg import Clock

from mirror_core.node import MirrorNode

__all__ = ["BagClock"]

TOPIC = "/clock"  # absolute: where every node with use_sim_time listens
PERIOD_S = 0.025  # 40 Hz, as `ros2 bag play --clock` has it


class BagClock:
    """The clock of a replay: it runs with the bag, stands while that does, and goes back where it is looped.

    Args:
        node: publishes, and ends this when it closes.
        time_ns: the bag's time now, nanoseconds; None while nothing is played.
    """

    def __init__(self, node: MirrorNode, time_ns: Callable[[], int | None]) -> None:
        self._time_ns = time_ns
        self._newest_ns = 0
        self._lock = threading.Lock()  # so that time that was read first is also told first
        self._publisher = node.create_publisher(Clock, TOPIC, 1)
        node.at_close(node.destroy_publisher, self._publisher)
        node.timer(PERIOD_S, self.tell)

    def tell(self) -> int:
        """Publish the time, the last one where nothing is played, for those who come late; returns it.

        Nothing is published before the first picture.
        """
        with self._lock:
            now_ns = self._time_ns()
            if now_ns is not None:
                self._newest_ns = now_ns
            if self._newest_ns:
                self._publisher.publish(Clock(clock=Time(nanoseconds=self._newest_ns).to_msg()))
            return self._newest_ns
