"""Shared memory that killed programs have left behind: Fast DDS's segments, up to 64 MB for each process.

Whoever owns a segment `fastdds_<16 digits>` holds an exclusive flock on `fastdds_<16 digits>_el` as long as
it lives; the kernel lets go of it when the process ends, however that happens. So a segment whose lock can be
taken belongs to nobody. (Fast DDS's own `fastdds shm clean` looks at the same.) Only segments of this user
are looked at, and none that is so young that its owner may be about to lock it. Ports, which several programs
share, are small and are left alone: Fast DDS takes them over.
"""

from __future__ import annotations

import fcntl
import logging
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from mirror_core.environment import SHARED_MEMORY

__all__ = ["DeadSegment", "dead_segments", "remove_dead_segments"]

logger = logging.getLogger("mirror.shared_memory")

LOCK = re.compile(r"(fastdds_[0-9a-f]{16})_el")
YOUNGEST_S = 10.0  # a lock file is locked within microseconds of being made
MEBIBYTE = 2**20


@dataclass(frozen=True, slots=True)
class DeadSegment:
    """A segment without an owner.

    Attributes:
        file: the segment; it may be gone already.
        lock: its lock file.
        size: of the segment, bytes.
    """

    file: Path
    lock: Path
    size: int


def dead_segments(folder: Path = SHARED_MEMORY) -> list[DeadSegment]:
    """Segments of this user whose owners have ended, the largest first."""
    found = []
    for lock, file in _candidates(folder):
        with suppress(OSError), _taken(lock) as is_taken:
            if is_taken:
                found.append(DeadSegment(file, lock, _size(file)))
    return sorted(found, key=lambda segment: -segment.size)


def remove_dead_segments(folder: Path = SHARED_MEMORY) -> int:
    """Remove segments of this user whose owners have ended; returns how many bytes were freed."""
    freed, count = 0, 0
    for lock, file in _candidates(folder):
        with suppress(OSError), _taken(lock) as is_taken:
            if is_taken:
                size = _size(file)
                # Under the lock: nobody can become its owner meanwhile. The lock goes last.
                file.unlink(missing_ok=True)
                lock.unlink(missing_ok=True)
                freed, count = freed + size, count + 1
    if freed >= MEBIBYTE:
        logger.info(
            "Removed %d MB of shared memory that %d killed programs had left.", freed // MEBIBYTE, count
        )
    return freed


def _candidates(folder: Path) -> Iterator[tuple[Path, Path]]:
    """Lock files of this user that are old enough, with their segments."""
    try:
        entries = list(folder.iterdir())
    except OSError:
        return
    for lock in entries:
        match = LOCK.fullmatch(lock.name)
        if match is None:
            continue
        with suppress(OSError):
            about = lock.lstat()
            if about.st_uid == os.getuid() and time.time() - about.st_mtime >= YOUNGEST_S:
                yield lock, folder / match[1]


@contextmanager
def _taken(lock: Path) -> Iterator[bool]:
    """Whether the lock could be taken; held inside the block."""
    descriptor = os.open(lock, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
    finally:
        os.close(descriptor)


def _size(file: Path) -> int:
    try:
        return file.lstat().st_size
    except OSError:
        return 0
