"""Faces to store, a clock that is turned by hand, and a process to kill."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mirror_gallery.portrait import FaceView, Portrait
from mirror_gallery.store import FaceStore

PATIENCE_S = 60.0
WORKER = Path(__file__).with_name("crash_worker.py")


class ManualClock:
    """A clock that stands still until it is turned."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 10, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **by: float) -> None:
        """Turn it on; arguments as of timedelta."""
        self.now += timedelta(**by)


@pytest.fixture
def clock() -> ManualClock:
    """A clock for stores."""
    return ManualClock()


def make_portrait(name: str = "Ada", views: int = 2, seed: int = 0, side: int = 24) -> Portrait:
    """A face whose pictures cannot be confused with another seed's."""
    rng = np.random.default_rng(seed)
    return Portrait(
        "not-stored",
        name,
        tuple(
            FaceView(
                rng.integers(0, 256, (side, side, 3), np.uint8),
                rng.integers(128, 256, (side, side), np.uint8),
                rng.normal(side / 2, side / 4, (468, 3)).astype(np.float32),
                yaw=10.0 * index,
            )
            for index in range(views)
        ),
    )


@pytest.fixture(scope="session")
def portrait() -> Callable[..., Portrait]:
    """`portrait(name, views, seed, side)`: a small face."""
    return make_portrait


@pytest.fixture
def open_store(tmp_path: Path, clock: ManualClock) -> Iterator[Callable[..., FaceStore]]:
    """`open_store(**arguments)`: a store in this test's folder, closed after the test."""
    stores: list[FaceStore] = []

    def open_one(
        database: str = str(tmp_path / "gallery" / "faces.sqlite"),
        pictures: str = str(tmp_path / "gallery" / "pictures"),
        mirror: str = "here",
    ) -> FaceStore:
        stores.append(FaceStore(database, pictures, mirror=mirror, clock=clock))
        return stores[-1]

    yield open_one
    for store in stores:
        store.close()


# ---- a process to kill


class Worker:
    """The process that is killed: one job at a time."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[str] | None = None
        self.is_idle = True

    def tell(self, **job: Any) -> None:
        """Give it a job; it is started where necessary."""
        if self.process is None:
            self.process = subprocess.Popen(
                [sys.executable, str(WORKER)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
            )
        self.is_idle = False
        self._write(json.dumps(job))

    def go_on(self) -> None:
        """Let a job that paused go on."""
        self._write("go on")

    def answer(self) -> tuple[str, Any]:
        """Wait for the next answer: a word, and what belongs to it."""
        assert self.process is not None
        assert self.process.stdout is not None
        impatient = threading.Timer(PATIENCE_S, self.process.kill)
        impatient.start()
        line = self.process.stdout.readline()
        impatient.cancel()
        assert line, f"the worker ended with status {self.process.wait()}; its errors stand above"
        word, content = json.loads(line)
        self.is_idle = word != "paused"
        return word, content

    def close(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            for stream in (self.process.stdin, self.process.stdout):
                assert stream is not None
                with contextlib.suppress(BrokenPipeError):
                    stream.close()
        self.__init__()

    def _write(self, line: str) -> None:
        assert self.process is not None
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()


@pytest.fixture(scope="session")
def one_worker() -> Iterator[Worker]:
    worker = Worker()
    yield worker
    worker.close()


@pytest.fixture
def worker(one_worker: Worker) -> Worker:
    """A worker that waits for a job, also after a test that failed."""
    if not one_worker.is_idle:
        one_worker.close()
    return one_worker
