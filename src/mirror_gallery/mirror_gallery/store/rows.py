"""Rows of the gallery's tables: what is checked before they are read, and changed along with them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from mirror_core.errors import UsageError
from mirror_gallery.consent import Consent, Scope
from mirror_gallery.store.entry import Entry
from mirror_gallery.store.models import DerivedRow, FaceRow, RevisionRow

__all__ = [
    "ID",
    "LONGEST_VISIT",
    "MOST_ROWS",
    "consent_columns",
    "count_change",
    "counted",
    "entry_of",
    "is_text",
    "known",
    "no_such_face",
    "purge_derived",
]

LONGEST_VISIT = timedelta(hours=24)  # a visit that nobody has ended is over after this
ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
MOST_ROWS = 2**31 - 1


def known(face_id: str) -> str:
    """The same id, if a database can be asked for it.

    Raises:
        UsageError: if no face can have this id.
    """
    if not ID.fullmatch(face_id):
        raise no_such_face(face_id)
    return face_id


def no_such_face(face_id: str) -> UsageError:
    """The error to raise when there is no face with an id."""
    return UsageError(f"There is no stored face with the id {face_id[:80]!r}; it may have been erased.")


def is_text(text: str) -> bool:
    """Whether a database can be asked for it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def entry_of(row: FaceRow) -> Entry:
    """What a list shows of a face."""
    return Entry(row.id, row.name, row.created, row.consent, row.views, row.mirror)


def consent_columns(consent: Consent, now: datetime) -> dict[str, Any]:
    """The columns of `FaceRow` that hold a consent given at `now`."""
    visit = consent.scope is Scope.THIS_VISIT
    return {
        "scope": consent.scope.value,
        "until": consent.until,
        "others_may_wear": consent.others_may_wear,
        "recognise": consent.recognise,
        "expires": now + LONGEST_VISIT if visit else consent.until,
    }


def count_change(session: Session) -> None:
    """Count a change of the stored faces; last in its transaction, since others wait for this row."""
    session.flush()
    session.execute(update(RevisionRow).values(number=RevisionRow.number + 1))


def purge_derived(session: Session, face_id: str) -> list[str]:
    """Erase what was derived from a face; returns what that was, for people."""
    kinds = session.scalars(select(DerivedRow.kind).where(DerivedRow.face_id == face_id)).all()
    session.execute(delete(DerivedRow).where(DerivedRow.face_id == face_id))
    return [counted(1, kind) for kind in sorted(kinds)]


def counted(number: int, what: str) -> str:
    """A number of things in words: "1 picture", "3 pictures"."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
