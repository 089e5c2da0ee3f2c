"""Copies of SQLite files: whole ones of a file that is in use, and those kept from before a migration."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path
from urllib.parse import quote

from mirror_core.errors import StoreError
from mirror_core.store.failures import database_failure, disk_failure

__all__ = ["copy_before", "copy_sqlite", "is_sqlite", "remove_old_copies"]

SIGNATURE = b"SQLite format 3\0"
PRIVATE = 0o600
KEPT_DAYS = 30  # for which the copy from before a migration is kept: erased people are still in it
BEFORE = ".before-from-"  # in its name, then the version of its tables


def is_sqlite(file: Path) -> bool:
    """Whether a file is an SQLite database, by its first bytes."""
    try:
        with file.open("rb") as stream:
            return stream.read(len(SIGNATURE)) == SIGNATURE
    except OSError:
        return False


def copy_sqlite(file: Path, target: Path, what: str) -> None:
    """Copy a database that others may be writing to: one state of it, whole, without its log file.

    Args:
        file: the database.
        target: a file that is not there yet; readable by this user alone.
        what: names the database at the beginning of a sentence.

    Raises:
        StoreError: if it cannot be read or the copy not be written; no part of a copy is left.
    """
    try:
        os.close(os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE))
    except OSError as error:
        raise disk_failure(error, f"{what} cannot be copied to {target}") from error
    try:
        source = sqlite3.connect(f"file:{quote(str(file))}?mode=rw", uri=True, timeout=5.0)
        try:
            copy = sqlite3.connect(target)
            try:
                source.backup(copy)
                copy.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
            finally:
                copy.close()
        finally:
            source.close()
        descriptor = os.open(target, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except sqlite3.Error as error:
        target.unlink(missing_ok=True)
        raise database_failure(error, what) from error
    except OSError as error:
        target.unlink(missing_ok=True)
        raise disk_failure(error, f"{what} cannot be copied to {target}") from error


def copy_before(file: Path, version: str, what: str) -> Path:
    """Copy a database before its tables are changed; a copy of the same version is replaced.

    Args:
        file: the database.
        version: of its tables now.
        what: names it at the beginning of a sentence.

    Raises:
        StoreError: if that fails; the tables must not be changed then.
    """
    target = file.with_name(f"{file.name}{BEFORE}{version}")
    try:
        target.unlink(missing_ok=True)
    except OSError as error:
        raise disk_failure(error, f"{what} cannot be copied to {target}") from error
    copy_sqlite(file, target, what)
    return target


def remove_old_copies(file: Path, days: float = KEPT_DAYS) -> int:
    """Remove copies from before migrations that are older than they are kept; returns how many.

    Raises:
        StoreError: if one cannot be removed.
    """
    removed = 0
    for copy in file.parent.glob(f"{file.name}{BEFORE}*"):
        try:
            if time.time() - copy.stat().st_mtime > days * 86400:
                copy.unlink()
                removed += 1
        except FileNotFoundError:
            continue  # another program was quicker
        except OSError as error:
            raise StoreError(
                f"The old copy {copy} cannot be removed ({error.strerror}); remove it."
            ) from error
    return removed
