"""What the Shape page has set: a preset, the sliders, and how far the caricature goes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mirror_core.live_parameter import LiveParameter, LiveValue

__all__ = ["CARICATURE", "DEFORM", "NO_PRESET", "ShapeValues"]

DEFORM, CARICATURE = "deform", "caricature"  # the effects that show what is set
NO_PRESET = "none"
COMPONENTS = 24
SLIDER_LIMIT = 3.0  # standard deviations to each side
LARGEST_STRENGTH = 3.0
LEAST_FACTOR, LARGEST_FACTOR = -2.0, 7.0
UNCHANGED_FACTOR = 1.0


def _zeros() -> tuple[float, ...]:
    return (0.0,) * COMPONENTS


@dataclass(frozen=True, slots=True)
class ShapeValues:
    """One setting; values out of range are brought into it.

    Attributes:
        preset: a named face of the effect `deform`, "none" for none.
        strength: factor of preset and sliders together, 0 … 3.
        components: the sliders, each -3 … 3 standard deviations.
        factor: of the caricature, -2 … 7; 1 changes nothing.
    """

    preset: str = NO_PRESET
    strength: float = 1.0
    components: tuple[float, ...] = field(default_factory=_zeros)
    factor: float = UNCHANGED_FACTOR

    def __post_init__(self) -> None:
        padded = (*self.components, *_zeros())[:COMPONENTS]
        held = tuple(_held(value, -SLIDER_LIMIT, SLIDER_LIMIT) for value in padded)
        object.__setattr__(self, "components", held)
        object.__setattr__(self, "strength", _held(self.strength, 0.0, LARGEST_STRENGTH))
        object.__setattr__(self, "factor", _held(self.factor, LEAST_FACTOR, LARGEST_FACTOR))

    @property
    def deform_parameters(self) -> dict[str, LiveValue]:
        """The same for the effect `deform`."""
        sliders = {f"component_{number}": value for number, value in enumerate(self.components, start=1)}
        return {"preset": self.preset, "strength": self.strength, **sliders}

    @property
    def caricature_parameters(self) -> dict[str, LiveValue]:
        """The same for the effect `caricature`."""
        return {"factor": self.factor}

    def with_deform(self, parameters: Sequence[LiveParameter]) -> ShapeValues:
        """This setting with what the effect `deform` says."""
        live = {parameter.name: parameter.value for parameter in parameters}
        components = tuple(
            _number(live.get(f"component_{number}"), value)
            for number, value in enumerate(self.components, start=1)
        )
        return replace(
            self,
            preset=str(live.get("preset", self.preset)),
            strength=_number(live.get("strength"), self.strength),
            components=components,
        )

    def with_caricature(self, parameters: Sequence[LiveParameter]) -> ShapeValues:
        """This setting with what the effect `caricature` says."""
        live = {parameter.name: parameter.value for parameter in parameters}
        return replace(self, factor=_number(live.get("factor"), self.factor))


def _held(value: float, low: float, high: float) -> float:
    return 0.0 if math.isnan(value) else min(max(float(value), low), high)


def _number(value: Any, default: float) -> float:
    return float(value) if isinstance(value, (int, float)) else default
