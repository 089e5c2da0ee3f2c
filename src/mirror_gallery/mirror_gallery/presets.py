"""Faces that ship with the program and belong to nobody: averages over many people."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from mirror_core.errors import UsageError
from mirror_gallery.portrait import Portrait
from mirror_gallery.portrait_file import SUFFIX, decode

__all__ = ["PRESET_PREFIX", "load_preset", "preset_names"]

PRESET_PREFIX = "preset:"
FOLDER = Path(__file__).parent / "data" / "presets"


@cache
def preset_names() -> tuple[str, ...]:
    """The names of the faces that ship with the program, sorted; empty where none are installed."""
    return tuple(sorted(path.stem for path in FOLDER.glob(f"*{SUFFIX}")))


@cache
def load_preset(name: str) -> Portrait:
    """A face that ships with the program; read once, then shared (its arrays are read-only).

    Args:
        name: one of `preset_names()`, with or without the prefix `preset:` of its id.

    Raises:
        UsageError: if there is none of this name; the message says which there are.
    """
    stem = name.removeprefix(PRESET_PREFIX)
    if stem not in preset_names():
        known = ", ".join(preset_names()) or "none"
        raise UsageError(f"There is no preset face {stem!r}; there are: {known}.")
    found = decode((FOLDER / f"{stem}{SUFFIX}").read_bytes()).portrait
    return Portrait(f"{PRESET_PREFIX}{stem}", found.name, found.views, preset=True)
