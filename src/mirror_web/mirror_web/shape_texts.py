"""The sentences of the Shape page, and what components and presets are called."""

from __future__ import annotations

from mirror_web.catalogue import Texts
from mirror_web.selection import plain_name

__all__ = ["TEXTS", "component_words", "preset_name"]

TEXTS = Texts("shape")
_WORDS = Texts("shape_label_words")
_PRESETS = Texts("shape_preset_names")


def _said(word: str) -> str:
    return _WORDS.get(word.replace(" ", "_").replace("-", "_"), word)


def component_words(number: int, label: str) -> str:
    """What a component is called: "3 · Jaw, up and down".

    Args:
        number: from 1.
        label: the shape model's own words, "jaw, up and down".
    """
    parts = [_WORDS["and"].join(_said(word) for word in part.split(" and ")) for part in _parts(label)]
    words = ", ".join(parts)
    return f"{number} · {words[:1].upper()}{words[1:]}"


def _parts(label: str) -> list[str]:
    # "up and down" is one direction, not two regions.
    return [part.replace("up and down", "up-and-down") for part in label.split(", ")]


def preset_name(name: str) -> str:
    """A preset's name as a person reads it; one that the catalogue does not know keeps its own."""
    return _PRESETS.get(name) or plain_name(name)
