"""Where buckets of time begin: a fixed ladder, local days, changed clocks."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror_core.errors import UsageError
from mirror_mood.log.buckets import (
    LADDER_S,
    check_period,
    chosen_bucket,
    day_starts,
    edges,
    level_of,
    pieces,
    zone_named,
)
from mirror_mood.log.rollups import LEVELS_S

BERLIN, KATHMANDU, NEW_YORK = (
    ZoneInfo(name) for name in ("Europe/Berlin", "Asia/Kathmandu", "America/New_York")
)
ZONES = st.sampled_from([BERLIN, KATHMANDU, NEW_YORK, ZoneInfo("UTC"), ZoneInfo("Australia/Lord_Howe")])
DAY_S = 86400


def at(zone: ZoneInfo, *moment: int) -> int:
    return int(datetime(*moment, tzinfo=zone).timestamp())  # type: ignore[misc]


@given(
    start=st.integers(0, 2_000_000_000),
    length=st.integers(1, 40 * DAY_S),
    bucket_s=st.sampled_from(LADDER_S),
    zone=ZONES,
)
def test_buckets_cover_the_period_without_holes_and_not_more(
    start: int, length: int, bucket_s: int, zone: ZoneInfo
) -> None:
    length = min(length, 3000 * bucket_s)
    times = edges(start, start + length, bucket_s, zone)
    lengths = np.diff(times)
    assert (lengths > 0).all()
    assert times[0] <= start < times[1]
    assert times[-2] < start + length <= times[-1]
    if bucket_s <= 3600:
        assert (lengths == bucket_s).all()
    else:
        assert (abs(lengths - bucket_s) <= 2 * 3600).all()


@given(start=st.integers(0, 2_000_000_000), length=st.integers(1, 400 * DAY_S))
def test_pieces_are_the_period_and_each_fits_its_level(start: int, length: int) -> None:
    found = sorted(pieces(start, start + length), key=lambda piece: piece[1])
    assert found[0][1] == start
    assert found[-1][2] == start + length
    for (_, _, end), (_, begin, _) in pairwise(found):
        assert end == begin
    assert all(level in (1, *LEVELS_S) and begin % level == end % level == 0 for level, begin, end in found)
    assert len(found) <= 2 * len(LEVELS_S) + 1


def test_days_begin_at_local_midnight_also_when_the_clock_is_changed() -> None:
    times = edges(at(BERLIN, 2026, 3, 28, 15), at(BERLIN, 2026, 3, 31), 86400, BERLIN)
    assert times.tolist() == [at(BERLIN, 2026, 3, day) for day in (28, 29, 30, 31)]
    assert np.diff(times).tolist() == [DAY_S, DAY_S - 3600, DAY_S]
    times = day_starts(date(2026, 10, 24), date(2026, 10, 26), BERLIN)
    assert np.diff(times).tolist() == [DAY_S, DAY_S + 3600, DAY_S]


def test_weeks_begin_on_monday() -> None:
    times = edges(at(NEW_YORK, 2026, 3, 1), at(NEW_YORK, 2026, 3, 12), 7 * DAY_S, NEW_YORK)
    days = [datetime.fromtimestamp(each, NEW_YORK) for each in times.tolist()]
    assert [f"{day:%a %Y-%m-%d %H:%M}" for day in days] == [
        "Mon 2026-02-23 00:00",
        "Mon 2026-03-02 00:00",
        "Mon 2026-03-09 00:00",
        "Mon 2026-03-16 00:00",
    ]


def test_hours_are_those_of_the_clock_on_the_wall() -> None:
    times = edges(at(KATHMANDU, 2026, 3, 1, 9, 10), at(KATHMANDU, 2026, 3, 1, 11, 1), 3600, KATHMANDU)
    assert [datetime.fromtimestamp(each, KATHMANDU).strftime("%H:%M") for each in times.tolist()] == [
        "09:00",
        "10:00",
        "11:00",
        "12:00",
    ]
    assert level_of(times) == 900
    assert level_of(edges(0, DAY_S, 600, None)) == 300


def test_the_shortest_bucket_that_needs_no_more_points_is_chosen() -> None:
    start = at(BERLIN, 2026, 3, 1)
    for length_s, points, expected in (
        (60, 60, 1),
        (60, 59, 10),
        (3600, 500, 10),
        (DAY_S, 500, 600),
        (14 * DAY_S, 500, 3600),
        (14 * DAY_S, 60, 21600),
        (365 * DAY_S, 500, DAY_S),
        (365 * DAY_S, 60, 7 * DAY_S),
        (3650 * DAY_S, 1, 7 * DAY_S),
    ):
        assert chosen_bucket(start, start + length_s, points, BERLIN) == expected, (length_s, points)
    assert chosen_bucket(start, start + 60, 60, BERLIN, shortest_s=60) == 60


@given(start=st.integers(0, 2_000_000_000), length=st.integers(1, 400 * DAY_S), points=st.integers(1, 2000))
def test_a_chosen_bucket_never_needs_more_points_than_the_longest_would(
    start: int, length: int, points: int
) -> None:
    bucket_s = chosen_bucket(start, start + length, points, BERLIN)
    assert len(edges(start, start + length, bucket_s, BERLIN)) - 1 <= points or bucket_s == LADDER_S[-1]


def test_mistakes_are_told_in_a_sentence() -> None:
    with pytest.raises(UsageError, match="There is no time zone 'Europe/Nowhere'; write it like"):
        zone_named("Europe/Nowhere")
    with pytest.raises(UsageError, match="There is no time zone"):
        zone_named("../../etc/passwd")
    for start_s, end_s in ((5, 5), (6, 5), (-1, 5), (0, 10**12)):
        with pytest.raises(UsageError, match="A period begins before it ends"):
            check_period(start_s, end_s)
    assert zone_named("") is None


def test_the_host_s_own_zone_is_used_where_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        here = day_starts(date(2026, 3, 7), date(2026, 3, 9), None)
        assert here.tolist() == day_starts(date(2026, 3, 7), date(2026, 3, 9), NEW_YORK).tolist()
        start = at(NEW_YORK, 2026, 3, 7, 3)
        end = start + int(timedelta(days=3).total_seconds())
        for bucket_s in LADDER_S[4:]:
            there = edges(start, end, bucket_s, NEW_YORK)
            assert edges(start, end, bucket_s, None).tolist() == there.tolist()
    finally:
        monkeypatch.undo()
        time.tzset()
