"""Texts in several languages: one TOML file for each language in a package's folder `texts`.

    >>> texts = TextFiles("mirror_display", "The window")
    >>> texts.of("de")["language.name"]
    'Deutsch'

Another language is one more file with every key of `en.toml`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib.resources import files
from typing import Any

from mirror_core.errors import MirrorError

__all__ = ["DEFAULT_LANGUAGE", "TextFiles"]

DEFAULT_LANGUAGE = "en"
_ENDING = ".toml"


class TextFiles:
    """The texts of one package.

    Args:
        package: whose folder `texts` is read.
        owner: whose texts they are, as a sentence about an unreadable file begins: "The page".
    """

    def __init__(self, package: str, owner: str) -> None:
        self._folder = files(package) / "texts"
        self._owner = owner
        self._read: dict[str, Mapping[str, str]] = {}

    @cached_property
    def languages(self) -> Mapping[str, str]:
        """Code → its own name, of every language there is, such as "de" → "Deutsch"; by code."""
        names = (entry.name for entry in self._folder.iterdir())
        codes = sorted(name.removesuffix(_ENDING) for name in names if name.endswith(_ENDING))
        return {code: self.of(code)["language.name"] for code in codes}

    def of(self, language: str) -> Mapping[str, str]:
        """All texts of a language by section, a dot and key; the entries of a list have the keys 1, 2, …

        Raises:
            MirrorError: if the file cannot be read.
        """
        if language not in self._read:
            try:
                content = (self._folder / f"{language}{_ENDING}").read_text(encoding="utf-8")
                self._read[language] = dict(_flat("", tomllib.loads(content)))
            except (OSError, ValueError) as error:
                raise MirrorError(
                    f"{self._owner}'s texts in the language {language} cannot be read ({error})."
                ) from error
        return self._read[language]


def _flat(prefix: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(f"{prefix}.{key}" if prefix else str(key), inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value, start=1):
            yield from _flat(f"{prefix}.{number}", inner)
    elif isinstance(value, str):
        yield prefix, value
    else:
        raise ValueError(f"{prefix} is no text")
