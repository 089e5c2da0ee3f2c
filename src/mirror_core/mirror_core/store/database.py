"""Connections to a store's database: SQLite in a file, or PostgreSQL by URL."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

from sqlalchemy import (
    URL,
    Connection,
    CursorResult,
    Engine,
    Executable,
    QueuePool,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.exc import ArgumentError, DisconnectionError, SQLAlchemyError
from sqlalchemy.orm import Session

from mirror_core.errors import StoreError, UsageError
from mirror_core.store.copies import copy_before, remove_old_copies
from mirror_core.store.failures import database_failure, disk_failure
from mirror_core.store.places import private_folder, require_allowed
from mirror_core.store.schema import Schema, is_current, make_current, version_of

__all__ = ["Database", "MissingStoreError", "changed_rows", "parsed_url"]

BUSY_S = 5.0  # how long SQLite waits for another program's transaction
OPENING_S = 30.0  # how long to wait while another program makes or migrates the database
CONNECT_S = 5  # how long to wait for a PostgreSQL server
LOST_MS = 15_000  # after which an unanswered PostgreSQL connection counts as lost
LOCK_S = 10  # how long PostgreSQL waits for another program's transaction
PRIVATE = 0o600
SHOWN = ("host", "port")  # of a URL's options; others may be secret
READS = "mirror_reads"  # execution option of transactions that write nothing


def changed_rows(session: Session, statement: Executable) -> int:
    """Execute an UPDATE or DELETE; returns how many rows it met."""
    return cast("CursorResult[Any]", session.execute(statement)).rowcount


class MissingStoreError(StoreError):
    """A store that has to exist does not."""


class Database:
    """A store's database, made and migrated where necessary.

    Args:
        url: `sqlite:///` and a path, `postgresql://user:password@host/name`, a plain path, or empty for
            the default file.
        schema: its tables.
        default: the default file.
        must_exist: make and migrate nothing.

    Raises:
        UsageError: if the URL is of another kind.
        MissingStoreError: if it has to exist and does not.
        StoreError: if the database cannot be used.
    """

    def __init__(self, url: str, schema: Schema, default: Path, *, must_exist: bool = False) -> None:
        parsed = parsed_url(url, schema, default)
        is_file = parsed.get_backend_name() == "sqlite"
        require_allowed(parsed.database or "" if is_file else None, schema.what)
        self.schema = schema
        self.file: Path | None = None
        if parsed.get_backend_name() == "sqlite":
            self.file = Path(parsed.database or "").expanduser().absolute()
            self.name = str(self.file)
            self._engine = _sqlite_engine(self.file)
        else:
            shown = {key: value for key, value in parsed.query.items() if key in SHOWN}
            self.name = parsed.set(query=shown).render_as_string(hide_password=True)
            self._engine = _postgres_engine(parsed, schema.application)
        self._reading = self._engine.execution_options(**{READS: True})
        try:
            if must_exist:
                self._find()
                return
            with self._translated(), self._opening():
                if not is_current(self._reading, schema):
                    self._copy_aside()
                    make_current(self._engine, schema, self.name)
            if self.file is not None:
                remove_old_copies(self.file)
        except BaseException:
            self._engine.dispose()
            raise

    @property
    def title(self) -> str:
        """What it is and where, at the beginning of a sentence, without its password."""
        return f"{self.schema.what} {self.name}"

    @property
    def engine(self) -> Engine:
        """SQLAlchemy's engine, for changes of the tables (`mirror_core.store.schema.change_to`)."""
        return self._engine

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    @contextlib.contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that sees one state of the database and changes nothing."""
        with self._translated(), Session(self._reading, expire_on_commit=False) as session, session.begin():
            yield session

    @contextlib.contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction: all of it is kept, safely on disk, or nothing."""
        with self._translated(), Session(self._engine, expire_on_commit=False) as session, session.begin():
            yield session

    def scrub(self, patient: bool = True) -> bool:
        """Remove the traces that erased rows leave beside the database.

        SQLite overwrites deleted rows (`secure_delete`), but its write-ahead log still holds them until it
        is emptied, which has to wait for readers. In PostgreSQL that is the server's work (VACUUM).

        Args:
            patient: wait a few seconds for readers.

        Returns:
            False if a reader was in the way; try again later.
        """
        if self.file is None:
            return True
        with self._translated():
            connection = self._engine.raw_connection()
            try:
                cursor = connection.cursor()
                cursor.execute(f"PRAGMA busy_timeout = {BUSY_S * 1e3 if patient else 0:.0f}")
                busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
                cursor.execute(f"PRAGMA busy_timeout = {BUSY_S * 1e3:.0f}")
                cursor.close()
            finally:
                connection.close()
        return not busy

    def _find(self) -> None:
        """See that there is a store that can be used."""
        missing = MissingStoreError(f"{self.title} does not exist yet.")
        if self.file is not None and not self.file.exists():
            raise missing
        with self._translated(), self._reading.connect() as connection, connection.begin():
            version = version_of(connection, self.schema)
        if version is None:
            raise missing
        if version != self.schema.head:
            raise StoreError(
                f"{self.title} has tables of version {version}, not {self.schema.head}; update "
                "Mirror, and start what writes to it, which brings the tables up to date."
            )

    def _copy_aside(self) -> None:
        """Copy a file whose tables are about to be changed; a server has backups of its own."""
        if self.file is None:
            return
        with self._reading.connect() as connection, connection.begin():
            version = version_of(connection, self.schema)
        if version is not None and version < self.schema.head:
            copy_before(self.file, version, self.title)

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, sqlite3.Error) as error:
            raise database_failure(error, self.title) from error

    @contextlib.contextmanager
    def _opening(self) -> Iterator[None]:
        """Let one program at a time make and migrate a database file (a server has locks for that)."""
        if self.file is None:
            yield
            return
        try:
            private_folder(self.file.parent)
            lock = os.open(f"{self.file}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE)
        except OSError as error:
            raise disk_failure(error, f"{self.title} cannot be opened") from error
        try:
            _wait_for(lock, self.title)
            if not self.file.exists():
                _create(self.file, self.title)
            yield
        finally:
            os.close(lock)


def parsed_url(text: str, schema: Schema, default: Path) -> URL:
    """The URL of a database.

    Args:
        text, schema, default: as of `Database`.

    Raises:
        UsageError: if it is of another kind.
    """
    if not text:
        return URL.create("sqlite", database=str(default))
    if "://" not in text:
        return URL.create("sqlite", database=text)
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):  # of the port
        raise UsageError(
            f"The URL is not understood: {schema.what.lower()} is at sqlite:////path/to/file or "
            "postgresql://user:password@host/name."
        ) from None
    kind = url.drivername.partition("+")[0]
    if kind == "sqlite" and url.database and url.database != ":memory:":
        return url
    if kind in ("postgres", "postgresql"):
        return url.set(drivername="postgresql+psycopg")
    raise UsageError(
        f"{schema.what} must be sqlite:////path/to/file or postgresql://user:password@host/name, not {kind}."
    )


