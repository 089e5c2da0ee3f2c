"""Where the mirror keeps what outlives it: the XDG state folder, for this user alone; or nothing but memory.

With MIRROR_RAM_FOLDER set (`ram_only:=true`, `mirror_core.store.ram_only`) everything that is written goes
into that folder of /dev/shm, which is memory, and whatever would be kept elsewhere is refused.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path

from mirror_core.errors import UsageError

__all__ = ["RAM_VARIABLE", "private_folder", "ram_folder", "require_allowed", "state_folder"]

PRIVATE = 0o700
RAM_VARIABLE = "MIRROR_RAM_FOLDER"


def ram_folder() -> Path | None:
    """The folder in memory in which everything is kept; None where the disk may be written."""
    folder = os.environ.get(RAM_VARIABLE, "")
    return Path(folder) if folder else None


def state_folder() -> Path:
    """The mirror's own folder: `mirror` in `$XDG_STATE_HOME`, or else in `~/.local/state`."""
    state = os.environ.get("XDG_STATE_HOME", "")
    root = Path(state) if state.startswith("/") else Path.home() / ".local" / "state"
    folder = ram_folder()
    return (root if folder is None else folder / "state") / "mirror"


def require_allowed(path: str | Path | None, what: str) -> None:
    """See that something may be kept at a place, which only RAM-only mode limits.

    Args:
        path: of a file or folder; None for another machine.
        what: is to be kept there, at the beginning of a sentence.

    Raises:
        UsageError: if the mirror is to write nothing but memory and this is elsewhere.
    """
    if ram_folder() is None or (path is not None and _is_in_ram(Path(path))):
        return
    raise UsageError(
        f"{what} is not kept anywhere with ram_only:=true; leave its URL empty, or ram_only out."
    )


def private_folder(folder: Path) -> None:
    """Make a folder, with those above it, that nobody else may look into; existing ones stay as they are.

    Raises:
        OSError: if it cannot be made, or lies outside memory in RAM-only mode.
    """
    if ram_folder() is not None and not _is_in_ram(folder):
        raise OSError(errno.EROFS, "ram_only:=true writes to memory alone", str(folder))
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in reversed(missing):
        path.mkdir(PRIVATE, exist_ok=True)
    if not folder.is_dir():
        raise NotADirectoryError(20, "Not a directory", str(folder))


def _is_in_ram(path: Path) -> bool:
    folder = ram_folder()
    return folder is not None and Path(os.path.normpath(path.expanduser().absolute())).is_relative_to(folder)
