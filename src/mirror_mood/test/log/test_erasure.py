"""Erased moods are gone: rows, roll-ups, the people's names, and their bytes in SQLite's files."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mirror_core.errors import UsageError
from mirror_mood.log.erasure import Erased, erase, erase_missing, waiting_to_be_erased
from mirror_mood.log.queries import MoodQueries, Presence
from mirror_mood.log.rollups import LEVELS_S
from mirror_mood.log.rows import VALUES, MoodRow
from mirror_mood.log.store import MoodStore

Make = Callable[..., MoodRow]
Held = Callable[..., list[tuple[Any, ...]]]
NOON_S = 1_772_366_400
DAY_S = 86400


def sums(held: Held, store: MoodStore, level: int) -> list[tuple[Any, ...]]:
    columns = ", ".join(f"r.{name}" for name in ("count", *VALUES))
    return held(
        store,
        f"SELECT r.start, s.mirror, s.person, {columns} FROM mood_rollups r "
        f"JOIN mood_subjects s ON s.id = r.subject WHERE r.level = {level} ORDER BY 1, 2, 3",
    )


def assert_like(held: Held, store: MoodStore, other: MoodStore) -> None:
    """The log is as if it had never held more than another one."""
    for level in LEVELS_S:
        found, expected = sums(held, store, level), sums(held, other, level)
        assert [each[:4] for each in found] == [each[:4] for each in expected], level
        for a, b in zip(found, expected, strict=True):
            assert a[4:] == pytest.approx(b[4:])
    for statement in (
        "SELECT mirror, person, first, last, rows FROM mood_subjects ORDER BY 1, 2",
        "SELECT time, visit, happy FROM mood_seconds ORDER BY 1, 2",
    ):
        assert held(store, statement) == held(other, statement)


@pytest.fixture
def rest(tmp_path: Path) -> Any:
    """A second log, for what is to be left."""
    with MoodStore(f"{tmp_path}/rest.sqlite") as store:
        yield store


def test_a_person_is_erased_with_everything(store: MoodStore, rest: MoodStore, row: Make, held: Held) -> None:
    theirs = [
        row(NOON_S + 700 * index, person="ada", mirror=("hall", "bath")[index % 2]) for index in range(50)
    ]
    others = [row(NOON_S + 900 * index, person=("ben", "")[index % 2]) for index in range(50)]
    store.add(theirs + others)
    rest.add(others)
    revision = held(store, "SELECT revision FROM mood_state")
    assert erase(store, "ada").rows == 50
    assert_like(held, store, rest)
    assert held(store, "SELECT revision FROM mood_state") > revision
    assert erase(store, "ada") == Erased(0, 0, 0)


def test_unknown_people_and_one_mirror_can_be_erased_alone(
    store: MoodStore, rest: MoodStore, row: Make, held: Held
) -> None:
    kept = [row(NOON_S, person="ada"), row(NOON_S, mirror="bath"), row(NOON_S, mirror="bath", person="ada")]
    store.add([*kept, row(NOON_S), row(NOON_S + 1, visit=3)])
    rest.add(kept)
    assert erase(store, "", mirror="hall").rows == 2
    assert_like(held, store, rest)
    assert erase(store, None).rows == 3
    assert held(store, "SELECT count(*) FROM mood_rollups") == [(0,)]


def test_a_period_is_erased_by_whole_minutes_and_longer_sums_are_made_anew(
    store: MoodStore, rest: MoodStore, row: Make, held: Held
) -> None:
    rows = [row(NOON_S + 7 * index, person="ada", valence=(index % 9) / 9) for index in range(3000)]
    store.add(rows)
    start_s, end_s = NOON_S + 3610, NOON_S + 9000 + 1
    rest.add([each for each in rows if each.time_s < NOON_S + 3600 or each.time_s >= NOON_S + 9060])
    erase(store, "ada", start_s=start_s, end_s=end_s)
    assert_like(held, store, rest)


def test_sums_of_seconds_that_are_no_longer_kept_are_erased_too(
    store: MoodStore, row: Make, held: Held
) -> None:
    store.add([row(NOON_S - 5 * DAY_S + second, person="ada") for second in range(0, 300, 10)])
    store.prune(NOON_S, 1, 30)
    erase(store, "ada", start_s=NOON_S - 5 * DAY_S + 60, end_s=NOON_S - 5 * DAY_S + 120)
    assert [(each[0] - NOON_S + 5 * DAY_S, each[3]) for each in sums(held, store, 60)] == [
        (0, 6),
        (120, 6),
        (180, 6),
        (240, 6),
    ]
    assert [each[3] for each in sums(held, store, 3600)] == [24]
    assert held(store, "SELECT rows FROM mood_subjects") == [(24,)]


def test_nothing_of_them_is_left_in_the_files(file_store: MoodStore, row: Make, tmp_path: Path) -> None:
    secret, valence = "0123456789abcdef-ada", 0.123456789012345
    rows = [row(NOON_S + second, person=secret, valence=valence) for second in range(2000)]
    file_store.add(rows[:1000])
    file_store.add([row(NOON_S + second, person="ben") for second in range(50)])
    file_store.add(rows[1000:])
    bytes_of = struct.pack(">d", valence)

    def found() -> list[str]:
        return [
            path.name
            for path in (tmp_path / "mood").iterdir()
            if secret.encode() in path.read_bytes() or bytes_of in path.read_bytes()
        ]

    assert found()
    erase(file_store, secret)
    assert found() == []
    with MoodQueries(str(file_store.database.file)) as log:
        assert log.people() == (Presence("ben", NOON_S, NOON_S + 49, 50),)


def test_an_empty_period_is_a_mistake(file_store: MoodStore) -> None:
    with pytest.raises(UsageError, match="A period begins before it ends"):
        erase(file_store, "ada", start_s=5, end_s=5)


# ---- the gallery


def test_who_is_erased_from_the_gallery_loses_their_moods_at_once(store: MoodStore, row: Make) -> None:
    store.add([row(person="ada"), row(person="ben"), row()])
    assert erase_missing(store, {"ada", "ben"}, set(), NOON_S) == []
    assert erase_missing(store, {"ben"}, {"ada", "ben"}, NOON_S) == ["ada"]
    assert erase_missing(store, {"ben"}, {"ben"}, NOON_S) == []
    with store.database.read() as session:
        people = session.connection().exec_driver_sql("SELECT person FROM mood_subjects ORDER BY 1")
        assert [who for (who,) in people] == ["", "ben"]


def test_who_is_not_in_the_gallery_at_the_start_loses_them_after_a_day(store: MoodStore, row: Make) -> None:
    store.add([row(person="ada"), row(person="ben"), row(person="eve"), row()])
    assert erase_missing(store, {"eve"}, {"eve"}, NOON_S) == []
    assert waiting_to_be_erased(store) == 2
    assert erase_missing(store, {"eve", "ben"}, {"eve"}, NOON_S + DAY_S - 1) == []  # the right gallery again
    assert waiting_to_be_erased(store) == 1
    assert erase_missing(store, {"eve", "ben"}, {"eve", "ben"}, NOON_S + DAY_S) == ["ada"]
    assert waiting_to_be_erased(store) == 0
