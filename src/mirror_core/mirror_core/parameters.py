"""Parameters as frozen dataclasses: declared once with description, range and default.

A node's (or an effect's) configuration is a frozen dataclass whose fields are made with
`parameter`. From it come the ROS declarations, the check of every new value, the docs and the
`--show-args` texts.

    >>> @dataclass(frozen=True)
    ... class MaskParameters:
    ...     strength: float = parameter(1.0, "Share of the mask in the mix.", minimum=0.0, maximum=1.0)
    >>> update(MaskParameters(), {"strength": 0.5})
    MaskParameters(strength=0.5)
    >>> update(MaskParameters(), {"strength": 7.0})
    Traceback (most recent call last):
    mirror_core.errors.ParameterError: strength = 7.0 is refused: allowed is 0.0 … 1.0.
"""

from __future__ import annotations

import dataclasses
import math
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from mirror_core.errors import ParameterError

__all__ = ["NoParameters", "ParameterSpec", "parameter", "present_names", "specs_of", "update"]

_METADATA_KEY = "mirror.parameter"
_KINDS: dict[Any, type] = {bool: bool, int: int, float: float, str: str}

Config = TypeVar("Config")


@dataclass(frozen=True, slots=True)
class ParameterSpec:
    """What is known about one parameter.

    Attributes:
        name: field name, which is the ROS parameter name (after an optional prefix and a dot).
        kind: bool, int, float, str, or tuple for a list of strings.
        default: the value without any setting.
        description: one sentence, with the unit where there is one.
        minimum, maximum: inclusive range of numbers, None where unlimited.
        choices: the allowed values (of a tuple: of each element), None where anything goes. A
            callable is asked at each check, for choices that are known only at run time (plugins).
        live: False where a new value takes effect only at the next start of the node.
        formerly: names that it had in earlier releases; they are still taken from files, with a warning.
    """

    name: str
    kind: type
    default: Any
    description: str
    minimum: float | None = None
    maximum: float | None = None
    choices: Callable[[], tuple[Any, ...]] | None = None
    live: bool = True
    formerly: tuple[str, ...] = ()

    @property
    def constraint(self) -> str:
        """The allowed values in words; empty where anything of the type goes."""
        if self.choices is not None:
            return " | ".join(str(choice) for choice in self.choices())
        if self.minimum is not None and self.maximum is not None:
            return f"{self.minimum} … {self.maximum}"
        if self.minimum is not None:
            return f"{self.minimum} or more"
        if self.maximum is not None:
            return f"{self.maximum} or less"
        return ""

    def check(self, value: Any, label: str | None = None) -> Any:
        """Return `value` as this parameter's type.

        An int is accepted for a float and one string for a list of strings ("a,b").

        Raises:
            ParameterError: if the value has another type or lies outside the range or choices.
        """
        label = label or self.name
        value = self._of_kind(value, label)
        elements = value if self.kind is tuple else (value,)
        for element in elements:
            allowed = self.choices() if self.choices is not None else None
            outside = (allowed is not None and element not in allowed) or (
                isinstance(element, (int, float))
                and not isinstance(element, bool)
                and (
                    not math.isfinite(element)
                    or (self.minimum is not None and element < self.minimum)
                    or (self.maximum is not None and element > self.maximum)
                )
            )
            if outside:
                raise ParameterError(
                    f"{label} = {element} is refused: allowed is {self.constraint or 'a finite number'}."
                )
        return value

    def _of_kind(self, value: Any, label: str) -> Any:
        if self.kind is tuple:
            if isinstance(value, str):
                value = [part.strip() for part in value.split(",") if part.strip()]
            if isinstance(value, (list, tuple)) and all(isinstance(v, str) for v in value):
                return tuple(value)
            raise ParameterError(f"{label} = {value!r} is refused: allowed is a list of words.")
        if self.kind is float and isinstance(value, int) and not isinstance(value, bool):
            return float(value)
        if type(value) is not self.kind:
            names = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}
            raise ParameterError(f"{label} = {value!r} is refused: allowed is {names[self.kind]}.")
        return value


@dataclass(frozen=True)
class NoParameters:
    """The configuration of a node or an effect that has none."""


def parameter(
    default: Any,
    description: str,
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    choices: tuple[Any, ...] | Callable[[], tuple[Any, ...]] | None = None,
    live: bool = True,
    formerly: tuple[str, ...] = (),
) -> Any:
    """A dataclass field that is a parameter; see `ParameterSpec` for the meanings."""
    chooser = choices if choices is None or callable(choices) else (lambda: choices)
    metadata = {
        "description": description,
        "minimum": minimum,
        "maximum": maximum,
        "choices": chooser,
        "live": live,
        "formerly": formerly,
    }
    return dataclasses.field(default=default, metadata={_METADATA_KEY: metadata})


def specs_of(config: Any) -> tuple[ParameterSpec, ...]:
    """The parameters of a configuration dataclass (class or instance), in order.

    Raises:
        TypeError: if a field was not made with `parameter` or has a type that ROS parameters lack.
    """
    cls = config if isinstance(config, type) else type(config)
    hints = typing.get_type_hints(cls)
    specs = []
    for field in dataclasses.fields(cls):
        if _METADATA_KEY not in field.metadata:
            raise TypeError(f"{cls.__name__}.{field.name} must be declared with parameter(...).")
        hint = hints[field.name]
        origin = typing.get_origin(hint)
        if origin is tuple:
            kind: type = tuple
        elif origin in (typing.Union, types.UnionType) or hint not in _KINDS:
            raise TypeError(
                f"{cls.__name__}.{field.name}: a parameter is bool, int, float, str or tuple[str, ...]."
            )
        else:
            kind = _KINDS[hint]
        specs.append(
            ParameterSpec(name=field.name, kind=kind, default=field.default, **field.metadata[_METADATA_KEY])
        )
    return tuple(specs)


def present_names(
    config: Any, values: Mapping[str, Any], prefix: str = ""
) -> tuple[dict[str, Any], list[str]]:
    """Values under the names that their parameters have today.

    Args:
        config: configuration dataclass (class or instance).
        values: as a parameter file gives them.
        prefix: of the names, used in messages only.

    Returns:
        The values, and a sentence for each that stood under a former name. Where both stand there, the
        present name counts.
    """
    today = {old: spec.name for spec in specs_of(config) for old in spec.formerly}
    found: dict[str, Any] = {name: value for name, value in values.items() if name not in today}
    warnings = []
    for old, value in values.items():
        if old in today:
            new = today[old]
            rest = "the value of the new name counts" if new in found else "write it so in the parameter file"
            warnings.append(f"The parameter {prefix}{old} is called {prefix}{new} now; {rest}.")
            found.setdefault(new, value)
    return found, warnings


def update(config: Config, values: Mapping[str, Any], prefix: str = "") -> Config:
    """Return `config` with `values` checked and set; `prefix` is used in messages only.

    Raises:
        ParameterError: on an unknown name, a wrong type, a value out of range, or a combination
            that the dataclass's own `__post_init__` refuses.
    """
    specs = {spec.name: spec for spec in specs_of(config)}
    checked = {}
    for name, value in values.items():
        if name not in specs:
            raise ParameterError(f"{prefix}{name} is not a parameter: allowed are {', '.join(specs)}.")
        checked[name] = specs[name].check(value, prefix + name)
    return dataclasses.replace(config, **checked)  # type: ignore[type-var]
