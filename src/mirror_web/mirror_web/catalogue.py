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

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from mirror_core.text_files import DEFAULT_LANGUAGE, TextFiles

__all__ = ["DEFAULT_LANGUAGE", "Texts", "catalogue", "languages", "speak", "spoken", "spoken_language"]

_FILES = TextFiles("mirror_web", "The page")
_language: ContextVar[str] = ContextVar("language", default=DEFAULT_LANGUAGE)


def languages() -> Mapping[str, str]:
    """Code → its own name, of every language there is, such as "de" → "Deutsch"; by code."""
    return _FILES.languages


def catalogue(language: str) -> Mapping[str, str]:
    """All texts of a language by section, a dot and key; the entries of a list have the keys 1, 2, …

    Raises:
        MirrorError: if the file cannot be read.
    """
    return _FILES.of(language)


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
