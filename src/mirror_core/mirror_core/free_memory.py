"""Gives memory that this process has freed back to the system, once a minute.

glibc keeps freed memory for the next allocation and gives only the end of its heap back by itself. Pictures,
models and pages come and go between what lives for long, so in weeks ever more pages are held with nothing in
them. `malloc_trim` (malloc_trim(3)) gives back every page that is free as a whole, in all pools of memory.
"""

from __future__ import annotations

import ctypes
import threading

__all__ = ["PERIOD_S", "give_back", "keep_giving_back"]

PERIOD_S = 60.0


_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # others than glibc do not have it
if _trim is not None:
    _trim.argtypes, _trim.restype = [ctypes.c_size_t], ctypes.c_int


def give_back() -> bool:
    """Give back what is free now, while other threads run; False where there was nothing, or no glibc."""
    return _trim is not None and bool(_trim(0))


def keep_giving_back(stop: threading.Event, period_s: float = PERIOD_S) -> threading.Thread | None:
    """Do so again and again in a thread of its own until `stop` is set; None without glibc.

    Args:
        stop: ends it.
        period_s: seconds between two times.
    """
    if _trim is None:
        return None

    def run() -> None:
        while not stop.wait(period_s):
            give_back()

    thread = threading.Thread(target=run, name="free memory", daemon=True)
    thread.start()
    return thread
