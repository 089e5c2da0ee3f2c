"""The version of a store's tables: made, or brought up to date, when the store is opened."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from mirror_core.errors import StoreError

__all__ = ["Schema", "is_current", "make_current", "version_of"]

LOCK = 0x6D6972726F72  # "mirror": PostgreSQL's advisory lock while tables are changed


@dataclass(frozen=True, slots=True)
class Schema:
    """The tables of one kind of store.

    Attributes:
        what: the database in words, at the beginning of a sentence: "The gallery's database".
        version_table: holds the newest migration that was run; Alembic's own table, named for the store, as a
            database may hold those of others too.
        head: the newest of the migrations; Alembic is loaded only where another one is found.
        migrations: folder of Alembic's env.py and versions.
        application: by which a PostgreSQL server lists its connections.
    """

    what: str
    version_table: str
    head: str
    migrations: Path
    application: str


def is_current(engine: Engine, schema: Schema) -> bool:
    """Whether the tables are those that this Mirror knows; nothing is changed."""
    with engine.connect() as connection, connection.begin():
        return version_of(connection, schema) == schema.head


def make_current(engine: Engine, schema: Schema, name: str) -> None:
    """Make the tables or migrate them, all or nothing.

    Args:
        engine: of the database; in SQLite its transactions must exclude each other.
        schema: the tables it shall have.
        name: of the database, for errors.

    Raises:
        StoreError: if the tables were made by a newer Mirror.
    """
    with engine.connect() as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        version = version_of(connection, schema)  # another program may have been quicker
        if version != schema.head:
            _migrate(connection, schema, version, name)


def version_of(connection: Connection, schema: Schema) -> str | None:
    """The newest migration that was run; None where there are no tables yet."""
    if not inspect(connection).has_table(schema.version_table):
        return None
    chosen = text(f"SELECT version_num FROM {schema.version_table}")
    found: str | None = connection.execute(chosen).scalar()
    return found


def _migrate(connection: Connection, schema: Schema, version: str | None, name: str) -> None:
    logging.getLogger("alembic").setLevel(logging.WARNING)  # each step is news to developers only
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(schema.migrations).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if version is not None and version not in known:
        raise StoreError(
            f"{schema.what} {name} was written by a newer Mirror (tables of version {version}, this "
            f"one knows {schema.head}); update Mirror, or choose another database."
        )
    command.upgrade(config, "head")
