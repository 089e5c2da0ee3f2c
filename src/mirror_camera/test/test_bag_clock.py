"""The clock of a replay: what it tells, and that it is told on while nothing is played."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run colcon build first")

from rosgraph_msgs.msg import Clock

from mirror_camera.bag_clock import BagClock
from mirror_core.node import MirrorNode


class Player(MirrorNode):
    """A node whose bag's time is what the test says."""

    NAME = "player"
    time_ns: int | None = None

    def open(self) -> None:
        self.clock = BagClock(self, lambda: self.time_ns)


@pytest.fixture
def player(spinner: Any) -> Iterator[Player]:
    node: Player = spinner.add(Player())
    node.trigger_configure()
    yield node


def test_the_bags_time_is_told_again_and_again_and_goes_back_with_it(player: Player, spinner: Any) -> None:
    told: list[int] = []
    ear = spinner.node("ear")
    ear.create_subscription(Clock, "/clock", lambda m: told.append(m.clock.sec * 10**9 + m.clock.nanosec), 10)
    spinner.until(lambda: ear.count_publishers("/clock") == 1, "the clock to be found")
    assert player.clock.tell() == 0
    assert told == []  # before the first picture there is no time
    for time_ns in (1_700_000_000_123_456_789, 1_700_000_000_000_000_001):
        player.time_ns = time_ns
        spinner.until(lambda time_ns=time_ns: told.count(time_ns) >= 2, f"the time {time_ns}, twice")
    assert player.clock.tell() == 1_700_000_000_000_000_001
    player.time_ns = None  # the bag has ended
    count = len(told)
    spinner.until(lambda: len(told) >= count + 3, "the last time to be told on")
    assert told[-1] == 1_700_000_000_000_000_001


def test_the_clock_goes_with_the_node(player: Player, spinner: Any) -> None:
    ear = spinner.node("ear")
    spinner.until(lambda: ear.count_publishers("/clock") == 1, "the clock to be found")
    player.trigger_cleanup()
    spinner.until(lambda: ear.count_publishers("/clock") == 0, "the clock to be gone")
