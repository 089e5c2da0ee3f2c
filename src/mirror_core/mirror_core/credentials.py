"""Hides user names and passwords in addresses."""

from __future__ import annotations

import re

__all__ = ["HIDDEN", "without_credentials"]

HIDDEN = "***"
# scheme://user:password@ – up to the last @ of the word, because a password may hold / and @ itself.
_CREDENTIALS = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://)[^\s\"'<>]*@")


def without_credentials(text: str) -> str:
    """A text whose URLs have HIDDEN in place of user name and password."""
    return _CREDENTIALS.sub(rf"\g<scheme>{HIDDEN}@", text)
