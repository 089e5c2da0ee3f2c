"""The text catalogue: every sentence of the pages, one file of `texts/` for each language.

A section of a file is a `Texts`, which answers in the language of whoever is being served:

    >>> Texts("shell")["menu"]
    'Menu'
    >>> with spoken("de"):
    ...     Texts("shell")["menu"]
    'Menü'

The language belongs to the request (`mirror_web.language`); what follows from a request, also in worker
threads (`asyncio.to_thread`), speaks it too. Another language is one more file with every key of `en.toml`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib.resources import files
from typing import Any

from mirror_core.errors import MirrorError

__all__ = ["DEFAULT_LANGUAGE", "Texts", "catalogue", "languages", "speak", "spoken", "spoken_language"]

DEFAULT_LANGUAGE = "en"
_ENDING = ".toml"

_language: ContextVar[str] = ContextVar("language", default=DEFAULT_LANGUAGE)


@cache
def languages() -> Mapping[str, str]:
    """Code → its own name, of every language there is, such as "de" → "Deutsch"; by code."""
    folder = files("mirror_web") / "texts"
    codes = sorted(
        entry.name.removesuffix(_ENDING) for entry in folder.iterdir() if entry.name.endswith(_ENDING)
    )
    return {code: catalogue(code)["language.name"] for code in codes}


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """All texts of a language by section, a dot and key; the entries of a list have the keys 1, 2, …

    Raises:
        MirrorError: if the file cannot be read.
    """
    try:
        content = (files("mirror_web") / "texts" / f"{language}{_ENDING}").read_text(encoding="utf-8")
        return dict(_flat("", tomllib.loads(content)))
    except (OSError, ValueError) as error:
        raise MirrorError(f"The page's texts in the language {language} cannot be read ({error}).") from error


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


def spoken_language() -> str:
    """Code of the language of whoever is being served; English outside of any request."""
    return _language.get()


def speak(language: str) -> None:
    """Let everything that follows in the present task speak a language."""
    _language.set(language)


@contextmanager
def spoken(language: str) -> Iterator[None]:
    """Speak a language for a while."""
    token = _language.set(language)
    try:
        yield
    finally:
        _language.reset(token)


class Texts(Mapping[str, str]):
    """A section of the catalogue, in the language of whoever is being served at the moment.

    Args:
        section: its name, such as "faces" or "mood.names".
    """

    def __init__(self, section: str) -> None:
        self._prefix = f"{section}."

    def __getitem__(self, key: object) -> str:
        return catalogue(_language.get())[f"{self._prefix}{key}"]

    def __iter__(self) -> Iterator[str]:
        keys = (key for key in catalogue(DEFAULT_LANGUAGE) if key.startswith(self._prefix))
        return (rest for key in keys if "." not in (rest := key.removeprefix(self._prefix)))

    def __len__(self) -> int:
        return sum(1 for _ in self)
