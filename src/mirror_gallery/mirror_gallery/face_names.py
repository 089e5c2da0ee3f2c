"""Names of faces: what people may call a stored face."""

from __future__ import annotations

import unicodedata

from mirror_core.errors import UsageError

__all__ = ["MOST_CHARACTERS", "checked_name", "folded"]

MOST_CHARACTERS = 80
BIDIRECTIONAL_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def checked_name(name: str) -> str:
    """A face's name as it is stored: Unicode NFC, with single spaces and none around it.

    Raises:
        UsageError: if nothing is left, it is too long, or has characters that cannot be seen.
    """
    tidy = unicodedata.normalize("NFC", " ".join(name.split()))
    if not tidy:
        raise UsageError("A face needs a name, and this one is empty.")
    if len(tidy) > MOST_CHARACTERS:
        raise UsageError(f"A face's name has at most {MOST_CHARACTERS} characters, not {len(tidy)}.")
    if any(unicodedata.category(c) in ("Cc", "Cs") or c in BIDIRECTIONAL_CONTROLS for c in tidy):
        raise UsageError("A face's name must not have control characters in it.")
    return tidy


def folded(name: str) -> str:
    """A name as it is searched and sorted: without the difference of upper and lower case."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
