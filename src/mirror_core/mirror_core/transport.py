"""The frame transport: publishers and subscriptions that skip ROS inside one process.

A `Publisher` hands its item itself (read-only, no copy, no serialisation) to every `Subscription`
of the same topic in this process. Everybody else gets a real ROS message, made only while somebody
outside subscribes. This is what rclcpp's intra-process communication does and rclpy lacks.

A `Subscription` listens to ROS only while its topic has no publisher in this process. So when a
local publisher exists, publishers of the same topic in other processes are not heard: one topic
has one source, as everywhere in Mirror's graph.

Both may come and go at any time, in any order.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from rclpy.node import Node
from rclpy.qos import HistoryPolicy, QoSPolicyKind, QoSProfile, ReliabilityPolicy
from rclpy.qos_overriding_options import QoSOverridingOptions

from mirror_core.bus import LocalBus, Topic, process_bus
from mirror_core.codecs import Codec
from mirror_core.errors import MirrorError

__all__ = ["Publisher", "Subscription"]

T = TypeVar("T")

# A parameter file may ask for a reliable subscription: qos_overrides.<topic>.subscription.reliability.
_OVERRIDABLE = QoSOverridingOptions((QoSPolicyKind.RELIABILITY, QoSPolicyKind.DEPTH))


def _topic_key(node: Node, topic: str) -> Topic:
    return (node.context.get_domain_id(), node.resolve_topic_name(topic))


class Publisher(Generic[T]):
    """Publishes items of one codec on one topic.

    Args:
        node: the owner; its executor thread (or any other) may publish.
        codec: how items become messages.
        topic: relative or absolute name; remapping applies.
        depth: how many messages ROS keeps for a slow reliable reader outside.
    """

    def __init__(
        self, node: Node, codec: Codec[T], topic: str, *, depth: int = 1, bus: LocalBus | None = None
    ) -> None:
        self._node = node
        self._codec = codec
        self._bus = bus or process_bus()
        self._topic = _topic_key(node, topic)
        # Reliable publishers serve best-effort and reliable subscribers alike (REP-2003).
        qos = QoSProfile(history=HistoryPolicy.KEEP_LAST, depth=depth, reliability=ReliabilityPolicy.RELIABLE)
        self._ros = node.create_publisher(codec.message_type, topic, qos)
        self._closed = False
        self.published = 0
        self.converted = 0
        self._bus.advertise(self._topic)

    @property
    def topic(self) -> str:
        """Fully qualified topic name."""
        return self._topic[1]

    @property
    def has_subscribers(self) -> bool:
        """Whether anybody, inside or outside this process, listens. If not, don't do the work."""
        return not self._closed and (
            self._bus.receiver_count(self._topic) > 0 or self._ros.get_subscription_count() > 0
        )

    def publish(self, item: T) -> None:
        """Hand `item` over: first inside the process, then to ROS if somebody outside listens."""
        if self._closed:
            return
        self.published += 1
        self._bus.deliver(self._topic, item)
        if self._ros.get_subscription_count() > 0:
            self._ros.publish(self._codec.to_message(item))
            self.converted += 1

    def close(self) -> None:
        """Withdraw the topic; local subscriptions listen to ROS again."""
        if not self._closed:
            self._closed = True
            self._bus.withdraw(self._topic)
            self._node.destroy_publisher(self._ros)


