"""What this process takes of the machine: the same for all nodes that share it."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

import psutil

__all__ = ["ProcessFigures", "process_figures"]

SPAN_S = 0.9  # the processor's share is that of the time since the reading before; not too short a time
MEGABYTE = 1e6


class ProcessFigures:
    """Reads the process now and then; who asks in between gets the newest reading. Thread-safe.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._read_s = float("-inf")
        self._values: dict[str, str] = {}
        self._process = psutil.Process()
        self._process.cpu_percent()  # the first answer is always 0

    def __call__(self) -> Mapping[str, str]:
        """Figures by name: who it is, its share of one core, its memory."""
        with self._lock:
            now_s = self._clock()
            if now_s - self._read_s >= SPAN_S:
                self._read_s = now_s
                # They are read from files: where no more can be opened, the reading before has to do.
                with suppress(OSError, psutil.Error):
                    self._values = self._read()
            return dict(self._values)

    def _read(self) -> dict[str, str]:
        return {
            "process": f"{os.getpid()} on {socket.gethostname()}",
            "process CPU [%]": f"{self._process.cpu_percent():.0f}",
            "process memory [MB]": f"{self._process.memory_info().rss / MEGABYTE:.0f}",
        }


process_figures = ProcessFigures()
"""Those of this process."""
