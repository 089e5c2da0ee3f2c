"""What is computed from a person's pictures and kept, if they agreed: embeddings, neutral baselines."""

from __future__ import annotations

import re

from sqlalchemy import select

from mirror_core.errors import UsageError
from mirror_core.store.sealing import Sealer
from mirror_gallery.store.database import Database
from mirror_gallery.store.models import DerivedRow, FaceRow
from mirror_gallery.store.rows import ID, known, no_such_face

__all__ = ["DerivedData", "derived_name"]

KIND = re.compile(r"[a-z][a-z0-9 _-]{0,63}", re.ASCII)


def derived_name(face_id: str, kind: str) -> str:
    """Under which something derived from a face is sealed."""
    return f"{face_id}/{kind}"


class DerivedData:
    """Derived data of the faces of one database; `FaceStore` says what the methods do.

    Args:
        database: with the rows.
        sealer: encrypts what is kept.
    """

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    def put(self, face_id: str, kind: str, data: bytes) -> None:
        """See `FaceStore.put_derived`."""
        if not KIND.fullmatch(kind):
            raise UsageError(f"A kind of derived data is a lower-case word, not {kind[:64]!r}.")
        with self._database.write() as session:
            # locked, so that the consent cannot be withdrawn in between
            row = session.get(FaceRow, known(face_id), with_for_update=True)
            if row is None:
                raise no_such_face(face_id)
            if not row.recognise:
                raise UsageError(
                    f"{row.name!r} has not agreed to be recognised, so no {kind} is kept; ask for that "
                    "consent first."
                )
            sealed = self._sealer.seal(data, derived_name(face_id, kind))
            session.merge(DerivedRow(face_id=face_id, kind=kind, data=sealed))

    def get(self, face_id: str, kind: str) -> bytes | None:
        """See `FaceStore.get_derived`."""
        if not ID.fullmatch(face_id) or not KIND.fullmatch(kind):
            return None
        chosen = select(DerivedRow.data).where(DerivedRow.face_id == face_id, DerivedRow.kind == kind)
        with self._database.read() as session:
            found = session.scalar(chosen)
        return None if found is None else self._opened(found, face_id, kind)

    def of_kind(self, kind: str) -> dict[str, bytes]:
        """See `FaceStore.derived_of_kind`."""
        if not KIND.fullmatch(kind):
            return {}
        chosen = select(DerivedRow.face_id, DerivedRow.data).where(DerivedRow.kind == kind)
        with self._database.read() as session:
            found = session.execute(chosen).all()
        return {face_id: self._opened(data, face_id, kind) for face_id, data in found}

    def _opened(self, data: bytes, face_id: str, kind: str) -> bytes:
        return self._sealer.open(
            data, derived_name(face_id, kind), f"An {kind}" if kind[0] in "aeiou" else f"A {kind}"
        )
