"""A sign of life for whoever watches the mirror: a file that is touched whenever pictures have been shown.

The supervisor makes the file (`mirror.watchdog`) and names it in the environment of its children.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping

__all__ = ["HEARTBEAT_VARIABLE", "Heartbeat"]

HEARTBEAT_VARIABLE = "MIRROR_HEARTBEAT"  # path of the file; where it is not set, nobody watches
PERIOD_S = 1.0  # a file touched for every picture would only cost time


class Heartbeat:
    """Touches the file, at most once a second.

    Args:
        environment: where the file is named; default: this process's.
        clock: monotonic seconds; replaced in tests.
    """

    def __init__(
        self, environment: Mapping[str, str] | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._path = (os.environ if environment is None else environment).get(HEARTBEAT_VARIABLE, "")
        self._clock = clock
        self._next_s = float("-inf")

    def beat(self) -> None:
        """A picture has been shown."""
        if not self._path or self._clock() < self._next_s:
            return
        self._next_s = self._clock() + PERIOD_S
        try:
            os.utime(self._path)
        except OSError:  # who watched has gone, and took the file along
            self._path = ""
