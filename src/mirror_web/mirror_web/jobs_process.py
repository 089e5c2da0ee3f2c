"""The process of a job: low priority, a group of its own, found again later, ended as a whole."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import time
from collections.abc import Sequence
from pathlib import Path

__all__ = ["LOG_FILE", "PROGRESS_FILE", "JobProcess", "mark_of"]

PROGRESS_FILE = "progress.jsonl"  # what it says on its standard output
LOG_FILE = "log.txt"  # what it says on its standard error
NICENESS = 15  # the mirror goes first
END_PATIENCE_S = 10.0  # after SIGTERM, until SIGKILL
TURN_S = 0.02
STARTED = 18  # place of starttime (proc_pid_stat(5), field 22) after the state, field 3


class JobProcess:
    """A process, known by its number and the time of its start, so that no other one is taken for it.

    It writes to files, not to a pipe, and has a session of its own: it goes on when whoever started it ends.

    Args:
        pid: its number, which is also its group's.
        mark: tells it from others that have had this number (`mark_of`).
    """

    def __init__(self, pid: int, mark: str) -> None:
        self.pid = pid
        self.mark = mark

    @classmethod
    def start(cls, command: Sequence[str], folder: Path) -> JobProcess:
        """Start a command whose output goes into a job's folder; `progress.jsonl` begins anew.

        Raises:
            OSError: where it cannot be started.
        """
        nice = shutil.which("nice")
        words = [*([nice, "-n", str(NICENESS)] if nice else []), *command]
        mode = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        actions = [
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(folder / PROGRESS_FILE), mode | os.O_TRUNC, 0o600),
            (os.POSIX_SPAWN_OPEN, 2, str(folder / LOG_FILE), mode, 0o600),
        ]
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        pid = os.posix_spawnp(words[0], words, environment, file_actions=actions, setsid=True)
        return cls(pid, mark_of(pid) or "")

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        _reap(self.pid)
        return bool(self.mark) and mark_of(self.pid) == self.mark

    def end(self, patience_s: float = END_PATIENCE_S) -> None:
        """End it with all that it has started; first by asking, then by force. Blocks until it is gone."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            if not self._signal(number):
                return
            deadline = time.monotonic() + patience_s
            while time.monotonic() < deadline:
                if not self.is_alive and not self._signal(0):
                    return
                time.sleep(TURN_S)

    def end_rest(self) -> None:
        """End what its group has left behind when the process itself is gone."""
        if not self.is_alive:
            self._signal(signal.SIGKILL)

    def _signal(self, number: int) -> bool:
        """Send its group a signal (0: only look); False where there is nobody."""
        _reap(self.pid)
        if not self.mark or mark_of(self.pid) not in (None, self.mark):
            return False  # the number belongs to somebody else by now
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)
            return True
        return False


def mark_of(pid: int) -> str | None:
    """This boot and the clock tick at which a process was started; None where there is none that runs."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return None
    state, *numbers = stat.rpartition(")")[2].split()  # a program's name may hold anything
    return None if state in "ZX" else f"{boot}:{numbers[STARTED]}"


def _reap(pid: int) -> None:
    """Let go of a process that has ended, if it is a child of this one."""
    with contextlib.suppress(ChildProcessError, OSError):
        os.waitpid(pid, os.WNOHANG)
