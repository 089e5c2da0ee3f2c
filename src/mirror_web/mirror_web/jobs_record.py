"""A long work as it is kept on disc, so that it outlives browsers and the page: `jobs/<id>/job.json`."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from mirror_core.errors import StoreError, UsageError
from mirror_core.store.places import private_folder

__all__ = ["JOB_FILE", "Job", "JobFolders", "JobState", "new_job"]

JOB_FILE: Final = "job.json"
VERSION: Final = 1
ID: Final = re.compile(r"[a-z0-9-]{8,64}")
LONGEST_TITLE = 80  # characters
LEAST_PASSED_S, LEAST_GROWN = 2.0, 0.03  # of a step, before anything is said of how long it takes


class JobState(StrEnum):
    """How a job stands."""

    RECEIVING = "receiving"  # a browser is sending its files
    WAITING = "waiting"  # for those before it
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"  # its work said why
    CANCELLED = "cancelled"  # by a person; can go on
    INTERRUPTED = "interrupted"  # its process or the page's ended; can go on

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done by itself."""
        return self in (JobState.RECEIVING, JobState.WAITING, JobState.RUNNING)

    @property
    def can_go_on(self) -> bool:
        """Whether a person may let it go on."""
        return self in (JobState.CANCELLED, JobState.INTERRUPTED, JobState.FAILED)


@dataclass(frozen=True, slots=True)
class Job:
    """One long work. Times are seconds since 1970.

    Attributes:
        id: of its folder.
        kind: which work: a key of `Jobs`' kinds, such as "scene".
        title: what people call it, at most 80 characters.
        order: what its work needs to know, as JSON holds it.
        state: how it stands.
        created_s, began_s, ended_s: when it was ordered, last begun and ended; 0 where it was not yet.
        step: what is done at the moment: a word of its kind, empty before the first one.
        step_s: when that step was begun.
        done, total: how much of the step is done, and of how much; `total` is None where nobody knows.
        first: how much of it was done already when it was begun, as by a work that goes on.
        done_s: when `done` was last told to have grown.
        figures: the newest numbers that tell how good it becomes.
        outcome: what came of it, as JSON holds it; grows while it runs.
        error: one sentence that says why it failed.
        pid, pid_mark: of its process (`jobs_process`); 0 where there is none.

    Raises:
        UsageError: on an id or a title that is not allowed.
    """

    id: str
    kind: str
    title: str
    order: Mapping[str, Any] = field(default_factory=dict)
    state: JobState = JobState.WAITING
    created_s: float = 0.0
    began_s: float = 0.0
    ended_s: float = 0.0
    step: str = ""
    step_s: float = 0.0
    done: int = 0
    total: int | None = None
    first: int = 0
    done_s: float = 0.0
    figures: Mapping[str, float] = field(default_factory=dict)
    outcome: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    pid: int = 0
    pid_mark: str = ""

    def __post_init__(self) -> None:
        if not ID.fullmatch(self.id):
            raise UsageError(f"{self.id!r} is no job's id.")
        if not self.title.strip() or len(self.title) > LONGEST_TITLE:
            raise UsageError(f"A job's title has 1 to {LONGEST_TITLE} characters, not {len(self.title)}.")

    @property
    def share(self) -> float | None:
        """How much of the present step is done, 0 … 1; None where nobody knows."""
        if not self.total:
            return None
        return min(max(self.done / self.total, 0.0), 1.0)

    def remaining_s(self, now_s: float) -> float | None:
        """Seconds until the present step is done, if it goes on as before; None while nobody can tell."""
        grown, passed_s = self.done - self.first, self.done_s - self.step_s
        if self.state is not JobState.RUNNING or not self.total or passed_s < LEAST_PASSED_S:
            return None
        if grown < LEAST_GROWN * self.total:
            return None
        # What is told in large pieces goes on between two of them.
        left_s = passed_s * (self.total - self.done) / grown - (now_s - self.done_s)
        return max(left_s, 0.0)

    def to_json(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {"version": VERSION, **asdict(self)}

    @classmethod
    def from_json(cls, values: Any) -> Job:
        """From what `to_json` gave.

        Raises:
            ValueError, TypeError, KeyError: where it is something else.
        """
        if not isinstance(values, dict) or values.pop("version") != VERSION:
            raise ValueError("it is of another version")
        known = {each.name for each in fields(cls)}
        return cls(**{**{k: v for k, v in values.items() if k in known}, "state": JobState(values["state"])})


def new_job(
    kind: str, title: str, order: Mapping[str, Any], state: JobState = JobState.WAITING, *, now_s: float = 0.0
) -> Job:
    """A job with an id of its own, whose order in time is also that of the ids."""
    now_s = now_s or time.time()
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(now_s))
    tidy = " ".join(title.split())[:LONGEST_TITLE].strip()
    return Job(f"{stamp}-{secrets.token_hex(4)}", kind, tidy, dict(order), state, created_s=now_s)


class JobFolders:
    """The folders of all jobs, for this user alone.

    Args:
        root: that they lie in; made when the first job is written.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def folder(self, job_id: str) -> Path:
        """Where a job has its files.

        Raises:
            UsageError: where this is no job's id.
        """
        if not ID.fullmatch(job_id):
            raise UsageError(f"{job_id!r} is no job's id.")
        return self.root / job_id

    def read(self) -> list[Job]:
        """All jobs, the oldest first; a damaged one is left out."""
        found = []
        try:
            entries = sorted(self.root.iterdir())
        except OSError:
            return []
        for entry in entries:
            with contextlib.suppress(OSError, ValueError, TypeError, KeyError, UsageError):
                job = Job.from_json(json.loads((entry / JOB_FILE).read_text(encoding="utf-8")))
                if job.id == entry.name:
                    found.append(job)
        return sorted(found, key=lambda job: (job.created_s, job.id))

    def write(self, job: Job) -> None:
        """Keep a job, whole or not at all.

        Raises:
            StoreError: where that cannot be written.
        """
        folder = self.folder(job.id)
        partial = folder / f"{JOB_FILE}.partial"
        try:
            private_folder(folder)
            with partial.open("w", encoding="utf-8") as file:
                json.dump(job.to_json(), file, ensure_ascii=False, indent=1)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(folder / JOB_FILE)
        except OSError as error:
            raise StoreError(f"{folder} cannot be written to: {error.strerror or error}.") from error

    def remove(self, job_id: str) -> None:
        """Remove a job with all of its files; one that is gone already is fine.

        Raises:
            StoreError: where something of it stays.
        """
        folder = self.folder(job_id)
        shutil.rmtree(folder, ignore_errors=True)
        if folder.exists():
            raise StoreError(f"{folder} cannot be removed: remove it by hand.")
