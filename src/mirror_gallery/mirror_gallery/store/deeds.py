"""What a store of faces tells the audit log, and what it removes when it is no longer to be kept."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from mirror_core.errors import StoreError
from mirror_core.store.audit import AuditLog, Event
from mirror_core.store.copies import remove_old_copies
from mirror_gallery.consent import Consent
from mirror_gallery.store.database import Database

__all__ = ["Deeds"]

logger = logging.getLogger("mirror.gallery")


class Deeds:
    """Notes what is done with faces.

    Args:
        audit: the log; None: nothing is noted.
        way: by what way it is done where nothing else is said, see `AuditEntry`.
    """

    def __init__(self, audit: AuditLog | None, way: str) -> None:
        self._audit, self._way = audit, way

    def note(self, event: Event, face_id: str, way: str = "", **details: str | int | bool) -> None:
        """Note something, see `AuditLog.note`."""
        if self._audit is not None:
            self._audit.note(event, face_id, way or self._way, **details)

    def agreed(self, event: Event, face_id: str, consent: Consent, way: str = "", **details: int) -> None:
        """Note something to which a person has agreed, with what they agreed to."""
        words: dict[str, Any] = {
            "consent": consent.scope.value,
            "others_may_wear": consent.others_may_wear,
            "recognise": consent.recognise,
        }
        if consent.until is not None:
            words["until"] = consent.until.isoformat(timespec="seconds")
        self.note(event, face_id, way, **details, **words)

    def erased(self, face_ids: Iterable[str], way: str = "") -> None:
        """Note that faces are gone."""
        for face_id in face_ids:
            self.note(Event.ERASED, face_id, way)

    def remove_old(self, database: Database) -> None:
        """Remove what is kept for a while only: months of the log, copies from before a migration."""
        try:
            if self._audit is not None:
                self._audit.prune()
            if database.file is not None:
                remove_old_copies(database.file)
        except StoreError as error:
            logger.warning("What is no longer to be kept is still there: %s", error)
