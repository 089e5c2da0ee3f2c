"""Finding effects: plugins of other packages are used, and broken ones reported, never fatal."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from types import ModuleType
from typing import Any

import pytest

from mirror_effects import Effect, Scene
from mirror_effects.caricature import CaricatureEffect
from mirror_effects.deform import DeformEffect
from mirror_effects.delay import DelayEffect
from mirror_effects.expression import ExpressionEffect
from mirror_effects.film_effect import FilmEffect
from mirror_effects.landmarks import LandmarksEffect
from mirror_effects.mask import MaskEffect
from mirror_effects.plain import PlainEffect
from mirror_effects.registry import GROUP, find_effects
from mirror_effects.swap import SwapEffect
from mirror_effects.then_and_now import ThenAndNowEffect
from mirror_effects.unmask import UnmaskEffect
from mirror_effects.wear_mask import WearMaskEffect

BUILT_IN = {
    "none": PlainEffect,
    "caricature": CaricatureEffect,
    "deform": DeformEffect,
    "delay": DelayEffect,
    "landmarks": LandmarksEffect,
    "mask": MaskEffect,
    "swap": SwapEffect,
    "then_and_now": ThenAndNowEffect,
    "expression": ExpressionEffect,
    "film": FilmEffect,
    "unmask": UnmaskEffect,
    "wear_mask": WearMaskEffect,
}


class Base(Effect):
    """Shows the picture as it is."""

    def apply(self, image: Any, scene: Scene) -> Any:
        return image


class Glow(Base):
    """A good plugin."""

    name = "glow"


class Misnamed(Base):
    """Calls itself otherwise than its entry point."""

    name = "other"


class Needy(Base):
    """Needs what no one gives."""

    name = "needy"
    needs = frozenset({"faces", "weather"})


@dataclass(frozen=True)
class Undeclared:
    """Parameters without descriptions."""

    amount: int = 1


class Careless(Base):
    """Declares its parameters badly."""

    name = "careless"
    Parameters = Undeclared


@pytest.fixture(autouse=True)
def plugin_package(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("glowing_effects")
    for thing in (Glow, Misnamed, Needy, Careless):
        setattr(module, thing.__name__, thing)
    module.Number = 5  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "glowing_effects", module)


def plugin(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, value, GROUP)


def test_the_built_in_effects_are_found_without_any_plugin() -> None:
    registry = find_effects([])
    assert registry.effects == BUILT_IN
    assert list(registry.effects) == [
        *(
            "none",
            "caricature",
            "deform",
            "delay",
            "expression",
            "film",
            "landmarks",
            "mask",
            "swap",
            "then_and_now",
            "unmask",
            "wear_mask",
        ),
    ]
    assert registry.problems == ()


def test_a_plugin_of_another_package_is_found_and_none_stands_first() -> None:
    registry = find_effects([plugin("glow", "glowing_effects:Glow")])
    assert list(registry.effects) == [
        *("none", "caricature", "deform", "delay", "expression", "film", "glow", "landmarks", "mask"),
        *("swap", "then_and_now", "unmask", "wear_mask"),
    ]
    assert registry.effects["glow"] is Glow
    assert registry.problems == ()


def test_the_entry_points_of_the_built_in_effects_are_no_clash() -> None:
    registry = find_effects([plugin("none", "mirror_effects.plain:PlainEffect")])
    assert registry.effects["none"] is PlainEffect
    assert registry.problems == ()


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("glow", "no_such_package:Glow", "ModuleNotFoundError: No module named 'no_such_package'"),
        (
            "glow",
            "glowing_effects:Missing",
            "AttributeError: module 'glowing_effects' has no attribute 'Missing'",
        ),
        ("number", "glowing_effects:Number", "it names 5, which is not a subclass of mirror_effects.Effect"),
        ("mine", "glowing_effects:Misnamed", "its class calls itself 'other'"),
        ("needy", "glowing_effects:Needy", "it needs ['weather'], but allowed are ["),
        ("careless", "glowing_effects:Careless", "Undeclared.amount must be declared with parameter(...)"),
        ("none", "glowing_effects:Glow", "the name is taken"),
    ],
)
def test_a_plugin_that_cannot_be_used_is_left_out_and_reported(name: str, value: str, reason: str) -> None:
    good = plugin("glow", "glowing_effects:Glow")
    broken = plugin(name, value)
    registry = find_effects([broken, good])
    assert registry.effects["glow"] is Glow
    assert registry.effects["none"] is PlainEffect
    assert set(registry.effects) == {*BUILT_IN, "glow"}
    assert len(registry.problems) == 1
    assert registry.problems[0].startswith(f"Effect {name} of {value} is left out: {reason}")
    assert registry.problems[0].endswith(".")
    assert not registry.problems[0].endswith("..")


def test_of_two_plugins_with_one_name_the_first_is_used() -> None:
    registry = find_effects(
        [plugin("glow", "glowing_effects:Glow"), plugin("glow", "glowing_effects:Misnamed")]
    )
    assert registry.effects["glow"] is Glow
    assert registry.problems == ("Effect glow of glowing_effects:Misnamed is left out: the name is taken.",)
