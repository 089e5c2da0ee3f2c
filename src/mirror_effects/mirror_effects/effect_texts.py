"""What effects write into the picture, in the language of the effects node; see `texts/<language>.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from mirror_core.text_files import DEFAULT_LANGUAGE, TextFiles

__all__ = ["DEFAULT_LANGUAGE", "effect_texts", "language_codes"]

_FILES = TextFiles("mirror_effects", "The effects")


@cache
def language_codes() -> tuple[str, ...]:
    """The languages that effects write, such as "de"."""
    return tuple(_FILES.languages)


def effect_texts(language: str = DEFAULT_LANGUAGE) -> Mapping[str, str]:
    """All texts of a language by section, a dot and key.

    Raises:
        MirrorError: if its file cannot be read.
    """
    return _FILES.of(language)
