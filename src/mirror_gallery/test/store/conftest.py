"""Faces to store, a clock that is turned by hand, and servers: PostgreSQL and S3, each started once."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pytest

from mirror_gallery.portrait import FaceView, Portrait
from mirror_gallery.store import FaceStore

PATIENCE_S = 60.0
WORKER = Path(__file__).with_name("crash_worker.py")

# Both end with their input, so also when the tests are killed.
POSTGRES_SERVER = """
import os, signal, subprocess, sys, threading
user = {"user": int(sys.argv[1]), "group": int(sys.argv[2]), "extra_groups": []} if sys.argv[1] else {}
server = subprocess.Popen(sys.argv[3:], **user)
threading.Thread(target=lambda: os._exit(server.wait()), daemon=True).start()
sys.stdin.read()
server.send_signal(signal.SIGINT)  # fast shutdown
server.wait()
"""
S3_SERVER = """
import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
print("port", server.get_host_and_port()[1], flush=True)
sys.stdin.read()
"""


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


# ---- PostgreSQL


def _postgres_program(name: str) -> str | None:
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
    return shutil.which(name) or (str(debian[-1]) if debian else None)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A PostgreSQL server of this test session's own; the folder of its socket."""
    psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed")
    initdb, postgres = _postgres_program("initdb"), _postgres_program("postgres")
    if initdb is None or postgres is None:
        pytest.skip("PostgreSQL is not installed (apt-get install postgresql)")
    folder = tempfile.mkdtemp(prefix="mirror-pg-", dir="/tmp")  # sockets want short paths
    user: dict[str, object] = {}
    if os.getuid() == 0:  # which PostgreSQL refuses
        names = {entry.pw_name: entry for entry in pwd.getpwall()}
        entry = names.get("postgres") or names["nobody"]
        os.chown(folder, entry.pw_uid, entry.pw_gid)
        user = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    environment = {**os.environ, "LC_ALL": "C", "TZ": "UTC"}
    data, log = f"{folder}/data", Path(folder, "log")
    try:
        try:
            subprocess.run(
                [initdb, "-D", data, "-U", "mirror", "-A", "trust", "-E", "UTF8", "--no-sync"],
                cwd=folder,
                env=environment,
                check=True,
                capture_output=True,
                timeout=PATIENCE_S,
                **user,
            )
        except PermissionError:
            pytest.skip("PostgreSQL must not run as root, and becoming another user is not allowed here")
        except subprocess.CalledProcessError as error:
            pytest.fail(f"initdb failed: {error.stderr.decode(errors='replace')}")
        owner = [str(user["user"]), str(user["group"])] if user else ["", ""]
        settings = ("fsync=off", "max_connections=40", "shared_buffers=16MB", "autovacuum=off")
        command = [postgres, "-D", data, "-k", folder, "-h", "", *(f"--{each}" for each in settings)]
        with log.open("wb") as output:
            server = subprocess.Popen(
                [sys.executable, "-c", POSTGRES_SERVER, *owner, *command],
                cwd=folder,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
            )
        try:
            deadline = time.monotonic() + PATIENCE_S
            while True:
                with contextlib.suppress(psycopg.OperationalError):
                    psycopg.connect(f"postgresql://mirror@/postgres?host={folder}").close()
                    break
                if server.poll() is not None or time.monotonic() > deadline:
                    pytest.fail(f"PostgreSQL did not start: {log.read_text(errors='replace')}")
                time.sleep(0.02)
            yield folder
        finally:
            assert server.stdin is not None
            server.stdin.close()
            try:
                server.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: str) -> str:
    """URL of a PostgreSQL database, empty at the beginning of the test."""
    import psycopg

    url = f"postgresql://mirror@/postgres?host={postgres_server}"
    with psycopg.connect(url) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return url


# ---- S3


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """A server that speaks S3's protocol, of this test session's own; its address."""
    pytest.importorskip("moto.server", reason="moto's server is not installed (requirements/dev.txt)")
    server = subprocess.Popen(
        [sys.executable, "-c", S3_SERVER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert server.stdin is not None
    assert server.stdout is not None
    impatient = threading.Timer(PATIENCE_S, server.kill)
    impatient.start()
    line = server.stdout.readline()
    impatient.cancel()
    if not line.startswith("port "):
        server.kill()
        server.wait()
        pytest.fail("moto's server did not start.")
    yield f"http://127.0.0.1:{line.split()[1]}"
    server.stdin.close()  # it ends with its input, also when the tests are killed
    try:
        server.wait(PATIENCE_S)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
    server.stdout.close()


@pytest.fixture
def s3_url(s3_server: str) -> str:
    """URL of an empty bucket's prefix of the test's own."""
    bucket = f"faces-{uuid4().hex}"
    request = urllib.request.Request(f"{s3_server}/{bucket}", method="PUT")
    urllib.request.urlopen(request, timeout=PATIENCE_S).close()
    options = f"endpoint={s3_server}&region=us-east-1&access_key_id=testing&secret_access_key=hidden"
    return f"s3://{bucket}/some/prefix?{options}"


@pytest.fixture
def s3_keys(s3_server: str) -> Callable[[str], list[str]]:
    """`s3_keys(url)`: what lies in the bucket of a URL."""

    def keys(url: str) -> list[str]:
        import re

        bucket = url.removeprefix("s3://").partition("/")[0]
        with urllib.request.urlopen(f"{s3_server}/{bucket}?list-type=2", timeout=PATIENCE_S) as answer:
            return re.findall(r"<Key>(.*?)</Key>", answer.read().decode())

    return keys
