"""Keeps faces and pictures in step: no power cut leaves a face without pictures, or pictures for ever.

The picture store and the database cannot be changed in one transaction. So the database keeps a journal of
the pictures that may lie there without a face:

    storing:   journal "writing" → pictures → one transaction: journal entry out, face in
    erasing:   one transaction: face out, journal "erasing" in → pictures gone → journal entry out

Whatever is cut off in between is found in the journal. `sweep` finishes what was being erased at once, and
what was being written when that cannot be going on any more. A writer whose entry was swept meanwhile finds
it gone and fails; so a sweep is safe beside any number of mirrors at one database. It removes only what
this database knows, never what else lies in the same folder or bucket.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from mirror_core.errors import MirrorError, StoreError
from mirror_gallery.consent import Clock
from mirror_gallery.store.database import Database, changed_rows
from mirror_gallery.store.models import FaceRow, PendingRow, PendingState
from mirror_gallery.store.pictures import Pictures

__all__ = ["WRITING_AT_MOST", "Journal"]

logger = logging.getLogger("mirror.gallery")

WRITING_AT_MOST = timedelta(minutes=10)  # storing pictures takes seconds, also where the network is slow


class Journal:
    """The journal of one database and its picture store."""

    def __init__(self, database: Database, pictures: Pictures, clock: Clock) -> None:
        self._database = database
        self._pictures = pictures
        self._clock = clock

    @contextlib.contextmanager
    def writing(self, key: str, data: bytes) -> Iterator[None]:
        """Store pictures; inside, a transaction has to call `written` and add their face.

        Whatever fails in here or inside leaves nothing behind, or, if the stores cannot be reached any more,
        leaves it to a later sweep.
        """
        with self._database.write() as session:
            session.add(PendingRow(key=key, state=PendingState.WRITING, since=self._clock()))
        try:
            self._pictures.write(key, data)
            yield
        except BaseException:
            with contextlib.suppress(MirrorError):  # the first error is the one to tell
                self._discard(key)
            raise

    def written(self, session: Session, key: str) -> None:
        """Take the pictures' entry out, in the transaction that adds their face.

        Raises:
            StoreError: if another mirror has taken the writing for dead and swept it.
        """
        entry = delete(PendingRow).where(PendingRow.key == key, PendingRow.state == PendingState.WRITING)
        if changed_rows(session, entry) != 1:
            minutes = WRITING_AT_MOST.seconds // 60
            raise StoreError(
                f"Storing the face took longer than {minutes} minutes and was given up; try again."
            )

    def erasing(self, session: Session, key: str) -> None:
        """Note, in the transaction that removes a face, that its pictures are to go."""
        session.add(PendingRow(key=key, state=PendingState.ERASING, since=self._clock()))

    def finish(self, key: str) -> None:
        """Remove the pictures of an entry that is being erased, then the entry.

        Raises:
            StoreError: if that cannot be done now; the entry stays for the next sweep.
        """
        self._pictures.delete(key)
        with self._database.write() as session:
            session.execute(
                delete(PendingRow).where(PendingRow.key == key, PendingRow.state == PendingState.ERASING)
            )

    def sweep(self) -> int:
        """Remove the pictures that interrupted captures and erasures have left.

        Returns:
            Of how many faces. What cannot be removed now stays in the journal, and a warning is logged.
        """
        with self._database.read() as session:
            if not self._due(session):
                return 0
        with self._database.write() as session:
            session.execute(
                update(PendingRow)
                .where(PendingRow.state == PendingState.WRITING, PendingRow.since < self._oldest())
                .values(state=PendingState.ERASING)
            )
            keys = session.scalars(
                select(PendingRow.key).where(PendingRow.state == PendingState.ERASING)
            ).all()
        for done, key in enumerate(keys):
            try:
                self.finish(key)
            except StoreError as error:
                logger.warning(
                    "Pictures of %d erased faces are still to be removed: %s", len(keys) - done, error
                )
                return done
        return len(keys)

    def _due(self, session: Session) -> bool:
        erasing = select(PendingRow.key).where(PendingRow.state == PendingState.ERASING)
        writing = select(PendingRow.key).where(PendingRow.since < self._oldest())
        return session.scalar(erasing.union(writing).limit(1)) is not None

    def _oldest(self) -> datetime:
        return self._clock() - WRITING_AT_MOST

    def _discard(self, key: str) -> None:
        """Take back what was written, unless its face is stored (a commit whose answer got lost)."""
        with self._database.write() as session:
            if session.scalar(select(FaceRow.id).where(FaceRow.pictures == key)) is not None:
                return
            session.merge(PendingRow(key=key, state=PendingState.ERASING, since=self._clock()))
        self.finish(key)
