"""What databases and disks report, in one sentence that a person can act on."""

from __future__ import annotations

import errno
import sqlite3

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from mirror_core.errors import StoreError

__all__ = ["database_failure", "disk_failure", "first_line"]

MOST_REASON = 200  # characters of a foreign message that are passed on
PRIMARY_CODE = 0xFF  # SQLite's extended codes keep the primary one in the low byte

SQLITE_REASONS = {
    sqlite3.SQLITE_BUSY: "is busy: another program has been writing to it for too long; try again",
    sqlite3.SQLITE_LOCKED: "is busy: another part of this program is writing to it; try again",
    sqlite3.SQLITE_READONLY: "cannot be written: it or its folder is read-only; allow writing there",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened: it is gone or may not be read; check the path and its rights",
    sqlite3.SQLITE_PERM: "may not be opened by this user; check its rights",
    sqlite3.SQLITE_FULL: "cannot grow: the disk is full; make room and try again",
    sqlite3.SQLITE_IOERR: "cannot be read or written: the disk reports an error; check the disk",
    sqlite3.SQLITE_NOTADB: "is no SQLite database, or it is encrypted; choose another file",
    sqlite3.SQLITE_CORRUPT: "is damaged; restore it from a backup, or move it away to begin anew",
}
POSTGRES_REASONS = {  # by the beginning of the code, https://www.postgresql.org/docs/current/errcodes-appendix.html
    "28": "refuses this user or password; check them",
    "3D000": "does not exist on the server; create it",
    "25006": "is read-only on this server; connect to the primary server",
    "42501": "does not let this user do that; grant the right",
    "53100": "cannot grow: the server's disk is full; make room there and try again",
    "53300": "has no connection left; allow more connections or close some",
    "55P03": "is busy: another program has been writing to it for too long; try again",
    "40": "was changed by another program at the same moment; try again",
    "57": "is shutting down or was restarted; try again",
    "08": "cannot be reached; check the server and the network",
}
DISK_REASONS = {
    errno.ENOSPC: "the disk is full; make room and try again",
    errno.EDQUOT: "the user's share of the disk is full; make room and try again",
    errno.EROFS: "the disk is read-only; allow writing there",
    errno.EACCES: "this user may not do that; check the rights",
    errno.EPERM: "this user may not do that; check the rights",
    errno.ENOENT: "it is gone",
    errno.ENOTDIR: "a part of the path is a file; choose another folder",
    errno.EIO: "the disk reports an error; check the disk",
}


def first_line(error: BaseException) -> str:
    """The first line of a foreign message, shortened and without a full stop."""
    text = next(iter(str(error).strip().splitlines()), "") or type(error).__name__
    return text[:MOST_REASON].rstrip(" .")


def database_failure(error: SQLAlchemyError | sqlite3.Error, what: str) -> StoreError:
    """The error to raise when the database reports one.

    Args:
        error: from SQLAlchemy or SQLite.
        what: names the database, without its password: "The gallery's database /path/faces.sqlite".
    """
    reason = None
    original: BaseException = error
    if isinstance(error, DBAPIError) and error.orig is not None:
        original = error.orig
    if isinstance(original, sqlite3.Error):
        code = getattr(original, "sqlite_errorcode", None)
        reason = None if code is None else SQLITE_REASONS.get(code & PRIMARY_CODE)
    else:
        state = getattr(original, "sqlstate", None) or ""
        reason = next((r for prefix, r in POSTGRES_REASONS.items() if state.startswith(prefix)), None)
        if not state and _is_operational(original):  # libpq gives no code when there is no connection
            reason = f"cannot be reached ({first_line(original)}); check the server and the network"
    if reason is None:
        reason = f"reports an error: {first_line(original)}"
    return StoreError(f"{what} {reason}.")


def _is_operational(error: BaseException) -> bool:
    return type(error).__name__ in ("OperationalError", "InterfaceError", "ConnectionTimeout")


def disk_failure(error: OSError, doing: str) -> StoreError:
    """The error to raise when a file cannot be read or written.

    Args:
        error: from the operating system.
        doing: the sentence's beginning, e.g. "A picture cannot be written to /data".
    """
    reason = DISK_REASONS.get(error.errno or 0) or first_line(error)
    return StoreError(f"{doing}: {reason}.")
