"""What a page asks the log: every answer is the mean of the rows themselves, at whatever scale."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from mirror_core.errors import StoreError, UsageError
from mirror_core.moods import MoodLabel
from mirror_mood.log.queries import LADDER_S, LogState, MoodQueries, NoMoodLogError, Presence
from mirror_mood.log.rows import MOODS, MoodRow
from mirror_mood.log.store import MoodStore

Make = Callable[..., MoodRow]
NOON_S = 1_772_366_400  # 2026-03-01 12:00 UTC
DAY_S = 86400
HAPPY = {name: 0.4 if name == "happy" else 0.1 for name in MOODS}
SAD = {name: 0.4 if name == "sad" else 0.1 for name in MOODS}


@pytest.fixture
def log(store: MoodStore, url: str) -> Iterator[MoodQueries]:
    with MoodQueries(url) as queries:
        yield queries


def test_a_series_has_the_means_of_its_rows_and_gaps_where_there_are_none(
    store: MoodStore, log: MoodQueries, row: Make
) -> None:
    store.add(
        [
            row(NOON_S, by_name=HAPPY, valence=0.5, arousal=0.1, confidence=0.4, unsure=True),
            row(NOON_S + 7, by_name=SAD, valence=-0.1, arousal=0.3, confidence=0.4),
            row(NOON_S + 25),
        ]
    )
    series = log.series(NOON_S - 10, NOON_S + 30, bucket_s=10)
    assert series.bucket_s == 10
    assert series.time_s.tolist() == [NOON_S - 10, NOON_S, NOON_S + 10, NOON_S + 20]
    assert series.count.tolist() == [0, 2, 0, 1]
    for label in MoodLabel:
        by_name = [np.nan, (HAPPY[label.word] + SAD[label.word]) / 2, np.nan, row().probability(label)]
        assert series.of(label) == pytest.approx(by_name, nan_ok=True), label
        assert series.means[:, label] == pytest.approx(by_name, nan_ok=True), label
    assert series.valence == pytest.approx([np.nan, 0.2, np.nan, 0.25], nan_ok=True)
    assert series.arousal == pytest.approx([np.nan, 0.2, np.nan, -0.5], nan_ok=True)
    assert series.unsure == pytest.approx([np.nan, 0.5, np.nan, 0.0], nan_ok=True)
    assert series.confidence == pytest.approx([np.nan, 0.4, np.nan, 0.31], nan_ok=True)
    assert len(series) == 4


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Kathmandu", "UTC"])
@pytest.mark.parametrize("bucket_s", LADDER_S)
def test_every_scale_says_the_same(file_store: MoodStore, row: Make, bucket_s: int, zone: str) -> None:
    rng = np.random.default_rng(bucket_s)
    start = NOON_S - 40 * min(bucket_s, DAY_S)
    times = np.unique(rng.integers(start, NOON_S, 300)).tolist()
    values = rng.uniform(-1, 1, len(times))
    file_store.add([row(time_s, valence=valence) for time_s, valence in zip(times, values, strict=True)])
    with MoodQueries(str(file_store.database.file)) as log:
        series = log.series(start, NOON_S, bucket_s=bucket_s, zone=zone)
        total = log.total(start, NOON_S)
    ends = [*series.time_s[1:].tolist(), 2**62]
    for begin, end, count, valence in zip(
        series.time_s.tolist(), ends, series.count.tolist(), series.valence.tolist(), strict=True
    ):
        inside = [value for time_s, value in zip(times, values, strict=True) if begin <= time_s < end]
        assert count == len(inside)
        assert valence == pytest.approx(np.mean(inside) if inside else np.nan, nan_ok=True)
    assert total.count == len(times)
    assert total.valence == pytest.approx(values.mean())


def test_people_and_mirrors_are_told_apart(store: MoodStore, log: MoodQueries, row: Make) -> None:
    store.add(
        [
            row(NOON_S, person="ada", by_name=HAPPY),
            row(NOON_S + 1, person="ada", mirror="bath", by_name=SAD),
            row(NOON_S + 2),
            row(NOON_S + 3, visit=2),
        ]
    )
    counts = {
        (person, mirror): log.total(NOON_S, NOON_S + 60, person=person, mirror=mirror).count
        for person in (None, "ada", "", "nobody")
        for mirror in (None, "hall", "bath", "cellar")
    }
    assert counts == {
        (None, None): 4,
        (None, "hall"): 3,
        (None, "bath"): 1,
        (None, "cellar"): 0,
        ("ada", None): 2,
        ("ada", "hall"): 1,
        ("ada", "bath"): 1,
        ("ada", "cellar"): 0,
        ("", None): 2,
        ("", "hall"): 2,
        ("", "bath"): 0,
        ("", "cellar"): 0,
        ("nobody", None): 0,
        ("nobody", "hall"): 0,
        ("nobody", "bath"): 0,
        ("nobody", "cellar"): 0,
    }
    assert log.series(NOON_S, NOON_S + 9, person="ada", mirror="hall").of(MoodLabel.HAPPY)[0] == (
        pytest.approx(0.4)
    )
    assert log.people() == (Presence("", NOON_S + 2, NOON_S + 3, 2), Presence("ada", NOON_S, NOON_S + 1, 2))
    assert log.people(mirror="bath") == (Presence("ada", NOON_S + 1, NOON_S + 1, 1),)
    assert log.mirrors() == (
        Presence("bath", NOON_S + 1, NOON_S + 1, 1),
        Presence("hall", NOON_S, NOON_S + 3, 3),
    )
    assert log.mirrors(person="ada") == (
        Presence("bath", NOON_S + 1, NOON_S + 1, 1),
        Presence("hall", NOON_S, NOON_S, 1),
    )


def test_two_people_in_one_second_count_twice(store: MoodStore, log: MoodQueries, row: Make) -> None:
    store.add([row(NOON_S, person="ada", valence=1.0), row(NOON_S, person="ben", valence=0.0)])
    series = log.series(NOON_S, NOON_S + 1, bucket_s=1)
    assert (series.count.tolist(), series.valence.tolist()) == ([2], [0.5])


def test_the_state_tells_a_page_that_there_is_something_new(
    store: MoodStore, log: MoodQueries, row: Make
) -> None:
    first = log.state()
    assert (first.first_s, first.latest_s) == (None, None)
    store.add([row(NOON_S)])
    second = log.state()
    assert second == LogState(second.revision, NOON_S, NOON_S)
    assert second.revision > first.revision
    assert log.state() == second
    store.add([row(NOON_S - 100)])
    assert log.state().revision > second.revision
    assert log.state().first_s == NOON_S - 100


def test_two_periods_beside_each_other(store: MoodStore, log: MoodQueries, row: Make) -> None:
    week = 7 * DAY_S
    store.add([row(NOON_S + hour * 3600, by_name=HAPPY, valence=0.5) for hour in range(24)])
    store.add([row(NOON_S + week + hour * 3600, by_name=SAD, valence=-0.25) for hour in range(12)])
    found = log.compare((NOON_S, NOON_S + week), (NOON_S + week, NOON_S + 2 * week), zone="UTC")
    assert (found.first.count, found.second.count) == (24, 12)
    assert (found.first.dominant, found.second.dominant) == (MoodLabel.HAPPY, MoodLabel.SAD)
    assert found.difference[MoodLabel.SAD] == pytest.approx(0.3)
    assert found.difference[MoodLabel.HAPPY] == pytest.approx(-0.3)
    assert found.difference[MoodLabel.FEAR] == pytest.approx(0.0)
    assert found.valence_difference == pytest.approx(-0.75)
    assert found.arousal_difference == pytest.approx(0.0)
    assert found.first_series.bucket_s == found.second_series.bucket_s == 3600
    assert found.first_series.count.sum() == 24
    empty = log.compare((0, 60), (NOON_S, NOON_S + 60))
    assert empty.first.dominant is None
    assert np.isnan(empty.difference).all()


def test_a_calendar_has_each_local_day(store: MoodStore, log: MoodQueries, row: Make) -> None:
    berlin = ZoneInfo("Europe/Berlin")

    def at(day: int, hour: int) -> int:
        return int(datetime(2026, 3, day, hour, 30, tzinfo=berlin).timestamp())

    store.add([row(at(28, 0), by_name=SAD), row(at(28, 23), by_name=SAD), row(at(30, 0), by_name=HAPPY)])
    days = log.calendar(date(2026, 3, 27), date(2026, 3, 30), zone="Europe/Berlin")
    assert [(day.day.day, day.total.count, day.dominant) for day in days] == [
        (27, 0, None),
        (28, 2, MoodLabel.SAD),
        (29, 0, None),
        (30, 1, MoodLabel.HAPPY),
    ]
    assert days[1].total.means[MoodLabel.SAD] == pytest.approx(0.4)
    assert days[2].total.end_s - days[2].total.start_s == 23 * 3600
    there = log.calendar(date(2026, 3, 27), date(2026, 3, 30), zone="Pacific/Auckland")
    assert [day.total.count for day in there] == [0, 1, 1, 1]


def test_a_year_of_days_is_the_sum_of_its_rows(file_store: MoodStore, row: Make) -> None:
    rng = np.random.default_rng(4)
    times = np.unique(rng.integers(NOON_S - 365 * DAY_S, NOON_S, 2000)).tolist()
    file_store.add([row(time_s) for time_s in times])
    for zone in ("Europe/Berlin", "Asia/Kathmandu", "America/New_York", "UTC"):
        place = ZoneInfo(zone)
        with MoodQueries(str(file_store.database.file)) as log:
            days = log.calendar(date(2025, 3, 1), date(2026, 3, 1), zone=zone)
        local = [datetime.fromtimestamp(time_s, place).date() for time_s in times]
        assert [day.total.count for day in days] == [local.count(day.day) for day in days]


def test_where_seconds_are_gone_buckets_are_a_minute_or_longer(
    store: MoodStore, log: MoodQueries, row: Make
) -> None:
    store.add([row(NOON_S - 3 * DAY_S + second) for second in range(90)])
    assert log.series(NOON_S - 3 * DAY_S, NOON_S - 3 * DAY_S + 100, points=200).bucket_s == 1
    store.prune(NOON_S, 2, 10)
    series = log.series(NOON_S - 3 * DAY_S, NOON_S - 3 * DAY_S + 100, points=200)
    assert (series.bucket_s, series.count.tolist()) == (60, [60, 30])
    assert log.total(NOON_S - 3 * DAY_S, NOON_S - 3 * DAY_S + 61).count == 60


def test_mistakes_are_told_in_a_sentence(store: MoodStore, log: MoodQueries) -> None:
    for why, ask in (
        ("A period begins before it ends", lambda: log.series(NOON_S, NOON_S)),
        (r"A bucket of 7 s is refused: allowed are 1, 10, 60", lambda: log.series(0, 60, bucket_s=7)),
        ("more than 5000 points; ask for longer buckets than 1 s", lambda: log.series(0, 5002, bucket_s=1)),
        ("A series has 1 … 5000 points, not 0", lambda: log.series(0, 60, points=0)),
        ("A series has 1 … 5000 points, not 5001", lambda: log.series(0, 60, points=5001)),
        ("There is no time zone 'Mars'", lambda: log.series(0, 60, zone="Mars")),
        ("A calendar has 1 … 5000 days", lambda: log.calendar(date(2026, 1, 2), date(2026, 1, 1))),
    ):
        with pytest.raises(UsageError, match=why):
            ask()


def test_asking_makes_no_log(tmp_path: Path) -> None:
    with pytest.raises(NoMoodLogError, match=r"does not exist yet: no mood is kept until the parameter log"):
        MoodQueries(f"{tmp_path}/mood/moods.sqlite")
    assert list(tmp_path.iterdir()) == []


def test_a_log_that_vanishes_is_told_and_comes_back(file_store: MoodStore, row: Make, tmp_path: Path) -> None:
    file_store.add([row()])
    file = file_store.database.file
    assert file is not None
    with MoodQueries(str(file)) as log:
        file.rename(tmp_path / "elsewhere")
        with pytest.raises(StoreError, match="cannot be opened: it is gone"):
            log.state()
        (tmp_path / "elsewhere").rename(file)
        assert log.state().latest_s == NOON_S


def test_questions_load_neither_ros_nor_what_only_uploads_need(file_store: MoodStore) -> None:
    script = (
        "import sys; from mirror_mood.log.queries import MoodQueries; "
        f"MoodQueries({str(file_store.database.file)!r}).state(); "
        "heavy = {'rclpy', 'pyarrow', 'alembic', 's3fs', 'fsspec', 'psycopg', 'cv2'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "[]\n"
