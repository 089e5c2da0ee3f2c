"""Erasing faces for good: their rows, what was derived from them, their pictures, and the traces of that."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from sqlalchemy import ColumnElement, delete, select

from mirror_core.errors import StoreError
from mirror_gallery.store.database import Database, changed_rows
from mirror_gallery.store.journal import Journal
from mirror_gallery.store.models import FaceRow, ThumbnailRow
from mirror_gallery.store.rows import ID, count_change, counted, purge_derived

__all__ = ["Eraser"]

logger = logging.getLogger("mirror.gallery")


class Eraser:
    """Erases faces of one database.

    Args:
        database: with their rows.
        pictures: name of the store of their pictures.
        journal: keeps the pictures in step with the rows.
    """

    def __init__(self, database: Database, pictures: str, journal: Journal) -> None:
        self._database = database
        self._pictures = pictures
        self._journal = journal
        self._is_scrubbed = False  # whoever used the database before may have been cut off

    def erase(
        self, face_ids: Iterable[str], where: ColumnElement[bool] | None = None
    ) -> dict[str, tuple[str, ...]]:
        """Erase those of some faces for which a condition holds, looked at when they are erased.

        Returns:
            What was purged, by id.

        Raises:
            StoreError: if the database cannot be written before anything is erased. If it fails later, what
                is erased already is told, and a warning logged.
        """
        purged: dict[str, tuple[str, ...]] = {}
        for face_id in face_ids:
            try:
                found = self._erase(face_id, where)
            except StoreError as error:
                if not purged:
                    raise
                logger.warning("Not all faces could be erased now, the rest follows: %s", error)
                break
            if found is not None:
                purged[face_id] = found
        if purged:
            self.scrub()
        return purged

    def sweep(self) -> int:
        """Remove the pictures that interrupted captures and erasures have left; returns of how many faces.

        Raises:
            StoreError: if the database cannot be read or written.
        """
        swept = self._journal.sweep()
        if swept or not self._is_scrubbed:
            self.scrub(patient=False)
        return swept

    def scrub(self, patient: bool = True) -> None:
        """Remove the traces of erased rows, or leave that to the next sweep."""
        try:
            self._is_scrubbed = self._database.scrub(patient)
        except StoreError as error:
            self._is_scrubbed = False
            logger.warning("Traces of erased faces are still to be removed: %s", error)

    def _erase(self, face_id: str, where: ColumnElement[bool] | None) -> tuple[str, ...] | None:
        if not ID.fullmatch(face_id):
            return None
        chosen = select(FaceRow).where(FaceRow.id == face_id).with_for_update()
        if where is not None:
            chosen = chosen.where(where)
        with self._database.write() as session:
            row = session.scalar(chosen)
            if row is None:
                return None
            derived = purge_derived(session, face_id)
            thumbnails = changed_rows(session, delete(ThumbnailRow).where(ThumbnailRow.face_id == face_id))
            session.execute(delete(FaceRow).where(FaceRow.id == face_id))
            self._journal.erasing(session, row.pictures)
            count_change(session)
        pictures = counted(row.views, "picture")
        try:
            self._journal.finish(row.pictures)
        except StoreError as error:
            logger.warning("A face is erased, but its pictures are still to be removed: %s", error)
            pictures += f" (as soon as {self._pictures} can be reached: they could not be removed yet)"
        return (pictures, counted(thumbnails, "thumbnail"), *derived, "name and consent")
