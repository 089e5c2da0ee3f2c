"""Times of the mood log with two weeks of seconds and a year of roll-ups, in SQLite in a temporary folder."""

from __future__ import annotations

import contextlib
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Table

from mirror_mood.log.models import rollups, seconds, state, subjects
from mirror_mood.log.queries import MoodQueries
from mirror_mood.log.rollups import DAY_S, LEVELS_S, MINUTE_S, aggregated
from mirror_mood.log.rows import MOODS, MoodRow
from mirror_mood.log.store import MoodStore

__all__ = ["END_S", "fill_log", "measure_moods"]

TODAY = datetime(2026, 3, 1, tzinfo=UTC)
END_S = int(TODAY.timestamp())
WEEK_S = 7 * DAY_S
KEPT_S = 2 * WEEK_S  # of seconds: 1.2 million rows
YEAR_S = 365 * DAY_S  # of roll-ups
MIRROR, PERSON = "hall", "ada"
WRITTEN_AT_ONCE = 5  # rows: what one person is in the writer's period
MANY = 1000  # rows that have waited for a database
FEWEST_RUNS = 5


def measure_moods(seconds_to_measure: float) -> dict[str, float]:
    """Measure for about so many seconds, and half a minute more for filling the log.

    Returns:
        Medians in milliseconds: `moods_<question>_ms` for each question of `_questions`,
        `moods_slowest_ms` (the slowest of them), `moods_write_ms` (five rows with their roll-ups, safely
        on the disk), and `moods_write_rate_hz` (rows a second where a thousand have waited).
    """
    with tempfile.TemporaryDirectory(prefix="mirror-bench-") as folder:
        url = str(Path(folder, "moods.sqlite"))
        with MoodStore(url) as store:
            fill_log(url)
            with MoodQueries(url) as log:
                questions = _questions(log)
                share = seconds_to_measure / (len(questions) + 2)
                found = {f"moods_{name}_ms": _median_ms(ask, share) for name, ask in questions.items()}
            found["moods_slowest_ms"] = max(found.values())
            moment = iter(range(END_S, END_S + YEAR_S))
            few, many = (
                _median_ms(partial(_write, store, moment, count), share) for count in (WRITTEN_AT_ONCE, MANY)
            )
        return {**found, "moods_write_ms": few, "moods_write_rate_hz": MANY / many * 1e3}


def _questions(log: MoodQueries) -> dict[str, Callable[[], Any]]:
    """What a page asks, and the worst that anybody may ask."""
    two_weeks, year, end = END_S - KEPT_S, END_S - YEAR_S, END_S
    last_week, this_week = (two_weeks, end - WEEK_S), (end - WEEK_S, end)
    first_day, last_day = (TODAY - timedelta(365)).date(), (TODAY - timedelta(1)).date()
    return {
        "state": log.state,
        "people": log.people,
        "hour_by_second": lambda: log.series(end - 3600, end, bucket_s=1),
        "hours_by_ten_seconds": lambda: log.series(end - 49_990, end, bucket_s=10),
        "day_by_minute": lambda: log.series(end - DAY_S, end, bucket_s=60),
        "two_weeks": lambda: log.series(two_weeks, end),
        "two_weeks_of_a_person": lambda: log.series(two_weeks, end, person=PERSON, mirror=MIRROR),
        "two_weeks_by_ten_minutes": lambda: log.series(two_weeks, end, bucket_s=600),
        "month_by_ten_minutes": lambda: log.series(end - 34 * DAY_S, end, bucket_s=600),
        "year": lambda: log.series(year, end, zone="Europe/Berlin"),
        "year_by_six_hours": lambda: log.series(year, end, bucket_s=21600, zone="Europe/Berlin"),
        "total": lambda: log.total(two_weeks + 17, end - 4242),
        "compare_weeks": lambda: log.compare(last_week, this_week, zone="Europe/Berlin"),
        "calendar_of_a_month": lambda: log.calendar(
            (TODAY - timedelta(31)).date(), last_day, zone="Europe/Berlin"
        ),
        "calendar_of_a_year": lambda: log.calendar(first_day, last_day, zone="Europe/Berlin"),
        "calendar_of_a_year_at_half_past": lambda: log.calendar(first_day, last_day, zone="Asia/Kathmandu"),
    }


def _values(count: int, seed: int) -> NDArray[np.float64]:
    """float64 [count, len(VALUES)]: somebody whose moods come and go."""
    rng = np.random.default_rng(seed)
    weights = rng.gamma(0.6, size=(count, len(MOODS)))
    moods = weights / weights.sum(axis=1, keepdims=True)
    rest = np.stack(
        [rng.uniform(-1, 1, count), rng.uniform(-1, 1, count), moods.max(axis=1), rng.random(count) < 0.2],
        axis=1,
    )
    return np.concatenate([moods, rest], axis=1)


def fill_log(file: str) -> None:
    """Write what a year of one person who never leaves has left, past the store, which is slower."""
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        begin = END_S - YEAR_S
        subject = (1, MIRROR, PERSON, begin, END_S - 1, YEAR_S)
        _insert(connection, subjects, [subject])
        for start in range(END_S - KEPT_S, END_S, DAY_S):
            values = _values(DAY_S, start).tolist()
            first = start - (END_S - KEPT_S) + 1
            rows = [
                (start + index, 1, 1, first + index, *numbers[:-1], int(numbers[-1]))
                for index, numbers in enumerate(values)
            ]
            _insert(connection, seconds, rows)
        for start in range(begin, END_S, DAY_S * 5):
            times = np.arange(start, min(start + DAY_S * 5, END_S), dtype=np.int64)
            numbers, owners = _values(len(times), start), np.ones(len(times), np.int64)
            for level_s in LEVELS_S:
                kept = times >= (begin if level_s >= MINUTE_S else END_S - KEPT_S)
                if kept.any():
                    found = aggregated(times[kept], owners[kept], numbers[kept], level_s)
                    _insert(connection, rollups, [tuple(row.values()) for row in found])
        connection.execute(f"UPDATE {state.name} SET numbers = {KEPT_S}, seconds_from = {END_S - KEPT_S}")
        connection.commit()


def _insert(connection: sqlite3.Connection, table: Table, rows: list[tuple[Any, ...]]) -> None:
    connection.executemany(f"INSERT INTO {table.name} VALUES ({', '.join('?' * len(table.c))})", rows)
    connection.commit()


def _write(store: MoodStore, moment: Iterator[int], count: int) -> None:
    store.add([_row(next(moment)) for _ in range(count)])


def _row(time_s: int) -> MoodRow:
    return MoodRow(time_s, MIRROR, PERSON, 1, (0.1, 0.0, 0.1, 0.5, 0.1, 0.1, 0.1), 0.4, 0.1, 0.5)


def _median_ms(work: Callable[[], Any], seconds_to_measure: float) -> float:
    work()
    durations: list[float] = []
    end = time.perf_counter() + seconds_to_measure
    while len(durations) < FEWEST_RUNS or time.perf_counter() < end:
        start = time.perf_counter()
        work()
        durations.append(time.perf_counter() - start)
    return float(np.median(durations)) * 1e3
