"""Erasing all moods that are kept, for the Privacy page."""

from __future__ import annotations

from mirror_core.store.audit import AuditLog, Event
from mirror_core.store.database import MissingStoreError
from mirror_mood.log import erasure
from mirror_mood.log.spool import clean_spools
from mirror_mood.log.store import MoodStore

__all__ = ["erase_log"]


def erase_log(url: str) -> int:
    """Erase the moods of everybody; what was uploaded is taken back by the next upload.

    Args:
        url: of the log; empty for the default one.

    Returns:
        How many seconds of a person were erased; 0 where there is no log.

    Raises:
        StoreError: if the log cannot be written; nothing is erased then.
    """
    try:
        with MoodStore(url, must_exist=True) as store:
            found = erasure.erase(store, None)
            clean_spools(store.database)
    except MissingStoreError:
        return 0
    AuditLog().note(Event.MOODS_ERASED, way="page", seconds=found.rows)
    return found.rows
