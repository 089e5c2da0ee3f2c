"""What a family of processes takes of the machine: memory, descriptors, threads."""

from __future__ import annotations

from dataclasses import dataclass

import psutil

__all__ = ["Usage", "usage_of"]

MEGABYTE = 1e6


@dataclass(frozen=True, slots=True)
class Usage:
    """All processes together.

    Attributes:
        rss_mb: resident memory; pages that two processes share count twice.
        uss_mb: memory that would be free if they ended.
        descriptors: open files, sockets and pipes.
        threads: of all processes.
        processes: how many there are.
    """

    rss_mb: float
    uss_mb: float
    descriptors: int
    threads: int
    processes: int


def usage_of(root: int) -> Usage:
    """Usage of a process and all below it; one that ends meanwhile counts no more.

    Args:
        root: process id.
    """
    rss = uss = 0.0
    descriptors = threads = processes = 0
    try:
        parent = psutil.Process(root)
        family = [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        family = []
    for process in family:
        try:
            memory = process.memory_full_info()
            opened, running = process.num_fds(), process.num_threads()
        except psutil.Error:
            continue
        rss += memory.rss / MEGABYTE
        uss += memory.uss / MEGABYTE
        descriptors += opened
        threads += running
        processes += 1
    return Usage(rss, uss, descriptors, threads, processes)
