"""One page at a time works on the jobs of a folder; a locked file says so while its process lives."""

from __future__ import annotations

import fcntl
import logging
import os
from pathlib import Path

from mirror_core.store.places import private_folder

__all__ = ["FolderGuard"]

_log = logging.getLogger(__name__)

FILE = ".lock"


class FolderGuard:
    """Holds a folder for this process.

    Args:
        folder: made, for this user alone, when it is taken.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = -1

    @property
    def is_held(self) -> bool:
        """Whether the folder is this one's."""
        return self._file >= 0

    def take(self) -> bool:
        """Take the folder; False where somebody else has it, or it cannot be used."""
        file = -1
        try:
            private_folder(self._folder)
            file = os.open(self._folder / FILE, os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if file >= 0:
                os.close(file)
            _log.warning("This page does no long work: %s is in use or unusable (%s).", self._folder, error)
            return False
        self._file = file
        return True

    def give_back(self) -> None:
        """Let others have it."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
