"""Nodes that are turned by hand: everything is done, in the same order every time."""

from __future__ import annotations

import time
from contextlib import closing
from typing import Any

import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run colcon build first")

from mirror_core.codecs import FRAMES
from mirror_core.errors import SourceError
from mirror_core.frame import Frame
from mirror_core.model_runner import ModelRunner
from mirror_core.node import MirrorNode
from mirror_core.stepping import SteppedNodes
from mirror_core.testing import moving_square


class Relay(MirrorNode):
    """Sends on from `source` to `target`, the second part through a slow thread; writes down what it does."""

    def __init__(self, name: str, source: str, target: str, log: list[str], *, slow: bool = False) -> None:
        self.log, self.source, self.target, self.slow = log, source, target, slow
        super().__init__(node_name=name)

    def open(self) -> None:
        self.input: Any = None
        self.output = self.publisher(FRAMES, self.target)
        self.runner = ModelRunner(self._work, lambda result: self._send(result.value), self.fail, "slow")
        self.at_close(self.runner.close)
        self.follow_demand(self._demand)

    def _demand(self) -> None:
        wanted = self.is_running and self.output.has_subscribers
        self.input = self.follow(self.input, wanted, FRAMES, self.source, self._take)

    def _take(self, frame: Frame) -> None:
        self.log.append(f"{self.get_name()} takes {frame.stamp_ns}")
        if self.slow:
            self.runner.submit(frame.stamp_ns, frame)
        else:
            self._send(frame)

    def _work(self, frame: Frame) -> Frame:
        time.sleep(0.05)
        return frame

    def _send(self, frame: Frame) -> None:
        self.output.publish(frame)


class Source(MirrorNode):
    """Sends frames when it is told, and listens to the end of the chain."""

    NAME = "source"

    def open(self) -> None:
        self.output = self.publisher(FRAMES, "a")
        self.heard: list[int] = []
        self.subscription(FRAMES, "c", lambda frame: self.heard.append(frame.stamp_ns))


def test_an_input_has_led_to_all_that_it_leads_to_before_the_next_one_comes(ros: Any) -> None:
    log: list[str] = []
    factories = [
        lambda: Relay("last", "b", "c", log),
        lambda: Relay("first", "a", "b", log, slow=True),
        Source,
    ]
    nodes = SteppedNodes(factories)
    with closing(nodes):
        nodes.bring_up()
        nodes.connect()
        source = nodes.nodes[-1]
        assert isinstance(source, Source)
        for stamp_ns in (1, 2, 3):
            source.output.publish(Frame(moving_square(stamp_ns), stamp_ns))
            nodes.rest()
            assert source.heard[-1] == stamp_ns
    assert source.heard == [1, 2, 3]
    assert log == [f"{name} takes {stamp_ns}" for stamp_ns in (1, 2, 3) for name in ("first", "last")]


def test_what_a_node_raises_is_raised_and_all_are_released(ros: Any) -> None:
    class Broken(Source):
        def start(self) -> None:
            raise SourceError("There is no bag.")

    log: list[str] = []
    nodes = SteppedNodes([lambda: Relay("last", "a", "c", log), Broken])
    with closing(nodes), pytest.raises(SourceError, match=r"There is no bag\."):
        nodes.bring_up()
    assert nodes.nodes == ()

    nodes = SteppedNodes([Source])
    with closing(nodes):
        nodes.bring_up()
        nodes.nodes[0].fail(SourceError("Gone."))
        with pytest.raises(SourceError, match=r"Gone\."):
            nodes.rest()
