"""The mood log as the page reads it: each question once, anew after changes and errors."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mirror_core.errors import StoreError
from mirror_core.moods import MoodLabel
from mirror_core.testing import FakeClock
from mirror_mood.log.queries import MoodQueries, NoMoodLogError
from mirror_web.mood_reader import MoodReader
from mirror_web.mood_testing import at, known_rows, write_rows

START_S = at(20, 9)
PERIOD = (START_S, START_S + 600)
ALL = (None, None)


class CountingQueries(MoodQueries):
    """A log that counts how often a series is asked for, and fails where it is told to."""

    asked = 0
    failure: StoreError | None = None

    def series(self, *arguments, **named):
        type(self).asked += 1
        if type(self).failure is not None:
            raise type(self).failure
        return super().series(*arguments, **named)


@pytest.fixture
def database(tmp_path: Path) -> str:
    CountingQueries.asked, CountingQueries.failure = 0, None
    path = str(tmp_path / "moods.sqlite")
    write_rows(path, known_rows(START_S, 60, MoodLabel.HAPPY, 0.7))
    return path


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def reader(database: str, clock: FakeClock):
    reader = MoodReader(lambda: CountingQueries(database), clock)
    yield reader
    reader.close()


def test_the_same_question_is_asked_once(reader: MoodReader) -> None:
    first = reader.series(PERIOD, 100, ALL, "")
    assert reader.series(PERIOD, 100, ALL, "") is first
    assert first.of(MoodLabel.HAPPY)[0] == pytest.approx(0.7)
    assert CountingQueries.asked == 1


def test_browsers_that_ask_at_once_share_one_answer(reader: MoodReader) -> None:
    barrier = threading.Barrier(6)

    def ask(_: int):
        barrier.wait()
        return reader.series(PERIOD, 100, ALL, "")

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(ask, range(6)))
    assert all(answer is answers[0] for answer in answers)
    assert CountingQueries.asked == 1


def test_new_rows_change_the_answer(reader: MoodReader, database: str, clock: FakeClock) -> None:
    assert reader.series(PERIOD, 100, ALL, "").count.sum() == 60
    write_rows(database, known_rows(START_S + 100, 5, MoodLabel.SAD, 0.9))
    clock.advance(1)
    assert reader.series(PERIOD, 100, ALL, "").count.sum() == 65


def test_after_an_error_the_log_is_read_again(reader: MoodReader, clock: FakeClock) -> None:
    CountingQueries.failure = StoreError("The disk is gone.")
    with pytest.raises(StoreError, match="The disk is gone"):
        reader.series(PERIOD, 100, ALL, "")
    CountingQueries.failure = None
    clock.advance(1)
    assert reader.series(PERIOD, 100, ALL, "").count.sum() == 60


def test_a_log_that_appears_later_is_opened_then(tmp_path: Path) -> None:
    path = str(tmp_path / "late.sqlite")
    reader = MoodReader(lambda: MoodQueries(path))
    with pytest.raises(NoMoodLogError):
        reader.state()
    write_rows(path, known_rows(START_S, 3, MoodLabel.FEAR, 0.5))
    assert reader.state().first_s == START_S
    reader.close()
