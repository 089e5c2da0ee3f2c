"""Buckets of time: a fixed ladder of lengths, and where they begin, also where clocks are changed."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import UsageError
from mirror_mood.log.rollups import DAY_S, LEVELS_S
from mirror_mood.log.rows import LATEST_S

__all__ = [
    "LADDER_S",
    "check_period",
    "chosen_bucket",
    "day_starts",
    "edges",
    "level_of",
    "pieces",
    "zone_named",
]

HOUR_S: Final = 3600
WEEK_S: Final = 7 * DAY_S
LADDER_S: Final = (1, 10, 60, 600, HOUR_S, 6 * HOUR_S, DAY_S, WEEK_S)  # lengths of a bucket
ANY_LEVEL_S: Final = (1, *LEVELS_S)  # the seconds themselves, and the roll-ups

Times = NDArray[np.int64]


def zone_named(name: str) -> ZoneInfo | None:
    """The time zone of a name; None, which means this host's, for an empty one.

    Raises:
        UsageError: if there is none of this name.
    """
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise UsageError(
            f"There is no time zone {name[:40]!r}; write it like Europe/Berlin, or leave it empty for this "
            "host's."
        ) from None


def check_period(start_s: int, end_s: int) -> None:
    """See that there is time between two moments.

    Raises:
        UsageError: if there is none, or it lies before 1970 or after the year 9998.
    """
    latest = LATEST_S - 366 * DAY_S
    if not 0 <= start_s < end_s <= latest:
        raise UsageError(
            f"A period begins before it ends, and not before 0 (1970), not from {start_s} to {end_s} "
            "(UTC epoch seconds)."
        )


def _epoch_s(local: datetime, zone: ZoneInfo | None) -> int:
    return int((local.replace(tzinfo=zone) if zone else local).timestamp())


def _local(time_s: int, zone: ZoneInfo | None) -> datetime:
    return datetime.fromtimestamp(time_s, zone).replace(tzinfo=None)


def _offset_s(time_s: int, zone: ZoneInfo | None) -> int:
    """By how much local clocks are ahead of UTC."""
    local = datetime.fromtimestamp(time_s, UTC).astimezone(zone)
    ahead = local.utcoffset()
    assert ahead is not None
    return int(ahead.total_seconds())


def edges(start_s: int, end_s: int, bucket_s: int, zone: ZoneInfo | None) -> Times:
    """Where the buckets begin that touch a period, and where the last one ends.

    Up to ten minutes they are counted from UTC's full hour on; hours are full local hours; six hours, days
    and weeks (from Monday on) begin at local midnight and are as long as they are there.

    Args:
        start_s, end_s: the period.
        bucket_s: one of LADDER_S.
        zone: None for this host's.

    Returns:
        int64 [n + 1], rising.
    """
    if bucket_s <= HOUR_S:
        shift = _offset_s(start_s, zone) % HOUR_S if bucket_s == HOUR_S else 0
        first = (start_s + shift) // bucket_s * bucket_s - shift
        count = -((first - end_s) // bucket_s)
        return first + bucket_s * np.arange(count + 1, dtype=np.int64)
    first_day = _local(start_s, zone).date()
    if bucket_s == WEEK_S:
        first_day -= timedelta(first_day.weekday())
    step = timedelta(days=max(bucket_s // DAY_S, 1))
    hours = range(0, 24, bucket_s // HOUR_S) if bucket_s < DAY_S else (0,)
    found: list[int] = []
    day = datetime(first_day.year, first_day.month, first_day.day)  # the clock on the wall
    while not found or found[-1] < end_s:
        found += [_epoch_s(day + timedelta(hours=hour), zone) for hour in hours]
        day += step
    found.append(_epoch_s(day, zone))
    times = np.unique(np.array(found, np.int64))
    begin = int(np.searchsorted(times, start_s, side="right")) - 1
    end = int(np.searchsorted(times, end_s, side="left"))
    return times[max(begin, 0) : end + 1]


def day_starts(first: date, last: date, zone: ZoneInfo | None) -> Times:
    """int64 [days + 1], local midnight of each day, and the midnight after the last one."""
    midnight = datetime(first.year, first.month, first.day)
    count = (last - first).days + 1
    return np.array([_epoch_s(midnight + timedelta(day), zone) for day in range(count + 1)], np.int64)


def chosen_bucket(start_s: int, end_s: int, points: int, zone: ZoneInfo | None, shortest_s: int = 1) -> int:
    """The shortest bucket of the ladder by which a period has no more points than that; else the longest.

    Args:
        shortest_s: what is shorter is not considered.
    """
    for bucket_s in LADDER_S:
        about = math.ceil((end_s - start_s) / bucket_s)
        if bucket_s < shortest_s or about > points:
            continue
        if len(edges(start_s, end_s, bucket_s, zone)) - 1 <= points:
            return bucket_s
    return LADDER_S[-1]


def level_of(times: Times) -> int:
    """The longest level (1 for the seconds themselves) that all these edges are multiples of."""
    return next(level_s for level_s in reversed(ANY_LEVEL_S) if not (times % level_s).any())


def pieces(start_s: int, end_s: int) -> list[tuple[int, int, int]]:
    """A period as few stretches of long roll-ups, shorter ones at its ends.

    Returns:
        (level, start, end) of each.
    """
    found: list[tuple[int, int, int]] = []

    def split(start: int, end: int, levels: tuple[int, ...]) -> None:
        if start >= end:
            return
        level_s = levels[-1]
        first, last = -(-start // level_s) * level_s, end // level_s * level_s
        if first >= last:
            split(start, end, levels[:-1])
            return
        found.append((level_s, first, last))
        split(start, first, levels[:-1])
        split(last, end, levels[:-1])

    split(start_s, end_s, ANY_LEVEL_S)
    return found
