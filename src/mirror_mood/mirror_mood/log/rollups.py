"""Roll-ups: sums over longer and longer stretches of time, so that weeks are answered as fast as minutes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Dialect, delete, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from mirror_mood.log.models import rollups
from mirror_mood.log.rows import VALUES

__all__ = ["DAY_S", "LEVELS_S", "MINUTE_S", "add_to_rollups", "aggregated", "recompute_above_minutes"]

MINUTE_S: Final = 60
DAY_S: Final = 86400
# Lengths of the stretches. A quarter of an hour divides every time zone's offset, so that all local hours and
# days are sums of them; ten seconds go with the seconds when those are no longer kept, the others stay.
LEVELS_S: Final = (10, MINUTE_S, 300, 900, 3600, DAY_S)
SUMS: Final = ("count", *VALUES)


def aggregated(
    times: NDArray[np.int64], subjects: NDArray[np.int64], values: NDArray[np.float64], level_s: int
) -> list[dict[str, Any]]:
    """Sums of rows over stretches of time.

    Args:
        times: int64 [n], UTC epoch seconds.
        subjects: int64 [n].
        values: float64 [n, len(VALUES)].
        level_s: length of a stretch, one of LEVELS_S.

    Returns:
        Rows of the table `rollups`, sorted by start and subject.
    """
    starts = times // level_s * level_s
    order = np.lexsort((subjects, starts))
    starts, subjects = starts[order], subjects[order]
    is_first = np.ones(len(order), bool)
    is_first[1:] = (np.diff(starts) != 0) | (np.diff(subjects) != 0)
    begins = np.flatnonzero(is_first)
    counts = np.diff(np.append(begins, len(order)))
    sums = np.add.reduceat(values[order], begins, axis=0)
    keys = zip(
        starts[begins].tolist(), subjects[begins].tolist(), counts.tolist(), sums.tolist(), strict=True
    )
    return [
        {
            "level": level_s,
            "start": start,
            "subject": subject,
            "count": count,
            **dict(zip(VALUES, numbers, strict=True)),
        }
        for start, subject, count, numbers in keys
    ]


def add_to_rollups(
    session: Session,
    times: NDArray[np.int64],
    subjects: NDArray[np.int64],
    values: NDArray[np.float64],
) -> None:
    """Add new rows to every roll-up that they belong to, whatever their order.

    Args:
        session: whose transaction also adds the rows themselves.
        times, subjects, values: as of `aggregated`.
    """
    statement = _upsert(session.get_bind().dialect)
    for level_s in LEVELS_S:
        session.execute(statement, aggregated(times, subjects, values, level_s))


def _upsert(dialect: Dialect) -> Any:
    insert = postgresql.insert if dialect.name == "postgresql" else sqlite.insert
    new: Any = insert(rollups)
    return new.on_conflict_do_update(
        index_elements=["level", "start", "subject"],
        set_={name: rollups.c[name] + new.excluded[name] for name in SUMS},
    )


def recompute_above_minutes(session: Session, subject_ids: Sequence[int], start_s: int, end_s: int) -> None:
    """Make the roll-ups longer than a minute anew where minutes were taken away.

    Args:
        session: whose transaction has changed the minutes.
        subject_ids: whose.
        start_s, end_s: the period in which they changed.
    """
    for level_s in _above_minutes():
        first, last = start_s // level_s * level_s, -(-end_s // level_s) * level_s
        is_theirs = rollups.c.subject.in_(subject_ids)
        session.execute(
            delete(rollups).where(
                rollups.c.level == level_s, rollups.c.start >= first, rollups.c.start < last, is_theirs
            )
        )
        begin: ColumnElement[int] = rollups.c.start - rollups.c.start % level_s
        minutes = (
            select(
                literal(level_s),
                begin,
                rollups.c.subject,
                *(func.sum(rollups.c[name]) for name in SUMS),
            )
            .where(rollups.c.level == MINUTE_S, rollups.c.start >= first, rollups.c.start < last, is_theirs)
            .group_by(begin, rollups.c.subject)
        )
        session.execute(rollups.insert().from_select(["level", "start", "subject", *SUMS], minutes))


def _above_minutes() -> Iterable[int]:
    return (level_s for level_s in LEVELS_S if level_s > MINUTE_S)
