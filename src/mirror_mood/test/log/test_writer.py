"""The writer: it never holds up who gives it rows, waits out every fault, and says what is lost."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from mirror_core.errors import StoreError
from mirror_core.store import database
from mirror_mood.log import writer as writer_module
from mirror_mood.log.rows import MoodRow
from mirror_mood.log.store import MoodStore
from mirror_mood.log.writer import MoodWriter, WriterStatus

Make = Callable[..., MoodRow]
Held = Callable[..., list[tuple[Any, ...]]]
NOON_S = 1_772_366_400
WORKER = Path(__file__).with_name("writer_worker.py")


@pytest.fixture
def start(url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., MoodWriter]]:
    """`start(queue_rows, open_store)`: a writer that is quick and impatient."""
    monkeypatch.setattr(writer_module, "FIRST_PAUSE_S", 0.02)
    monkeypatch.setattr(writer_module, "LONGEST_PAUSE_S", 0.05)
    monkeypatch.setattr(database, "BUSY_S", 0.05)
    monkeypatch.setattr(database, "LOCK_S", 0.1)
    writers: list[MoodWriter] = []

    def begin(queue_rows: int = 1000, open_store: Callable[[], MoodStore] | None = None) -> MoodWriter:
        writers.append(MoodWriter(open_store or (lambda: MoodStore(url)), queue_rows, 0.02))
        return writers[-1]

    yield begin
    for writer in writers:
        writer.close()


def times(held: Held, store: MoodStore) -> list[int]:
    return [time_s for (time_s,) in held(store, "SELECT time FROM mood_seconds ORDER BY time")]


def test_rows_are_written_soon(
    start: Callable[..., MoodWriter], store: MoodStore, row: Make, held: Held, eventually: Any
) -> None:
    writer = start()
    writer.put([row(NOON_S), row(NOON_S + 1)])
    eventually(lambda: writer.status.written == 2, "two rows")
    assert writer.status == WriterStatus(written=2)
    writer.put([row(NOON_S), row(NOON_S + 2)])
    eventually(lambda: writer.status.written == 3, "the third row")
    assert writer.status.duplicates == 1
    assert times(held, store) == [NOON_S, NOON_S + 1, NOON_S + 2]


def test_what_waits_is_written_at_the_end(
    start: Callable[..., MoodWriter], store: MoodStore, row: Make, held: Held
) -> None:
    writer = (
        MoodWriter(lambda: MoodStore(store.database.name), 1000, 3600.0) if store.database.file else start()
    )
    writer.put(row(NOON_S + second) for second in range(50))
    assert writer.close() == WriterStatus(written=50)
    assert len(times(held, store)) == 50


def test_a_locked_log_is_waited_out(
    start: Callable[..., MoodWriter],
    file_store: MoodStore,
    row: Make,
    held: Held,
    eventually: Any,
) -> None:
    file = str(file_store.database.file)
    writer = start(open_store=lambda: MoodStore(file))
    writer.put([row(NOON_S)])
    eventually(lambda: writer.status.written == 1, "the first row")
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    writer.put([row(NOON_S + 1)])
    eventually(lambda: writer.status.problem, "the report")
    assert writer.status.problem.startswith(f"The mood log {file} is busy: another program has been writing")
    writer.put([row(NOON_S + 2)])
    assert writer.status.written == 1
    other.execute("ROLLBACK")
    other.close()
    eventually(lambda: writer.status == WriterStatus(written=3), "all rows")
    assert times(held, file_store) == [NOON_S, NOON_S + 1, NOON_S + 2]


def test_a_vanished_log_is_never_made_anew_and_goes_on_when_it_is_back(
    start: Callable[..., MoodWriter],
    file_store: MoodStore,
    row: Make,
    held: Held,
    eventually: Any,
) -> None:
    file = file_store.database.file
    assert file is not None
    unplugged = file.parent.with_name("unplugged")
    writer = start(open_store=lambda: MoodStore(str(file)))
    writer.put([row(NOON_S)])
    eventually(lambda: writer.status.written == 1, "the first row")
    shutil.move(file.parent, unplugged)
    writer.put([row(NOON_S + 1)])
    eventually(lambda: writer.status.problem, "the report")
    assert "cannot be opened: it is gone" in writer.status.problem
    assert not file.parent.exists()
    shutil.move(unplugged, file.parent)
    eventually(lambda: writer.status == WriterStatus(written=2), "the second row")
    assert times(held, file_store) == [NOON_S, NOON_S + 1]


def test_a_full_disk_is_waited_out(
    start: Callable[..., MoodWriter], file_store: MoodStore, row: Make, held: Held, eventually: Any
) -> None:
    file = str(file_store.database.file)
    opened: list[MoodStore] = []

    def open_store() -> MoodStore:
        opened.append(MoodStore(file))
        return opened[-1]

    writer = start(open_store=open_store)
    writer.put([row(NOON_S)])
    eventually(lambda: writer.status.written == 1, "the first row")
    engine = opened[0].database._engine
    full = True

    @event.listens_for(engine, "checkout")
    def limit(connection: Any, record: Any, proxy: Any) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0] if full else 2**30
        connection.execute(f"PRAGMA max_page_count = {pages}")

    writer.put(row(NOON_S + second, visit=2) for second in range(400))
    eventually(lambda: writer.status.problem, "the report")
    assert "cannot grow: the disk is full; make room and try again" in writer.status.problem
    assert writer.status.waiting == 400
    full = False
    eventually(lambda: writer.status == WriterStatus(written=401), "all rows")
    assert len(times(held, file_store)) == 401


def test_a_log_that_cannot_be_opened_at_the_start_is_tried_again(
    start: Callable[..., MoodWriter], row: Make, eventually: Any, url: str
) -> None:
    is_down = True

    def open_store() -> MoodStore:
        if is_down:
            raise StoreError("The server is down.")
        return MoodStore(url)

    writer = start(open_store=open_store)
    eventually(lambda: writer.status.problem == "The server is down.", "the report, before there is a row")
    writer.put([row()])
    is_down = False
    eventually(lambda: writer.status == WriterStatus(written=1), "the row")


def test_a_server_that_ends_every_connection_loses_and_doubles_nothing(
    start: Callable[..., MoodWriter], postgres_url: str, row: Make, held: Held, eventually: Any
) -> None:
    import psycopg

    with MoodStore(postgres_url) as store:
        writer = start(open_store=lambda: MoodStore(postgres_url))
        ended = (
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            for second in range(200):
                writer.put([row(NOON_S + second)])
                if second % 20 == 0:
                    connection.execute(ended)
        eventually(lambda: writer.status.written + writer.status.duplicates >= 200, "all rows")
        eventually(lambda: writer.status.waiting == 0, "an empty queue")
        assert times(held, store) == [NOON_S + second for second in range(200)]
        assert held(store, "SELECT sum(count) FROM mood_rollups WHERE level = 86400") == [(200,)]


class Gate:
    """A log whose transactions wait or fail until somebody says otherwise."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.entered = threading.Event()
        self.fails = False
        self.rows: list[MoodRow] = []

    def add(self, rows: list[MoodRow]) -> Any:
        self.entered.set()
        self.open.wait(30)
        if self.fails:
            raise StoreError("It fails.")
        self.rows += rows
        return writer_module.Added(len(rows))

    def close(self) -> None:
        pass


