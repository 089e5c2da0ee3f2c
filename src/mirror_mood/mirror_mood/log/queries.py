"""Questions to the mood log: series, totals, comparison, calendar, who is in it. Nothing here knows ROS.

    with MoodQueries() as log:
        week = log.series(start_s, end_s, points=500)
        week.of(MoodLabel.HAPPY)

Reads only: pages and programs open the log by the same URL as the node that writes it, at the same
time. Every answer comes from roll-ups of a fitting size, so that weeks take as long as minutes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from types import TracebackType
from typing import Any, Self

import numpy as np
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from mirror_core.errors import StoreError, UsageError
from mirror_core.store.database import Database, MissingStoreError
from mirror_mood.log import sums
from mirror_mood.log.answers import Comparison, Day, LogState, Presence, Series, Total
from mirror_mood.log.buckets import (
    LADDER_S,
    check_period,
    chosen_bucket,
    day_starts,
    edges,
    pieces,
    zone_named,
)
from mirror_mood.log.models import PartState, part_erasures, parts, state, subjects
from mirror_mood.log.read_rows import read_rows
from mirror_mood.log.rollups import MINUTE_S
from mirror_mood.log.rows import MoodRow
from mirror_mood.log.schema import open_database

__all__ = [
    "LADDER_S",
    "Comparison",
    "Day",
    "LogState",
    "MoodQueries",
    "NoMoodLogError",
    "Presence",
    "Series",
    "Total",
]

DEFAULT_POINTS = 500
MOST_POINTS = 5000  # of one series


class NoMoodLogError(StoreError):
    """There is no mood log yet."""


class MoodQueries:
    """A mood log to be read. Any number of threads may ask one at the same time.

    In all questions

    * times are UTC epoch seconds; an end is not included,
    * `person` is a gallery id, "" for everybody who is not known, None for all,
    * `mirror` is a mirror's id, None for all mirrors of the log,
    * `zone` names the time zone of days and hours ("Europe/Berlin"); "" is this host's.

    Args:
        url: as of `MoodStore`; empty for $MIRROR_MOOD_DATABASE, else the file in the state folder.

    Raises:
        UsageError: if the URL is not understood.
        NoMoodLogError: if there is no log yet; nothing is made by asking. (A `StoreError`.)
        StoreError: if the log cannot be read; also every method.
    """

    def __init__(self, url: str = "") -> None:
        try:
            self._database = open_database(url, must_exist=True)
        except MissingStoreError as error:
            raise NoMoodLogError(
                f"{str(error).rstrip('.')}: no mood is kept until the parameter log of the node mood_log is "
                "true."
            ) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    @property
    def database(self) -> Database:
        """The database below, for exports."""
        return self._database

    @property
    def place(self) -> str:
        """Where the log is kept, for people, without passwords."""
        return self._database.name

    def waiting_parts(self) -> dict[str, int]:
        """How many parts are still to be uploaded or written anew, by the name of their target."""
        late = parts.c.state.in_([PartState.CUT.value, PartState.SPOOLED.value])
        asked = select(parts.c.target, func.count().label("waiting")).where(
            or_(late, parts.c.id.in_(select(part_erasures.c.part)))
        )
        with self._database.read() as session:
            return {row.target: row.waiting for row in session.execute(asked.group_by(parts.c.target))}

    def state(self) -> LogState:
        """The change counter and the first and latest second; quick enough to ask every second."""
        with self._database.read() as session:
            revision = session.scalar(select(state.c.revision)) or 0
            kept = select(func.min(subjects.c.first), func.max(subjects.c.last)).where(subjects.c.rows > 0)
            first_s, latest_s = session.execute(kept).one()
        return LogState(revision, first_s, latest_s)

    def people(self, mirror: str | None = None) -> tuple[Presence, ...]:
        """Who is in the log, last seen first; the entry "" stands for everybody unknown."""
        found = self._presences(subjects.c.person, None if mirror is None else subjects.c.mirror == mirror)
        return tuple(sorted(found, key=lambda presence: (-presence.last_s, presence.name)))

    def mirrors(self, person: str | None = None) -> tuple[Presence, ...]:
        """Which mirrors are in the log, by name."""
        found = self._presences(subjects.c.mirror, None if person is None else subjects.c.person == person)
        return tuple(sorted(found, key=lambda presence: presence.name))

    def series(
        self,
        start_s: int,
        end_s: int,
        *,
        points: int = DEFAULT_POINTS,
        bucket_s: int | None = None,
        person: str | None = None,
        mirror: str | None = None,
        zone: str = "",
    ) -> Series:
        """Moods over time.

        The first and the last bucket are whole, also where the period begins or ends within them. Where
        seconds are no longer kept, a bucket that is chosen here is a minute or longer.

        Args:
            start_s, end_s: the period.
            points: how many there may be at most, 1 … MOST_POINTS; the shortest bucket of the ladder that
                needs no more is taken (the longest where none does).
            bucket_s: one of `buckets.LADDER_S` instead; `points` then does not count.

        Raises:
            UsageError: if the period is empty, the zone unknown, the bucket not on the ladder, or the
                series would have more than MOST_POINTS.
        """
        check_period(start_s, end_s)
        place = zone_named(zone)
        with self._database.read() as session:
            if bucket_s is None:
                bucket_s = self._bucket(session, start_s, end_s, points, zone)
            elif bucket_s not in LADDER_S:
                raise UsageError(
                    f"A bucket of {bucket_s} s is refused: allowed are {', '.join(map(str, LADDER_S))} s."
                )
            if (end_s - start_s) / bucket_s > MOST_POINTS:
                raise UsageError(
                    f"The series would have more than {MOST_POINTS} points; ask for longer buckets than "
                    f"{bucket_s} s, or for less time."
                )
            times = edges(start_s, end_s, bucket_s, place)
            table = sums.by_bucket(session, times, _chosen(session, person, mirror))
        return sums.series(bucket_s, times[:-1], table)

    def total(
        self,
        start_s: int,
        end_s: int,
        *,
        person: str | None = None,
        mirror: str | None = None,
    ) -> Total:
        """The moods of exactly one period.

        Where seconds are no longer kept, minutes that lie only partly in the period are left out.

        Raises:
            UsageError: if the period is empty.
        """
        check_period(start_s, end_s)
        with self._database.read() as session:
            return self._total(session, start_s, end_s, _chosen(session, person, mirror))

    def compare(
        self,
        first: tuple[int, int],
        second: tuple[int, int],
        *,
        points: int = DEFAULT_POINTS,
        person: str | None = None,
        mirror: str | None = None,
        zone: str = "",
    ) -> Comparison:
        """Two periods, each (start_s, end_s), e.g. the last week and this one.

        Args:
            points: how many each series may have at most; both have the same length of bucket.

        Raises:
            UsageError: as `series`.
        """
        for period in (first, second):
            check_period(*period)
        with self._database.read() as session:
            bucket_s = max(self._bucket(session, *period, points, zone) for period in (first, second))
            chosen = _chosen(session, person, mirror)
            totals = [self._total(session, *period, chosen) for period in (first, second)]
        found = [
            self.series(*period, bucket_s=bucket_s, person=person, mirror=mirror, zone=zone)
            for period in (first, second)
        ]
        return Comparison(totals[0], totals[1], found[0], found[1])

    def calendar(
        self,
        first: date,
        last: date,
        *,
        person: str | None = None,
        mirror: str | None = None,
        zone: str = "",
    ) -> tuple[Day, ...]:
        """Each day from `first` to `last`, both included; days without anybody too (count 0).

        Raises:
            UsageError: if `last` is before `first`, the zone unknown, or there are more than MOST_POINTS.
        """
        if not first <= last or (last - first).days >= MOST_POINTS:
            raise UsageError(f"A calendar has 1 … {MOST_POINTS} days, not those from {first} to {last}.")
        times = day_starts(first, last, zone_named(zone))
        check_period(int(times[0]), int(times[-1]))
        with self._database.read() as session:
            table = sums.by_bucket(session, times, _chosen(session, person, mirror))
        return tuple(
            Day(first + timedelta(index), sums.total(int(times[index]), int(times[index + 1]), table[index]))
            for index in range(len(times) - 1)
        )

    def rows(
        self, start_s: int, end_s: int, *, person: str | None = None, mirror: str | None = None
    ) -> Iterator[MoodRow]:
        """Every second of a period, in the order of time, while they are read.

        Raises:
            UsageError: if the period is empty.
        """
        check_period(start_s, end_s)
        return read_rows(self._database, start_s, end_s, person=person, mirror=mirror)

    def _presences(self, name: Any, chosen: Any) -> list[Presence]:
        columns = (name, func.min(subjects.c.first), func.max(subjects.c.last), func.sum(subjects.c.rows))
        asked = select(*columns).where(subjects.c.rows > 0).group_by(name)
        with self._database.read() as session:
            rows = session.execute(asked if chosen is None else asked.where(chosen)).all()
        return [Presence(who, first_s, last_s, int(count)) for who, first_s, last_s, count in rows]

    def _bucket(self, session: Session, start_s: int, end_s: int, points: int, zone: str) -> int:
        if not 1 <= points <= MOST_POINTS:
            raise UsageError(f"A series has 1 … {MOST_POINTS} points, not {points}.")
        seconds_from = session.scalar(select(state.c.seconds_from)) or 0
        shortest_s = MINUTE_S if start_s < seconds_from else 1
        return chosen_bucket(start_s, end_s, points, zone_named(zone), shortest_s)

    def _total(self, session: Session, start_s: int, end_s: int, chosen: list[int] | None) -> Total:
        found = [
            sums.by_bucket(session, np.array([start, end], np.int64), chosen, level_s)
            for level_s, start, end in pieces(start_s, end_s)
        ]
        return sums.total(start_s, end_s, np.sum(found, axis=(0, 1)))


def _chosen(session: Session, person: str | None, mirror: str | None) -> list[int] | None:
    """The subjects that are asked for; None for all of them."""
    if person is None and mirror is None:
        return None
    asked = select(subjects.c.id)
    if person is not None:
        asked = asked.where(subjects.c.person == person)
    if mirror is not None:
        asked = asked.where(subjects.c.mirror == mirror)
    return list(session.scalars(asked))
