"""Small files of the state folder: for this user alone from their first byte on, and replaced as a whole."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from mirror_core.store.places import private_folder

__all__ = ["PRIVATE_MODE", "write_private"]

PRIVATE_MODE = 0o600


def write_private(path: Path, content: bytes) -> None:
    """Put a file in place of the one that is there, or leave that one as it is.

    Raises:
        OSError: if it cannot be written.
    """
    private_folder(path.parent)
    temporary = path.with_name(f".{path.name}.new")
    try:
        # An old one may have a mode or an owner of its own; a link at this place is not followed either.
        temporary.unlink(missing_ok=True)
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_MODE), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # else a power cut may leave the new name without its content
        temporary.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