class Subscription(Generic[T]):
    """Receives items of one topic, from inside the process or over ROS alike.

    The callback runs in the owner node's executor thread (but see `direct`). When it is slower than the
    publisher the oldest waiting item is dropped and counted.

    Args:
        node: the owner.
        codec: how messages become items.
        topic: relative or absolute name; remapping applies.
        callback: gets each item.
        depth: how many items wait at most; 1 means that the newest wins.
        direct: call back at once in the thread of a publisher in this process, without a turn of the
            executor (0.1 to 2 ms). Only for callbacks that any thread may call and that return at once;
            one may still come while the subscription is being closed.

    Attributes:
        received: items handed to the callback.
        dropped: items replaced by newer ones before the callback could take them, or lost on the way.
        refused: messages that could not be read.
        last_refusal: the reason for the newest of those, or "".
    """

    def __init__(
        self,
        node: Node,
        codec: Codec[T],
        topic: str,
        callback: Callable[[T], None],
        *,
        depth: int = 1,
        direct: bool = False,
        bus: LocalBus | None = None,
    ) -> None:
        self._node = node
        self._codec = codec
        self._direct = direct
        self._name = topic
        self._callback = callback
        self._depth = depth
        self._bus = bus or process_bus()
        self._topic = _topic_key(node, topic)
        self._waiting: deque[T] = deque()
        self._lock = threading.Lock()
        self._closed = False
        self._ros: Any = None
        self._next_number: int | None = None
        self.received = 0
        self.dropped = 0
        self.refused = 0
        self.last_refusal = ""
        self._guard = node.create_guard_condition(self._run)
        self._bus.attach(self._topic, self)
        self._follow_publishers()

    @property
    def topic(self) -> str:
        """Fully qualified topic name."""
        return self._topic[1]

    @property
    def is_local(self) -> bool:
        """Whether items come from a publisher of this process."""
        return self._bus.has_publisher(self._topic)

    def offer(self, item: T) -> None:
        """Take an item from the bus (any thread)."""
        if self._direct:
            if not self._closed:
                self.received += 1
                self._callback(item)
            return
        with self._lock:
            if self._closed:
                return
            if len(self._waiting) >= self._depth:
                self._waiting.popleft()
                self.dropped += 1
            self._waiting.append(item)
            self._guard.trigger()

    def publishers_changed(self) -> None:
        """Look again whether ROS is needed; done in the owner's thread, where entities may change."""
        with self._lock:
            if not self._closed:
                self._guard.trigger()

    def _run(self) -> None:
        self._follow_publishers()
        # Only what waits now: an item that comes meanwhile triggers again, so that a callback slower than
        # the publisher leaves the node's timers and services their turn.
        for _ in range(len(self._waiting)):
            with self._lock:
                if self._closed or not self._waiting:
                    return
                item = self._waiting.popleft()
            self.received += 1
            self._callback(item)

    def _follow_publishers(self) -> None:
        if self._closed:
            return
        if self.is_local and self._ros is not None:
            self._node.destroy_subscription(self._ros)
            self._ros = None
        elif not self.is_local and self._ros is None:
            qos = QoSProfile(
                history=HistoryPolicy.KEEP_LAST,
                depth=self._depth,
                reliability=ReliabilityPolicy.BEST_EFFORT,
            )
            self._ros = self._node.create_subscription(
                self._codec.message_type,
                self._name,
                self._on_message,
                qos,
                qos_overriding_options=_OVERRIDABLE,
            )
            self._next_number = None

    def _on_message(self, message: Any, info: Any) -> None:
        self._count_lost(info.get("publication_sequence_number"))
        if self.is_local:  # the same item arrives, or has arrived, over the bus
            return
        try:
            item = self._codec.from_message(message)
        except MirrorError as error:
            self.refused += 1
            if str(error) != self.last_refusal:
                self.last_refusal = str(error)
                self._node.get_logger().warning(f"{self.topic}: {error}")
            return
        self.received += 1
        self._callback(item)

    def _count_lost(self, number: int | None) -> None:
        if number is None:  # the middleware does not number its messages
            return
        if self._next_number is not None and number > self._next_number:
            self.dropped += number - self._next_number
        self._next_number = number + 1

    def close(self) -> None:
        """Stop receiving; what still waits is thrown away. Call it in the owner's thread."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._waiting.clear()
        self._bus.detach(self._topic, self)
        if self._ros is not None:
            self._node.destroy_subscription(self._ros)
            self._ros = None
        self._node.destroy_guard_condition(self._guard)
