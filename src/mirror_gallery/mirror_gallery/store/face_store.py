"""The gallery of stored faces: a database with names, consents and thumbnails, and a store of pictures."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterable
from datetime import datetime
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from mirror_core.errors import StoreError, UsageError
from mirror_core.store.audit import AuditLog, Event
from mirror_core.store.sealing import Sealer
from mirror_gallery.consent import Clock, Consent, Scope, as_utc, utc_now
from mirror_gallery.face_names import checked_name, folded
from mirror_gallery.portrait import Portrait
from mirror_gallery.portrait_file import SUFFIX, decode, encode, relabelled
from mirror_gallery.store.database import Database, changed_rows
from mirror_gallery.store.deeds import Deeds
from mirror_gallery.store.derived import DerivedData
from mirror_gallery.store.entry import Entry
from mirror_gallery.store.erasure import Eraser
from mirror_gallery.store.journal import Journal
from mirror_gallery.store.models import MIRROR_LENGTH, FaceRow, RevisionRow, ThumbnailRow
from mirror_gallery.store.pictures import open_sealed_pictures
from mirror_gallery.store.resealing import Resealed, Resealer, thumbnail_name
from mirror_gallery.store.rows import (
    ID,
    LONGEST_VISIT,
    MOST_ROWS,
    consent_columns,
    count_change,
    entry_of,
    is_text,
    known,
    no_such_face,
    purge_derived,
)
from mirror_gallery.thumbnail import thumbnail_jpeg

__all__ = ["LONGEST_VISIT", "FaceStore"]

logger = logging.getLogger("mirror.gallery")

NAMELESS = "face"  # stands in the stored pictures' manifest; names and consents are only in the database
MOST_AT_ONCE = 500  # ids in one question to the database


class FaceStore:
    """Stored faces. Any number of threads, processes and mirrors may use one at the same time.

    A face is there with all that belongs to it, or not at all, whenever the power fails.

    Args:
        database_url: see `Database`; empty for the default SQLite file.
        pictures_url: see `open_pictures`; empty for the default folder.
        mirror: name of this mirror, noted with the faces it stores; empty for the host's name.
        clock: returns the present moment.
        sealer: encrypts pictures, thumbnails and derived data; None: with the environment's keys, if any.
        audit: notes what is done; None: nobody does.
        way: by what way that is, see `AuditEntry`.

    Attributes:
        deeds: notes what is done.

    Raises:
        UsageError: if a URL, or the environment's keys, are not understood.
        StoreError: if the database cannot be opened; also every method, if the database or the pictures
            cannot be read or written. A failed method has changed nothing.
    """

    def __init__(
        self,
        database_url: str = "",
        pictures_url: str = "",
        *,
        mirror: str = "",
        clock: Clock = utc_now,
        sealer: Sealer | None = None,
        audit: AuditLog | None = None,
        way: str = "mirror",
    ) -> None:
        self.mirror = (mirror or socket.gethostname())[:MIRROR_LENGTH]
        self._clock = clock
        self.deeds = Deeds(audit, way)
        self._sealer = Sealer() if sealer is None else sealer
        self._pictures = open_sealed_pictures(pictures_url, self._sealer)
        self._database = Database(database_url)
        self._journal = Journal(self._database, self._pictures, clock)
        self._derived = DerivedData(self._database, self._sealer)
        self._eraser = Eraser(self._database, self._pictures.name, self._journal)
        self._resealer = Resealer(self._database, self._pictures, self._journal, self._sealer)
        try:
            self._eraser.sweep()
        except StoreError as error:  # what was left over can wait
            logger.warning("Traces of erased faces are still to be removed: %s", error)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def database(self) -> Database:
        """The database below, for maintenance and measurements."""
        return self._database

    @property
    def place(self) -> str:
        """Where the faces are kept, for people, without passwords."""
        return f"{self._database.name}, pictures in {self._pictures.name}"

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    # ---- storing

    def add(self, portrait: Portrait, consent: Consent, way: str = "") -> str:
        """Store a face under a new id.

        Args:
            portrait: its id and `preset` do not count.
            consent: of the person; it must last into the future.
            way: by what way, for the audit log; empty: the store's.

        Returns:
            Its id.

        Raises:
            UsageError: if the consent has expired, or name or pictures are not allowed.
        """
        now = self._clock()
        face_id = uuid4().hex
        nameless = Portrait(face_id, NAMELESS, portrait.views)
        named = Portrait(face_id, portrait.name, portrait.views)
        return self._store(named, consent, encode(nameless, now, None), now, way)

    def import_(self, data: bytes, consent: Consent, name: str = "") -> str:
        """Store the face of a `.mirrorface` file under a new id; its pictures stay bit for bit the same.

        Args:
            data: of the file, from anywhere.
            consent: of the person, given here and now; the one in the file does not count.
            name: empty for the name in the file.

        Returns:
            Its id.

        Raises:
            UsageError: if it is not a face file, or as in `add`.
        """
        found = decode(data)
        face_id = uuid4().hex
        created = min(found.created, self._clock())
        portrait = Portrait(face_id, name or found.portrait.name, found.portrait.views)
        return self._store(portrait, consent, relabelled(data, face_id, NAMELESS, created, None), created)

    def _store(
        self,
        portrait: Portrait,
        consent: Consent,
        data: bytes,
        created: datetime,
        way: str = "",
    ) -> str:
        now = self._clock()
        consent.require_current(now)
        name, face_id = checked_name(portrait.name), portrait.id
        key = face_id + SUFFIX
        row = FaceRow(
            id=face_id,
            name=name,
            folded=folded(name),
            created=created,
            **consent_columns(consent, now),
            mirror=self.mirror,
            views=len(portrait.views),
            pictures=key,
        )
        jpeg = self._sealer.seal(thumbnail_jpeg(portrait.views[0]), thumbnail_name(face_id))
        thumbnail = ThumbnailRow(face_id=face_id, jpeg=jpeg)
        with self._journal.writing(key, data), self._database.write() as session:
            self._journal.written(session, key)
            session.add(row)
            session.flush()  # before what refers to it
            session.add(thumbnail)
            count_change(session)
        self.deeds.agreed(Event.STORED, face_id, consent, way, views=len(portrait.views))
        return face_id

    # ---- reading

    def get(self, face_id: str) -> Portrait:
        """A stored face with its pictures.

        Raises:
            UsageError: if there is none with this id.
            StoreError: if its pictures are missing or damaged.
        """
        row, data = self._row_and_pictures(face_id)
        try:
            return Portrait(row.id, row.name, decode(data).portrait.views)
        except UsageError as error:
            raise StoreError(
                f"The pictures of {row.name!r} in {self._pictures.name} are damaged; restore them from a "
                "backup, or erase the face."
            ) from error

    def export(self, face_id: str) -> bytes:
        """A stored face as a `.mirrorface` file, with its name and consent.

        Raises:
            UsageError, StoreError: as `get`.
        """
        row, data = self._row_and_pictures(face_id)
        try:
            return relabelled(data, row.id, row.name, row.created, row.consent)
        except UsageError as error:
            raise StoreError(f"The pictures of {row.name!r} in {self._pictures.name} are damaged.") from error

    def entry(self, face_id: str) -> Entry:
        """What a list shows of one face.

        Raises:
            UsageError: if there is none with this id.
        """
        return entry_of(self._row(face_id))

    def entries(self, name_contains: str = "", offset: int = 0, limit: int = 0) -> tuple[list[Entry], int]:
        """A page of the faces whose names contain a text, by name (without regard to case), then by id.

        Args:
            name_contains: empty for all faces.
            offset: of the page's first face.
            limit: how many at most; 0 for all that follow.

        Returns:
            The page, and how many there are in all.
        """
        if offset < 0 or limit < 0:
            raise UsageError(
                f"A page starts at 0 or later and has 0 faces or more, not {offset} and {limit}."
            )
        chosen: list[ColumnElement[bool]] = []
        if name_contains:
            wanted = folded(name_contains)
            if not is_text(wanted):
                return [], 0
            chosen.append(FaceRow.folded.contains(wanted, autoescape=True))
        page = (
            select(FaceRow)
            .where(*chosen)
            .order_by(FaceRow.folded, FaceRow.id)
            .offset(min(offset, MOST_ROWS))
            .limit(min(limit, MOST_ROWS) or MOST_ROWS)
        )
        with self._database.read() as session:
            total = session.scalar(select(func.count()).select_from(FaceRow).where(*chosen)) or 0
            return [entry_of(row) for row in session.scalars(page)], total

    def thumbnail(self, face_id: str) -> bytes:
        """A small JPEG of a face, 160 × 160 px.

        Raises:
            UsageError: if there is none with this id.
        """
        found = self.thumbnails([face_id])
        if face_id not in found:
            raise no_such_face(face_id)
        return found[face_id]

    def thumbnails(self, face_ids: Iterable[str]) -> dict[str, bytes]:
        """The thumbnails of many faces by id; those of unknown ids, and without their key, are left out."""
        wanted = [face_id for face_id in face_ids if ID.fullmatch(face_id)]
        columns = select(ThumbnailRow.face_id, ThumbnailRow.jpeg)
        found: dict[str, bytes] = {}
        with self._database.read() as session:
            for start in range(0, len(wanted), MOST_AT_ONCE):
                part = wanted[start : start + MOST_AT_ONCE]
                found.update(session.execute(columns.where(ThumbnailRow.face_id.in_(part))).all())
        return self._resealer.opened_thumbnails(found)

    def revision(self) -> int:
        """A number that grows with every change of the stored faces, by whichever mirror."""
        with self._database.read() as session:
            return session.scalar(select(RevisionRow.number)) or 0

    def visits(self) -> list[str]:
        """The ids of the faces that this mirror stored for a visit; to be ended when it starts anew."""
        chosen = select(FaceRow.id).where(
            FaceRow.scope == Scope.THIS_VISIT.value, FaceRow.mirror == self.mirror
        )
        with self._database.read() as session:
            return list(session.scalars(chosen))

    # ---- changing

    def rename(self, face_id: str, name: str) -> None:
        """Give a face another name.

        Raises:
            UsageError: if there is none with this id, or the name is not allowed.
        """
        tidy = checked_name(name)
        self._update(face_id, name=tidy, folded=folded(tidy))
        self.deeds.note(Event.RENAMED, face_id)

    def change_consent(self, face_id: str, consent: Consent) -> tuple[str, ...]:
        """Note that a person has agreed to something else. A face that may not be recognised any more loses
        its derived data.

        Returns:
            What was purged, e.g. ("1 embedding",).

        Raises:
            UsageError: if there is no face with this id, or the consent has expired.
        """
        now = self._clock()
        consent.require_current(now)
        purged: list[str] = []
        with self._database.write() as session:
            self._update_in(session, face_id, **consent_columns(consent, now))
            if not consent.recognise:
                purged += purge_derived(session, face_id)
        if purged:
            self._eraser.scrub()
        self.deeds.agreed(Event.CONSENT, face_id, consent, purged=len(purged))
        return tuple(purged)

    def _update(self, face_id: str, **columns: Any) -> None:
        with self._database.write() as session:
            self._update_in(session, face_id, **columns)

    def _update_in(self, session: Session, face_id: str, **columns: Any) -> None:
        if not changed_rows(session, update(FaceRow).where(FaceRow.id == known(face_id)).values(**columns)):
            raise no_such_face(face_id)
        count_change(session)

    # ---- derived data

    def put_derived(self, face_id: str, kind: str, data: bytes) -> None:
        """Keep something computed from a person's pictures; it is erased with the face.

        Args:
            face_id: whose.
            kind: a lower-case word or two, e.g. "embedding"; there is one of each kind, the newest.
            data: what it is.

        Raises:
            UsageError: if there is no such face, or the person did not agree to be recognised.
        """
        self._derived.put(face_id, kind, data)

    def get_derived(self, face_id: str, kind: str) -> bytes | None:
        """What was kept of one kind; None if there is none, or no such face."""
        return self._derived.get(face_id, kind)

    def derived_of_kind(self, kind: str) -> dict[str, bytes]:
        """What was kept of one kind, by face id."""
        return self._derived.of_kind(kind)

    # ---- erasing

    def erase(self, face_id: str) -> tuple[str, ...]:
        """Erase a face with everything derived from it.

        Returns:
            What was purged, e.g. ("3 pictures", "1 thumbnail", "1 embedding", "name and consent").

        Raises:
            UsageError: if there is none with this id.
        """
        found = self._eraser.erase([face_id])
        if face_id not in found:
            raise no_such_face(face_id)
        self.deeds.erased(found)
        return found[face_id]

    def erase_expired(self, now: datetime | None = None) -> dict[str, tuple[str, ...]]:
        """Erase the faces whose consent has expired, and finish what interrupted captures and erasures left;
        also remove old months of the audit log and old copies of the database.

        To be called at the start and then every minute or so.

        Args:
            now: the present moment; None for the clock's.

        Returns:
            What was purged, by id.
        """
        moment = self._clock() if now is None else as_utc(now, "The present moment")
        expired = FaceRow.expires <= moment
        with self._database.read() as session:
            face_ids = session.scalars(select(FaceRow.id).where(expired)).all()
        purged = self._eraser.erase(face_ids, expired)
        self.deeds.erased(purged, "expiry")
        self._eraser.sweep()
        self.deeds.remove_old(self._database)
        return purged

    def end_visits(self, face_ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Erase those of some faces whose consent was for the visit that is over now.

        Returns:
            What was purged, by id; faces with another consent and unknown ones are left out.
        """
        purged = self._eraser.erase(face_ids, FaceRow.scope == Scope.THIS_VISIT.value)
        self.deeds.erased(purged, "visit")
        return purged

    # ---- encryption

    def missing_key(self) -> str:
        """Why stored faces cannot be looked at, where their key is not set; empty if they can."""
        return self._resealer.missing_key()

    def reseal(self) -> Resealed:
        """Encrypt everything with the newest key, also what was not encrypted.

        Returns:
            What was done.

        Raises:
            UsageError: if no key is set.
            StoreError: as every method; what was encrypted anew by then stays so, and all can be read.
        """
        done = self._resealer.reseal()
        self._eraser.scrub()
        self.deeds.note(Event.REKEYED, "", faces=done.faces, failed=done.failed)
        return done

    def sweep(self) -> int:
        """Remove the pictures that interrupted captures and erasures have left.

        Returns:
            Of how many faces.
        """
        return self._eraser.sweep()

    # ---- rows

    def _row(self, face_id: str) -> FaceRow:
        with self._database.read() as session:
            row = session.get(FaceRow, known(face_id))
            if row is None:
                raise no_such_face(face_id)
            session.expunge(row)
            return row

    def _row_and_pictures(self, face_id: str) -> tuple[FaceRow, bytes]:
        row = self._row(face_id)
        data = self._pictures.read(row.pictures)
        if data is None:
            self._row(face_id)  # erased in the meantime
            raise StoreError(
                f"The pictures of {row.name!r} are missing from {self._pictures.name}; check that this is "
                "where they were stored, or erase the face."
            )
        return row, data
