"""How a parameter of an effect is set on the page: which control, in which steps, and what it says back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from mirror_core.live_parameter import LiveParameter, LiveValue
from mirror_core.parameters import specs_of
from mirror_effects.names import BUILT_IN, GROUP
from mirror_web.catalogue import Texts

__all__ = ["control_kind", "default_values", "range_words", "slider_step", "typed_value"]

WIDEST_SLIDER = 5000  # a range that is larger cannot be aimed at with a finger
STEPS = 100  # a slider has at least so many
TEXTS = Texts("effects")


def control_kind(parameter: LiveParameter) -> str:
    """What a parameter is set with: switch, choices, select, slider, number or text."""
    if isinstance(parameter.value, bool):
        return "switch"
    if isinstance(parameter.value, tuple):
        return "choices" if parameter.choices else "text"
    if isinstance(parameter.value, str):
        return "select" if parameter.choices else "text"
    if parameter.choices:
        return "select"
    low, high = parameter.minimum, parameter.maximum
    return "slider" if low is not None and high is not None and high - low <= WIDEST_SLIDER else "number"


def slider_step(parameter: LiveParameter) -> float:
    """The step of a slider: 1 for whole numbers, else a power of ten that makes at least 100 steps."""
    assert parameter.minimum is not None
    assert parameter.maximum is not None
    if isinstance(parameter.value, int):
        return 1
    span = parameter.maximum - parameter.minimum
    return float(10.0 ** math.floor(math.log10(span / STEPS))) if span > 0 else 1


def range_words(parameter: LiveParameter) -> str:
    """The allowed numbers: "0 … 1", "0 or more"; empty for what has no range."""
    low, high = parameter.minimum, parameter.maximum
    if isinstance(parameter.value, (bool, str, tuple)) or (low is None and high is None):
        return ""
    if low is not None and high is not None:
        return f"{low:g}\N{NO-BREAK SPACE}…\N{NO-BREAK SPACE}{high:g}"  # stays on one line
    return (
        TEXTS["at_least"].format(number=f"{low:g}")
        if high is None
        else TEXTS["at_most"].format(number=f"{high:g}")
    )


def typed_value(parameter: LiveParameter, value: Any) -> LiveValue | None:
    """What a browser has sent, as this parameter's type; None where it is nothing that could be meant."""
    now = parameter.value
    try:
        if isinstance(now, bool):
            return bool(value)
        if isinstance(now, int):
            return round(float(value))
        if isinstance(now, float):
            number = float(value)
            return number if math.isfinite(number) else None
        if isinstance(now, tuple):
            words = value if isinstance(value, list) else str(value).split(",")
            return tuple(str(word).strip() for word in words if str(word).strip())
        return str(value)
    except (TypeError, ValueError, OverflowError):
        return None


@cache
def default_values(effect: str) -> Mapping[str, LiveValue]:
    """The defaults of an effect's parameters; empty where the effect is not installed here.

    It loads the effect's code and may take a moment.
    """
    try:
        if effect in BUILT_IN:
            module, _, name = BUILT_IN[effect].partition(":")
            found = getattr(import_module(module), name)
        else:
            found = next(plugin for plugin in entry_points(group=GROUP) if plugin.name == effect).load()
        return {spec.name: spec.default for spec in specs_of(found.Parameters)}
    except Exception:  # a plugin may fail in any way; without defaults nothing but the reset is missing
        return {}