# ---- SQLite


def _sqlite_engine(file: Path) -> Engine:
    def connect() -> sqlite3.Connection:
        # never made by accident: a file that vanished is an error, not an empty store
        return sqlite3.connect(
            f"file:{quote(str(file))}?mode=rw",
            uri=True,
            timeout=BUSY_S,
            isolation_level=None,  # BEGIN is ours, below
            check_same_thread=False,
        )

    engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool)

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, record: Any) -> None:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA synchronous = FULL")  # a power cut loses nothing that was committed
        connection.execute("PRAGMA temp_store = MEMORY")  # no traces in temporary files
        if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            connection.execute("PRAGMA journal_mode = WAL")  # readers and one writer at the same time
        record.info["file"] = _identity(file)

    @event.listens_for(engine, "checkout")
    def check(connection: sqlite3.Connection, record: Any, proxy: Any) -> None:
        if record.info["file"] != _identity(file):  # else what is written would go to a deleted file
            raise DisconnectionError("the database file was replaced")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # a transaction that reads first and writes later cannot wait for another writer
        reads = connection.get_execution_options().get(READS, False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        state = file.stat()
    except OSError:
        return None
    return state.st_dev, state.st_ino


def _wait_for(lock: int, title: str) -> None:
    deadline = time.monotonic() + OPENING_S
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.EACCES):
                raise disk_failure(error, f"{title} cannot be locked") from error
        if time.monotonic() > deadline:
            raise StoreError(
                f"{title} has been opened by another program for {OPENING_S:.0f} s "
                "without an end; stop that program."
            )
        time.sleep(0.02)


def _create(file: Path, title: str) -> None:
    """An empty file that only this user can read."""
    try:
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE))
        folder = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise disk_failure(error, f"{title} cannot be made") from error


# ---- PostgreSQL


def _postgres_engine(url: URL, application: str) -> Engine:
    engine = create_engine(
        url,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": CONNECT_S,
            "tcp_user_timeout": LOST_MS,
            "application_name": application,
        },
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, record: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = '{LOCK_S}s'")
        connection.commit()

    return engine
