"""The local bus: hands Python objects from publishers to receivers of the same process.

It knows nothing of ROS; `mirror_core.transport` decides what goes over it. Calls may come from any
thread. Receivers are called outside the lock, so a receiver may attach or detach others.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any, Protocol

__all__ = ["LocalBus", "Receiver", "Topic", "process_bus"]

Topic = tuple[int, str]
"""ROS domain id and fully qualified topic name."""


class Receiver(Protocol):
    """Something that takes items from the bus."""

    def offer(self, item: Any) -> None:
        """Take one item; must return at once."""

    def publishers_changed(self) -> None:
        """A publisher of the topic has come or gone in this process."""


@dataclass
class _Entry:
    publishers: int = 0
    receivers: tuple[Receiver, ...] = ()


@dataclass
class LocalBus:
    """Topics of one process."""

    _entries: dict[Topic, _Entry] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def advertise(self, topic: Topic) -> None:
        """Announce one more publisher of `topic`."""
        self._count_publishers(topic, 1)

    def withdraw(self, topic: Topic) -> None:
        """Take one publisher of `topic` back."""
        self._count_publishers(topic, -1)

    def _count_publishers(self, topic: Topic, change: int) -> None:
        with self._lock:
            entry = self._entries.setdefault(topic, _Entry())
            entry.publishers += change
            receivers = entry.receivers
            self._forget_if_unused(topic)
        for receiver in receivers:
            receiver.publishers_changed()

    def attach(self, topic: Topic, receiver: Receiver) -> None:
        """Let `receiver` take the items of `topic` from now on."""
        with self._lock:
            entry = self._entries.setdefault(topic, _Entry())
            entry.receivers = (*entry.receivers, receiver)

    def detach(self, topic: Topic, receiver: Receiver) -> None:
        """Stop handing items of `topic` to `receiver`."""
        with self._lock:
            entry = self._entries.get(topic)
            if entry is not None:
                entry.receivers = tuple(r for r in entry.receivers if r is not receiver)
                self._forget_if_unused(topic)

    def _forget_if_unused(self, topic: Topic) -> None:
        entry = self._entries[topic]
        if entry.publishers <= 0 and not entry.receivers:
            del self._entries[topic]

    def has_publisher(self, topic: Topic) -> bool:
        """Whether `topic` has a publisher in this process."""
        entry = self._entries.get(topic)
        return entry is not None and entry.publishers > 0

    def receiver_count(self, topic: Topic) -> int:
        """How many receivers `topic` has in this process."""
        entry = self._entries.get(topic)
        return 0 if entry is None else len(entry.receivers)

    def deliver(self, topic: Topic, item: Any) -> int:
        """Hand `item` to every receiver of `topic`; returns how many there were."""
        entry = self._entries.get(topic)
        receivers = () if entry is None else entry.receivers
        for receiver in receivers:
            receiver.offer(item)
        return len(receivers)


_PROCESS_BUS = LocalBus()


def process_bus() -> LocalBus:
    """The bus of this process."""
    return _PROCESS_BUS
