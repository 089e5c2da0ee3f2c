"""One-time codes that let a device in: for a few minutes, once, and kept only as hashes in memory."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable

from mirror_web.access_devices import hashed

__all__ = ["LIFETIME_S", "PairingCodes"]

LIFETIME_S = 300.0
CODE_BYTES = (
    16  # 128 random bits, which nobody guesses in five minutes; more would only make the QR code finer
)
MOST_CODES = 16  # waiting at once; the oldest gives way, so that asking again and again fills nothing


class PairingCodes:
    """The codes that wait for a device; calls come from any thread.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._until_s: dict[str, float] = {}  # by hash, oldest first

    def make(self) -> str:
        """A new code."""
        code = secrets.token_urlsafe(CODE_BYTES)
        now_s = self._clock()
        with self._lock:
            alive = [(key, until_s) for key, until_s in self._until_s.items() if until_s > now_s]
            self._until_s = dict(alive[-(MOST_CODES - 1) :])
            self._until_s[hashed(code)] = now_s + LIFETIME_S
        return code

    def take(self, code: str) -> bool:
        """Whether this code is good; it is used up by that.

        The look-up is of the hash, so that the time that it takes tells nothing about a code.
        """
        with self._lock:
            until_s = self._until_s.pop(hashed(code), float("-inf"))
        return until_s > self._clock()

    def clear(self) -> None:
        """Forget all codes."""
        with self._lock:
            self._until_s = {}
