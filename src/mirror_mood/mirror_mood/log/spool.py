"""The spool: parts of the log as files on the disk, from when they are cut until they are uploaded."""

from __future__ import annotations

import fcntl
import logging
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from sqlalchemy import select

from mirror_core.errors import StoreError
from mirror_core.store.database import Database
from mirror_core.store.failures import disk_failure
from mirror_core.store.objects import FolderObjects
from mirror_core.store.places import private_folder
from mirror_mood.log.ledger import Erasure, Ledger, Numbered, Part
from mirror_mood.log.models import PartState, parts
from mirror_mood.log.schema import default_spool

__all__ = ["WHAT", "Spool", "clean_spools", "without"]

logger = logging.getLogger("mirror.mood_log")

WHAT = "A part of the mood log"
PRIVATE = 0o600
LOCK_S = 10.0  # for which another program that uploads from the same spool is waited for


def without(rows: Sequence[Numbered], erasures: Sequence[Erasure]) -> list[Numbered]:
    """The rows that are not to be erased."""
    return [each for each in rows if not any(erasure.covers(each[1]) for erasure in erasures)]


class Spool:
    """The parts of one log that wait for one target. All but `alone` is to be called within `alone`.

    Args:
        database: of the log.
        target: name of the target, without credentials.
        folder: of all spools; None for the default one.

    Attributes:
        ledger: of the target.
        lost: rows that were to be uploaded and are neither in the log nor in the spool any more.
    """

    def __init__(self, database: Database, target: str, folder: Path | None = None) -> None:
        self._database = database
        self.ledger = Ledger(database, target)
        self.lost = 0
        key = sha256(f"{database.name}\n{target}".encode()).hexdigest()[:16]
        self._files = FolderObjects((folder or default_spool()) / key, WHAT)

    @contextmanager
    def alone(self, patience_s: float = LOCK_S) -> Iterator[None]:
        """Let one program at a time work on it.

        Raises:
            StoreError: if another one does and does not end.
        """
        file = self._files.folder / "lock"
        try:
            private_folder(file.parent)
            lock = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE)
        except OSError as error:
            raise disk_failure(error, f"The spool {self._files.name} cannot be opened") from error
        try:
            deadline = time.monotonic() + patience_s
            while not _locked(lock):
                if time.monotonic() > deadline:
                    raise StoreError(
                        f"Another program is uploading the mood log to {self.ledger.target}; try again when "
                        "it has ended."
                    )
                time.sleep(0.05)
            yield
        finally:
            os.close(lock)

    def fill(self, mirror: str) -> None:
        """Make parts of all new rows of a mirror, and take out of those that wait what was erased."""
        self.ledger.cut(mirror)
        for part in self.ledger.parts(PartState.CUT, mirror=mirror):
            self._make(part)
        self.clean(mirror)

    def clean(self, mirror: str | None = None) -> None:
        """Take erased rows out of the parts that wait here."""
        is_changed = False
        for part in self.ledger.to_erase_from(mirror):
            data = self._files.read(part.name) if part.state is PartState.SPOOLED else None
            if data is not None:
                self._keep(part, rows_of(data, part))
                is_changed = True
        if is_changed:
            self._database.scrub(patient=False)  # the ledger named whom it was about

    def read(self, part: Part) -> bytes | None:
        """The file of a part; made anew from the log where it is gone. None where no row is left."""
        data = self._files.read(part.name)
        if data is None:
            self._make(part)
            data = self._files.read(part.name)
        return data

    def uploaded(self, part: Part, rows: int) -> None:
        """Note that a part has arrived, and let go of its file."""
        self.ledger.note(part, PartState.UPLOADED, rows)
        self._files.delete(part.name)

    def _make(self, part: Part) -> None:
        rows = self.ledger.rows(part)
        if len(without(rows, self.ledger.erasures(part))) < part.rows:
            data = self._files.read(part.name)  # it may have been written, and the note of that cut off
            spooled = [] if data is None else rows_of(data, part)
            rows = max(rows, spooled, key=len)
        self._keep(part, rows)

    def _keep(self, part: Part, rows: Sequence[Numbered]) -> None:
        """Write the file of a part without what is to be erased, and note it."""
        from mirror_mood.log.parquet_part import to_parquet

        erasures = self.ledger.erasures(part)  # after the rows: what is erased in between is in both
        kept = without(rows, erasures)
        if len(kept) < part.rows and not erasures:
            self.lost += part.rows - len(kept)
            logger.warning(
                "%d rows of %s are lost: they were erased from the log before they could be spooled.",
                part.rows - len(kept),
                part.name,
            )
        if kept:
            self._files.write(part.name, to_parquet(kept))
            self.ledger.note(part, PartState.SPOOLED, len(kept), erasures)
        else:
            self.ledger.note(part, PartState.EMPTY, 0, erasures)
            self._files.delete(part.name)


def rows_of(data: bytes, part: Part) -> list[Numbered]:
    """The rows of a part's file.

    Raises:
        StoreError: if it is damaged.
    """
    from mirror_mood.log.parquet_part import from_parquet

    return from_parquet(data, part.mirror, part.name)


def clean_spools(database: Database, folder: Path | None = None) -> None:
    """Take erased rows out of all parts that wait on this machine's disk, for whichever target.

    A spool that is being uploaded from is left alone: whoever uploads looks after it.

    Raises:
        StoreError: if the database or a file cannot be read or written.
    """
    with database.read() as session:
        targets = session.scalars(select(parts.c.target).distinct()).all()
    for target in targets:
        spool = Spool(database, target, folder)
        if spool.ledger.to_erase_from():
            with spool.alone():
                spool.clean()


def _locked(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
