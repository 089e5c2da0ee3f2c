"""Where stored faces are kept unless somebody says otherwise: the XDG state folder."""

from __future__ import annotations

from pathlib import Path

from mirror_core.store.places import private_folder, state_folder

__all__ = ["default_database", "default_pictures", "private_folder", "state_folder"]


def default_database() -> Path:
    """The SQLite file of stored faces."""
    return state_folder() / "gallery" / "faces.sqlite"


def default_pictures() -> Path:
    """The folder of their pictures."""
    return state_folder() / "gallery" / "pictures"
