"""Rows of the log in the order of time, a page at a time, so that any range can be written out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select, tuple_

from mirror_core.store.database import Database
from mirror_mood.log.models import seconds, subjects
from mirror_mood.log.rows import MOODS, MoodRow

__all__ = ["read_rows", "row_columns", "row_of"]

PAGE = 5000  # rows that are held at once, and read in one transaction


def row_columns() -> tuple[Any, ...]:
    """The columns of which `row_of` makes a row; of `seconds` joined with `subjects`."""
    return (
        seconds.c.time,
        subjects.c.mirror,
        subjects.c.person,
        seconds.c.visit,
        *(seconds.c[name] for name in MOODS),
        seconds.c.valence,
        seconds.c.arousal,
        seconds.c.confidence,
        seconds.c.unsure,
    )


def row_of(values: Any) -> MoodRow:
    """The row of such columns."""
    time_s, mirror, person, visit = values[:4]
    moods, rest = tuple(values[4 : 4 + len(MOODS)]), values[4 + len(MOODS) :]
    return MoodRow(time_s, mirror, person, visit, moods, rest[0], rest[1], rest[2], bool(rest[3]))


def read_rows(
    database: Database,
    start_s: int,
    end_s: int,
    *,
    person: str | None = None,
    mirror: str | None = None,
) -> Iterator[MoodRow]:
    """The rows of a period, in the order of time. Between two pages others may write and erase.

    Args:
        database: of the log.
        start_s, end_s: the period, UTC epoch seconds, the end not included.
        person: a gallery id, "" for who is not known, None for all.
        mirror: None for all.

    Raises:
        StoreError: if the log cannot be read.
    """
    key = tuple_(seconds.c.time, seconds.c.subject, seconds.c.visit)
    asked = (
        select(seconds.c.subject, *row_columns())
        .join(subjects, subjects.c.id == seconds.c.subject)
        .where(seconds.c.time >= start_s, seconds.c.time < end_s)
        .order_by(seconds.c.time, seconds.c.subject, seconds.c.visit)
        .limit(PAGE)
    )
    if person is not None:
        asked = asked.where(subjects.c.person == person)
    if mirror is not None:
        asked = asked.where(subjects.c.mirror == mirror)
    last: tuple[int, int, int] | None = None
    while True:
        page = asked if last is None else asked.where(seconds.c.time >= last[0], key > last)
        with database.read() as session:
            rows = session.execute(page).all()
        for row in rows:
            yield row_of(row[1:])
        if len(rows) < PAGE:
            return
        last = (rows[-1][1], rows[-1][0], rows[-1][4])
