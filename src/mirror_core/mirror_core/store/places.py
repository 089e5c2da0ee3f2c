"""Where the mirror keeps what outlives it: the XDG state folder, for this user alone."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["private_folder", "state_folder"]

PRIVATE = 0o700


def state_folder() -> Path:
    """The mirror's own folder: `mirror` in `$XDG_STATE_HOME`, or else in `~/.local/state`."""
    state = os.environ.get("XDG_STATE_HOME", "")
    root = Path(state) if state.startswith("/") else Path.home() / ".local" / "state"
    return root / "mirror"


def private_folder(folder: Path) -> None:
    """Make a folder, with those above it, that nobody else may look into; existing ones stay as they are.

    Raises:
        OSError: if it cannot be made.
    """
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in reversed(missing):
        path.mkdir(PRIVATE, exist_ok=True)
    if not folder.is_dir():
        raise NotADirectoryError(20, "Not a directory", str(folder))
