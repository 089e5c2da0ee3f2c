"""Waits for what works beside the frame path, where nothing may be left out.

Slow work has threads of its own, and the mirror never waits for them: which frame shows their results first
hangs on the moment. What is to come out the same every time (a replay frame by frame) lets all of it settle
before it goes on.
"""

from __future__ import annotations

import threading
import time
from typing import Protocol
from weakref import WeakSet

from mirror_core.errors import ModelError

__all__ = ["Settles", "settle", "settles"]

TIMEOUT_S = 120.0  # far beyond the slowest model, its loading included


class Settles(Protocol):
    """Something that works in a thread of its own."""

    def settle(self, timeout_s: float) -> bool:
        """Wait until all that it was given is done; False where that takes longer than `timeout_s`."""


_known: WeakSet[Settles] = WeakSet()
_lock = threading.Lock()


def settles(work: Settles) -> None:
    """Let `settle` wait for this, too, as long as it lives."""
    with _lock:
        _known.add(work)


def settle(timeout_s: float = TIMEOUT_S) -> None:
    """Wait until everything that works beside the frame path in this process is done.

    Raises:
        ModelError: if it takes longer than `timeout_s`.
    """
    deadline_s = time.monotonic() + timeout_s
    with _lock:
        waiting = list(_known)
    for work in waiting:
        if not work.settle(max(0.0, deadline_s - time.monotonic())):
            raise ModelError(
                f"What works beside the frames took longer than {timeout_s:g} s: the machine is too busy, "
                "or a model hangs."
            )
