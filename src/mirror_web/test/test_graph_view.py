"""The graph as the page sees it: parameters of effects are asked for once, however many browsers look."""

from __future__ import annotations

from typing import Any, cast

import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")

from mirror_core.graph_control import GraphControl
from mirror_core.live_parameter import LiveParameter
from mirror_web.graph_view import GraphView


class Effects:
    """Stands for `GraphControl`; counts how often it is asked."""

    def __init__(self) -> None:
        self.parameter_changes = 1
        self.asked = 0
        self.strength = 1.0
        self.answers = True

    def effect_parameters(self, effect: str) -> tuple[LiveParameter, ...]:
        self.asked += 1
        return (LiveParameter("strength", self.strength),) if self.answers else ()

    def set_effect_parameters(self, effect: str, values: dict[str, Any]) -> str:
        if values["strength"] > 1:
            return "strength = 2.0 is refused."
        self.strength = values["strength"]
        return ""


@pytest.fixture
def effects() -> Effects:
    return Effects()


@pytest.fixture
def view(effects: Effects) -> GraphView:
    return GraphView(cast("GraphControl", effects), "mirror")


def strength(view: GraphView) -> object:
    return view.effect_parameters("mask")[0].value


def test_parameters_are_asked_for_again_only_after_a_change(view, effects):
    assert [strength(view) for _ in range(5)] == [1.0] * 5
    assert effects.asked == 1
    effects.strength = 0.5
    assert strength(view) == 1.0
    effects.parameter_changes += 1
    assert strength(view) == 0.5
    assert effects.asked == 2


def test_what_was_set_here_is_seen_before_its_event_comes(view, effects):
    assert strength(view) == 1.0
    assert view.set_effect_parameters("mask", {"strength": 0.25}) is None
    assert strength(view) == 0.25
    assert view.set_effect_parameters("mask", {"strength": 2.0}) == "strength = 2.0 is refused."
    assert strength(view) == 0.25


def test_a_missing_answer_is_not_remembered(view, effects):
    effects.answers = False
    assert view.effect_parameters("mask") == ()
    effects.answers = True
    assert strength(view) == 1.0
