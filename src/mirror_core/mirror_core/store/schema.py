"""The version of a store's tables: made, or brought up to date, when the store is opened."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from mirror_core.errors import StoreError

if TYPE_CHECKING:
    from alembic.config import Config

__all__ = ["Schema", "change_to", "is_current", "make_current", "version_of"]

LOCK = 0x6D6972726F72  # "mirror": PostgreSQL's advisory lock while tables are changed

# Alembic keeps what it migrates in variables of its modules: two threads that migrate two stores at once
# (gallery and mood log at the first start of a composed mirror) would make their tables in each other's.
_ONE_AT_A_TIME = threading.RLock()

# Each step is news to developers only, and its first ones come while it is being imported.
logging.getLogger("alembic").setLevel(logging.WARNING)


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


def change_to(engine: Engine, schema: Schema, revision: str) -> None:
    """Bring the tables to another version, older or newer; what an older one has no place for is lost.

    The mirror itself only goes up. This is for tests, and for whoever goes back (docs/upgrade.md).

    Args:
        engine: of the database.
        schema: its tables.
        revision: of a migration, "base" for no tables at all, or "head".
    """
    from alembic import command

    with engine.connect() as connection, connection.begin():
        version = version_of(connection, schema)
        config, order = _alembic(connection, schema)
        place = len(order) - 1 if revision == "head" else -1 if revision == "base" else order.index(revision)
        now = -1 if version is None else order.index(version)
        with _ONE_AT_A_TIME:
            (command.upgrade if place > now else command.downgrade)(config, revision)


def _migrate(connection: Connection, schema: Schema, version: str | None, name: str) -> None:
    from alembic import command

    config, order = _alembic(connection, schema)
    if version is not None and version not in order:
        raise StoreError(
            f"{schema.what} {name} was written by a newer Mirror (tables of version {version}, this "
            f"one knows {schema.head}); update Mirror, or choose another database."
        )
    with _ONE_AT_A_TIME:
        command.upgrade(config, "head")


def _alembic(connection: Connection, schema: Schema) -> tuple[Config, list[str]]:
    """Alembic's settings for a connection, and all versions, oldest first."""
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(schema.migrations).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.attributes["connection"] = connection
    found = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    return config, found[::-1]
