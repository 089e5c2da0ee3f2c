"""The whole log of one mirror: averages, writes, keeps promises about age and erasing, uploads. No ROS.

thread              what it does
the caller's        `take`: adds up one second
mood log writer     writes rows every few seconds
mood log keeper     every minute: erases what is too old, and whose face was erased
mood log upload     every `export_period_s`, where an export URL is given
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from mirror_core.moods import MoodSet
from mirror_core.store.audit import AuditLog, Event
from mirror_core.store.database import MissingStoreError
from mirror_core.store.objects import Objects
from mirror_mood.log.erasure import erase_missing, waiting_to_be_erased
from mirror_mood.log.exporter import Exported, Exporter, open_target
from mirror_mood.log.periodic import PeriodicWork
from mirror_mood.log.schema import check_url
from mirror_mood.log.seconds import SecondAverager
from mirror_mood.log.spool import clean_spools
from mirror_mood.log.store import MoodStore
from mirror_mood.log.writer import MoodWriter, WriterStatus

__all__ = ["EXPORT_VARIABLE", "MoodRecorder", "RecorderSettings", "resolved_export"]

EXPORT_VARIABLE = "MIRROR_MOOD_EXPORT"
IDLE_S = 1.5  # without moods, after which the second in progress is over
KEEPER_PERIOD_S = 60.0
PATIENCE_S = 5.0  # for which an end waits for uploads and erasing; they may be interrupted
RETRY_S = 60.0  # after which an upload that failed is tried again, if its period is longer


def resolved_export(url: str) -> str:
    """The URL, or the environment's where it is empty: the place for one with a secret in it."""
    return url or os.environ.get(EXPORT_VARIABLE, "")


@dataclass(frozen=True, slots=True)
class RecorderSettings:
    """What a recorder does.

    Attributes:
        mirror: id of this mirror.
        url: of the log, as of `MoodStore`.
        records: whether moods are written; without, age and erasing are looked after all the same.
        keep_days, keep_summaries_days: as of `MoodStore.prune`.
        export_url: as of `open_target`; empty: nothing is uploaded.
        export_period_s: how often new rows are uploaded.
        queue_rows, write_period_s: as of `MoodWriter`.
        spool: folder of parts that wait; None for the default one.
    """

    mirror: str
    url: str = ""
    records: bool = True
    keep_days: int = 30
    keep_summaries_days: int = 400
    export_url: str = ""
    export_period_s: float = 3600.0
    queue_rows: int = 36_000
    write_period_s: float = 5.0
    spool: Path | None = None


