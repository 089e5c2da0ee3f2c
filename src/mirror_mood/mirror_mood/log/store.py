"""The mood log as it is written: rows with their roll-ups, and what is no longer to be kept."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import numpy as np
from sqlalchemy import case, delete, func, insert, select, update
from sqlalchemy.orm import Session

from mirror_core.errors import ParameterError, StoreError
from mirror_core.store.database import Database, changed_rows
from mirror_mood.log.models import part_subjects, rollups, seconds, state, subjects
from mirror_mood.log.rollups import DAY_S, MINUTE_S, add_to_rollups
from mirror_mood.log.rows import MoodRow
from mirror_mood.log.schema import open_database

__all__ = ["Added", "MoodStore", "check_keeping", "count_change", "recount"]

logger = logging.getLogger("mirror.mood_log")

MOST_AT_ONCE = 500  # values in one question to the database
PRUNED_AT_ONCE_S = 6 * 3600  # of the log's time: short transactions, so that the writer need not wait long
Key = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Added:
    """What became of rows.

    Attributes:
        written: how many are now in the log.
        duplicates: how many were there already; they have changed nothing.
        too_old: how many are older than what is kept; they were not taken.
    """

    written: int = 0
    duplicates: int = 0
    too_old: int = 0


def count_change(session: Session) -> int:
    """Count a change of the log, first in its transaction: until it ends, other programs' changes wait.

    Returns:
        The last number that was given to a row.
    """
    session.execute(update(state).values(revision=state.c.revision + 1))
    return session.scalar(select(state.c.numbers)) or 0


class MoodStore:
    """A mood log. Any number of threads, processes and mirrors may use one at the same time.

    Args:
        url: `sqlite:///` and a path, `postgresql://user:password@host/name`, a plain path, or empty for
            $MIRROR_MOOD_DATABASE, else the file in the state folder.
        must_exist: make no new one.

    Raises:
        UsageError: if the URL is not understood.
        MissingStoreError: if there has to be one and there is none.
        StoreError: if the database cannot be opened; also every method, if it cannot be read or written.
            A failed method has changed nothing, except where it says so.
    """

    def __init__(self, url: str = "", *, must_exist: bool = False) -> None:
        self.database: Database = open_database(url, must_exist=must_exist)

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
    def place(self) -> str:
        """Where the moods are kept, for people, without passwords."""
        return self.database.name

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()

    def add(self, rows: Sequence[MoodRow]) -> Added:
        """Add rows, in any order and from any time, and bring the roll-ups up to date: all or nothing.

        A row whose second, mirror, person and visit are in the log already is left out, so that rows whose
        fate is unknown (a server that was lost during the commit) can be given again.
        """
        if not rows:
            return Added()
        with self.database.write() as session:
            number = count_change(session)
            oldest = session.scalar(select(state.c.seconds_from)) or 0
            recent = [row for row in rows if row.time_s >= oldest]
            ids = _subject_ids(session, recent)
            new: dict[Key, MoodRow] = {}
            for row in recent:
                new.setdefault((row.time_s, ids[row.mirror, row.person], row.visit), row)
            for key in _known(session, sorted({time_s for time_s, _, _ in new})):
                new.pop(key, None)
            if new:
                _insert(session, new, number)
        return Added(len(new), len(recent) - len(new), len(rows) - len(recent))

    def prune(self, now_s: float, keep_days: int, keep_summaries_days: int) -> int:
        """Erase what is older than it is to be kept; short transactions, so that others need not wait.

        Args:
            now_s: the present moment, UTC epoch seconds.
            keep_days: for how many days seconds are kept; 0 for ever.
            keep_summaries_days: for how many days roll-ups of a minute and more are kept; 0 for ever.

        Returns:
            How many seconds' rows were erased.

        Raises:
            ParameterError: if summaries would be kept shorter than seconds.
            StoreError: as every method; what was erased by then stays erased.
        """
        check_keeping(keep_days, keep_summaries_days)
        erased = 0
        if keep_days:
            until = int(now_s - keep_days * DAY_S) // MINUTE_S * MINUTE_S
            erased = self._prune_seconds(until)
        if keep_summaries_days:
            self._prune_rollups(int(now_s - keep_summaries_days * DAY_S) // DAY_S * DAY_S)
        return erased

    def _prune_seconds(self, until: int) -> int:
        with self.database.read() as session:
            first = session.scalar(select(func.min(seconds.c.time)))
        if first is None or first >= until:
            return 0
        with self.database.write() as session:
            session.execute(update(state).where(state.c.seconds_from < until).values(seconds_from=until))
        erased = 0
        while True:
            with self.database.write() as session:
                first = session.scalar(select(func.min(seconds.c.time)))
                if first is None or first >= until:
                    break
                end = min(until, first + PRUNED_AT_ONCE_S)
                count_change(session)
                erased += changed_rows(session, delete(seconds).where(seconds.c.time < end))
                session.execute(delete(rollups).where(rollups.c.level < MINUTE_S, rollups.c.start < end))
        if erased:
            self.scrub()
        return erased

    def _prune_rollups(self, until: int) -> None:
        with self.database.read() as session:
            if (session.scalar(select(state.c.rollups_from)) or 0) >= until:
                return
        with self.database.write() as session:
            count_change(session)
            session.execute(update(state).values(rollups_from=until))
            session.execute(delete(rollups).where(rollups.c.level >= MINUTE_S, rollups.c.start < until))
            recount(session, session.scalars(select(subjects.c.id).where(subjects.c.first < until)).all())
        self.scrub()

    def scrub(self, patient: bool = False) -> bool:
        """Remove the traces that erased rows leave beside the database, or leave that to the next time.

        Returns:
            Whether they are gone.
        """
        try:
            return self.database.scrub(patient)
        except StoreError as error:
            logger.warning("Traces of erased moods are still to be removed: %s", error)
            return False


def check_keeping(keep_days: int, keep_summaries_days: int) -> None:
    """See that summaries are kept at least as long as the seconds.

    Raises:
        ParameterError: if not.
    """
    if keep_summaries_days and (not keep_days or keep_days > keep_summaries_days):
        raise ParameterError(
            f"keep_summaries_days = {keep_summaries_days} is refused: summaries are kept at least as long as "
            f"the seconds (keep_days = {keep_days}); 0 keeps them for ever."
        )


# ---- adding


def _subject_ids(session: Session, rows: Iterable[MoodRow]) -> dict[tuple[str, str], int]:
    """The ids of all who are in some rows; who is new gets one."""
    wanted = {(row.mirror, row.person): row.time_s for row in rows}
    found: dict[tuple[str, str], int] = {}
    for (mirror, person), time_s in wanted.items():
        chosen = select(subjects.c.id).where(subjects.c.mirror == mirror, subjects.c.person == person)
        subject = session.scalar(chosen)
        if subject is None:
            new = insert(subjects).values(mirror=mirror, person=person, first=time_s, last=time_s, rows=0)
            subject = session.execute(new.returning(subjects.c.id)).scalar_one()
        found[mirror, person] = subject
    return found


def _known(session: Session, times: Sequence[int]) -> Iterable[Key]:
    """The keys of the rows that the log has for some seconds."""
    for start in range(0, len(times), MOST_AT_ONCE):
        part = times[start : start + MOST_AT_ONCE]
        columns = select(seconds.c.time, seconds.c.subject, seconds.c.visit)
        is_near = seconds.c.time.between(part[0], part[-1])
        found = session.execute(columns.where(is_near, seconds.c.time.in_(part)))
        yield from ((row[0], row[1], row[2]) for row in found)


def _insert(session: Session, new: dict[Key, MoodRow], number: int) -> None:
    names = [column.name for column in seconds.c]
    rows = [
        dict(zip(names, (*key, number + index, *row.values[:-1], row.unsure), strict=True))
        for index, (key, row) in enumerate(new.items(), 1)
    ]
    session.execute(insert(seconds), rows)
    session.execute(update(state).values(numbers=number + len(rows)))
    times = np.array([time_s for time_s, _, _ in new], np.int64)
    owners = np.array([subject for _, subject, _ in new], np.int64)
    add_to_rollups(session, times, owners, np.array([row.values for row in new.values()], np.float64))
    for subject in np.unique(owners).tolist():
        theirs = times[owners == subject]
        first, last = int(theirs.min()), int(theirs.max())
        session.execute(
            update(subjects)
            .where(subjects.c.id == subject)
            .values(
                first=_lesser(subjects.c.first, first, subjects.c.rows),
                last=_greater(subjects.c.last, last, subjects.c.rows),
                rows=subjects.c.rows + len(theirs),
            )
        )


def _lesser(column: Any, value: int, rows: Any) -> Any:
    return case((rows == 0, value), (column > value, value), else_=column)


def _greater(column: Any, value: int, rows: Any) -> Any:
    return case((rows == 0, value), (column < value, value), else_=column)


# ---- erasing


def recount(session: Session, subject_ids: Iterable[int]) -> None:
    """Bring the table of subjects up to date after erasing; who has nothing left is forgotten.

    Args:
        session: whose transaction has erased something.
        subject_ids: whose.
    """
    for subject in subject_ids:
        minutes = (rollups.c.level == MINUTE_S, rollups.c.subject == subject)
        first, last, rows = session.execute(
            select(func.min(rollups.c.start), func.max(rollups.c.start), func.sum(rollups.c.count)).where(
                *minutes
            )
        ).one()
        if first is None:
            in_parts = select(part_subjects.c.part).where(part_subjects.c.subject == subject)
            if session.scalar(in_parts.limit(1)) is None:
                session.execute(delete(subjects).where(subjects.c.id == subject))
                continue
            values = {"rows": 0}
        else:
            values = {
                "first": _exact(session, subject, func.min, first, first),
                "last": _exact(session, subject, func.max, last, last + MINUTE_S - 1),
                "rows": int(rows),
            }
        session.execute(update(subjects).where(subjects.c.id == subject).values(**values))


def _exact(session: Session, subject: int, extreme: Any, minute: int, otherwise: int) -> int:
    """The first or last second of a minute, as far as its seconds are still kept."""
    found = session.scalar(
        select(extreme(seconds.c.time)).where(
            seconds.c.subject == subject, seconds.c.time >= minute, seconds.c.time < minute + MINUTE_S
        )
    )
    return otherwise if found is None else int(found)
