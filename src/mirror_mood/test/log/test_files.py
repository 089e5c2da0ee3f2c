"""What leaves the log as files: the first mood mirror's CSV, and what it holds about somebody."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from mirror_core.errors import StoreError, UsageError
from mirror_core.moods import MoodLabel
from mirror_mood.log import read_rows as read_rows_module
from mirror_mood.log.csv_export import COLUMNS, csv_lines, write_csv
from mirror_mood.log.erasure import erase
from mirror_mood.log.holding import holding, write_holding
from mirror_mood.log.ledger import Ledger
from mirror_mood.log.read_rows import read_rows
from mirror_mood.log.rows import MOODS, MoodRow
from mirror_mood.log.store import MoodStore

Make = Callable[..., MoodRow]
NOON_S = 1_772_366_400


def test_the_columns_are_those_of_the_first_mood_mirror() -> None:
    assert ",".join(COLUMNS) == "DateTime,Angry,Disgust,Fear,Happy,Sad,Surprise,Neutral,dominant"


def test_each_probability_stands_in_the_column_of_its_name(row: Make) -> None:
    by_name = {name: (7 - index) / 28 for index, name in enumerate(MOODS)}
    text = io.StringIO()
    rows = [row(NOON_S, by_name=by_name)]
    rows += [
        row(NOON_S + 1, by_name={name: 0.4 if name == label.word else 0.1 for name in MOODS})
        for label in MoodLabel
    ]
    assert write_csv(csv_lines(rows, ZoneInfo("Europe/Berlin")), text) == 8
    first, *others = csv.DictReader(io.StringIO(text.getvalue()))
    assert first.pop("DateTime") == "2026-03-01T13:00:00+01:00"
    assert first.pop("dominant") == "Angry"
    assert {name: float(value) for name, value in first.items()} == {
        name.capitalize(): pytest.approx(probability, abs=1e-6) for name, probability in by_name.items()
    }
    assert [each["dominant"] for each in others] == [
        "Angry",
        "Disgust",
        "Fear",
        "Happy",
        "Sad",
        "Surprise",
        "Neutral",
    ]
    assert all(float(each[each["dominant"]]) == 0.4 for each in others)


@pytest.mark.parametrize("page", [1, 2, 3, 100])
def test_any_range_is_read_a_page_at_a_time(
    store: MoodStore, row: Make, page: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_rows_module, "PAGE", page)
    rows = [
        row(NOON_S + second, person=person, mirror=mirror, visit=visit)
        for second in range(3)
        for person, mirror in (("ada", "hall"), ("", "hall"), ("", "bath"))
        for visit in (1, 2)
    ]
    store.add(rows)

    def key(each: MoodRow) -> tuple[int, str, str, int]:
        return each.time_s, each.person, each.mirror, each.visit

    found = list(read_rows(store.database, 0, 2**40))
    assert sorted(map(key, found)) == sorted(map(key, rows))
    assert [each.time_s for each in found] == sorted(each.time_s for each in rows)
    assert found[0].probability(MoodLabel.FEAR) == pytest.approx(0.11)
    assert len(list(read_rows(store.database, NOON_S + 1, NOON_S + 2))) == 6
    assert len(list(read_rows(store.database, 0, 2**40, person="", mirror="bath"))) == 6


def test_a_csv_file_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("mine")
    with pytest.raises(UsageError, match=r"x\.csv exists already; choose another name"):
        write_csv(csv_lines([]), tmp_path / "x.csv")
    with pytest.raises(StoreError, match="cannot be written: it is gone"):
        write_csv(csv_lines([]), tmp_path / "nowhere" / "x.csv")
    assert (tmp_path / "x.csv").read_text() == "mine"


def test_what_is_held_about_somebody(store: MoodStore, row: Make, tmp_path: Path) -> None:
    store.add([row(NOON_S, person="ada"), row(NOON_S + 70, person="ada", mirror="bath"), row(NOON_S)])
    Ledger(store.database, "s3://bucket/log").cut("hall")
    content = write_holding(store.database, "ada", tmp_path / "ada")
    assert json.loads((tmp_path / "ada" / "holding.json").read_text()) == content
    assert content["mirrors"] == [
        {
            "mirror": "bath",
            "first": "2026-03-01T12:01:10+00:00",
            "last": "2026-03-01T12:01:10+00:00",
            "seconds": 1,
        },
        {
            "mirror": "hall",
            "first": "2026-03-01T12:00:00+00:00",
            "last": "2026-03-01T12:00:00+00:00",
            "seconds": 1,
        },
    ]
    assert content["rows of single seconds"] == 2
    assert content["sums by length in seconds"] == {
        "10": 2,
        "60": 2,
        "300": 2,
        "900": 2,
        "3600": 2,
        "86400": 2,
    }
    assert content["uploaded or waiting to be"] == [
        {
            "target": "s3://bucket/log",
            "name": "mirror=hall/date=2026-03-01/part-000000000001-000000000003.parquet",
            "state": "cut",
        }
    ]
    seconds = list(csv.DictReader((tmp_path / "ada" / "seconds.csv").open()))
    assert [(each["time"], each["mirror"], each["person"]) for each in seconds] == [
        ("2026-03-01T12:00:00+00:00", "hall", "ada"),
        ("2026-03-01T12:01:10+00:00", "bath", "ada"),
    ]
    for name, probability in zip(MOODS, row().probabilities, strict=True):
        assert float(seconds[0][name]) == pytest.approx(probability)
    totals = list(csv.DictReader((tmp_path / "ada" / "sums.csv").open()))
    assert len(totals) == 12
    assert {each["count"] for each in totals} == {"1"}
    with pytest.raises(UsageError, match="holds such files already"):
        write_holding(store.database, "ada", tmp_path / "ada")
    erase(store, "ada")
    after = holding(store.database, "ada")
    assert (after["mirrors"], after["rows of single seconds"]) == ([], 0)
    assert after["still to be erased there"] == [
        {
            "target": "s3://bucket/log",
            "name": "mirror=hall/date=2026-03-01/part-000000000001-000000000003.parquet",
            "state": "cut",
        }
    ]