class MoodRecorder:
    """Keeps the log of one mirror. No method waits for database, disk or network, except `close`.

    Args:
        settings: what it does.

    Raises:
        UsageError: if a URL is not understood.
    """

    def __init__(self, settings: RecorderSettings) -> None:
        check_url(settings.url)
        self._settings = settings
        self._target: Objects | None = open_target(settings.export_url) if settings.export_url else None
        self._known: set[str] | None = None  # ids of the gallery's faces; None: not heard yet
        self._ever_known: set[str] = set()
        self._taken_s = time.monotonic()
        self._closing = False
        self.exported = Exported()
        self.to_be_erased = 0
        self._averager = SecondAverager(settings.mirror)
        self._writer: MoodWriter | None = None
        if settings.records:
            open_store = lambda: MoodStore(settings.url)  # noqa: E731  opened in the writer's thread
            self._writer = MoodWriter(open_store, settings.queue_rows, settings.write_period_s)
        self._is_scrubbed = True
        self._keeper = PeriodicWork(self._keep, KEEPER_PERIOD_S, KEEPER_PERIOD_S, "mood log keeper")
        self._uploads: PeriodicWork | None = None
        if self._target is not None:
            period_s = settings.export_period_s
            self._uploads = PeriodicWork(self._upload, period_s, RETRY_S, "mood log upload")

    # ---- what comes in

    def take(self, moods: MoodSet) -> None:
        """Take the moods of one frame."""
        self._taken_s = time.monotonic()
        if self._writer is not None and (rows := self._averager.add(moods)):
            self._writer.put(rows)

    def tick(self) -> None:
        """To be called every second or so: a second after which no moods came has to end too."""
        if self._writer is not None and time.monotonic() - self._taken_s >= IDLE_S:
            self._writer.put(self._averager.close())

    def know(self, gallery_ids: Iterable[str]) -> None:
        """The gallery's faces are these now; see `erase_missing` for what becomes of moods without a face.

        Args:
            gallery_ids: ids of all people's faces, not of presets.
        """
        self._known = set(gallery_ids)
        self._keeper.wake()

    def change(self, settings: RecorderSettings) -> None:
        """Go on with other settings; only days, periods and the length of the queue may differ."""
        self._settings = settings
        if self._writer is not None:
            self._writer.queue_rows, self._writer.period_s = settings.queue_rows, settings.write_period_s
        if self._uploads is not None:
            self._uploads.period_s = settings.export_period_s
        self._keeper.wake()

    # ---- how it stands

    @property
    def status(self) -> WriterStatus:
        """How the writer stands."""
        return WriterStatus() if self._writer is None else self._writer.status

    def problems(self) -> dict[str, str]:
        """What does not work: a sentence each under "log", "keeping" and "upload"; empty if it works."""
        status = self.status
        log = status.problem
        if log:
            log += f" {status.waiting} rows wait in memory, {status.dropped} are lost."
        keeping = self._keeper.problem
        if not keeping and self.to_be_erased:
            keeping = (
                f"The moods of {self.to_be_erased} people who are not in this gallery will be erased "
                "within a day; start the mirror with the gallery that knows them, if they are to stay."
            )
        upload = "" if self._uploads is None else self._uploads.problem
        return {"log": log, "keeping": keeping, "upload": upload}

    def close(self) -> WriterStatus:
        """Write what is there, and end all threads; returns how the writer stands in the end."""
        self._closing = True
        status = WriterStatus()
        if self._writer is not None:
            self._writer.put(self._averager.close())
            status = self._writer.close()
        if self._uploads is not None:
            self._uploads.close(PATIENCE_S)
        self._keeper.close(PATIENCE_S)
        return status

    # ---- in threads

    def _keep(self) -> None:
        settings = self._settings
        try:
            with MoodStore(settings.url, must_exist=True) as store:
                self._erase_gone(store)
                store.prune(time.time(), settings.keep_days, settings.keep_summaries_days)
                if not self._is_scrubbed:
                    self._is_scrubbed = store.scrub()
        except MissingStoreError:
            return  # nothing is kept yet

    def _erase_gone(self, store: MoodStore) -> None:
        known = self._known
        if known is None:
            return
        gone = self._ever_known - known
        self._ever_known |= known
        if gone and self._writer is not None:
            self._averager.forget(gone)
            self._writer.forget(gone)
        erased = erase_missing(store, known, self._ever_known, int(time.time()))
        self.to_be_erased = waiting_to_be_erased(store)
        for who in erased:
            AuditLog().note(Event.MOODS_ERASED, who, "face erased")
        if erased:
            self._is_scrubbed = False
            clean_spools(store.database, self._settings.spool)
            if self._uploads is not None:
                self._uploads.wake()

    def _upload(self) -> None:
        assert self._target is not None
        try:
            with MoodStore(self._settings.url, must_exist=True) as store:
                exporter = Exporter(store.database, self._target, self._settings.spool, lambda: self._closing)
                done = exporter.run(self._settings.mirror)
        except MissingStoreError:
            return
        if done.rewritten:  # whom it was about stood in the ledger until now
            self._is_scrubbed = False
            self._keeper.wake()
        total = self.exported
        self.exported = replace(
            done,
            parts=total.parts + done.parts,
            rows=total.rows + done.rows,
            rewritten=total.rewritten + done.rewritten,
            lost=total.lost + done.lost,
        )
