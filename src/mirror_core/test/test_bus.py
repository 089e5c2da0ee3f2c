"""The local bus: who gets what, and that nothing is left behind."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

from mirror_core.bus import LocalBus, process_bus

TOPIC = (0, "/mirror/image")


@dataclass(eq=False)
class Ear:
    """A receiver that remembers."""

    items: list[Any] = field(default_factory=list)
    changes: int = 0

    def offer(self, item: Any) -> None:
        self.items.append(item)

    def publishers_changed(self) -> None:
        self.changes += 1


def test_every_receiver_of_the_topic_gets_the_very_item() -> None:
    bus, one, two, other = LocalBus(), Ear(), Ear(), Ear()
    bus.attach(TOPIC, one)
    bus.attach(TOPIC, two)
    bus.attach((1, TOPIC[1]), other)
    item = object()
    assert bus.deliver(TOPIC, item) == 2
    assert one.items[0] is item
    assert two.items[0] is item
    assert other.items == []


def test_a_topic_without_receivers_takes_items_silently() -> None:
    assert LocalBus().deliver(TOPIC, 1) == 0


def test_a_detached_receiver_gets_nothing_more() -> None:
    bus, ear = LocalBus(), Ear()
    bus.attach(TOPIC, ear)
    bus.detach(TOPIC, ear)
    bus.detach(TOPIC, ear)
    assert bus.deliver(TOPIC, 1) == 0
    assert bus.receiver_count(TOPIC) == 0


def test_receivers_hear_of_publishers_that_come_and_go() -> None:
    bus, ear = LocalBus(), Ear()
    bus.attach(TOPIC, ear)
    bus.advertise(TOPIC)
    assert (bus.has_publisher(TOPIC), ear.changes) == (True, 1)
    bus.advertise(TOPIC)
    bus.withdraw(TOPIC)
    assert bus.has_publisher(TOPIC)
    bus.withdraw(TOPIC)
    assert (bus.has_publisher(TOPIC), ear.changes) == (False, 4)


def test_a_receiver_may_detach_others_while_an_item_is_delivered() -> None:
    bus, second = LocalBus(), Ear()

    class Breaker(Ear):
        def offer(self, item: Any) -> None:
            bus.detach(TOPIC, second)
            bus.detach(TOPIC, self)

    bus.attach(TOPIC, Breaker())
    bus.attach(TOPIC, second)
    bus.deliver(TOPIC, "first")
    bus.deliver(TOPIC, "second")
    assert second.items == ["first"]


def test_topics_that_nobody_uses_are_forgotten() -> None:
    bus, ear = LocalBus(), Ear()
    bus.advertise(TOPIC)
    bus.attach(TOPIC, ear)
    bus.detach(TOPIC, ear)
    bus.withdraw(TOPIC)
    bus.withdraw(TOPIC)
    assert bus._entries == {}


def test_threads_that_attach_and_detach_leave_the_bus_empty() -> None:
    bus = LocalBus()
    heard: list[Any] = []

    def come_and_go() -> None:
        for _ in range(200):
            ear = Ear()
            bus.attach(TOPIC, ear)
            bus.advertise(TOPIC)
            bus.deliver(TOPIC, 1)
            heard.append(ear.items[:1])
            bus.withdraw(TOPIC)
            bus.detach(TOPIC, ear)

    threads = [threading.Thread(target=come_and_go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert heard == [[1]] * 800
    assert bus._entries == {}


def test_a_process_has_one_bus() -> None:
    assert process_bus() is process_bus()
