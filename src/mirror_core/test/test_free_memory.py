"""Freed memory goes back to the system, though something that lives for long lies at the end of it."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="this is not glibc")

# In a process of its own, whose heap nobody else has left holes in. Pieces are smaller than what glibc takes
# straight from the system.
HOLES = """
import ctypes, pathlib, sys, threading, time
from mirror_core.free_memory import give_back, keep_giving_back

libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
libc.free.argtypes = [ctypes.c_void_p]

def anonymous_mb():
    lines = pathlib.Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon")) / 1000

before = anonymous_mb()
pieces = [libc.malloc(60_000) for _ in range(1000)]
staying = [libc.malloc(100) for _ in range(1000)]
for piece in pieces:
    ctypes.memset(piece, 1, 60_000)
    libc.free(piece)
print("kept", anonymous_mb() - before > 50)
"""
ONCE = """
print("gave", give_back())
print("given", anonymous_mb() - before < 10)
"""
AGAIN = """
stop = threading.Event()
thread = keep_giving_back(stop, period_s=0.01)
end = time.monotonic() + 30
while anonymous_mb() - before > 10 and time.monotonic() < end:
    time.sleep(0.01)
print("given", anonymous_mb() - before < 10)
stop.set()
thread.join(10)
print("alive", thread.is_alive())
"""


def test_what_was_freed_is_given_back(start_process: Callable[..., Any]) -> None:
    process = start_process(HOLES + ONCE)
    assert process.wait() == 0, process.said
    assert process.lines == ["kept True", "gave True", "given True"]


def test_it_is_given_back_until_the_end(start_process: Callable[..., Any]) -> None:
    process = start_process(HOLES + AGAIN)
    assert process.wait() == 0, process.said
    assert process.lines == ["kept True", "given True", "alive False"]
