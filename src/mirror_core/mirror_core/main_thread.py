"""Work for the main thread: windows must be driven there, while nodes live in threads of their own."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

__all__ = ["MainThread", "main_thread"]

POLL_S = 0.1  # how soon `serve` sees that it should stop


class MainThread:
    """Runs the tasks that other threads leave, one after the other."""

    def __init__(self) -> None:
        self._tasks: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._serving = threading.Event()

    @property
    def is_served(self) -> bool:
        """Whether some thread runs `serve` now."""
        return self._serving.is_set()

    def post(self, task: Callable[[], None]) -> None:
        """Leave a task, e.g. a window's event loop. It must return when its owner stops."""
        self._tasks.put(task)

    def wake(self) -> None:
        """Let `serve` look at its `stop` at once; from any thread or a signal's handler.

        Without it a signal may leave `serve` waiting for ever: where its handler ends after the wait's
        deadline, Python 3.11's `SimpleQueue.get` goes on with a negative timeout, which means none.
        """
        self._tasks.put(_nothing)

    def serve(self, stop: threading.Event) -> None:
        """Run tasks in this thread until `stop` is set."""
        self._serving.set()
        try:
            while not stop.is_set():
                try:
                    task = self._tasks.get(timeout=POLL_S)
                except queue.Empty:
                    continue
                task()
        finally:
            self._serving.clear()


def _nothing() -> None:
    """The task that only wakes."""


_MAIN_THREAD = MainThread()


def main_thread() -> MainThread:
    """The process's main thread's tasks."""
    return _MAIN_THREAD
