"""The supervisor: a small parent that keeps processes running.

A crash in native code takes a whole process with it, the container with all its nodes too. This
parent imports nothing heavy, starts what it is given, starts it again with a growing pause when it
crashes, ends them in order at Ctrl-C, and ends when everything has ended by itself.
"""

from __future__ import annotations

import logging
import math
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

from mirror.watchdog import Watchdog

__all__ = ["Process", "Supervisor"]

logger = logging.getLogger("mirror.supervisor")

EXIT_USAGE = 2
FIRST_BACKOFF_S = 0.5
LONGEST_BACKOFF_S = 8.0
HEALTHY_AFTER_S = 10.0
STOP_S = 20.0  # time for an orderly stop after Ctrl-C, then SIGKILL: what is still written shall be written
POLL_S = 0.05
MESSAGES_S = 1.0  # time to pass on what was said last; a grandchild may hold the pipe for longer
# What the native libraries of the models say on every start, whatever their log level; it tells a
# person nothing and cannot be switched off from Python.
NOISE = re.compile(
    rb"WARNING: All log messages before absl::InitializeLog"
    rb"|[IW]0000 \d\d:\d\d:\d+\.\d+ "
    rb"|INFO: Created TensorFlow Lite XNNPACK delegate"
    rb"|libpng warning: iCCP"
)
INTERRUPTED = (-signal.SIGINT, -signal.SIGTERM, 128 + signal.SIGINT, 128 + signal.SIGTERM)


@dataclass
class Process:
    """One process to keep running.

    Attributes:
        name: for messages.
        command: program and arguments.
        essential: when it ends by itself (exit status 0: somebody closed the window), all end.
    """

    name: str
    command: Sequence[str]
    essential: bool = True
    restarts: int = 0
    _popen: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    _messages: threading.Thread | None = field(default=None, repr=False)
    _started_s: float = 0.0
    _start_at_s: float = 0.0
    _backoff_s: float = FIRST_BACKOFF_S


def signal_name(number: int) -> str:
    """SIGSEGV for 11; the number itself for a signal without a name (the real-time ones)."""
    return next((known.name for known in signal.Signals if known == number), str(number))


def pass_on_messages(messages: IO[bytes]) -> None:
    """Copy a process's error output to ours, line by line, without the native libraries' noise."""
    with messages:
        for line in messages:
            if not NOISE.match(line):
                sys.stderr.buffer.write(line)
                sys.stderr.buffer.flush()


class Supervisor:
    """Keeps processes running until one ends by itself, a person's mistake, or Ctrl-C.

    Args:
        processes: what to run.
        environment: variables for all of them; default: this process's.
        clock: monotonic seconds; replaced in tests.
        watchdog: told again and again that this parent runs, and when it stops.
        before_start: called before each start of a process, also after a crash.
    """

    def __init__(
        self,
        processes: Sequence[Process],
        environment: Mapping[str, str] | None = None,
        clock: Callable[[], float] = time.monotonic,
        watchdog: Watchdog | None = None,
        before_start: Callable[[], object] | None = None,
    ) -> None:
        self._processes = list(processes)
        self._environment = dict(os.environ if environment is None else environment)
        # A child that notices that this parent is gone ends by itself.
        self._environment["MIRROR_SUPERVISOR_PID"] = str(os.getpid())
        self._clock = clock
        self._watchdog = watchdog
        self._before_start = before_start
        self._stopping = False

    def run(self) -> int:
        """Run until the end; returns the exit status (0, or that of what failed for good)."""
        previous = {
            number: signal.signal(number, self._on_signal) for number in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            return self._watch()
        finally:
            # Still ignoring a second Ctrl-C while the children end.
            for number in previous:
                signal.signal(number, signal.SIG_IGN)
            if self._watchdog is not None:
                self._watchdog.stop()
            self._stop_all()
            for number, handler in previous.items():
                signal.signal(number, handler)

    def _on_signal(self, _number: int, _frame: Any) -> None:
        self._stopping = True

    def _watch(self) -> int:
        while not self._stopping:
            for process in self._processes:
                status = self._tend(process)
                if status is not None:
                    return status
            if all(math.isinf(process._start_at_s) for process in self._processes):
                return 0
            if self._watchdog is not None:
                self._watchdog.turn()
            time.sleep(POLL_S)
        return 0

    def _tend(self, process: Process) -> int | None:
        """Start a process that is due, look at one that has ended; returns an exit status to end with."""
        now = self._clock()
        if process._popen is None:
            if now >= process._start_at_s:
                self._start(process)
            return None
        status = process._popen.poll()
        if status is None:
            return None
        process._popen = None
        if status == EXIT_USAGE or (status == 0 and process.essential):
            return status
        if self._stopping or status in INTERRUPTED:
            return 0
        if status == 0:
            process._start_at_s = math.inf
            return None
        healthy = now - process._started_s >= HEALTHY_AFTER_S
        pause_s = 0.0 if healthy else process._backoff_s  # nobody need wait for what went well for long
        process._backoff_s = max(FIRST_BACKOFF_S, min(pause_s * 2, LONGEST_BACKOFF_S))
        process._start_at_s = now + pause_s
        process.restarts += 1
        cause = f"signal {signal_name(-status)}" if status < 0 else f"exit status {status}"
        when = f"in {pause_s:.1f} s" if pause_s else "at once"
        logger.error("%s ended with %s; it starts again %s.", process.name, cause, when)
        return None

    def _start(self, process: Process) -> None:
        if self._before_start is not None:
            self._before_start()
        # An own session: Ctrl-C in the terminal reaches the children through us, once.
        process._popen = subprocess.Popen(
            list(process.command), env=self._environment, start_new_session=True, stderr=subprocess.PIPE
        )
        process._started_s = self._clock()
        process._messages = threading.Thread(
            target=pass_on_messages,
            args=(process._popen.stderr,),
            name=f"{process.name} messages",
            daemon=True,
        )
        process._messages.start()

    def _stop_all(self) -> None:
        running = [p._popen for p in self._processes if p._popen is not None and p._popen.poll() is None]
        for popen in running:
            popen.terminate()  # not SIGINT: a Python that is still importing answers that with a traceback
        deadline = time.monotonic() + STOP_S
        for popen in running:
            try:
                popen.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                logger.error("Process %d did not stop within %.0f s; it is killed.", popen.pid, STOP_S)
                popen.kill()
                popen.wait()
        for process in self._processes:
            if process._messages is not None:  # the last sentence is often the one that says why
                process._messages.join(MESSAGES_S)
