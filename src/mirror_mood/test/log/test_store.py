"""Rows and their roll-ups: by name, once each, also late, also twice; and no longer than they are kept."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import inspect

from mirror_core.errors import ParameterError, ShapeError, StoreError, UsageError
from mirror_core.moods import MoodLabel
from mirror_core.store.database import MissingStoreError
from mirror_core.store.schema import change_to, is_current
from mirror_mood.log.models import METADATA
from mirror_mood.log.rollups import DAY_S, LEVELS_S
from mirror_mood.log.rows import MOODS, VALUES, MoodRow
from mirror_mood.log.schema import MOOD_LOG, default_database
from mirror_mood.log.store import Added, MoodStore

Make = Callable[..., MoodRow]
Held = Callable[..., list[tuple[Any, ...]]]
NOON_S = 1_772_366_400


def expected_rollups(rows: list[MoodRow]) -> dict[tuple[int, int, str, str], list[float]]:
    """Sums of rows, the slow and obvious way."""
    found: dict[tuple[int, int, str, str], list[float]] = {}
    for row in rows:
        for level in LEVELS_S:
            key = (level, row.time_s - row.time_s % level, row.mirror, row.person)
            sums = found.setdefault(key, [0.0] * (1 + len(VALUES)))
            numbers = [1.0, *row.probabilities, row.valence, row.arousal, row.confidence, float(row.unsure)]
            found[key] = [a + b for a, b in zip(sums, numbers, strict=True)]
    return found


def kept_rollups(store: MoodStore, held: Held) -> dict[tuple[int, int, str, str], list[float]]:
    columns = ", ".join(f"r.{name}" for name in ("count", *VALUES))
    found = held(
        store,
        f"SELECT r.level, r.start, s.mirror, s.person, {columns} FROM mood_rollups r "
        "JOIN mood_subjects s ON s.id = r.subject",
    )
    return {tuple(each[:4]): list(each[4:]) for each in found}


def assert_rollups_fit(store: MoodStore, held: Held, rows: list[MoodRow]) -> None:
    kept, expected = kept_rollups(store, held), expected_rollups(rows)
    assert kept.keys() == expected.keys()
    for key, sums in expected.items():
        assert kept[key] == pytest.approx(sums, abs=1e-9), key


# ---- by name


def test_each_mood_is_kept_under_its_own_name(store: MoodStore, row: Make, held: Held) -> None:
    by_name = {"angry": 0.01, "disgust": 0.02, "fear": 0.04, "happy": 0.08, "sad": 0.16, "surprise": 0.32}
    by_name["neutral"] = 1 - sum(by_name.values())
    store.add([row(by_name=by_name, valence=0.3, arousal=-0.2, confidence=0.37, unsure=True)])
    for table in ("mood_seconds", "mood_rollups WHERE level = 3600"):
        for name, probability in by_name.items():
            assert held(store, f"SELECT {name} FROM {table}") == [(pytest.approx(probability),)], name
        assert held(store, f"SELECT valence, arousal, confidence FROM {table}") == [
            pytest.approx((0.3, -0.2, 0.37))
        ]
    assert [bool(found) for (found,) in held(store, "SELECT unsure FROM mood_seconds")] == [True]


def test_the_names_are_those_of_the_labels() -> None:
    assert MOODS == ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
    assert [MOODS[label] for label in MoodLabel] == [label.word for label in MoodLabel]


@pytest.mark.parametrize(
    "columns",
    [
        {"probabilities": (1.0,)},
        {"mirror": ""},
        {"mirror": "m" * 129},
        {"person": "p" * 65},
        {"person": "a\0b"},
        {"person": "\ud800"},
        {"valence": float("nan")},
        {"time_s": -1},
    ],
)
def test_rows_that_no_database_could_keep_are_refused(row: Make, columns: dict[str, Any]) -> None:
    with pytest.raises(ShapeError):
        replace(row(), **columns)


# ---- roll-ups


ROWS = st.lists(
    st.tuples(
        st.integers(0, 3 * DAY_S),
        st.sampled_from(["hall", "bath"]),
        st.sampled_from(["", "ada", "ben"]),
        st.integers(1, 3),
        st.integers(0, 10_000),
    ),
    max_size=40,
)


def drawn(row: Make, drawing: tuple[int, str, str, int, int]) -> MoodRow:
    seconds, mirror, person, visit, seed = drawing
    rng = random.Random(seed)
    weights = [rng.random() for _ in MOODS]
    by_name = {name: weight / sum(weights) for name, weight in zip(MOODS, weights, strict=True)}
    return row(
        NOON_S + seconds,
        mirror=mirror,
        person=person,
        visit=visit,
        by_name=by_name,
        valence=rng.uniform(-1, 1),
        arousal=rng.uniform(-1, 1),
        unsure=rng.random() < 0.5,
    )


def empty(store: MoodStore) -> None:
    """Take everything out of a log."""
    with store.database.write() as session:
        for table in ("mood_seconds", "mood_rollups", "mood_subjects"):
            session.connection().exec_driver_sql(f"DELETE FROM {table}")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawings=ROWS, data=st.data())
def test_roll_ups_are_the_sums_of_the_rows_in_whatever_order_and_how_often_they_come(
    file_store: MoodStore, row: Make, held: Held, drawings: list[Any], data: st.DataObject
) -> None:
    store = file_store
    empty(store)
    rows = [drawn(row, drawing) for drawing in drawings]
    repeated = rows + (data.draw(st.lists(st.sampled_from(rows), max_size=10)) if rows else [])
    shuffled = data.draw(st.permutations(repeated))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(shuffled)), max_size=4)))
    written = duplicates = 0
    for start, end in zip([0, *cuts], [*cuts, len(shuffled)], strict=True):
        added = store.add(shuffled[start:end])
        written, duplicates = written + added.written, duplicates + added.duplicates
    kept: dict[Any, MoodRow] = {}
    for each in shuffled:  # the first of two rows with one key counts
        kept.setdefault((each.time_s, each.mirror, each.person, each.visit), each)
    assert (written, duplicates) == (len(kept), len(shuffled) - len(kept))
    assert_rollups_fit(store, held, list(kept.values()))
    subjects = held(store, "SELECT mirror, person, first, last, rows FROM mood_subjects ORDER BY 1, 2")
    for mirror, person, first, last, count in subjects:
        times = [each.time_s for each in kept.values() if (each.mirror, each.person) == (mirror, person)]
        assert (first, last, count) == (min(times), max(times), len(times))


def test_late_and_repeated_rows_in_every_database(store: MoodStore, row: Make, held: Held) -> None:
    late, new = row(NOON_S - 4000, person="ada"), row(NOON_S, person="ada")
    assert store.add([new, row(NOON_S + 1)]) == Added(2)
    assert store.add([late, new, replace(new, valence=0.9)]) == Added(1, duplicates=2)
    assert store.add([]) == Added()
    assert_rollups_fit(store, held, [late, new, row(NOON_S + 1)])
    assert held(store, "SELECT number, time FROM mood_seconds ORDER BY number") == [
        (1, NOON_S),
        (2, NOON_S + 1),
        (3, NOON_S - 4000),
    ]


def test_a_transaction_that_fails_leaves_neither_rows_nor_roll_ups(
    store: MoodStore, row: Make, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.add([row()])
    before = kept_rollups(store, held), held(store, "SELECT revision, numbers FROM mood_state")

    def fail(*arguments: Any) -> None:
        raise StoreError("power cut")

    monkeypatch.setattr("mirror_mood.log.store.add_to_rollups", fail)
    with pytest.raises(StoreError, match="power cut"):
        store.add([row(NOON_S + 5)])
    assert (kept_rollups(store, held), held(store, "SELECT revision, numbers FROM mood_state")) == before
    monkeypatch.undo()
    assert store.add([row(NOON_S + 5)]) == Added(1)


# ---- for how long


def test_what_is_old_is_erased_and_what_is_late_is_then_refused(
    store: MoodStore, row: Make, held: Held
) -> None:
    old, young = row(NOON_S - 3 * DAY_S, person="ada"), row(NOON_S - 100, person="ada")
    gone = row(NOON_S - 20 * DAY_S, person="ben")
    store.add([gone, old, young])
    assert store.prune(NOON_S, keep_days=2, keep_summaries_days=10) == 2
    assert held(store, "SELECT time FROM mood_seconds") == [(young.time_s,)]
    kept = kept_rollups(store, held)
    expected = expected_rollups([old, young])
    for key in [key for key in expected if key[0] == 10 and key[1] < NOON_S - 2 * DAY_S]:
        expected.pop(key)  # ten seconds go with the seconds
    assert kept.keys() == expected.keys()
    assert held(store, "SELECT person, rows FROM mood_subjects") == [("ada", 2)]
    assert store.add([replace(old, visit=9), row(NOON_S)]) == Added(1, too_old=1)
    assert store.prune(NOON_S, keep_days=2, keep_summaries_days=10) == 0


def test_nothing_is_erased_where_it_is_to_be_kept_for_ever(store: MoodStore, row: Make, held: Held) -> None:
    store.add([row(1000)])
    assert store.prune(NOON_S, 0, 0) == 0
    assert held(store, "SELECT count(*) FROM mood_seconds") == [(1,)]


def test_summaries_are_kept_at_least_as_long_as_seconds(file_store: MoodStore) -> None:
    for keep_days in (0, 11):
        with pytest.raises(ParameterError, match="summaries are kept at least as long as the seconds"):
            file_store.prune(NOON_S, keep_days, 10)


# ---- where


def test_the_default_is_a_private_file_in_the_state_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, row: Make
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.delenv("MIRROR_MOOD_DATABASE", raising=False)
    with MoodStore() as store:
        store.add([row()])
        assert store.place == f"{tmp_path}/mirror/mood/moods.sqlite" == str(default_database())
        for path in (tmp_path / "mirror" / "mood").rglob("*"):
            assert path.stat().st_mode & 0o777 == 0o600, path
    monkeypatch.setenv("MIRROR_MOOD_DATABASE", f"{tmp_path}/other.sqlite")
    with MoodStore() as store:
        assert store.place == f"{tmp_path}/other.sqlite"


def test_what_is_no_log_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^The mood log must be sqlite.*, not mysql\.$"):
        MoodStore("mysql://me:hidden@host/moods")
    with pytest.raises(MissingStoreError, match=r"^The mood log .*/x does not exist yet\.$"):
        MoodStore(f"{tmp_path}/x", must_exist=True)
    assert list(tmp_path.iterdir()) == []
    sqlite3.connect(tmp_path / "empty").execute("CREATE TABLE other (a)")
    with pytest.raises(MissingStoreError):
        MoodStore(f"{tmp_path}/empty", must_exist=True)


def test_migrations_make_what_the_models_say(store: MoodStore) -> None:
    with store.database._engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "version_table": MOOD_LOG.version_table,
                "include_name": lambda name, kind, parents: kind != "table" or name.startswith("mood_"),
            },
        )
        assert compare_metadata(context, METADATA) == []


def test_the_newest_migration_is_the_one_that_the_code_expects() -> None:
    config = Config()
    config.set_main_option("script_location", str(MOOD_LOG.migrations))
    assert ScriptDirectory.from_config(config).get_heads() == [MOOD_LOG.head]


def test_migrations_go_down_and_up_again(store: MoodStore, row: Make) -> None:
    store.add([row()])
    engine = store.database.engine
    before = _columns(engine)
    change_to(engine, MOOD_LOG, "base")
    assert set(METADATA.tables) & set(inspect(engine).get_table_names()) == set()
    change_to(engine, MOOD_LOG, "head")
    assert _columns(engine) == before
    assert is_current(engine, MOOD_LOG)
    assert store.add([row()]).written == 1  # and it works


def _columns(engine: Any) -> dict[str, list[str]]:
    looked = inspect(engine)
    return {
        table: [
            f"{column['name']} {column['type']} {column['nullable']}" for column in looked.get_columns(table)
        ]
        for table in sorted(METADATA.tables)
    }


def test_a_log_and_a_gallery_share_a_database(url: str, row: Make, held: Held) -> None:
    from mirror_gallery.store.database import Database

    with MoodStore(url) as store:
        Database(url).close()
        store.add([row()])
        assert held(store, "SELECT number FROM gallery_revision") == [(0,)]
    with MoodStore(url) as store:
        assert held(store, "SELECT count(*) FROM mood_seconds") == [(1,)]


def test_a_log_of_a_newer_mirror_is_left_alone(store: MoodStore, url: str) -> None:
    with store.database.write() as session:
        session.connection().exec_driver_sql(f"UPDATE {MOOD_LOG.version_table} SET version_num = '9999'")
    with pytest.raises(StoreError, match=r"^The mood log .* was written by a newer Mirror"):
        MoodStore(url)
    with pytest.raises(StoreError, match=r"has tables of version 9999, not 0001; update Mirror"):
        MoodStore(url, must_exist=True)
