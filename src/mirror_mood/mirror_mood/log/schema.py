"""The mood log's tables and the history of their versions, and where the log is kept."""

from __future__ import annotations

import os
from pathlib import Path

from mirror_core.store.database import Database, parsed_url
from mirror_core.store.places import state_folder
from mirror_core.store.schema import Schema

__all__ = [
    "DATABASE_VARIABLE",
    "MOOD_LOG",
    "check_url",
    "default_database",
    "default_spool",
    "may_exist",
    "open_database",
    "resolved",
]

DATABASE_VARIABLE = "MIRROR_MOOD_DATABASE"

MOOD_LOG = Schema(
    what="The mood log",
    version_table="mood_schema",
    head="0001",  # newest migration in migrations/versions
    migrations=Path(__file__).parent / "migrations",
    application="mirror mood log",
)


def default_database() -> Path:
    """The SQLite file of the mood log."""
    return state_folder() / "mood" / "moods.sqlite"


def default_spool() -> Path:
    """The folder of parts that wait to be uploaded."""
    return state_folder() / "mood" / "spool"


def resolved(url: str) -> str:
    """The URL, or the environment's where it is empty: the place for one with a password in it."""
    return url or os.environ.get(DATABASE_VARIABLE, "")


def check_url(url: str) -> None:
    """See that a URL can be that of a mood log; nothing is opened.

    Raises:
        UsageError: if it cannot.
    """
    parsed_url(resolved(url), MOOD_LOG, default_database())


def may_exist(url: str) -> bool:
    """Whether there may be a mood log at a URL; a server is not asked.

    Raises:
        UsageError: if the URL is not understood.
    """
    parsed = parsed_url(resolved(url), MOOD_LOG, default_database())
    return parsed.get_backend_name() != "sqlite" or Path(parsed.database or "").expanduser().exists()


def open_database(url: str = "", *, must_exist: bool = False) -> Database:
    """The database of a mood log.

    Args:
        url: `sqlite:///` and a path, `postgresql://user:password@host/name`, a plain path, or empty for
            $MIRROR_MOOD_DATABASE, else the file in the state folder.
        must_exist: make nothing.

    Raises:
        UsageError, MissingStoreError, StoreError: as of `Database`.
    """
    return Database(resolved(url), MOOD_LOG, default_database(), must_exist=must_exist)
