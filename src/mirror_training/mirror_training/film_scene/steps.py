"""Steps of a long work, each of which is done once and goes on where it was ended."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mirror_core.errors import UsageError

__all__ = ["Steps"]

STATE_FILE = "state.json"
VERSION = 1  # of the steps' results: with another one everything is made anew


class Steps:
    """The steps of one work folder; `state.json` in it says which are done, and with what settings.

    A step's key is made of its settings and of the step's before it: where something changes, this step and
    all after it are made anew. A step that was ended finds its folder as it left it.

    Args:
        folder: the work folder; made if it is not there.

    Raises:
        UsageError: where the folder cannot be written to, or its state is damaged.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file = folder / STATE_FILE
        self._key = str(VERSION)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            text = self._file.read_text(encoding="utf-8") if self._file.exists() else "{}"
            self._state: dict[str, dict[str, Any]] = json.loads(text)
            if not isinstance(self._state, dict):
                raise ValueError("no table")
        except OSError as error:
            raise UsageError(f"{folder} cannot be used to work in: {error.strerror or error}.") from error
        except ValueError as error:
            raise UsageError(f"{self._file} is damaged: remove {folder} and begin anew.") from error

    def keyed(self, name: str, settings: Mapping[str, Any]) -> str:
        """The key of a step that would follow now, eight letters."""
        return self._next_key(name, settings)[:8]

    def run(
        self, name: str, settings: Mapping[str, Any], work: Callable[[Path], Mapping[str, Any]]
    ) -> dict[str, Any]:
        """Do a step, unless it is done.

        Args:
            name: of the step and of its folder.
            settings: all that its result depends on beside the steps before it; as JSON holds it.
            work: does it in the folder that it is given, and returns facts, as JSON holds them.

        Returns:
            the facts.
        """
        self._key = self._next_key(name, settings)
        folder = self.folder / name
        entry = self._state.get(name, {})
        if entry.get("key") == self._key and entry.get("done") and folder.is_dir():
            facts: dict[str, Any] = entry["facts"]
            return facts
        if entry.get("key") != self._key:
            shutil.rmtree(folder, ignore_errors=True)
        self._note(name, {"key": self._key, "done": False})
        folder.mkdir(exist_ok=True)
        done = dict(work(folder))
        self._note(name, {"key": self._key, "done": True, "facts": done})
        return done

    def _next_key(self, name: str, settings: Mapping[str, Any]) -> str:
        text = json.dumps([self._key, name, settings], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def _note(self, name: str, entry: dict[str, Any]) -> None:
        self._state[name] = entry
        partial = self._file.with_suffix(".partial")
        partial.write_text(json.dumps(self._state, indent=1) + "\n", encoding="utf-8")
        partial.replace(self._file)
