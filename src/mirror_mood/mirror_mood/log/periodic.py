"""Work that is done every so often in a thread of its own, or sooner when it is asked for."""

from __future__ import annotations

import threading
from collections.abc import Callable

from mirror_core.errors import MirrorError

__all__ = ["PeriodicWork"]


class PeriodicWork:
    """Calls a function every so often; what it raises is kept as a sentence, and it is called again.

    Args:
        work: called in the thread.
        period_s: how often.
        retry_s: how soon again after it failed.
        name: of the thread, for debuggers.
    """

    def __init__(self, work: Callable[[], None], period_s: float, retry_s: float, name: str) -> None:
        self.period_s = period_s
        self.retry_s = retry_s
        self.problem = ""
        self._work = work
        self._wake = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Let it be done now."""
        self._wake.set()

    def close(self, patience_s: float = 30.0) -> None:
        """End, after what is being done, but wait no longer than that."""
        self._closing = True
        self._wake.set()
        self._thread.join(patience_s)

    def _run(self) -> None:
        while not self._closing:
            try:
                self._work()
                self.problem = ""
            except MirrorError as error:
                self.problem = str(error)
            except Exception as error:  # a fault of ours: said, and tried again
                self.problem = f"{type(error).__name__}: {error}"
            self._wake.wait(min(self.period_s, self.retry_s) if self.problem else self.period_s)
            self._wake.clear()
