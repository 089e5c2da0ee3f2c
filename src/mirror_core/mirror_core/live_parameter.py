"""A parameter of a running node as a page or window sees it: value, range and description."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LiveParameter", "LiveValue"]

LiveValue = bool | int | float | str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LiveParameter:
    """One parameter of an effect that runs in some process.

    Attributes:
        name: without the effect's prefix, such as "strength".
        value: as it is now.
        description: one sentence.
        minimum, maximum: inclusive range of a number, None where unlimited.
        choices: the allowed words, empty where anything goes.
    """

    name: str
    value: LiveValue
    description: str = ""
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
