"""The gallery's database."""

from __future__ import annotations

from mirror_core.store import database
from mirror_core.store.database import changed_rows
from mirror_gallery.locations import default_database
from mirror_gallery.store.schema import GALLERY

__all__ = ["Database", "changed_rows"]


class Database(database.Database):
    """A gallery's database, made and migrated where necessary.

    Args:
        url: `sqlite:///` and a path, `postgresql://user:password@host/name`, a plain path, or empty for
            the default file.

    Raises:
        UsageError, StoreError: as of `mirror_core.store.database.Database`.
    """

    def __init__(self, url: str = "") -> None:
        super().__init__(url, GALLERY, default_database())
