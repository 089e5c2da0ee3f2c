"""Sums of the log's rows by bucket, and the means that are made of them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Integer, cast, func, literal, select
from sqlalchemy.orm import Session

from mirror_core.moods import MOOD_COUNT
from mirror_mood.log.answers import Series, Total
from mirror_mood.log.buckets import level_of
from mirror_mood.log.models import rollups, seconds
from mirror_mood.log.rows import VALUES

__all__ = ["by_bucket", "series", "total"]

Table = NDArray[np.float64]
COUNT, VALENCE, AROUSAL, CONFIDENCE, UNSURE = (
    0,
    1 + MOOD_COUNT,
    2 + MOOD_COUNT,
    3 + MOOD_COUNT,
    4 + MOOD_COUNT,
)
WIDTH = 1 + len(VALUES)  # count, then the sums of VALUES


def by_bucket(
    session: Session, edges: NDArray[np.int64], subject_ids: Sequence[int] | None, level_s: int | None = None
) -> Table:
    """Sums over each bucket.

    Args:
        session: reads the log.
        edges: int64 [n + 1], where the buckets begin, and where the last one ends; rising.
        subject_ids: whose; None for everybody's.
        level_s: which roll-ups are summed, 1 for the seconds; None for the longest that fit.

    Returns:
        float64 [n, WIDTH]: count, then the sums of VALUES; zeros where nothing was seen.
    """
    table = np.zeros((len(edges) - 1, WIDTH))
    if subject_ids is not None and not subject_ids:
        return table
    lengths = np.diff(edges)
    # Days that the clock made longer or shorter stand alone; the database sums what is equally long.
    begins = np.flatnonzero(np.diff(lengths, prepend=0) != 0)
    for begin, end in zip(begins, [*begins[1:], len(lengths)], strict=True):
        stretch = edges[begin : end + 1]
        level = level_of(stretch) if level_s is None else level_s
        table[begin:end] = _uniform(session, stretch, subject_ids, level)
    return table


def _uniform(
    session: Session, edges: NDArray[np.int64], subject_ids: Sequence[int] | None, level_s: int
) -> Table:
    """The sums over buckets of one length."""
    table = np.zeros((len(edges) - 1, WIDTH))
    source, time, numbers, chosen = _source(level_s)
    chosen += [time >= int(edges[0]), time < int(edges[-1])]
    if subject_ids is not None:
        chosen.append(source.c.subject.in_(subject_ids))
    bucket = (time - int(edges[0])) // literal(int(edges[1] - edges[0]), Integer)
    sums = (func.sum(number) for number in numbers)
    rows = session.execute(select(bucket, *sums).where(*chosen).group_by(bucket)).all()
    if rows:
        found = np.fromiter(chain.from_iterable(rows), np.float64, len(rows) * (WIDTH + 1))
        found = found.reshape(len(rows), WIDTH + 1)
        table[found[:, 0].astype(np.int64)] = found[:, 1:]
    return table


def _source(level_s: int) -> tuple[Any, Any, list[Any], list[Any]]:
    """Where sums come from: the table, its time, what is summed, and a condition."""
    if level_s == 1:
        numbers = [seconds.c[name] for name in VALUES[:-1]]
        return seconds, seconds.c.time, [literal(1), *numbers, cast(seconds.c.unsure, Integer)], []
    numbers = [rollups.c[name] for name in ("count", *VALUES)]
    return rollups, rollups.c.start, numbers, [rollups.c.level == level_s]


def _means(table: Table) -> Table:
    """The table with means in place of sums, NaN where the count is 0."""
    counts = np.where(table[..., COUNT] > 0, table[..., COUNT], np.nan)
    means: Table = table / counts[..., None]
    return means


def series(bucket_s: int, times: NDArray[np.int64], table: Table) -> Series:
    """The series of some sums.

    Args:
        bucket_s: length of a bucket.
        times: int64 [n], where each bucket begins.
        table: float64 [n, WIDTH].
    """
    means = _means(table)
    return Series(
        bucket_s=bucket_s,
        time_s=times,
        means=means[:, 1 : 1 + MOOD_COUNT],
        valence=means[:, VALENCE],
        arousal=means[:, AROUSAL],
        confidence=means[:, CONFIDENCE],
        unsure=means[:, UNSURE],
        count=table[:, COUNT].astype(np.int64),
    )


def total(start_s: int, end_s: int, sums: Table) -> Total:
    """The total of a period from its sums, float64 [WIDTH]."""
    means = _means(sums)
    return Total(
        start_s=start_s,
        end_s=end_s,
        count=int(sums[COUNT]),
        means=means[1 : 1 + MOOD_COUNT],
        valence=float(means[VALENCE]),
        arousal=float(means[AROUSAL]),
        confidence=float(means[CONFIDENCE]),
        unsure=float(means[UNSURE]),
    )
