"""Launch arguments: declared once, given as `name:=value`, the same for `ros2 launch` and `mirror run`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mirror_core.errors import UsageError

__all__ = ["Argument", "is_true", "parse_arguments"]

BOOLEANS = ("true", "false")


@dataclass(frozen=True, slots=True)
class Argument:
    """One launch argument.

    Attributes:
        name: before `:=`.
        default: the value where none is given.
        description: one sentence for `--show-args`.
        choices: the allowed values; empty where anything goes.
    """

    name: str
    default: str
    description: str
    choices: tuple[str, ...] = ()

    def check(self, value: str) -> str:
        """Return `value` if it is allowed.

        Raises:
            UsageError: otherwise; says what is allowed.
        """
        if self.choices == BOOLEANS:
            value = value.lower()
        if self.choices and value not in self.choices:
            raise UsageError(f"{self.name}:={value} is refused: allowed is {' | '.join(self.choices)}.")
        return value


def is_true(value: str) -> bool:
    """Whether a checked boolean argument is true."""
    return value == "true"


def check_values(declared: Iterable[Argument], values: Mapping[str, str]) -> dict[str, str]:
    """All arguments with `values` checked and set, the others at their defaults.

    Raises:
        UsageError: on an unknown name or a refused value.
    """
    arguments = {argument.name: argument for argument in declared}
    for name in values:
        if name not in arguments:
            raise UsageError(f"{name}:= is not an argument: allowed are {', '.join(arguments)}.")
    return {name: argument.check(values.get(name, argument.default)) for name, argument in arguments.items()}


def parse_arguments(declared: Iterable[Argument], words: Iterable[str]) -> dict[str, str]:
    """All arguments from words like `camera:=demo`.

    Raises:
        UsageError: if a word has no `:=`, names no argument, or has a refused value.
    """
    values: dict[str, str] = {}
    for word in words:
        name, separator, value = word.partition(":=")
        if not separator:
            raise UsageError(f"{word!r} is not an argument: write name:=value, e.g. camera:=demo.")
        values[name] = value
    return check_values(declared, values)
