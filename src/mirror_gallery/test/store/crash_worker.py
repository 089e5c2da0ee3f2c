"""Not a test: changes a gallery in a process that is killed at a chosen step; driven by test_crash.py.

Reads jobs as lines of JSON and answers each with one line of JSON. Every job runs in a fork of this process.
A step is a call that changes the disk, or a statement or commit of the database; the kill comes before it.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import alembic.command  # noqa: F401  loaded before the forks, which are many
import numpy as np
import psycopg  # noqa: F401
import s3fs  # noqa: F401
from sqlalchemy import Engine, event

from mirror_core.errors import StoreError
from mirror_core.store.objects import RemoteObjects
from mirror_gallery.consent import Consent, Scope
from mirror_gallery.portrait import FaceView, Portrait
from mirror_gallery.store import FaceStore

NOW = datetime(2026, 3, 1, 10, tzinfo=UTC)
PR_SET_PDEATHSIG = 1
DISK_CALLS = ("open", "fsync", "replace", "unlink", "mkdir", "link")


def answer(word: str, content: Any = None) -> None:
    print(json.dumps([word, content]), flush=True)


class Steps:
    """Counts steps, and kills this process before one of them."""

    def __init__(self, kill_before: int, pause_before: int) -> None:
        self.done: list[str] = []
        self.kill_before = kill_before
        self.pause_before = pause_before

    def step(self, what: str) -> None:
        if len(self.done) == self.kill_before:
            os.kill(os.getpid(), signal.SIGKILL)
        if len(self.done) == self.pause_before:
            answer("paused")
            sys.stdin.readline()
        self.done.append(what)

    def watch(self) -> None:
        """Make a step of everything that changes the disk or the database."""
        for name in DISK_CALLS:
            setattr(os, name, self._stepping(name, getattr(os, name)))
        write = os.write

        def write_half(descriptor: int, data: memoryview) -> int:
            self.step("write")
            return write(descriptor, data[: max(len(data) // 2, 4096)])

        os.write = write_half
        for name in ("write", "delete"):
            setattr(RemoteObjects, name, self._stepping(f"remote {name}", getattr(RemoteObjects, name)))
        event.listen(Engine, "before_cursor_execute", self._statement)
        event.listen(Engine, "commit", lambda connection: self.step("COMMIT"))

    def _stepping(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def stepping(*arguments: Any, **keywords: Any) -> Any:
            self.step(name)
            return call(*arguments, **keywords)

        return stepping

    def _statement(self, connection: Any, cursor: Any, statement: str, *others: Any) -> None:
        words = statement.split()[:3]
        if words[0] not in ("SELECT", "PRAGMA"):  # which change nothing
            self.step(" ".join(words))


def new_portrait() -> Portrait:
    rng = np.random.default_rng(5)
    view = FaceView(
        rng.integers(0, 256, (24, 24, 3), np.uint8),
        np.full((24, 24), 255, np.uint8),
        np.ones((468, 3), np.float32),
    )
    return Portrait("x", "New", (view, view))


def work(job: dict[str, Any]) -> None:
    """Do what a job asks for, in a fork."""
    if "user" in job and os.geteuid() == 0:
        try:
            os.setgroups([])
            os.setgid(job["user"])
            os.setuid(job["user"])
        except PermissionError:
            answer("impossible", "becoming another user is not allowed here")
            return
    steps = Steps(job.get("kill_before", -1), job.get("pause_before", -1))
    operation, face_id = job["operation"], job.get("face", "")
    if operation == "open":
        steps.watch()
    result: Any = ""
    try:
        with FaceStore(job["database"], job["pictures"], mirror="worker", clock=lambda: NOW) as store:
            if operation != "open":
                steps.watch()
            if operation == "add":
                result = store.add(new_portrait(), Consent(Scope.UNTIL_REVOKED))
            elif operation == "erase":
                result = store.erase(face_id)
            elif operation == "rename":
                store.rename(face_id, "Renamed")
            elif operation == "change_consent":
                result = store.change_consent(face_id, Consent(Scope.UNTIL_REVOKED))
            done = list(steps.done)
    except StoreError as error:  # the store is closed now: others look at its files after the answer
        answer("refused", str(error))
    else:
        answer("finished", {"result": result, "steps": done})


def change_a_lot(job: dict[str, Any]) -> None:
    """Store, rename and erase faces while others do the same."""
    portrait = new_portrait()
    with FaceStore(job["database"], job["pictures"]) as store:
        for index in range(4):
            named = Portrait("x", f"{job['name']} {index}", portrait.views)
            kept = store.add(named, Consent(Scope.UNTIL_REVOKED))
            gone = store.add(portrait, Consent(Scope.UNTIL_REVOKED))
            store.rename(kept, f"{named.name} renamed")
            store.erase(gone)


def in_a_fork(job: dict[str, Any]) -> int:
    """Begin a job in a fork of this process; returns its process id."""
    child = os.fork()
    if child == 0:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # never outlive the tests
        (change_a_lot if job["operation"] == "change_a_lot" else work)(job)
        os._exit(0)
    return child


with tempfile.TemporaryDirectory() as folder:  # what is set up at the first use is set up before the forks
    change_a_lot({"database": f"{folder}/x", "pictures": f"{folder}/y", "name": "first"})

for line in sys.stdin:
    job = json.loads(line)
    if job["operation"] == "change_a_lot":
        children = [in_a_fork({**job, "name": name}) for name in job["names"]]
        answer("finished", [os.waitpid(child, 0)[1] for child in children])
        continue
    status = os.waitpid(in_a_fork(job), 0)[1]
    if os.WIFSIGNALED(status):
        answer("killed", {"result": None, "signal": os.WTERMSIG(status)})
    elif status:
        answer("failed", status)
