"""What a report must not tell: passwords, keys, the names of people and of this machine's user."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from mirror_core.credentials import HIDDEN, without_credentials

__all__ = ["HIDDEN", "Discretion"]

SECRET = (
    r"(?:pass(?:word|wd|phrase|code)?|pwd|secret|token|credentials?"
    r"|(?:api|access|private|account|mirror)[_-]?key(?:[_-]?id)?)"
)
ASSIGNED = re.compile(
    rf"(?P<key>(?<![A-Za-z])(?:[A-Za-z0-9]+[_.-])*{SECRET}(?:[_.-][A-Za-z0-9]+)*[\"']?\s*(?:=|:=|:(?!//))\s*)"
    r"(?P<value>\"[^\"\n]*\"|'[^'\n]*'|[^\s,;&]+)",
    re.IGNORECASE,
)
SECRET_KEY = re.compile(rf"(?:^|[^A-Za-z]){SECRET}(?:$|[^A-Za-z])", re.IGNORECASE)
AMAZON_KEY = re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b")
PERSONAL_KEYS = ("take", "person", "people", "owner", "user")  # parameters that name somebody
COMMON_LOGINS = ("root", "user", "mirror", "ubuntu", "pi")  # they tell nothing, and are ordinary words
SHORTEST_NAME = 2  # letters; a single one stands everywhere


class Discretion:
    """Hides in texts and configurations what must not leave the machine.

    Args:
        people: names of stored faces.
        home: of the user; becomes ~.
        login, host: names of user and machine.
    """

    def __init__(self, people: Iterable[str] = (), home: str = "", login: str = "", host: str = "") -> None:
        hidden = {name: "(a person)" for name in people if len(name) >= SHORTEST_NAME}
        if login and login.lower() not in COMMON_LOGINS:
            hidden[login] = "(user)"
        if host and host.lower() != "localhost":
            hidden[host] = "(host)"
        self._hidden = {name.lower(): word for name, word in hidden.items()}
        longest_first = sorted(hidden, key=len, reverse=True)
        self._names = (
            re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", re.IGNORECASE)
            if hidden
            else None
        )
        self._home = home.rstrip("/")

    def text(self, text: str) -> str:
        """A text without any of it."""
        text = without_credentials(text)
        text = ASSIGNED.sub(rf"\g<key>{HIDDEN}", text)
        text = AMAZON_KEY.sub(HIDDEN, text)
        if self._home:
            text = re.sub(rf"{re.escape(self._home)}(?![\w.-])", "~", text)
        if self._names is not None:
            text = self._names.sub(lambda found: self._hidden[found.group().lower()], text)
        return text

    def values(self, content: Any, key: str = "") -> Any:
        """A configuration (mappings, sequences and plain values) without any of it."""
        if isinstance(content, Mapping):
            return {self.text(str(name)): self.values(value, str(name)) for name, value in content.items()}
        if isinstance(content, list | tuple):
            return [self.values(value, key) for value in content]
        is_private = SECRET_KEY.search(key) or key.rpartition(".")[2] in PERSONAL_KEYS
        if is_private and content not in ("", None, False, True):
            return HIDDEN
        return self.text(content) if isinstance(content, str) else content
