"""The moods of the week: read from the log itself, while moods are kept, and at most once a minute."""

from __future__ import annotations

import threading
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run colcon build first")

from rclpy.parameter import Parameter

from mirror_core.errors import StoreError
from mirror_core.moods import MOOD_COUNT, MoodLabel
from mirror_core.testing import FakeClock
from mirror_display.widgets import MoodDay, MoodWeek
from mirror_display.widgets import week as module
from mirror_display.widgets.week import DAYS, PERIOD_S, MoodWeeks, read_week
from mirror_mood.log.rows import MoodRow
from mirror_mood.log.store import MoodStore

TODAY = date(2026, 11, 28)


def rows(day: date, mood: MoodLabel, person: str = "", seconds: int = 60) -> list[MoodRow]:
    """A minute at local noon in which one mood has a share of 0.7, and the others the rest."""
    start_s = int(datetime(day.year, day.month, day.day, 12).astimezone().timestamp())
    rest = 0.3 / (MOOD_COUNT - 1)
    shares = tuple(0.7 if label is mood else rest for label in MoodLabel)
    return [
        MoodRow(start_s + second, "hall", person, 1, shares, 0.5, 0.1, confidence=0.7)
        for second in range(seconds)
    ]


@pytest.fixture
def log(tmp_path: Path) -> str:
    url = str(tmp_path / "moods.sqlite")
    with MoodStore(url) as store:
        store.add(rows(TODAY, MoodLabel.HAPPY, "ada"))
        store.add(rows(TODAY, MoodLabel.SAD, "bo", seconds=180))
        store.add(rows(TODAY - timedelta(days=3), MoodLabel.ANGRY, "ada"))
        store.add(rows(TODAY - timedelta(days=DAYS), MoodLabel.FEAR, "ada"))  # a day too early
    return url


def test_seven_days_of_one_person_or_of_everybody(log: str) -> None:
    ada = read_week(log, "ada", TODAY)
    assert [day.day for day in ada] == [TODAY - timedelta(days=6 - i) for i in range(DAYS)]
    found = {day.day: day.dominant for day in ada if day.shares}
    assert found == {TODAY - timedelta(days=3): MoodLabel.ANGRY, TODAY: MoodLabel.HAPPY}
    assert ada[-1].shares[MoodLabel.HAPPY] == pytest.approx(0.7)
    assert ada[-1].valence == pytest.approx(0.5)
    everybody = read_week(log, None, TODAY)[-1]
    assert everybody.dominant is MoodLabel.SAD
    assert everybody.shares[MoodLabel.SAD] == pytest.approx((0.7 * 3 + 0.05) / 4)


def test_without_a_log_that_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        read_week(str(tmp_path / "none.sqlite"), None, TODAY)


class Reads:
    """Stands for the log."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str | None]] = []
        self.threads: set[int] = set()
        self.error: Exception | None = None

    def __call__(self, url: str, person: str | None, today: date) -> tuple[MoodDay, ...]:
        self.asked.append((url, person))
        self.threads.add(threading.get_ident())
        if self.error is not None:
            raise self.error
        return (MoodDay(today, (1.0,) + (0.0,) * (MOOD_COUNT - 1)),)


@pytest.fixture
def reads() -> Reads:
    return Reads()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def weeks(spinner: Any, reads: Reads, clock: FakeClock) -> Any:
    made = MoodWeeks(spinner.node("display"), reads, clock)
    yield made
    made.close()


def mood_log(spinner: Any, *, kept: bool) -> Any:
    """Stands for the node mood_log."""
    node = spinner.node("mood_log")
    node.declare_parameter("log", kept)
    node.declare_parameter("database_url", "moods.sqlite")
    return node


def shown(spinner: Any, weeks: MoodWeeks, person: str | None = None) -> MoodWeek:
    week = spinner.until(lambda: weeks.week(person, "Ada" if person else "", TODAY), "the week")
    assert isinstance(week, MoodWeek)
    return week


def test_a_week_is_read_in_a_thread_of_its_own_and_at_most_once_a_minute(
    spinner: Any, weeks: MoodWeeks, reads: Reads, clock: FakeClock
) -> None:
    mood_log(spinner, kept=True)
    spinner.until(lambda: clock.advance(module.ASK_S) or weeks.week(None, "", TODAY), "the week")
    assert reads.asked == [("moods.sqlite", None)]
    assert threading.get_ident() not in reads.threads
    for _ in range(10):
        clock.advance(PERIOD_S / 20)
        assert shown(spinner, weeks).days[0].dominant is MoodLabel.ANGRY
    assert len(reads.asked) == 1
    clock.advance(PERIOD_S)
    spinner.until(lambda: weeks.week(None, "", TODAY) and len(reads.asked) == 2, "the next reading")
    ada = shown(spinner, weeks, "ada")
    assert (ada.name, reads.asked[-1]) == ("Ada", ("moods.sqlite", "ada"))
    assert weeks.week(None, "", TODAY + timedelta(days=1)) is None  # yesterday's week is not today's


def test_nothing_is_read_or_shown_while_moods_are_not_kept(
    spinner: Any, weeks: MoodWeeks, reads: Reads, clock: FakeClock
) -> None:
    node = mood_log(spinner, kept=False)
    for _ in range(20):
        clock.advance(module.ASK_S)
        assert weeks.week(None, "", TODAY) is None
        spinner.executor.spin_once(timeout_sec=0.02)
    assert reads.asked == []
    node.set_parameters([Parameter("log", value=True)])
    shown(spinner, weeks)
    node.set_parameters([Parameter("log", value=False)])
    spinner.until(lambda: weeks.week(None, "", TODAY) is None, "the week to vanish")


def test_a_log_that_cannot_be_read_shows_nothing_and_is_tried_again(
    spinner: Any, weeks: MoodWeeks, reads: Reads, clock: FakeClock
) -> None:
    mood_log(spinner, kept=True)
    reads.error = StoreError("The log is locked.")
    spinner.until(
        lambda: clock.advance(module.ASK_S) or weeks.week(None, "", TODAY) or reads.asked, "a reading"
    )
    assert weeks.week(None, "", TODAY) is None
    reads.error = None
    clock.advance(PERIOD_S)
    shown(spinner, weeks)
