"""One thread that writes rows from a bounded queue, and waits out what a database or a disk may do."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace

from mirror_core.errors import MirrorError
from mirror_mood.log.rows import MoodRow
from mirror_mood.log.store import Added, MoodStore

__all__ = ["MoodWriter", "WriterStatus"]

MOST_AT_ONCE = 2000  # rows in one transaction
FIRST_PAUSE_S = 1.0  # before a failed write is tried again; then twice as long each time
LONGEST_PAUSE_S = 30.0


@dataclass(frozen=True, slots=True)
class WriterStatus:
    """How the writer stands.

    Attributes:
        waiting: rows that are not in the log yet.
        written: rows that were written.
        duplicates: rows that were in the log already.
        too_old: rows that were older than what is kept.
        dropped: rows that are lost: the queue was full, or the writer ended before the log could be written.
        first_dropped_s, last_dropped_s: times of the oldest and the newest of them; None where there is none.
        problem: why nothing can be written now, one sentence; empty where all is well.
    """

    waiting: int = 0
    written: int = 0
    duplicates: int = 0
    too_old: int = 0
    dropped: int = 0
    first_dropped_s: int | None = None
    last_dropped_s: int | None = None
    problem: str = ""


class MoodWriter:
    """Writes rows in a thread of its own; `put` never waits.

    While the log cannot be written, rows wait in memory and it is tried again. When the queue is full the
    oldest rows are dropped, and counted: what a full queue has lost is the beginning of the fault, and the
    newest is what a page shows. Rows whose fate is unknown are given to the log again, which knows its own.

    Args:
        open_store: opens the log; called in the thread, and again until it succeeds.
        queue_rows: how many rows may wait, 1 or more.
        period_s: how often rows are written; a crash loses what came since.
    """

    def __init__(self, open_store: Callable[[], MoodStore], queue_rows: int, period_s: float) -> None:
        self.queue_rows = queue_rows
        self.period_s = period_s
        self._open_store = open_store
        self._store: MoodStore | None = None
        self._queue: deque[MoodRow] = deque()
        self._status = WriterStatus()
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._in_flight = 0  # rows that are being written
        self._closing = False
        self._gave_up = False
        self._pause_s = 0.0
        self._thread = threading.Thread(target=self._run, name="mood log writer", daemon=True)
        self._thread.start()

    def put(self, rows: Iterable[MoodRow]) -> None:
        """Let rows be written with the next ones."""
        with self._lock:
            self._queue.extend(rows)
            self._drop_to(self.queue_rows)

    def forget(self, people: Collection[str]) -> None:
        """Drop the rows of people whose moods are being erased; they count as neither written nor dropped."""
        with self._lock:
            self._queue = deque(row for row in self._queue if row.person not in people)

    @property
    def status(self) -> WriterStatus:
        """How it stands now."""
        with self._lock:
            return replace(self._status, waiting=len(self._queue) + self._in_flight)

    def flush(self) -> None:
        """Write what waits as soon as possible; returns at once."""
        self._pause_s = 0.0
        self._wake.set()

    def close(self, patience_s: float = 10.0) -> WriterStatus:
        """Write what waits, once, and end.

        Args:
            patience_s: how long that may take.

        Returns:
            How it stands in the end; what could not be written is dropped.
        """
        self._closing = True
        self._wake.set()
        self._thread.join(patience_s)
        with self._lock:
            self._gave_up = True
            self._drop_to(0)
        return self.status

    # ---- in the thread

    def _run(self) -> None:
        self._write_all()
        while not self._closing:
            self._wake.wait(max(self.period_s, self._pause_s))
            self._wake.clear()
            self._write_all()
        if self._store is not None:
            self._store.close()

    def _write_all(self) -> None:
        """Write until nothing waits, or it fails."""
        while self._queue or self._store is None:
            try:
                self._write_some()
            except MirrorError as error:
                self._fail(str(error))
                return
            except Exception as error:  # a fault of ours must not end the log
                self._fail(f"The mood log cannot be written: {type(error).__name__}: {error}.")
                return
            self._pause_s = 0.0

    def _write_some(self) -> None:
        if self._store is None:
            self._store = self._open_store()
        with self._lock:
            batch = [self._queue.popleft() for _ in range(min(len(self._queue), MOST_AT_ONCE))]
            self._in_flight = len(batch)
        added: Added | None = None
        try:
            added = self._store.add(batch) if batch else Added()
        finally:
            with self._lock:
                self._in_flight = 0
                if added is None:
                    self._queue.extendleft(reversed(batch))
                    self._drop_to(0 if self._gave_up else self.queue_rows)
        with self._lock:
            status = self._status
            self._status = replace(
                status,
                written=status.written + added.written,
                duplicates=status.duplicates + added.duplicates,
                too_old=status.too_old + added.too_old,
                problem="",
            )

    def _fail(self, sentence: str) -> None:
        with self._lock:
            self._status = replace(self._status, problem=sentence)
        self._pause_s = min(max(2 * self._pause_s, FIRST_PAUSE_S), LONGEST_PAUSE_S)

    def _drop_to(self, most: int) -> None:
        """Drop the oldest rows that wait, so that no more than so many are left."""
        excess = min(len(self._queue) + self._in_flight - most, len(self._queue))
        if excess <= 0:
            return
        dropped = [self._queue.popleft().time_s for _ in range(excess)]
        status = self._status
        times = [time_s for time_s in (status.first_dropped_s, status.last_dropped_s) if time_s is not None]
        self._status = replace(
            status,
            dropped=status.dropped + excess,
            first_dropped_s=min(dropped + times),
            last_dropped_s=max(dropped + times),
        )
