"""Erasing moods: of a person or of a period, with everything that was made of them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from mirror_core.store.database import changed_rows
from mirror_mood.log.buckets import check_period
from mirror_mood.log.ledger import order_erasures
from mirror_mood.log.models import missing, part_subjects, rollups, seconds, subjects
from mirror_mood.log.rollups import DAY_S, MINUTE_S, recompute_above_minutes
from mirror_mood.log.rows import LATEST_S
from mirror_mood.log.store import MoodStore, count_change, recount

__all__ = ["Erased", "erase", "erase_missing", "waiting_to_be_erased"]

END_S = (LATEST_S - 366 * DAY_S) // MINUTE_S * MINUTE_S
GRACE_S = DAY_S  # for which moods of somebody whom the gallery has never known here are kept


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased.

    Attributes:
        rows: of seconds.
        rollups: sums of minutes and less; longer ones were made anew from what is left.
        parts: uploaded or waiting parts from which the rows are still to be taken; the next upload does it.
    """

    rows: int
    rollups: int
    parts: int


def erase(
    store: MoodStore,
    person: str | None,
    *,
    start_s: int = 0,
    end_s: int = END_S,
    mirror: str | None = None,
) -> Erased:
    """Erase moods for good; in SQLite their places in the file are overwritten.

    Args:
        store: the log.
        person: a gallery id, "" for everybody who is not known, None for everybody.
        start_s, end_s: the period, UTC epoch seconds; whole minutes, made longer where it begins or ends
            within one, since minutes are what roll-ups are made of.
        mirror: None for all mirrors.

    Raises:
        UsageError: if the period is empty.
        StoreError: if the log cannot be written; nothing is erased then.
    """
    check_period(start_s, end_s)
    start_s, end_s = start_s // MINUTE_S * MINUTE_S, -(-end_s // MINUTE_S) * MINUTE_S
    with store.database.write() as session:
        count_change(session)
        asked = select(subjects.c.id)
        if person is not None:
            asked = asked.where(subjects.c.person == person)
        if mirror is not None:
            asked = asked.where(subjects.c.mirror == mirror)
        who = list(session.scalars(asked))
        if not who:
            return Erased(0, 0, 0)
        part_count = order_erasures(session, who, person, start_s, end_s)
        found = _erase(session, who, start_s, end_s, part_count)
        if (start_s, end_s) == (0, END_S):  # nothing is left by which they could be found
            session.execute(delete(part_subjects).where(part_subjects.c.subject.in_(who)))
        recompute_above_minutes(session, who, start_s, end_s)
        recount(session, who)
    store.scrub(patient=True)
    return found


def _erase(session: Session, who: list[int], start_s: int, end_s: int, part_count: int) -> Erased:
    is_second = (seconds.c.time >= start_s, seconds.c.time < end_s, seconds.c.subject.in_(who))
    is_sum = (rollups.c.start >= start_s, rollups.c.start < end_s, rollups.c.subject.in_(who))
    rows = changed_rows(session, delete(seconds).where(*is_second))
    sums = changed_rows(session, delete(rollups).where(rollups.c.level <= MINUTE_S, *is_sum))
    return Erased(rows, sums, part_count)


def erase_missing(store: MoodStore, known: set[str], before: set[str], now_s: int) -> list[str]:
    """Erase the moods of people whose face was erased from the gallery.

    Who was in the gallery a moment ago and is not any more has been erased, and so are their moods, at
    once. Who is not in it when it is first asked may have been erased while nobody watched, or somebody
    may have opened another gallery: their moods are kept for another day (GRACE_S).

    Args:
        store: the log.
        known: ids of all faces of the gallery now.
        before: the same when it was last asked.
        now_s: the present moment, UTC epoch seconds.

    Returns:
        Whose moods were erased.
    """
    with store.database.read() as session:
        logged = set(session.scalars(select(subjects.c.person).where(subjects.c.person != "").distinct()))
        since = {row.person: row.since for row in session.execute(select(missing))}
    gone = logged - known
    overdue = {who for who in gone if who in before or now_s - since.get(who, now_s) >= GRACE_S}
    back, fresh = set(since) - gone, gone - overdue - set(since)
    if back or fresh or overdue & set(since):
        with store.database.write() as session:
            session.execute(delete(missing).where(missing.c.person.in_(back | overdue)))
            if fresh:
                session.execute(missing.insert(), [{"person": who, "since": now_s} for who in fresh])
    for who in sorted(overdue):
        erase(store, who)
    return sorted(overdue)


def waiting_to_be_erased(store: MoodStore) -> int:
    """How many people's moods are erased within a day unless the gallery knows them again."""
    with store.database.read() as session:
        return session.scalar(select(func.count()).select_from(missing)) or 0
