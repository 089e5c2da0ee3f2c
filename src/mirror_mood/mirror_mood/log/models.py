"""The tables of the mood log. Whoever changes one writes a migration; a test compares the two."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from mirror_mood.log.rows import MIRROR_LENGTH, MOODS, PERSON_LENGTH, VALUES

__all__ = [
    "METADATA",
    "PartState",
    "missing",
    "part_erasures",
    "part_subjects",
    "parts",
    "rollups",
    "seconds",
    "state",
    "subjects",
]

METADATA = MetaData()  # names begin with `mood_`, since a database may hold others' tables too

# Who was seen by which mirror. first, last: seconds of the first and last row; rows: how many there were.
subjects = Table(
    "mood_subjects",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("mirror", String(MIRROR_LENGTH), nullable=False),
    Column("person", String(PERSON_LENGTH), nullable=False),
    Column("first", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    Column("rows", BigInteger, nullable=False),
    UniqueConstraint("mirror", "person", name="mood_subjects_by_name"),
)

# One row a second and person, sorted by time on the disk. number: counts up in the order of writing, by
# which an upload knows what is new.
seconds = Table(
    "mood_seconds",
    METADATA,
    Column("time", BigInteger, primary_key=True, autoincrement=False),
    Column("subject", Integer, ForeignKey(subjects.c.id), primary_key=True),
    Column("visit", BigInteger, primary_key=True, autoincrement=False),
    Column("number", BigInteger, nullable=False),
    *(Column(name, Double, nullable=False) for name in (*MOODS, "valence", "arousal", "confidence")),
    Column("unsure", Boolean, nullable=False),
    Index("mood_seconds_by_number", "number", unique=True),
    sqlite_with_rowid=False,
)

# Sums over the rows of `level` seconds from `start` on; unsure: how many of them were.
rollups = Table(
    "mood_rollups",
    METADATA,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("start", BigInteger, primary_key=True, autoincrement=False),
    Column("subject", Integer, ForeignKey(subjects.c.id), primary_key=True),
    Column("count", Integer, nullable=False),
    *(Column(name, Double, nullable=False) for name in VALUES),
    sqlite_with_rowid=False,
)

# One row. revision: counts changes; numbers: the last number given to a second; seconds_from, rollups_from:
# before which nothing is kept any more, and nothing late is taken.
state = Table(
    "mood_state",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("revision", BigInteger, nullable=False),
    Column("numbers", BigInteger, nullable=False),
    Column("seconds_from", BigInteger, nullable=False),
    Column("rollups_from", BigInteger, nullable=False),
)

# People of the log whom the gallery did not know when it was asked, and since when.
missing = Table(
    "mood_missing",
    METADATA,
    Column("person", String(PERSON_LENGTH), primary_key=True),
    Column("since", BigInteger, nullable=False),
)


class PartState(StrEnum):
    """How far an uploaded part is."""

    CUT = "cut"  # which rows it holds is decided; they are in the database
    SPOOLED = "spooled"  # it is a file of the spool
    UPLOADED = "uploaded"
    EMPTY = "empty"  # all its rows were erased; nothing lies there


# The ledger of uploads: each row of one mirror is in exactly one part of each target.
parts = Table(
    "mood_parts",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("target", Text, nullable=False),
    Column("mirror", String(MIRROR_LENGTH), nullable=False),
    Column("date", String(10), nullable=False),
    Column("first", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("state", String(16), nullable=False, index=True),
    UniqueConstraint("target", "mirror", "date", "first", name="mood_parts_by_name"),
)

# Who is in a part: it may have to be written anew when they are erased.
part_subjects = Table(
    "mood_part_subjects",
    METADATA,
    Column("part", Integer, ForeignKey(parts.c.id), primary_key=True),
    Column("subject", Integer, ForeignKey(subjects.c.id), primary_key=True, index=True),
)

# What is still to be taken out of parts. person: whose rows, null for everybody's; from first to before end.
part_erasures = Table(
    "mood_part_erasures",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("part", Integer, ForeignKey(parts.c.id), nullable=False, index=True),
    Column("person", String(PERSON_LENGTH)),
    Column("start", BigInteger, nullable=False),
    Column("end", BigInteger, nullable=False),
)