def test_giving_rows_never_waits_and_a_full_queue_drops_the_oldest(
    start: Callable[..., MoodWriter], row: Make, eventually: Any
) -> None:
    gate = Gate()
    writer = start(10, lambda: gate)
    writer.put([row(NOON_S)])
    assert gate.entered.wait(30)
    for second in range(1, 31):  # the log hangs meanwhile
        writer.put([row(NOON_S + second)])
    status = writer.status
    assert (status.waiting, status.written, status.dropped) == (10, 0, 21)
    assert (status.first_dropped_s, status.last_dropped_s) == (NOON_S + 1, NOON_S + 21)
    gate.open.set()
    eventually(lambda: writer.status.written == 10, "what was kept")
    assert [each.time_s - NOON_S for each in gate.rows] == [0, *range(22, 31)]
    assert writer.status.dropped == 21


def test_rows_of_a_failed_transaction_stay_the_first_in_the_queue(
    start: Callable[..., MoodWriter], row: Make, eventually: Any
) -> None:
    gate = Gate()
    gate.open.set()
    gate.fails = True
    writer = start(3, lambda: gate)
    writer.put([row(NOON_S), row(NOON_S + 1)])
    eventually(lambda: writer.status.problem == "It fails.", "the report")
    writer.put([row(NOON_S + 2), row(NOON_S + 3)])
    eventually(lambda: writer.status.dropped == 1, "the oldest row to go")
    gate.fails = False
    eventually(lambda: writer.status.written == 3, "the others")
    assert [each.time_s - NOON_S for each in gate.rows] == [1, 2, 3]
    assert writer.status == WriterStatus(written=3, dropped=1, first_dropped_s=NOON_S, last_dropped_s=NOON_S)


