"""What masks a generator draws: every option with its meaning, its range and its default; files of them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

from mirror_core.errors import UsageError
from mirror_core.yaml_text import parse_yaml
from mirror_effects.medical.kinds import KINDS
from mirror_effects.medical.look import COLOUR, FITS
from mirror_effects.medical.patterns import PATTERNS

__all__ = ["OWN_COLOUR", "MaskOptions", "OptionSpec", "load_options", "option_specs", "options_from"]

OWN_COLOUR = "own"
"""Among `colours`: one of the kind's own colours, drawn by their weights."""

_KEY = "mirror.mask_option"
Weights = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class OptionSpec:
    """What is known about one option.

    Attributes:
        name: of the field.
        default: a number, or a mapping of weights.
        description: one sentence.
        minimum, maximum: inclusive range of a number.
        choices: the names that may have a weight; None for a number.
        others: whether "#rrggbb" may have a weight, too.
    """

    name: str
    default: Any
    description: str
    minimum: float = 0.0
    maximum: float = 1.0
    choices: tuple[str, ...] | None = None
    others: bool = False

    @property
    def allowed(self) -> str:
        """The allowed values in words."""
        if self.choices is None:
            return f"{self.minimum:g} … {self.maximum:g}"
        return "weights of " + ", ".join([*self.choices, *(["#rrggbb"] if self.others else [])])

    def check(self, value: Any) -> Any:
        """The value as this option keeps it.

        Raises:
            UsageError: on another type, an unknown name or a value out of range.
        """
        if self.choices is not None:
            return self._checked_weights(value)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise UsageError(f"{self.name} = {value!r} is refused: allowed is a number {self.allowed}.")
        if not self.minimum <= value <= self.maximum:
            raise UsageError(f"{self.name} = {value} is refused: allowed is {self.allowed}.")
        return float(value)

    def _checked_weights(self, value: Any) -> Weights:
        assert self.choices is not None
        if isinstance(value, str):
            value = {value: 1.0}
        if not isinstance(value, Mapping) or not value:
            raise UsageError(f"{self.name} = {value!r} is refused: allowed are {self.allowed}.")
        weights = {}
        for name, weight in value.items():
            known = name in self.choices or (self.others and isinstance(name, str) and COLOUR.fullmatch(name))
            if not known:
                raise UsageError(f"{self.name}: {name} is not known: allowed are {self.allowed}.")
            is_number = isinstance(weight, (int, float)) and not isinstance(weight, bool)
            if not is_number or not 0 <= weight < math.inf:
                raise UsageError(
                    f"{self.name}: the weight of {name} is {weight!r}: allowed is a number of 0 or more."
                )
            weights[name] = float(weight)
        if not any(weights.values()):
            raise UsageError(
                f"{self.name}: all weights are 0, so that none can be drawn; give one more than 0."
            )
        return MappingProxyType(weights)


def _number(default: float, minimum: float, maximum: float, description: str) -> Any:
    metadata = {"minimum": minimum, "maximum": maximum, "description": description}
    return field(default=default, metadata={_KEY: metadata})


def _weights(choices: tuple[str, ...], description: str, *, others: bool = False) -> dict[str, Any]:
    return {_KEY: {"choices": choices, "description": description, "others": others}}


def _usual_kinds() -> Weights:
    return {"surgical": 5, "n95": 1.5, "kn95": 2, "cloth": 3, "respirator": 0.3, "gas": 0.2}


def _usual_textures() -> Weights:
    return {"plain": 6, "stripes": 1, "dots": 1, "checks": 1, "flowers": 1, "camouflage": 1, "speckles": 1}


