"""Tables that change: up and down, with a copy of the file from before; copies of a database in use."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from mirror_core.errors import StoreError
from mirror_core.store.copies import copy_sqlite, is_sqlite, remove_old_copies
from mirror_core.store.database import Database
from mirror_core.store.schema import Schema, change_to, version_of

ENVIRONMENT = """
from alembic import context
context.configure(
    connection=context.config.attributes["connection"], version_table="toy_schema", render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()
"""
FIRST = """
import sqlalchemy as sa
from alembic import op
revision, down_revision, branch_labels, depends_on = "0001", None, None, None
def upgrade():
    op.create_table("toys", sa.Column("name", sa.String(20), primary_key=True))
def downgrade():
    op.drop_table("toys")
"""
SECOND = """
import sqlalchemy as sa
from alembic import op
revision, down_revision, branch_labels, depends_on = "0002", "0001", None, None
def upgrade():
    op.add_column("toys", sa.Column("colour", sa.String(20), nullable=False, server_default="red"))
    if WRONG:
        raise RuntimeError("power cut")
def downgrade():
    with op.batch_alter_table("toys") as table:
        table.drop_column("colour")
"""


@pytest.fixture
def schema(tmp_path: Path) -> Schema:
    """Toys, in two versions."""
    folder = tmp_path / "migrations"
    (folder / "versions").mkdir(parents=True)
    (folder / "env.py").write_text(ENVIRONMENT)
    (folder / "versions" / "a.py").write_text(FIRST)
    (folder / "versions" / "b.py").write_text(SECOND.replace("WRONG", "False"))
    return Schema("The toys", "toy_schema", "0002", folder, "toys")


@pytest.fixture
def old(schema: Schema, tmp_path: Path) -> Path:
    """A file that an older mirror has left."""
    file = tmp_path / "store" / "toys.sqlite"
    database = Database(str(file), schema, file)
    change_to(database.engine, schema, "0001")
    with database.write() as session:
        session.execute(text("INSERT INTO toys VALUES ('ball')"))
    database.close()
    return file


def rows(file: Path) -> list[tuple[str, ...]]:
    connection = sqlite3.connect(file)
    try:
        return connection.execute("SELECT * FROM toys").fetchall()
    finally:
        connection.close()


def test_an_old_file_is_copied_before_it_is_changed(schema: Schema, old: Path) -> None:
    Database(str(old), schema, old).close()
    assert rows(old) == [("ball", "red")]
    copy = old.with_name("toys.sqlite.before-from-0001")
    assert rows(copy) == [("ball",)]
    assert copy.stat().st_mode & 0o777 == 0o600
    Database(str(old), schema, old).close()  # nothing is to be changed: the copy stays
    assert rows(copy) == [("ball",)]


def test_a_change_that_fails_leaves_file_and_copy(schema: Schema, old: Path) -> None:
    (schema.migrations / "versions" / "b.py").write_text(SECOND.replace("WRONG", "True"))
    with pytest.raises(RuntimeError, match="power cut"):
        Database(str(old), schema, old)
    assert rows(old) == [("ball",)]
    assert rows(old.with_name("toys.sqlite.before-from-0001")) == [("ball",)]


def test_nothing_is_changed_where_no_copy_can_be_made(
    schema: Schema, old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match=r"cannot be copied to .*: the disk is full"):
        Database(str(old), schema, old)
    monkeypatch.undo()
    assert rows(old) == [("ball",)]
    assert list(old.parent.glob("*.before-*")) == []


def test_copies_are_not_kept_for_ever(schema: Schema, old: Path) -> None:
    Database(str(old), schema, old).close()
    copy = old.with_name("toys.sqlite.before-from-0001")
    assert remove_old_copies(old) == 0
    past = time.time() - 31 * 86400
    os.utime(copy, (past, past))
    Database(str(old), schema, old).close()
    assert not copy.exists()


def test_tables_go_down_and_up_again(schema: Schema, old: Path) -> None:
    database = Database(str(old), schema, old)
    for revision, version in (("0001", "0001"), ("head", "0002"), ("base", None), ("head", "0002")):
        change_to(database.engine, schema, revision)
        with database.engine.connect() as connection:
            assert version_of(connection, schema) == version
        if revision == "0001":
            assert rows(old) == [("ball",)]
    database.close()
    assert rows(old) == []


def test_a_database_in_use_is_copied_whole(schema: Schema, tmp_path: Path) -> None:
    file = tmp_path / "busy.sqlite"
    database = Database(str(file), schema, file)
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            with database.write() as session:  # always two together
                for half in "ab":
                    session.execute(text(f"INSERT INTO toys (name) VALUES ('{number}{half}')"))
            number += 1

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for number in range(5):
            copy = tmp_path / f"copy{number}"
            copy_sqlite(file, copy, "The toys")
            assert is_sqlite(copy)
            assert len(rows(copy)) % 2 == 0
            assert sorted(path.name for path in tmp_path.glob(f"copy{number}*")) == [copy.name]
    finally:
        stop.set()
        thread.join()
        database.close()
    with pytest.raises(StoreError, match="cannot be copied"):
        copy_sqlite(file, copy, "The toys")  # it exists