def test_what_cannot_be_written_at_the_end_is_counted_as_lost(row: Make) -> None:
    gate = Gate()
    gate.open.set()
    gate.fails = True
    writer = MoodWriter(lambda: gate, 100, 3600.0)  # type: ignore[arg-type,return-value]
    writer.put([row(NOON_S), row(NOON_S + 5)])
    status = writer.close()
    assert replace(status, problem="") == WriterStatus(
        dropped=2, first_dropped_s=NOON_S, last_dropped_s=NOON_S + 5
    )
    assert status.problem == "It fails."


def test_a_fault_of_ours_is_told_and_does_not_end_the_writer(
    start: Callable[..., MoodWriter], row: Make, store: MoodStore, url: str, eventually: Any
) -> None:
    faults = iter([ZeroDivisionError("oh")])

    def open_store() -> MoodStore:
        for fault in faults:
            raise fault
        return MoodStore(url)

    writer = start(open_store=open_store)
    eventually(lambda: "ZeroDivisionError: oh" in writer.status.problem or not writer.status.problem, "a try")
    writer.put([row()])
    eventually(lambda: writer.status == WriterStatus(written=1), "the row")


def test_rows_of_who_is_erased_are_forgotten(row: Make) -> None:
    gate = Gate()
    gate.open.set()
    writer = MoodWriter(lambda: gate, 100, 3600.0)  # type: ignore[arg-type,return-value]
    writer.put([row(NOON_S, person="ada"), row(NOON_S), row(NOON_S + 1, person="ada")])
    writer.forget({"ada"})
    assert writer.close() == WriterStatus(written=1)
    assert [each.person for each in gate.rows] == [""]


@pytest.mark.parametrize("after", [1, 60, 400])
def test_kill_9_loses_only_what_was_not_said_to_be_written(tmp_path: Path, held: Held, after: int) -> None:
    url = f"{tmp_path}/moods.sqlite"
    worker = subprocess.Popen(
        [sys.executable, str(WORKER), url],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )
    assert worker.stdout is not None
    impatient = threading.Timer(60, worker.kill)
    impatient.start()
    said = 0
    while said < after:
        line = worker.stdout.readline()
        assert line, "the worker ended by itself"
        said = int(line)
    worker.send_signal(signal.SIGKILL)
    said = max([said, *(int(line) for line in worker.stdout.read().split())])
    worker.wait()
    impatient.cancel()
    worker.stdout.close()
    with MoodStore(url) as store:
        found = times(held, store)
        assert len(found) >= said
        assert found == list(range(1, len(found) + 1))  # whole transactions in their order, nothing doubled
        for level in (10, 60, 300, 900, 3600, 86400):
            assert held(
                store, f"SELECT sum(count), sum(valence) FROM mood_rollups WHERE level = {level}"
            ) == [(len(found), pytest.approx(len(found) / 2))]
        assert held(store, "SELECT numbers FROM mood_state") == [(len(found),)]
