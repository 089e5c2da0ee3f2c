"""`mirror mood log|export|erase|hold`: what they find, write, erase and say, without a mirror."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

pytest.importorskip("ament_index_python", reason="ROS 2 is not installed")

from mirror import mood_log_command
from mirror.command import app
from mirror_core.errors import UsageError
from mirror_mood.log.rows import MoodRow
from mirror_mood.log.store import MoodStore

runner = CliRunner()
NOON_S = 1_772_366_400  # 2026-03-01 12:00 UTC
ADA, BEN = "ada0123456", "ben0123456"


def row(time_s: int, person: str = "", mirror: str = "hall") -> MoodRow:
    return MoodRow(time_s, mirror, person, 1, (0.1, 0.0, 0.2, 0.4, 0.1, 0.1, 0.1), 0.5, 0.1, 0.4)


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MoodStore]:
    """The log that the command works on, with two people and somebody unknown."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MIRROR_MOOD_DATABASE", str(tmp_path / "moods.sqlite"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(mood_log_command, "_names", lambda: {ADA: "Ada", BEN: "Ben"})
    with MoodStore() as store:
        store.add([row(NOON_S, ADA), row(NOON_S + 1, ADA), row(NOON_S + 60, BEN, "bath"), row(NOON_S + 120)])
        yield store


def mood(*words: str) -> Any:
    return runner.invoke(app, ["mood", *words], catch_exceptions=False)


def count(store: MoodStore) -> int:
    with store.database.read() as session:
        found = session.connection().exec_driver_sql("SELECT count(*) FROM mood_seconds").scalar()
    return int(found or 0)


def test_log_lists_people_and_mirrors(log: MoodStore, tmp_path: Path) -> None:
    said = mood("log").stdout
    assert f"The log is kept in {tmp_path}/moods.sqlite." in said
    lines = [line.replace("│", " ").split() for line in said.splitlines()]
    assert ["Ada", ADA[:8]] in [line[:2] for line in lines]
    assert [line[-1] for line in lines if line[:1] == ["unknown"]] == ["1"]
    assert [line[-1] for line in lines if line[:1] == ["hall"]] == ["3"]


def test_export_writes_the_old_columns(log: MoodStore, tmp_path: Path) -> None:
    done = mood("export", "x.csv", "--person", "ada", "--zone", "UTC")
    assert done.exit_code == 0
    (first, second) = csv.DictReader((tmp_path / "x.csv").open())
    assert first == {
        "DateTime": "2026-03-01T12:00:00+00:00",
        "Angry": "0.100000",
        "Disgust": "0.000000",
        "Fear": "0.200000",
        "Happy": "0.400000",
        "Sad": "0.100000",
        "Surprise": "0.100000",
        "Neutral": "0.100000",
        "dominant": "Happy",
    }
    assert second["DateTime"] == "2026-03-01T12:00:01+00:00"
    said = mood("export", "-", "--from", "2026-03-01T12:01:00+00:00", "--to", "2026-03-01T12:01:30+00:00")
    assert said.stdout.count("\n") == 2


def test_export_uploads_the_rows_of_all_mirrors(log: MoodStore, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="pyarrow is not installed (requirements/base.txt)")
    assert (
        f"4 rows in 2 parts are uploaded to {tmp_path}/there." in mood("export", "--parquet", "there").stdout
    )
    assert "0 rows in 0 parts" in mood("export", "--parquet", "there").stdout
    assert len(list((tmp_path / "there").rglob("*.parquet"))) == 2
    done = mood("erase", "Ada", "--yes").stdout
    assert "The moods of Ada are erased: 2 seconds" in done
    assert "1 uploaded or waiting parts held some of them" in done
    assert "1 parts wait to be uploaded to" in mood("log").stdout
    assert "Erased moods were taken out of 1 parts there." in mood("export", "--parquet", "there").stdout


def test_erase_asks_and_erases_who_is_meant(log: MoodStore) -> None:
    with pytest.raises(UsageError, match="Erasing the moods of ada cannot be undone; say --yes"):
        mood("erase", "ada")
    assert count(log) == 4
    mood("erase", "unknown", "--yes")
    assert count(log) == 3
    mood("erase", ADA[:5], "--yes", "--from", "2026-03-01T12:05:00+00:00")
    assert count(log) == 3
    mood("erase", "--everybody", "--yes", "--mirror", "bath")
    assert count(log) == 2
    mood("erase", "--everybody", "--yes")
    assert count(log) == 0
    assert "It is empty." in mood("log").stdout


def test_hold_writes_what_is_held(log: MoodStore, tmp_path: Path) -> None:
    assert mood("hold", "ben", "mine").stdout == "1 seconds are written to mine.\n"
    content = json.loads((tmp_path / "mine" / "holding.json").read_text())
    assert content["person"] == BEN
    assert [each["mirror"] for each in content["mirrors"]] == ["bath"]
    assert len((tmp_path / "mine" / "seconds.csv").read_text().splitlines()) == 2


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["export"], "Give a CSV file to write, or --parquet"),
        (["export", "x.csv", "--parquet", "y"], "Give a CSV file to write, or --parquet"),
        (["export", "--parquet", "y", "--from", "2026-01-01"], "--parquet uploads all that is new"),
        (["export", "--parquet", "y", "--mirror", "cellar"], "No mirror cellar is in the log"),
        (["export", "--parquet", "default"], r"\$MIRROR_MOOD_EXPORT is empty"),
        (["export", "x.csv", "--from", "yesterday"], "--from yesterday is not understood"),
        (["export", "x.csv", "--person", "Zoe"], "Nobody in the log is called 'Zoe'"),
        (["erase", "--yes"], "Give a person whose moods are to be erased"),
        (["hold", "", "x"], "More than one person in the log is called ''"),
        (["log", "--database", "nowhere.sqlite"], "does not exist yet: no mood is kept until"),
    ],
)
def test_mistakes_are_told_in_a_sentence(log: MoodStore, words: list[str], why: str) -> None:
    with pytest.raises(UsageError, match=why):
        mood(*words)
    assert count(log) == 4


def test_names_come_from_the_gallery_if_there_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.delenv("MIRROR_GALLERY_DATABASE", raising=False)
    assert mood_log_command._names() == {}
    assert list(tmp_path.iterdir()) == []
