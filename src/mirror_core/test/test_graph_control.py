"""Steering the graph by its services: what is known, what changes, what is said when nobody answers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run colcon build first")

from mirror_core import graph_control
from mirror_core.graph_control import GraphControl
from mirror_core.node import MirrorNode
from mirror_core.parameters import parameter

PLACE = ["--ros-args", "-r", "__ns:=/mirror"]


@dataclass(frozen=True)
class Stack:
    """The parameter of the effects node."""

    effects: tuple[str, ...] = parameter(("mask",), "Effects.", choices=("none", "mask", "mood"))


class Effects(MirrorNode):
    """Stands for the effects node."""

    NAME = "effects"
    CONFIG = Stack


class Camera(MirrorNode):
    """Stands for the camera."""

    NAME = "camera"


class Owner(MirrorNode):
    """A node that steers."""

    NAME = "owner"

    def open(self) -> None:
        self.changes: list[tuple[tuple[str, ...], bool | None]] = []
        self.control = GraphControl(self, self._changed)
        self.at_close(self.control.close)

    def _changed(self) -> None:
        self.changes.append((self.control.active_effects, self.control.camera_is_on))


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph_control, "POLL_S", 0.05)
    monkeypatch.setattr(graph_control, "ANSWER_S", 30.0)


@pytest.fixture
def owner(start_host: Callable[..., Any]) -> Owner:
    node = start_host(lambda: Owner(cli_args=PLACE), "owner").node
    assert isinstance(node, Owner)
    return node


@pytest.fixture
def graph(owner: Owner, start_host: Callable[..., Any], eventually: Callable[..., Any]) -> Owner:
    start_host(lambda: Effects(cli_args=PLACE), "effects")
    start_host(lambda: Camera(cli_args=PLACE), "camera")
    eventually(lambda: owner.control.effects, "the names of the effects")
    eventually(lambda: owner.control.active_effects, "the stack")
    eventually(lambda: owner.control.camera_is_on, "the camera to be on")
    return owner


def test_nodes_that_come_later_become_known(graph: Owner) -> None:
    assert graph.control.effects == ("none", "mask", "mood")
    assert graph.control.active_effects == ("mask",)
    assert graph.control.camera_is_on is True


def test_a_stack_is_set_and_the_change_is_told(graph: Owner, eventually: Callable[..., Any]) -> None:
    assert graph.control.set_effects(["mood", "mask"]) == ""
    eventually(lambda: graph.control.active_effects == ("mood", "mask"), "the new stack")
    assert (("mood", "mask"), True) in graph.changes


def test_a_refused_stack_is_told_with_the_reason(graph: Owner) -> None:
    assert graph.control.set_effects(["blur"]) == "effects = blur is refused: allowed is none | mask | mood."
    assert graph.control.active_effects == ("mask",)


def test_stepping_goes_round_through_all_effects(graph: Owner, eventually: Callable[..., Any]) -> None:
    for expected in ("mood", "none", "mask"):
        graph.control.step_effect(1)
        eventually(lambda name=expected: graph.control.active_effects == (name,), f"the effect {expected}")
    graph.control.step_effect(-1)
    eventually(lambda: graph.control.active_effects == ("none",), "the effect before")


def test_the_shutter_closes_and_opens(graph: Owner, eventually: Callable[..., Any]) -> None:
    assert graph.control.set_shutter(closed=False) == ""
    assert graph.control.set_shutter(closed=True) == ""
    eventually(lambda: graph.control.camera_is_on is False, "the camera to be off")
    assert graph.control.set_shutter(closed=True) == ""
    graph.control.toggle_shutter()
    eventually(lambda: graph.control.camera_is_on is True, "the camera to be on")


def test_without_the_other_nodes_it_says_so_at_once(owner: Owner) -> None:
    assert owner.control.set_effects(["mask"]).startswith("The effects node does not answer")
    assert owner.control.set_shutter(closed=True).startswith("The camera node does not answer")
    owner.control.step_effect(1)
    owner.control.toggle_shutter()
    assert owner.changes == []


def test_changes_are_told_in_the_owners_thread(
    graph: Owner, eventually: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[str] = []
    monkeypatch.setattr(graph.control, "_changed", lambda: threads.append(threading.current_thread().name))
    graph.control.set_effects(["none"])
    eventually(lambda: threads, "the change")
    assert set(threads) == {"node owner"}
