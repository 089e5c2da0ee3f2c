"""Uploads the log as a Parquet data set: every row exactly once, whatever network and power do.

A run goes through four steps, and whatever is interrupted goes on with the next run:

    cut     a transaction decides which new rows make which part, and enters the parts in the ledger
    spool   each part is written as a file of the spool, safely on the disk; from then on the rows may be
            erased from the log because they are old
    upload  each file is sent under a name that says which rows it holds, and noted as uploaded
    erase   what was erased from the log meanwhile is taken out of the parts, which are written anew

Names are made of mirror, date and row numbers, no row is in two parts of the ledger, and a part that is
sent twice replaces itself by the same bytes: so every row arrives, and once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mirror_core.errors import UsageError
from mirror_core.store.database import Database
from mirror_core.store.objects import Objects, open_objects
from mirror_mood.log.ledger import Part
from mirror_mood.log.models import PartState
from mirror_mood.log.spool import WHAT, Spool, rows_of, without

__all__ = ["Exported", "Exporter", "open_target"]

PLACE = "The mood log's export URL"


@dataclass(frozen=True, slots=True)
class Exported:
    """What a run has done.

    Attributes:
        parts, rows: that were uploaded.
        rewritten: uploaded parts out of which something was erased.
        lost: rows that could not be uploaded, because they were too old before the disk took them.
        waiting: parts that are still to be uploaded or written anew.
    """

    parts: int = 0
    rows: int = 0
    rewritten: int = 0
    lost: int = 0
    waiting: int = 0


def open_target(url: str) -> Objects:
    """Where parts are uploaded to. Nothing is sent yet.

    Args:
        url: a folder, `s3://bucket/prefix?endpoint=…` (see `mirror_core.store.s3`), or another URL of fsspec.

    Raises:
        UsageError: if it is not understood, or pyarrow is not installed.
    """
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        raise UsageError("Exporting Parquet needs pyarrow; install it (requirements/base.txt).") from None
    return open_objects(url, WHAT, PLACE)


class Exporter:
    """Uploads the rows of one log to one target.

    Args:
        database: of the log.
        target: from `open_target`.
        spool: folder for parts that wait; None for the default one.
        should_stop: asked between two parts.
    """

    def __init__(
        self,
        database: Database,
        target: Objects,
        spool: Path | None = None,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self._database = database
        self._target = target
        self._spool = Spool(database, target.name, spool)
        self._ledger = self._spool.ledger
        self._should_stop = should_stop

    def run(self, mirror: str) -> Exported:
        """Upload what is new, and what earlier runs have left.

        Args:
            mirror: whose rows; each mirror uploads its own.

        Raises:
            StoreError: if the database, the disk or the target fails, or another program uploads already;
                what is uploaded by then stays so. New rows are in the spool also where the target is not
                reached.
        """
        uploaded, rewritten = [], 0
        with self._spool.alone():
            self._spool.fill(mirror)
            for part in self._ledger.parts(PartState.SPOOLED, mirror=mirror):
                if not self._should_stop():
                    uploaded += self._upload(part)
            for part in self._ledger.to_erase_from(mirror):
                if not self._should_stop():
                    self._rewrite(part)
                    rewritten += 1
        if rewritten:
            self._database.scrub(patient=False)  # the ledger named whom it was about
        return Exported(len(uploaded), sum(uploaded), rewritten, self._spool.lost, self.waiting(mirror))

    def waiting(self, mirror: str) -> int:
        """How many parts are still to be uploaded or written anew.

        Raises:
            StoreError: if the database cannot be read.
        """
        late = self._ledger.parts(PartState.CUT, PartState.SPOOLED, mirror=mirror)
        return len({part.id for part in (*late, *self._ledger.to_erase_from(mirror))})

    def _upload(self, part: Part) -> list[int]:
        """Send a part; returns its number of rows, nothing where it has none any more."""
        from mirror_mood.log.parquet_part import rows_in

        data = self._spool.read(part)
        if data is None:
            return []
        rows = rows_in(data, part.name)
        self._target.write(part.name, data)
        self._spool.uploaded(part, rows)
        return [rows]

    def _rewrite(self, part: Part) -> None:
        """Take erased rows out of an uploaded part."""
        from mirror_mood.log.parquet_part import to_parquet

        erasures = self._ledger.erasures(part)
        data = self._target.read(part.name)
        rows = [] if data is None else rows_of(data, part)  # None: somebody has removed it there
        kept = without(rows, erasures)
        if not kept:
            self._target.delete(part.name)
        elif len(kept) < len(rows):
            self._target.write(part.name, to_parquet(kept))
        self._ledger.note(part, PartState.UPLOADED if kept else PartState.EMPTY, len(kept), erasures)
