"""The ledger of uploads: which rows are in which part of which target, and how far each part is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from mirror_core.store.database import Database
from mirror_mood.log.models import PartState, part_erasures, part_subjects, parts, seconds, state, subjects
from mirror_mood.log.read_rows import row_columns, row_of
from mirror_mood.log.rollups import DAY_S
from mirror_mood.log.rows import MoodRow

__all__ = ["Erasure", "Ledger", "Part", "order_erasures", "part_name"]

NUMBER_DIGITS = 12
Numbered = tuple[int, MoodRow]


@dataclass(frozen=True, slots=True)
class Part:
    """One file of the uploaded data set: rows of one mirror, one day (UTC) and a range of numbers.

    Attributes:
        id: in the ledger.
        mirror, date: whose rows, of which day ("2026-03-01").
        first, last: numbers of its first and last row.
        rows: how many there are.
        state: how far it is.
    """

    id: int
    mirror: str
    date: str
    first: int
    last: int
    rows: int
    state: PartState

    @property
    def name(self) -> str:
        """Its name below the target; always the same for the same rows."""
        return part_name(self.mirror, self.date, self.first, self.last)


@dataclass(frozen=True, slots=True)
class Erasure:
    """What is still to be taken out of a part.

    Attributes:
        id: of the note.
        person: whose rows; None for everybody's.
        start_s, end_s: of which period, UTC epoch seconds, the end not included.
    """

    id: int
    person: str | None
    start_s: int
    end_s: int

    def covers(self, row: MoodRow) -> bool:
        """Whether a row is to be erased."""
        return self.person in (None, row.person) and self.start_s <= row.time_s < self.end_s


def part_name(mirror: str, date: str, first: int, last: int) -> str:
    """The name of a part, as hive has it: mirror=hall/date=2026-03-01/part-<first>-<last>.parquet."""
    numbers = f"{first:0{NUMBER_DIGITS}}-{last:0{NUMBER_DIGITS}}"
    return f"mirror={quote(mirror, safe='')}/date={date}/part-{numbers}.parquet"


class Ledger:
    """The parts of one target.

    Args:
        database: of the log.
        target: name of the target, without credentials.

    Raises:
        StoreError: from every method, if the database cannot be read or written.
    """

    def __init__(self, database: Database, target: str) -> None:
        self._database = database
        self.target = target

    def cut(self, mirror: str) -> int:
        """Decide in which parts the rows go that are in none yet; returns how many parts are new.

        Rows are numbered in the order of writing, and other writers wait meanwhile: no row can appear
        later below the highest number.
        """
        day = (seconds.c.time // DAY_S).label("day")
        done = select(func.max(parts.c.last)).where(parts.c.target == self.target, parts.c.mirror == mirror)
        with self._database.write() as session:
            session.execute(select(state.c.numbers).with_for_update())  # which every writer changes first
            upto = session.scalar(done) or 0
            fresh = (
                select(
                    day,
                    func.min(seconds.c.number),
                    func.max(seconds.c.number),
                    func.count(),
                )
                .join(subjects, subjects.c.id == seconds.c.subject)
                .where(seconds.c.number > upto, subjects.c.mirror == mirror)
                .group_by(day)
                .order_by(day)
            )
            found = session.execute(fresh).all()
            for number, first, last, rows in found:
                self._add(session, mirror, int(number), (first, last), rows)
        return len(found)

    def _add(self, session: Session, mirror: str, day: int, numbers: tuple[int, int], rows: int) -> None:
        first, last = numbers
        new = insert(parts).values(
            target=self.target,
            mirror=mirror,
            date=f"{datetime.fromtimestamp(day * DAY_S, UTC):%Y-%m-%d}",
            first=first,
            last=last,
            rows=rows,
            state=PartState.CUT.value,
        )
        part = session.execute(new.returning(parts.c.id)).scalar_one()
        seen = select(seconds.c.subject).distinct().join(subjects, subjects.c.id == seconds.c.subject)
        seen = seen.where(
            subjects.c.mirror == mirror,
            seconds.c.number.between(first, last),
            seconds.c.time >= day * DAY_S,
            seconds.c.time < (day + 1) * DAY_S,
        )
        session.execute(
            insert(part_subjects), [{"part": part, "subject": who} for who in session.scalars(seen)]
        )

    def parts(self, *states: PartState, mirror: str | None = None) -> list[Part]:
        """The parts in some states, oldest first."""
        asked = select(parts).where(parts.c.target == self.target).order_by(parts.c.id)
        if states:
            asked = asked.where(parts.c.state.in_([state.value for state in states]))
        if mirror is not None:
            asked = asked.where(parts.c.mirror == mirror)
        with self._database.read() as session:
            return [_part(row) for row in session.execute(asked)]

    def to_erase_from(self, mirror: str | None = None) -> list[Part]:
        """The parts from which something is still to be taken."""
        asked = select(parts).where(
            parts.c.target == self.target, parts.c.id.in_(select(part_erasures.c.part))
        )
        if mirror is not None:
            asked = asked.where(parts.c.mirror == mirror)
        with self._database.read() as session:
            return [_part(row) for row in session.execute(asked.order_by(parts.c.id))]

    def erasures(self, part: Part) -> list[Erasure]:
        """What is still to be taken out of a part."""
        asked = select(part_erasures).where(part_erasures.c.part == part.id).order_by(part_erasures.c.id)
        with self._database.read() as session:
            return [Erasure(row.id, row.person, row.start, row.end) for row in session.execute(asked)]

    def rows(self, part: Part) -> list[Numbered]:
        """The rows of a part, as far as the log still has them, with their numbers, in the order of time."""
        day = int(datetime.fromisoformat(part.date).replace(tzinfo=UTC).timestamp())
        asked = (
            select(seconds.c.number, *row_columns())
            .join(subjects, subjects.c.id == seconds.c.subject)
            .where(
                subjects.c.mirror == part.mirror,
                seconds.c.number.between(part.first, part.last),
                seconds.c.time >= day,
                seconds.c.time < day + DAY_S,
            )
            .order_by(seconds.c.time, seconds.c.number)
        )
        with self._database.read() as session:
            return [(row[0], row_of(row[1:])) for row in session.execute(asked)]

    def note(self, part: Part, state: PartState, rows: int, done: Sequence[Erasure] = ()) -> None:
        """Note how far a part is.

        Args:
            part: which.
            state: how far.
            rows: how many rows it has now.
            done: what has been taken out of it.
        """
        with self._database.write() as session:
            session.execute(update(parts).where(parts.c.id == part.id).values(state=state.value, rows=rows))
            if done:
                ids = [erasure.id for erasure in done]
                session.execute(delete(part_erasures).where(part_erasures.c.id.in_(ids)))


def _part(row: Any) -> Part:
    return Part(row.id, row.mirror, row.date, row.first, row.last, row.rows, PartState(row.state))


def order_erasures(
    session: Session, subject_ids: Sequence[int], person: str | None, start_s: int, end_s: int
) -> int:
    """Note that rows are to be taken out of every part that may hold them; returns how many parts.

    Args:
        session: whose transaction erases the rows.
        subject_ids: whose rows, with every mirror.
        person: the same as a gallery id; None for everybody.
        start_s, end_s: of which period.
    """
    first_day = f"{datetime.fromtimestamp(start_s, UTC):%Y-%m-%d}"
    last_day = f"{datetime.fromtimestamp(end_s - 1, UTC):%Y-%m-%d}"
    holding = select(part_subjects.c.part).where(part_subjects.c.subject.in_(subject_ids))
    asked = select(parts.c.id).where(
        parts.c.id.in_(holding),
        parts.c.date.between(first_day, last_day),
        parts.c.state != PartState.EMPTY.value,
    )
    found = session.scalars(asked).all()
    if found:
        orders = [{"part": part, "person": person, "start": start_s, "end": end_s} for part in found]
        session.execute(insert(part_erasures), orders)
    return len(found)
