"""The tables of stored faces. Whoever changes one writes a migration; a test compares the two."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import DateTime, Dialect, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from mirror_gallery.consent import Consent, Scope, as_utc
from mirror_gallery.face_names import MOST_CHARACTERS

__all__ = ["Base", "DerivedRow", "FaceRow", "PendingRow", "PendingState", "RevisionRow", "ThumbnailRow"]

ID_LENGTH = 64
KEY_LENGTH = 128
MIRROR_LENGTH = 128
KIND_LENGTH = 64

# Sorted by code point in every database, whatever language the server speaks.
SORTED_TEXT = Text().with_variant(Text(collation="C"), "postgresql")


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC, also in SQLite, which knows no time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Into the database."""
        return None if value is None else as_utc(value, "A stored moment")

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Out of the database."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """All tables of the gallery; their names begin with `gallery_`, since a database may hold others' too."""


class FaceRow(Base):
    """A stored face. Its row is written last and removed first: a face without its row does not exist.

    Attributes:
        id: its gallery id.
        name, folded: as people write it, and as it is searched and sorted.
        created: when the face was stored first, maybe in another mirror.
        scope, until, others_may_wear, recognise: the consent.
        expires: from when on it must be gone: `until`, or the end of the longest visit; None: never.
        mirror: the name of the mirror that stored it.
        views: number of its views.
        pictures: key of its pictures in the picture store.
    """

    __tablename__ = "gallery_faces"
    __table_args__ = (Index("gallery_faces_by_name", "folded", "id"),)

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    name: Mapped[str] = mapped_column(String(MOST_CHARACTERS))
    folded: Mapped[str] = mapped_column(SORTED_TEXT)
    created: Mapped[datetime] = mapped_column(UtcDateTime)
    scope: Mapped[str] = mapped_column(String(16))
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    others_may_wear: Mapped[bool]
    recognise: Mapped[bool]
    expires: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    mirror: Mapped[str] = mapped_column(String(MIRROR_LENGTH))
    views: Mapped[int]
    pictures: Mapped[str] = mapped_column(String(KEY_LENGTH), unique=True)

    @property
    def consent(self) -> Consent:
        """The consent as an object."""
        return Consent(Scope(self.scope), self.until, self.others_may_wear, self.recognise)


class ThumbnailRow(Base):
    """A small JPEG of a face; in a table of its own so that listing names stays quick."""

    __tablename__ = "gallery_thumbnails"

    face_id: Mapped[str] = mapped_column(ForeignKey(FaceRow.id, ondelete="CASCADE"), primary_key=True)
    jpeg: Mapped[bytes] = mapped_column(LargeBinary)


class DerivedRow(Base):
    """Something computed from a person's pictures, e.g. an embedding; erased with the face."""

    __tablename__ = "gallery_derived"

    face_id: Mapped[str] = mapped_column(ForeignKey(FaceRow.id, ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(KIND_LENGTH), primary_key=True, index=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class PendingState(StrEnum):
    """Why pictures are in the journal."""

    WRITING = "writing"  # they are being written; their face has no row yet
    ERASING = "erasing"  # their face has no row any more; they are still to be removed


class PendingRow(Base):
    """The journal: pictures that may lie in the picture store without a face.

    Attributes:
        key: of the pictures.
        state: see `PendingState`.
        since: when this began.
    """

    __tablename__ = "gallery_pending"

    key: Mapped[str] = mapped_column(String(KEY_LENGTH), primary_key=True)
    state: Mapped[str] = mapped_column(String(16), index=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)


class RevisionRow(Base):
    """One row that counts the changes, so that every mirror at one database notices those of the others."""

    __tablename__ = "gallery_revision"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]
