"""The kinds of long work, and the job that runs at the moment: as a process or as a thread of this one."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from mirror_core.errors import MirrorError
from mirror_web.jobs_process import PROGRESS_FILE, JobProcess
from mirror_web.jobs_progress import ProgressReader, advanced
from mirror_web.jobs_record import Job, JobState

__all__ = ["Kind", "ProcessKind", "Running", "RunningProcess", "RunningThread", "Teller", "ThreadKind"]

_log = logging.getLogger(__name__)

END_PATIENCE_S = 10.0  # for a thread's present piece


class Teller(Protocol):
    """How the work of a thread says how far it is."""

    @property
    def is_asked_to_end(self) -> bool:
        """Whether it shall return after the present piece."""
        ...

    def tell(self, done: int, total: int, outcome: Mapping[str, Any]) -> None:
        """Say how much is done, and what came of it so far; it is kept on disc when this returns."""
        ...


def _nothing(_job: Job, _folder: Path) -> None:
    """Most kinds have nothing to clear up."""


@dataclass(frozen=True, slots=True)
class ProcessKind:
    """A kind of job that is a process, which goes on when the page's process ends.

    Attributes:
        command: gives the words of the command; what it says on standard output is `jobs_progress`.
        done: called when it is done; may clear up.
        removed: called before a job's folder is removed.
    """

    command: Callable[[Job, Path], list[str]]
    done: Callable[[Job, Path], None] = _nothing
    removed: Callable[[Job, Path], None] = _nothing


@dataclass(frozen=True, slots=True)
class ThreadKind:
    """A kind of job that a thread does, piece by piece.

    Attributes:
        work: does it, and goes on where it was when it is called again; returns when all is done or
            `is_asked_to_end`. A `MirrorError` says why it failed.
        step: the word for what it does.
    """

    work: Callable[[Job, Path, Teller], None]
    step: str


Kind = ProcessKind | ThreadKind


class Running(Protocol):
    """The job that runs."""

    def look(self, job: Job, now_s: float, *, is_cancelled: bool) -> Job:
        """How it stands now; one that runs no more has another state.

        Args:
            job: how it stood.
            now_s: seconds since 1970.
            is_cancelled: a person has asked to end it.
        """
        ...

    def end(self) -> None:
        """End it; blocks until it is gone, or for ten seconds."""
        ...


class RunningProcess:
    """A job's process.

    Args:
        process: it.
        folder: of the job.
    """

    def __init__(self, process: JobProcess, folder: Path) -> None:
        self.process = process
        self._file = folder / PROGRESS_FILE
        self._reader = ProgressReader(self._file)

    @classmethod
    def start(cls, kind: ProcessKind, job: Job, folder: Path) -> RunningProcess:
        """Start it.

        Raises:
            OSError: where the command cannot be started.
            MirrorError: where the kind refuses.
        """
        return cls(JobProcess.start(kind.command(job, folder), folder), folder)

    @classmethod
    def of(cls, job: Job, folder: Path) -> RunningProcess:
        """The process that a job says to have, which may have ended."""
        return cls(JobProcess(job.pid, job.pid_mark), folder)

    def look(self, job: Job, now_s: float, *, is_cancelled: bool) -> Job:
        """See `Running`."""
        is_alive = self.process.is_alive  # asked before the last lines are read
        for event in self._reader.read():
            job = advanced(job, event, now_s)
        if is_alive:
            if job.state is not JobState.RUNNING:
                # It has said its end and is about to leave; then all is read once more.
                self._reader = ProgressReader(self._file)
            return replace(job, state=JobState.RUNNING, ended_s=0.0)
        self.process.end_rest()
        if job.state is JobState.RUNNING:
            ended = JobState.CANCELLED if is_cancelled else JobState.INTERRUPTED
            job = replace(job, state=ended, ended_s=now_s)
        return replace(job, pid=0, pid_mark="")

    def end(self) -> None:
        """See `Running`."""
        self.process.end()


class RunningThread:
    """A job's thread.

    Args:
        kind: what it does.
        job: for which order.
        folder: of the job.
        note: keeps what it tells: done, total and outcome.
    """

    def __init__(
        self,
        kind: ThreadKind,
        job: Job,
        folder: Path,
        note: Callable[[int, int, Mapping[str, Any]], None],
    ) -> None:
        self._note = note
        self._ending = threading.Event()
        self._error: str | None = None
        self._thread = threading.Thread(target=self._run, args=(kind, job, folder), name="job", daemon=True)
        self._thread.start()

    def _run(self, kind: ThreadKind, job: Job, folder: Path) -> None:
        try:
            kind.work(job, folder, self)
        except MirrorError as error:
            self._error = str(error)
        except Exception as error:  # of whatever a photograph may do to a decoder
            _log.exception("The job %s has failed", job.id)
            self._error = f"{type(error).__name__}: {error}"

    @property
    def is_asked_to_end(self) -> bool:
        """See `Teller`."""
        return self._ending.is_set()

    def tell(self, done: int, total: int, outcome: Mapping[str, Any]) -> None:
        """See `Teller`."""
        self._note(done, total, outcome)

    def look(self, job: Job, now_s: float, *, is_cancelled: bool) -> Job:
        """See `Running`."""
        if self._thread.is_alive():
            return job
        if self._error is not None:
            return replace(job, state=JobState.FAILED, error=self._error, ended_s=now_s)
        is_whole = job.total is not None and job.done >= job.total
        if self._ending.is_set() and not is_whole:
            # Without a person's wish it was the page that ended, and it goes on with the next one.
            state = JobState.CANCELLED if is_cancelled else JobState.WAITING
            return replace(job, state=state, ended_s=now_s if is_cancelled else 0.0)
        return replace(job, state=JobState.DONE, ended_s=now_s)

    def end(self) -> None:
        """See `Running`."""
        self._ending.set()
        self._thread.join(END_PATIENCE_S)
