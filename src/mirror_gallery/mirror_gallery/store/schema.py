"""The version of the gallery's tables: made, or brought up to date, when a store is opened."""

from __future__ import annotations

import logging
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from mirror_core.errors import StoreError

__all__ = ["HEAD", "VERSION_TABLE", "is_current", "make_current"]

VERSION_TABLE = "gallery_schema"  # holds the newest migration that was run; Alembic's own table
HEAD = "0001"  # newest migration in migrations/versions; Alembic is loaded only where another one is found
MIGRATIONS = Path(__file__).parent / "migrations"
LOCK = 0x6D6972726F72  # "mirror": PostgreSQL's advisory lock while tables are changed


def is_current(engine: Engine) -> bool:
    """Whether the tables are those that this Mirror knows; nothing is changed."""
    with engine.connect() as connection, connection.begin():
        return _version(connection) == HEAD


def make_current(engine: Engine, name: str) -> None:
    """Make the tables or migrate them, all or nothing.

    Args:
        engine: of the database; in SQLite its transactions must exclude each other.
        name: of the database, for errors.

    Raises:
        StoreError: if the tables were made by a newer Mirror.
    """
    with engine.connect() as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        version = _version(connection)  # another program may have been quicker
        if version != HEAD:
            _migrate(connection, version, name)


def _version(connection: Connection) -> str | None:
    """The newest migration that was run; None where there are no tables yet."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    found: str | None = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()
    return found


def _migrate(connection: Connection, version: str | None, name: str) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    logging.getLogger("alembic").setLevel(logging.WARNING)  # each step is news to developers only
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if version is not None and version not in known:
        raise StoreError(
            f"The gallery's database {name} was written by a newer Mirror (tables of version {version}, this "
            f"one knows {HEAD}); update Mirror, or choose another database."
        )
    command.upgrade(config, "head")
