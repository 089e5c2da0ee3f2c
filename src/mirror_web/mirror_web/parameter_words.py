"""What parameters of effects, their words and their descriptions are called in the language of the page.

In English they have the names of the code, and their descriptions stand with the effects; a translation may
have others, in the sections that `TRANSLATED_ONLY` begins. What it lacks stays English.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from mirror_core.live_parameter import LiveParameter
from mirror_web.catalogue import Texts
from mirror_web.selection import plain_name

__all__ = ["TRANSLATED_ONLY", "choice_name", "parameter_hint", "parameter_name"]

TRANSLATED_ONLY = ("parameter_names.", "choice_names.", "parameter_hints.")
_NAMES, _CHOICES = Texts("parameter_names"), Texts("choice_names")
_NUMBERED = re.compile(r"(.+)_(\d+)")


def _said(texts: Mapping[str, str], name: str) -> str | None:
    """A text by its name; of "component_3" also the one of "component", in which {number} is 3."""
    numbered = _NUMBERED.fullmatch(name)
    if name in texts or numbered is None:
        return texts.get(name)
    text = texts.get(numbered[1])
    return None if text is None else text.format(number=numbered[2])


def parameter_name(name: str) -> str:
    """A parameter's name for people: "mesh_opacity" → "Mesh opacity"."""
    return _said(_NAMES, name) or plain_name(name)


def choice_name(word: str) -> str:
    """An allowed word of a parameter for people: "top_left" → "Top left"."""
    return _CHOICES.get(word) or plain_name(word)


def parameter_hint(effect: str, parameter: LiveParameter) -> str:
    """What a parameter of an effect does."""
    return _said(Texts(f"parameter_hints.{effect}"), parameter.name) or parameter.description