@dataclass(frozen=True)
class MaskOptions:
    """What masks are drawn; every mask is one draw, by its seed.

    Raises:
        UsageError: on a value that is not allowed; one sentence that names the option.
    """

    kinds: Weights = field(
        default_factory=_usual_kinds, metadata=_weights(tuple(KINDS), "How often each kind of mask is drawn.")
    )
    colours: Weights = field(
        default_factory=lambda: {OWN_COLOUR: 1},
        metadata=_weights(
            (OWN_COLOUR,),
            "How often each colour is drawn; `own` is one of those that the kind usually has.",
            others=True,
        ),
    )
    colour_strength: float = _number(
        1.0, 0, 1, "How far the drawn colour replaces the one that the kind has most often."
    )
    colour_variation: float = _number(
        0.03,
        0,
        0.5,
        "How much masks of one colour differ, more in lightness than in hue: a standard deviation.",
    )
    textures: Weights = field(
        default_factory=_usual_textures,
        metadata=_weights(
            tuple(PATTERNS),
            "How often each pattern is drawn; seldom on surgical and KN95 masks, never on stiff and rubber "
            "ones, unless plain has no weight.",
        ),
    )
    texture_strength: float = _number(0.8, 0, 1, "How clearly the pattern shows.")
    texture_scale: float = _number(1.0, 0.2, 5, "Size of the pattern; 1 is about ten repeats down the mask.")
    fits: Weights = field(
        default_factory=lambda: {"regular": 8, "low": 1, "under_nose": 1},
        metadata=_weights(
            tuple(FITS),
            "How often each way to wear a mask is drawn: regular, low (slipped to the tip of the nose), "
            "under the nose.",
        ),
    )
    size: float = _number(1.0, 0.7, 1.3, "Size of masks over the usual one.")
    size_variation: float = _number(0.035, 0, 0.2, "Standard deviation of the size.")
    turn_variation: float = _number(
        1.5, 0, 15, "Standard deviation of how askew masks sit, degrees of the head."
    )
    shift_variation: float = _number(
        0.015, 0, 0.2, "Standard deviation of how high masks sit, as a share of their height."
    )
    valve: float = _number(0.25, 0, 1, "Share of N95 and KN95 masks with an exhalation valve.")
    bands: float = _number(0.97, 0, 1, "Share of masks whose ear loops or head bands are seen.")
    folds: float = _number(1.0, 0, 2, "Depth of pleats, folds and wrinkles.")
    wire: float = _number(1.0, 0, 2, "How clearly the wire or clip over the nose shows.")
    edge: float = _number(1.0, 0, 3, "Thickness of the edge.")
    lighting: float = _number(0.9, 0, 1, "How much the direction of the light on the face counts.")
    skin_light: float = _number(
        0.4, 0, 1, "How much shadows and highlights of the skin beneath fall on the mask."
    )
    contact_shadow: float = _number(0.5, 0, 1, "Depth of the shadow on the skin along the edge.")
    exposure: float = _number(0.9, 0, 1, "How far masks take on the brightness of the picture.")
    brightness: float = _number(1.0, 0.3, 1.5, "Factor of the masks' brightness.")
    brightness_variation: float = _number(0.05, 0, 0.5, "Standard deviation of that factor.")
    match_colour: float = _number(
        1.0,
        0,
        1,
        "How far colour cast and saturation of the picture are taken on; 1 is grey on a grey picture.",
    )
    softness: float = _number(
        0.005, 0, 0.03, "Blur of the drawn mask, standard deviation as a share of the face's width."
    )
    grain: float = _number(1.5, 0, 20, "Noise on the mask, standard deviation in grey levels.")
    strength: float = _number(1.0, 0.05, 1, "Opacity.")

    def __reduce__(self) -> tuple[Any, ...]:
        """For other processes: read-only mappings cannot travel."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        plain = {name: dict(v) if isinstance(v, Mapping) else v for name, v in values.items()}
        return options_from, (plain,)

    def __post_init__(self) -> None:
        for spec in option_specs():
            object.__setattr__(self, spec.name, spec.check(getattr(self, spec.name)))


def option_specs() -> tuple[OptionSpec, ...]:
    """All options, in order."""
    specs = []
    for each in fields(MaskOptions):
        factory: Any = each.default_factory
        default = factory() if each.metadata[_KEY].get("choices") is not None else each.default
        specs.append(OptionSpec(each.name, default, **each.metadata[_KEY]))
    return tuple(specs)


def options_from(values: Mapping[str, Any], where: str = "") -> MaskOptions:
    """Options from names and values; what is not named has its default.

    Args:
        values: as a file holds them.
        where: of the values, for messages.

    Raises:
        UsageError: on an unknown name or a value that is not allowed.
    """
    prefix = f"{where}: " if where else ""
    known = [spec.name for spec in option_specs()]
    for name in values:
        if name not in known:
            raise UsageError(f"{prefix}{name} is not an option: allowed are {', '.join(known)}.")
    try:
        return MaskOptions(**values)
    except UsageError as error:
        raise UsageError(f"{prefix}{error}") from error


def load_options(path: Path) -> MaskOptions:
    """Options from a JSON or YAML file; an empty one means the defaults.

    Raises:
        UsageError: if it cannot be read or holds something that is not allowed.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise UsageError(f"The options {path} cannot be read: {reason}.") from error
    try:
        values = json.loads(text) if path.suffix.lower() == ".json" else parse_yaml(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"The options {path} are no JSON: {error}.") from error
    except UsageError as error:
        place = str(error).removeprefix("it is no YAML ").strip("()")
        raise UsageError(f"The options {path} are no YAML: {place}.") from error
    if values is None:
        return MaskOptions()
    if not isinstance(values, dict):
        raise UsageError(f"The options {path} must be names with values, not a {type(values).__name__}.")
    return options_from(values, str(path))
