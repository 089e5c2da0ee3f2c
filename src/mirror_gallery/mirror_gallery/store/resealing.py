"""Encrypts a store anew with its newest key, face by face, beside mirrors that go on working.

A face's pictures are written under a new key of the picture store, and the face's row then points to them,
in the same way as a new face is stored (`mirror_gallery.store.journal`): whatever is cut off in between, the
face has the old pictures or the new ones, and the others are removed.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import select, update

from mirror_core.errors import MirrorError, StoreError, UsageError
from mirror_core.store.keys import FILE_VARIABLE
from mirror_core.store.sealing import SealedObjects, Sealer, sealed_with
from mirror_gallery.portrait_file import SUFFIX
from mirror_gallery.store.database import Database, changed_rows
from mirror_gallery.store.derived import derived_name
from mirror_gallery.store.journal import Journal
from mirror_gallery.store.models import DerivedRow, FaceRow, ThumbnailRow

__all__ = ["Resealed", "Resealer", "thumbnail_name"]

logger = logging.getLogger("mirror.gallery")

TOKEN_DIGITS = 8  # tell the new pictures' key from the old ones'


def thumbnail_name(face_id: str) -> str:
    """Under which a face's thumbnail is sealed."""
    return f"{face_id}/thumbnail"


@dataclass(frozen=True, slots=True)
class Resealed:
    """What was encrypted anew.

    Attributes:
        faces: whose pictures were written anew.
        current: whose pictures had the newest key already.
        details: thumbnails, embeddings and baselines that were written anew.
        failed: faces that could not be read, with the first reason; they stay as they are.
        reason: of the first of them.
    """

    faces: int = 0
    current: int = 0
    details: int = 0
    failed: int = 0
    reason: str = ""


class Resealer:
    """Encrypts one store anew; see `FaceStore`."""

    def __init__(self, database: Database, pictures: SealedObjects, journal: Journal, sealer: Sealer) -> None:
        self._database = database
        self._pictures = pictures
        self._journal = journal
        self._sealer = sealer
        self._is_told = False

    def opened_thumbnails(self, found: Mapping[str, bytes]) -> dict[str, bytes]:
        """Thumbnails as JPEG; those that cannot be opened are left out, with one warning."""
        opened = {}
        for face_id, data in found.items():
            try:
                opened[face_id] = self._sealer.open(data, thumbnail_name(face_id), "A thumbnail")
            except StoreError as error:
                if not self._is_told:
                    logger.warning("Thumbnails are left out: %s", error)
                self._is_told = True
        return opened

    def missing_key(self) -> str:
        """See `FaceStore.missing_key`; one face stands for all."""
        with self._database.read() as session:
            found = session.execute(select(ThumbnailRow.face_id, ThumbnailRow.jpeg).limit(1)).first()
        if found is None:
            return ""
        try:
            self._sealer.open(found.jpeg, thumbnail_name(found.face_id), "The stored faces' data")
        except MirrorError as error:
            return str(error)
        return ""

    def reseal(self) -> Resealed:
        """See `FaceStore.reseal`."""
        newest = self._sealer.key_id
        if not newest:
            raise UsageError(
                f"No key is set; make one with `mirror keys make` and name its file in ${FILE_VARIABLE}."
            )
        with self._database.read() as session:
            faces = session.execute(select(FaceRow.id, FaceRow.pictures).order_by(FaceRow.id)).all()
        done = current = details = failed = 0
        reason = ""
        for face_id, key in faces:
            try:
                details += self._reseal_details(face_id, newest)
                if self._reseal_pictures(face_id, key, newest):
                    done += 1
                else:
                    current += 1
            except StoreError as error:
                failed += 1
                reason = reason or str(error)
        return Resealed(done, current, details, failed, reason)

    def _reseal_pictures(self, face_id: str, key: str, newest: str) -> bool:
        """Whether a face's pictures were written anew."""
        if self._pictures.sealed_with(key) == newest:
            return False
        data = self._pictures.read(key)
        if data is None:
            raise StoreError(f"Pictures of a face are missing from {self._pictures.name}.")
        fresh = f"{face_id}-{uuid4().hex[:TOKEN_DIGITS]}{SUFFIX}"
        try:
            with self._journal.writing(fresh, data), self._database.write() as session:
                self._journal.written(session, fresh)
                is_same = (FaceRow.id == face_id, FaceRow.pictures == key)
                if not changed_rows(session, update(FaceRow).where(*is_same).values(pictures=fresh)):
                    raise _GoneError  # erased meanwhile; what was written is taken back
                self._journal.erasing(session, key)
        except _GoneError:
            return False
        try:
            self._journal.finish(key)
        except StoreError as error:
            logger.warning("Pictures without the newest key are still to be removed: %s", error)
        return True

    def _reseal_details(self, face_id: str, newest: str) -> int:
        """How many of a face's thumbnails and derived data were written anew."""
        changed = 0
        with self._database.write() as session:
            thumbnail = session.get(ThumbnailRow, face_id)
            if thumbnail is not None and sealed_with(thumbnail.jpeg) != newest:
                name = thumbnail_name(face_id)
                plain = self._sealer.open(thumbnail.jpeg, name, "A thumbnail")
                thumbnail.jpeg = self._sealer.seal(plain, name)
                changed += 1
            for row in session.scalars(select(DerivedRow).where(DerivedRow.face_id == face_id)):
                if sealed_with(row.data) != newest:
                    name = derived_name(face_id, row.kind)
                    row.data = self._sealer.seal(
                        self._sealer.open(row.data, name, f"An entry {row.kind!r}"), name
                    )
                    changed += 1
        return changed


class _GoneError(Exception):
    """The face was erased while its pictures were written anew."""
