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
from mirror_core.live_parameter import LiveParameter
from mirror_core.node import MirrorNode
from mirror_core.parameters import parameter

PLACE = ["--ros-args", "-r", "__ns:=/mirror"]


@dataclass(frozen=True)
class Stack:
    """The parameter of the effects node."""

    effects: tuple[str, ...] = parameter(("mask",), "Effects.", choices=("none", "mask", "mood"))


@dataclass(frozen=True)
class Bend:
    """The parameters of an effect."""

    strength: float = parameter(1.0, "Share of the effect.", minimum=0.0, maximum=2.0)
    smile: float = parameter(0.0, "In standard deviations.")
    count: int = parameter(3, "Of people.", minimum=1)
    mode: str = parameter("wide", "Which way.", choices=("wide", "tall"))
    soft: bool = parameter(True, "No hard edge.")


class Effects(MirrorNode):
    """Stands for the effects node."""

    NAME = "effects"
    CONFIG = Stack

    def extra_configs(self) -> dict[str, Any]:
        return {"bend.": Bend()}


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


def test_the_parameters_of_an_effect_are_known_with_range_and_choices(graph: Owner) -> None:
    found = {p.name: p for p in graph.control.effect_parameters("bend")}
    assert found == {
        "strength": LiveParameter("strength", 1.0, "Share of the effect.", 0.0, 2.0),
        "smile": LiveParameter("smile", 0.0, "In standard deviations."),
        "count": LiveParameter("count", 3, "Of people.", 1, None),
        "mode": LiveParameter("mode", "wide", "Which way.", choices=("wide", "tall")),
        "soft": LiveParameter("soft", True, "No hard edge."),
    }
    assert graph.control.effect_parameters("mood") == ()


def test_parameters_of_an_effect_are_set_all_or_none(graph: Owner, eventually: Callable[..., Any]) -> None:
    before = graph.control.parameter_changes
    assert graph.control.set_effect_parameters("bend", {"strength": 0.5, "mode": "tall"}) == ""
    eventually(lambda: graph.control.parameter_changes > before, "the change to be told")
    refusal = graph.control.set_effect_parameters("bend", {"soft": False, "strength": 7.0})
    assert refusal == "bend.strength = 7.0 is refused: allowed is 0.0 … 2.0."
    now = {p.name: p.value for p in graph.control.effect_parameters("bend")}
    assert now == {"strength": 0.5, "smile": 0.0, "count": 3, "mode": "tall", "soft": True}


def test_without_the_other_nodes_it_says_so_at_once(owner: Owner) -> None:
    assert owner.control.set_effects(["mask"]).startswith("The effects node does not answer")
    assert owner.control.set_shutter(closed=True).startswith("The camera node does not answer")
    assert owner.control.set_effect_parameters("bend", {"soft": True}).startswith("The effects node does not")
    assert owner.control.effect_parameters("bend") == ()
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
