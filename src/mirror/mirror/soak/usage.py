"""What a family of processes takes of the machine: memory, descriptors, threads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import psutil

__all__ = ["Usage", "usage_of"]

MEGABYTE = 1e6
KIBIBYTE = 1024


@dataclass(frozen=True, slots=True)
class Usage:
    """All processes together.

    Attributes:
        rss_mb: resident memory; pages that two processes share count twice.
        anonymous_mb: memory that no file stands behind (heaps, stacks), resident or swapped out. What other
            programs do does not move it, as it moves the unique set size (USS): a page of a library becomes
            unique to the mirror when another program that had loaded the library ends.
        descriptors: open files, sockets and pipes.
        threads: of all processes.
        processes: how many there are.
    """

    rss_mb: float
    anonymous_mb: float
    descriptors: int
    threads: int
    processes: int


def _memory_of(process: psutil.Process) -> tuple[float, float]:
    """(resident, anonymous) in MB, by the fields VmRSS, RssAnon and VmSwap of proc(5)'s status."""
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
    fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)

    def megabytes(name: str) -> float:
        return int(fields[name].split()[0]) * KIBIBYTE / MEGABYTE

    return megabytes("VmRSS"), megabytes("RssAnon") + megabytes("VmSwap")


def usage_of(root: int) -> Usage:
    """Usage of a process and all below it; one that ends meanwhile counts no more.

    Args:
        root: process id.
    """
    rss = anonymous = 0.0
    descriptors = threads = processes = 0
    try:
        parent = psutil.Process(root)
        family = [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        family = []
    for process in family:
        try:
            resident, own = _memory_of(process)
            opened, running = process.num_fds(), process.num_threads()
        except (psutil.Error, OSError, KeyError):  # it has ended; one that is a zombie has no memory
            continue
        rss += resident
        anonymous += own
        descriptors += opened
        threads += running
        processes += 1
    return Usage(rss, anonymous, descriptors, threads, processes)
