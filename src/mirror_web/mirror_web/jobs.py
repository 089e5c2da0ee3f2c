"""Long work of the page: one queue, one job at a time, kept on disc and the same for all browsers."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mirror_core.errors import MirrorError, StoreError, UsageError
from mirror_core.store.places import state_folder
from mirror_web.catalogue import Texts
from mirror_web.jobs_guard import FolderGuard
from mirror_web.jobs_process import LOG_FILE
from mirror_web.jobs_progress import tail
from mirror_web.jobs_record import Job, JobFolders, JobState, new_job
from mirror_web.jobs_running import Kind, ProcessKind, Running, RunningProcess, RunningThread, ThreadKind

__all__ = ["Jobs"]

_log = logging.getLogger(__name__)

TURN_S = 0.25  # how often the running job is looked at
IDLE_S = 5.0  # the same while nothing is to be done
RECEIVE_PATIENCE_S = 90.0  # a browser that has sent nothing for so long is gone
END_PATIENCE_S = 15.0  # for the scheduler to see that a job has ended
APART_S = 0.001  # between two orders, which keeps them in their order
MOST_KEPT = 30  # finished jobs; older ones are forgotten
TEXTS = Texts("jobs")


class Jobs:
    """All jobs; calls come from any thread. It does nothing before `start`.

    Args:
        kinds: word → what is done.
        root: folder of the jobs; None: `jobs` in the state folder.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        kinds: Mapping[str, Kind] | None = None,
        root: Path | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._kinds = dict(kinds or {})
        self._folders = JobFolders(root or state_folder() / "jobs")
        self._clock = clock
        self._lock = threading.RLock()  # guards what follows
        self._wake = threading.Condition(self._lock)
        self._jobs: dict[str, Job] = {}
        self._revision = 0
        self._touched: dict[str, float] = {}  # id → when a browser last sent a file for it
        self._running: tuple[str, Running] | None = None
        self._cancelled: set[str] = set()
        self._scheduler: threading.Thread | None = None
        self._is_closing = False
        self._guard = FolderGuard(self._folders.root)

    # ---- life

    def start(self) -> None:
        """Read what is kept, find the processes that still run, and begin to work."""
        with self._lock:
            if self._scheduler is not None or not self._guard.take():
                return
            self._is_closing = False
            self._jobs = {job.id: job for job in self._folders.read()}
            for job in list(self._jobs.values()):
                self._touched[job.id] = self._clock()
                if job.state is JobState.RUNNING:
                    self._find_again(job)
            self._scheduler = threading.Thread(target=self._schedule, name="jobs", daemon=True)
            self._scheduler.start()

    def close(self) -> None:
        """End a thread's work after its present piece; processes go on and are found at the next start."""
        with self._wake:
            scheduler, self._scheduler = self._scheduler, None
            running = self._running
            self._is_closing = True
            self._wake.notify_all()
        if scheduler is None:
            return
        scheduler.join(END_PATIENCE_S)
        if running is not None and isinstance(running[1], RunningThread):
            running[1].end()
            with self._lock:
                job = running[1].look(self._jobs[running[0]], self._clock(), is_cancelled=False)
                # A piece that takes too long is waited for no more; the work goes on at the next start.
                is_late = job.state is JobState.RUNNING
                self._put(replace(job, state=JobState.WAITING) if is_late else job)
        with self._lock:
            self._running = None
            self._guard.give_back()

    def _find_again(self, job: Job) -> None:
        if not job.pid:  # a thread's, whose process was killed
            self._put(replace(job, state=JobState.INTERRUPTED, ended_s=self._clock()))
            return
        found = RunningProcess.of(job, self.folder(job.id))
        job = found.look(job, self._clock(), is_cancelled=False)
        if job.state is JobState.RUNNING and self._running is None:
            self._running = (job.id, found)
            self._show(job)
        else:
            self._end(job)

    # ---- what a page asks

    @property
    def is_working(self) -> bool:
        """Whether the jobs are worked on here; another page with the same state folder may do it."""
        return self._guard.is_held

    def revision(self) -> int:
        """Another number says: something has changed."""
        return self._revision

    def jobs(self) -> tuple[Job, ...]:
        """All jobs: those to be done in their order, then those that have ended, the newest first."""
        with self._lock:
            found = list(self._jobs.values())
        to_do = [job for job in found if job.state.is_open]
        to_do.sort(key=lambda job: (job.state is not JobState.RUNNING, job.created_s, job.id))
        ended = sorted((job for job in found if not job.state.is_open), key=lambda job: -job.ended_s)
        return (*to_do, *ended)

    def job(self, job_id: str) -> Job:
        """The job of this id.

        Raises:
            UsageError: if it is gone.
        """
        with self._lock:
            if job_id not in self._jobs:
                raise UsageError(TEXTS["gone"])
            return self._jobs[job_id]

    def folder(self, job_id: str) -> Path:
        """Where a job has its files."""
        return self._folders.folder(job_id)

    def log(self, job_id: str) -> str:
        """The last lines of what a job's process has said beside its progress."""
        return tail(self.folder(job_id) / LOG_FILE)

    def add(self, kind: str, title: str, order: Mapping[str, Any], *, receiving: bool = False) -> Job:
        """Order a job.

        Args:
            kind: one of the kinds.
            title: what people call it.
            order: what its work needs to know, as JSON holds it.
            receiving: files of it are still to come; `received` says when all are there.

        Raises:
            UsageError: where another page does the work.
            StoreError: where it cannot be kept.
        """
        with self._lock:
            if kind not in self._kinds:
                raise UsageError(f"There is no kind of job {kind}.")
            if not self.is_working:
                raise UsageError(TEXTS["elsewhere"])
            state = JobState.RECEIVING if receiving else JobState.WAITING
            newest_s = max((each.created_s for each in self._jobs.values()), default=0.0)
            created_s = max(self._clock(), newest_s + APART_S)
            job = new_job(kind, title, order, state, now_s=created_s)
            self._folders.write(job)
            self._show(job)
            self._touched[job.id] = self._clock()
            for old in [each for each in self.jobs() if each.state is JobState.DONE][MOST_KEPT:]:
                self._discard(old)
            self._wake.notify_all()
            return job

    def touch(self, job_id: str) -> None:
        """Say that a browser is still sending files of it."""
        with self._lock:
            self._touched[job_id] = self._clock()

    def received(self, job_id: str, order: Mapping[str, Any] | None = None) -> None:
        """Say that all files of a job are there, and what it needs to know of them; it waits for its turn.

        Raises:
            UsageError: if it is gone.
        """
        with self._lock:
            job = self.job(job_id)
            if job.state is JobState.RECEIVING:
                self._put(replace(job, state=JobState.WAITING, order={**job.order, **(order or {})}))
                self._wake.notify_all()

    def cancel(self, job_id: str) -> str | None:
        """End a job that waits or runs; it can go on later. Returns None, or why not; blocks meanwhile."""
        with self._lock:
            job = self._jobs.get(job_id)
            if job is None:
                return TEXTS["gone"]
            if not job.state.is_open:
                return None
            if self._running is None or self._running[0] != job_id:
                self._put(replace(job, state=JobState.CANCELLED, ended_s=self._clock()))
                return None
            self._cancelled.add(job_id)
            running = self._running[1]
        running.end()
        with self._wake:
            self._wake.notify_all()
            self._wake.wait_for(lambda: not self._is_running(job_id), END_PATIENCE_S)
        return None

    def go_on(self, job_id: str, order: Mapping[str, Any] | None = None) -> str | None:
        """Let a job that was cancelled, interrupted or failed go on. Returns None, or why not.

        Args:
            job_id: which.
            order: what is wanted beside; with it a job that is done is begun again.
        """
        with self._lock:
            job = self._jobs.get(job_id)
            if job is None:
                return TEXTS["gone"]
            if not self.is_working:
                return TEXTS["elsewhere"]
            if job.state.can_go_on or (order is not None and job.state is JobState.DONE):
                wanted = {**job.order, **(order or {})}
                self._put(replace(job, state=JobState.WAITING, order=wanted, error="", ended_s=0.0))
                self._wake.notify_all()
            return None

    def remove(self, job_id: str) -> str | None:
        """Forget a job with all of its files; one that runs is ended first. Returns None, or why not."""
        if not self.is_working:
            return TEXTS["elsewhere"]
        self.cancel(job_id)
        with self._lock:
            job = self._jobs.get(job_id)
            if job is None:
                return None
            try:
                self._discard(job)
            except MirrorError as error:
                return str(error)
        return None

    def _discard(self, job: Job) -> None:
        """Forget a job that does not run; the caller holds the lock."""
        kind = self._kinds.get(job.kind)
        if isinstance(kind, ProcessKind):
            kind.removed(job, self.folder(job.id))
        self._folders.remove(job.id)
        self._jobs.pop(job.id, None)
        self._touched.pop(job.id, None)
        self._revision += 1

    def remove_all(self) -> int:
        """Forget all jobs with all of their files; returns how many.

        Raises:
            StoreError: where something of one stays.
        """
        found = self.jobs()
        problems = [problem for job in found if (problem := self.remove(job.id))]
        if problems:
            raise StoreError(problems[0])
        return len(found)

    def _is_running(self, job_id: str) -> bool:
        return self._running is not None and self._running[0] == job_id

    # ---- the scheduler's thread

    def _schedule(self) -> None:
        with self._wake:
            while not self._is_closing:
                try:
                    self._turn()
                except StoreError as error:  # the disc is full; tried again at the next turn
                    _log.warning("%s", error)
                is_busy = any(job.state.is_open for job in self._jobs.values())
                self._wake.wait(TURN_S if is_busy else IDLE_S)

    def _turn(self) -> None:
        now_s = self._clock()
        if self._running is not None:
            job_id, running = self._running
            before = self._jobs[job_id]
            job = running.look(before, now_s, is_cancelled=job_id in self._cancelled)
            if job.state is not JobState.RUNNING:
                self._running = None
                self._end(job)
            elif job != before:
                self._show(job)
        for job in list(self._jobs.values()):
            is_silent = now_s - self._touched.get(job.id, now_s) > RECEIVE_PATIENCE_S
            if job.state is JobState.RECEIVING and is_silent:
                self._put(replace(job, state=JobState.INTERRUPTED, ended_s=now_s))
        if self._running is None:
            waiting = [job for job in self._jobs.values() if job.state is JobState.WAITING]
            if waiting:
                self._begin(min(waiting, key=lambda job: (job.created_s, job.id)), now_s)

    def _begin(self, job: Job, now_s: float) -> None:
        kind, folder = self._kinds.get(job.kind), self.folder(job.id)
        job = replace(job, state=JobState.RUNNING, began_s=now_s, step="", step_s=0.0)
        try:
            if isinstance(kind, ThreadKind):
                job = replace(job, step=kind.step, step_s=now_s, total=None)
                self._put(job)
                self._running = (job.id, RunningThread(kind, job, folder, self._noting(job.id)))
            elif isinstance(kind, ProcessKind):
                process = RunningProcess.start(kind, replace(job, done=0, total=None), folder)
                self._running = (job.id, process)
                pid, mark = process.process.pid, process.process.mark
                self._put(replace(job, done=0, total=None, pid=pid, pid_mark=mark))
            else:
                raise UsageError(f"There is no kind of job {job.kind}.")
        except (OSError, UsageError) as error:
            self._put(replace(job, state=JobState.FAILED, error=str(error), ended_s=now_s))

    def _end(self, job: Job) -> None:
        """Take up a job's end; the caller holds the lock."""
        self._cancelled.discard(job.id)
        kind = self._kinds.get(job.kind)
        if job.state is JobState.DONE and isinstance(kind, ProcessKind):
            try:
                kind.done(job, self.folder(job.id))
            except (OSError, MirrorError) as error:
                _log.warning("The job %s could not be cleared up: %s", job.id, error)
        self._wake.notify_all()
        # Where the disc is full, the last line of its process says the same at the next start.
        self._put(job)

    # ---- what is kept

    def _put(self, job: Job) -> None:
        """Keep a job; the caller holds the lock."""
        self._show(job)
        self._folders.write(job)

    def _show(self, job: Job) -> None:
        """Take up what need not be kept, as it stands in the file of a process; the caller holds the lock."""
        self._jobs[job.id] = job
        self._revision += 1

    def _noting(self, job_id: str) -> Callable[[int, int, Mapping[str, Any]], None]:
        def note(done: int, total: int, outcome: Mapping[str, Any]) -> None:
            with self._lock:
                job, now_s = self._jobs[job_id], self._clock()
                if job.total is None:  # the first word of this run
                    job = replace(job, first=done)
                self._put(replace(job, done=done, done_s=now_s, total=total, outcome=dict(outcome)))

        return note
