"""Hides what lets somebody in: names, passwords, keys and pairing codes in addresses, session cookies."""

from __future__ import annotations

import re

__all__ = ["HIDDEN", "without_credentials"]

HIDDEN = "***"
# scheme://user:password@ – up to the last @ of the word, because a password may hold / and @ itself.
_CREDENTIALS = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://)[^\s\"'<>]*@")
_SECRET_WORDS = "pass|pwd|secret|token|key|credential"
_VALUES = re.compile(
    rf"(?P<name>[?&](?:[^=&\s]*(?:{_SECRET_WORDS})[^=&\s]*|code)=|\bmirror_session=)[^&;\s]*",
    re.IGNORECASE,
)


def without_credentials(text: str) -> str:
    """A text with HIDDEN in place of all that lets somebody in, in URLs, their queries and cookies."""
    text = _CREDENTIALS.sub(rf"\g<scheme>{HIDDEN}@", text)
    return _VALUES.sub(rf"\g<name>{HIDDEN}", text)
