"""Keeps what the models' native code says on every start off the terminal of a command; all else passes."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from mirror.supervisor import NOISE

__all__ = ["without_native_noise"]

ERROR_OUTPUT = 2  # file descriptor, which native code writes to past Python
LAST_WORDS_S = 1.0  # a child process may hold the pipe for longer


@contextmanager
def without_native_noise() -> Iterator[None]:
    """Filter this process's error output line by line while the block runs; see `mirror.supervisor.NOISE`."""
    sys.stderr.flush()
    reading, writing = os.pipe()
    terminal = os.dup(ERROR_OUTPUT)
    os.dup2(writing, ERROR_OUTPUT)
    os.close(writing)

    def pass_on() -> None:
        with os.fdopen(reading, "rb") as lines:
            for line in lines:
                if not NOISE.match(line):
                    os.write(terminal, line)

    thread = threading.Thread(target=pass_on, name="error output", daemon=True)
    thread.start()
    try:
        yield
    finally:
        sys.stderr.flush()
        os.dup2(terminal, ERROR_OUTPUT)  # closes the pipe, which ends the thread
        thread.join(LAST_WORDS_S)
