"""Servers for tests: PostgreSQL and S3, each started once in a test session, of that session's own.

A pytest plugin, loaded by the top conftest.py: what is not installed skips the tests that want it.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

__all__ = ["S3Server"]

PATIENCE_S = 60.0

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
port, server = 0, None
def start():
    global port, server
    server = ThreadedMotoServer("127.0.0.1", port, verbose=False)
    server.start()
    port = server.get_host_and_port()[1]
start()
print("port", port, flush=True)
for line in sys.stdin:
    server.stop() if line == "stop\\n" else start()
    print("done", flush=True)
"""


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
    user: dict[str, Any] = {}
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


class S3Server:
    """A server that speaks S3's protocol in a process of its own; what it holds outlives a stop.

    Attributes:
        address: "http://127.0.0.1:" and its port, which stays.
    """

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", S3_SERVER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        word, _, port = self._answer().partition(" ")
        if word != "port":
            self.close()
            pytest.fail("moto's server did not start.")
        self.address = f"http://127.0.0.1:{port}"

    def stop(self) -> None:
        """Let nobody in until `start`."""
        self._tell("stop")

    def start(self) -> None:
        """Listen again, after `stop`."""
        self._tell("start")

    def close(self) -> None:
        """End it for good."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()  # it ends with its input, also when the tests are killed
        try:
            self._process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def make_bucket(self, name: str) -> None:
        """Make an empty bucket."""
        request = urllib.request.Request(f"{self.address}/{name}", method="PUT")
        urllib.request.urlopen(request, timeout=PATIENCE_S).close()

    def _tell(self, word: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{word}\n")
        self._process.stdin.flush()
        assert self._answer() == "done", "moto's server ended"

    def _answer(self) -> str:
        assert self._process.stdout is not None
        impatient = threading.Timer(PATIENCE_S, self._process.kill)
        impatient.start()
        line = self._process.stdout.readline()
        impatient.cancel()
        return line.strip()


@pytest.fixture(scope="session")
def s3() -> Iterator[S3Server]:
    """A server that speaks S3's protocol, of this test session's own."""
    pytest.importorskip("moto.server", reason="moto's server is not installed (requirements/dev.txt)")
    server = S3Server()
    yield server
    server.close()


@pytest.fixture(scope="session")
def s3_server(s3: S3Server) -> str:
    """The address of that server."""
    return s3.address


@pytest.fixture
def s3_url(s3: S3Server) -> str:
    """URL of an empty bucket's prefix of the test's own."""
    bucket = f"faces-{uuid4().hex}"
    s3.make_bucket(bucket)
    options = f"endpoint={s3.address}&region=us-east-1&access_key_id=testing&secret_access_key=hidden"
    return f"s3://{bucket}/some/prefix?{options}"


@pytest.fixture
def s3_keys(s3_server: str) -> Callable[[str], list[str]]:
    """`s3_keys(url)`: what lies in the bucket of a URL."""

    def keys(url: str) -> list[str]:
        bucket = url.removeprefix("s3://").partition("/")[0]
        with urllib.request.urlopen(f"{s3_server}/{bucket}?list-type=2", timeout=PATIENCE_S) as answer:
            return re.findall(r"<Key>(.*?)</Key>", answer.read().decode())

    return keys
