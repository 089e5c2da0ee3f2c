"""Connections: URLs, rights, several programs at once, and the history of the tables."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from mirror_core.errors import StoreError, UsageError
from mirror_core.store.schema import change_to, is_current
from mirror_gallery.consent import Consent, Scope
from mirror_gallery.portrait import Portrait
from mirror_gallery.store import FaceStore
from mirror_gallery.store.database import Database
from mirror_gallery.store.models import Base
from mirror_gallery.store.schema import GALLERY

FOREVER = Consent(Scope.UNTIL_REVOKED)
Make = Callable[..., Portrait]
Open = Callable[..., FaceStore]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/faces.sqlite"
    return request.getfixturevalue("postgres_url")


def one_file(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


# ---- URLs and rights


def test_the_default_is_in_the_state_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, portrait: Make
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    with FaceStore() as store:
        face_id = store.add(portrait(), FOREVER)
        assert (
            store.place
            == f"{tmp_path}/mirror/gallery/faces.sqlite, pictures in {tmp_path}/mirror/gallery/pictures"
        )
    assert {"mirror/gallery/faces.sqlite", f"mirror/gallery/pictures/{face_id}.mirrorface"} <= one_file(
        tmp_path
    )


def test_only_this_user_can_look_at_the_faces(tmp_path: Path, open_store: Open, portrait: Make) -> None:
    with open_store() as store:
        store.add(portrait(), FOREVER)
        for path in (tmp_path / "gallery", *(tmp_path / "gallery").rglob("*")):  # with the log beside it
            assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path


@pytest.mark.parametrize(
    "form",
    ["{0}/a b/faces.sqlite", "sqlite:///{0}/a b/faces.sqlite", "sqlite+pysqlite:///{0}/a b/faces.sqlite"],
)
def test_ways_to_write_a_file(form: str, tmp_path: Path) -> None:
    Database(form.format(tmp_path)).close()
    assert "a b/faces.sqlite" in one_file(tmp_path)


@pytest.mark.parametrize("name", ["what?.sqlite", "100%.sqlite", "a#b.sqlite", "émile.sqlite"])
def test_file_names_that_look_like_parts_of_a_url(name: str, tmp_path: Path) -> None:
    Database(str(tmp_path / name)).close()
    assert name in one_file(tmp_path)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("mysql://me:hidden@host/faces", r"not mysql\.$"),
        ("sqlite://", "must be sqlite"),
        ("sqlite:///:memory:", "must be sqlite"),
        ("://", "is not understood"),
        ("postgresql://me:hidden@host:port/faces", "is not understood"),
    ],
)
def test_other_databases_are_refused(text: str, why: str) -> None:
    with pytest.raises(UsageError, match=why) as caught:
        Database(text)
    assert "hidden" not in str(caught.value)


def test_every_form_of_postgresql_s_url_is_taken(postgres_url: str) -> None:
    for scheme in ("postgres", "postgresql", "postgresql+psycopg"):
        Database(postgres_url.replace("postgresql", scheme, 1)).close()


def test_power_cuts_and_readers_are_provided_for(tmp_path: Path) -> None:
    database = Database(str(tmp_path / "x"))
    with database.read() as session:
        connection = session.connection().connection.driver_connection
        for pragma, value in (
            ("journal_mode", "wal"),
            ("synchronous", 2),
            ("secure_delete", 1),
            ("foreign_keys", 1),
        ):
            assert connection.execute(f"PRAGMA {pragma}").fetchone() == (value,)
    database.close()


# ---- the history of the tables


def test_migrations_make_what_the_models_say(url: str) -> None:
    database = Database(url)
    with database._engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "version_table": GALLERY.version_table,
                "include_name": lambda name, kind, parents: kind != "table" or name.startswith("gallery_"),
            },
        )
        assert compare_metadata(context, Base.metadata) == []
    database.close()


def test_the_newest_migration_is_the_one_that_the_code_expects() -> None:
    config = Config()
    config.set_main_option("script_location", str(GALLERY.migrations))
    assert ScriptDirectory.from_config(config).get_heads() == [GALLERY.head]


def test_alembic_is_not_loaded_where_the_tables_are_current(tmp_path: Path) -> None:
    Database(str(tmp_path / "x")).close()
    script = (
        "import sys; from mirror_gallery.store import FaceStore; "
        f"FaceStore({str(tmp_path / 'x')!r}, {str(tmp_path / 'y')!r}).close(); "
        "print(sorted({'alembic', 'psycopg', 's3fs', 'fsspec', 'botocore', 'rclpy'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "[]\n"


def test_tables_of_a_newer_mirror_are_left_alone(url: str) -> None:
    database = Database(url)
    with database.write() as session:
        session.connection().exec_driver_sql(f"UPDATE {GALLERY.version_table} SET version_num = '9999'")
    database.close()
    with pytest.raises(
        StoreError, match=r"written by a newer Mirror \(tables of version 9999, this one knows 0001\); update"
    ):
        Database(url)


def test_a_migration_that_fails_changes_nothing(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from alembic import op

    create_table = op.create_table

    def fail_late(name: str, *columns: Any, **options: Any) -> Any:
        if name == "gallery_pending":
            raise RuntimeError("power cut")
        return create_table(name, *columns, **options)

    monkeypatch.setattr(op, "create_table", fail_late)
    with pytest.raises(RuntimeError, match="power cut"):
        Database(url)
    monkeypatch.undo()
    with Database(url).read() as session:
        assert session.connection().exec_driver_sql("SELECT number FROM gallery_revision").scalar() == 0


def test_migrations_go_down_and_up_again(url: str, tmp_path: Path, portrait: Make) -> None:
    with FaceStore(url, str(tmp_path / "pictures")) as store:
        store.add(portrait(), FOREVER)
    database = Database(url)
    tables = set(Base.metadata.tables)
    before = _columns(database)
    change_to(database.engine, GALLERY, "base")
    assert tables & set(inspect(database.engine).get_table_names()) == set()
    change_to(database.engine, GALLERY, "head")
    assert _columns(database) == before
    assert is_current(database.engine, GALLERY)
    database.close()
    with FaceStore(url, str(tmp_path / "pictures")) as store:  # and it works
        assert store.entries() == ([], 0)
        assert store.get(store.add(portrait("Ben"), FOREVER)).name == "Ben"


def _columns(database: Database) -> dict[str, list[str]]:
    looked = inspect(database.engine)
    return {
        table: [
            f"{column['name']} {column['type']} {column['nullable']}" for column in looked.get_columns(table)
        ]
        for table in sorted(Base.metadata.tables)
    }


def test_other_tables_in_the_same_database_are_left_alone(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "x")
    other.execute("CREATE TABLE alembic_version (version_num)")
    other.execute("INSERT INTO alembic_version VALUES ('of the mood log')")
    other.commit()
    other.close()
    Database(str(tmp_path / "x")).close()
    other = sqlite3.connect(tmp_path / "x")
    assert other.execute("SELECT * FROM alembic_version").fetchall() == [("of the mood log",)]
    other.close()


# ---- several at once


def test_programs_that_open_and_change_a_new_gallery_at_once(
    url: str, tmp_path: Path, worker: Any, open_store: Open
) -> None:
    names = ("one", "two", "three")
    worker.tell(database=url, pictures=f"{tmp_path}/pictures", operation="change_a_lot", names=names)
    assert worker.answer() == ("finished", [0, 0, 0])
    store = open_store(url, f"{tmp_path}/pictures")
    found, total = store.entries()
    assert total == 12
    assert sorted(e.name for e in found) == sorted(f"{n} {i} renamed" for n in names for i in range(4))
    assert store.revision() == 3 * 4 * 4
    assert {path.stem for path in (tmp_path / "pictures").iterdir()} == {entry.id for entry in found}


def test_threads_share_a_store(url: str, tmp_path: Path, open_store: Open, portrait: Make) -> None:
    store = open_store(url, f"{tmp_path}/pictures")
    ids: list[str] = []
    problems: list[BaseException] = []

    def work(name: str) -> None:
        try:
            for index in range(3):
                face_id = store.add(portrait(f"{name} {index}", views=1), FOREVER)
                ids.append(face_id)
                assert store.get(face_id).name == f"{name} {index}"
                store.entries()
        except BaseException as error:
            problems.append(error)
            raise

    threads = [threading.Thread(target=work, args=(str(number),)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60.0)
    assert problems == []
    assert sorted(entry.id for entry in store.entries()[0]) == sorted(ids)
    assert len(ids) == 12
