"""Two hosts with a cable between them, on one machine: Linux network namespaces, which only root may make."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from mirror_core.errors import MirrorError

__all__ = ["Hosts", "two_hosts"]

TIMEOUT_S = 20.0
SUBNET = "10.213.7"
MULTICAST = "224.0.0.0/4"  # by which hosts find each other
QUEUE_MS = 50  # for so long a slow cable keeps what does not fit
BURST_BYTES = 262_144  # that a slow cable takes at once

_numbers = itertools.count()


@dataclass(frozen=True, slots=True)
class Hosts:
    """Both ends.

    Attributes:
        near, far: words before a command that is to run on that host.
    """

    near: tuple[str, ...]
    far: tuple[str, ...]


@contextmanager
def two_hosts(megabits: float = 0.0) -> Iterator[Hosts]:
    """Lay a cable between two hosts, for as long as the context lasts.

    Args:
        megabits: that the cable carries a second, each way; 0: whatever the machine can.

    Raises:
        MirrorError: where this cannot be done: no root, no `ip`, a kernel without namespaces or queues.
    """
    if os.geteuid() != 0 or shutil.which("ip") is None:
        raise MirrorError("Network namespaces need root and the command ip.")
    # The kernel's names are short: 15 characters at most for an interface.
    own = f"{os.getpid() % 10**7}.{next(_numbers)}"
    names, cables = ([f"{first}{own}{side}" for side in "ab"] for first in ("mirror", "mt"))
    try:
        _lay(names, cables, megabits)
        near, far = (("ip", "netns", "exec", name) for name in names)
        yield Hosts(near, far)
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False, timeout=TIMEOUT_S)


def _lay(names: list[str], cables: list[str], megabits: float) -> None:
    try:
        for name in names:
            _do("ip", "netns", "add", name)
        ends = ["netns", names[0], "type", "veth", "peer", cables[1], "netns", names[1]]
        _do("ip", "link", "add", cables[0], *ends)
        for number, (name, cable) in enumerate(zip(names, cables, strict=True), start=1):
            _do("ip", "-n", name, "addr", "add", f"{SUBNET}.{number}/24", "dev", cable)
            _do("ip", "-n", name, "link", "set", "lo", "up")
            _do("ip", "-n", name, "link", "set", cable, "up")
            _do("ip", "-n", name, "route", "add", MULTICAST, "dev", cable)
            if megabits > 0:
                queue = ["rate", f"{megabits:g}mbit", "burst", str(BURST_BYTES), "latency", f"{QUEUE_MS}ms"]
                _do("tc", "-n", name, "qdisc", "add", "dev", cable, "root", "tbf", *queue)
    except (subprocess.CalledProcessError, FileNotFoundError) as error:
        said = (
            error.stderr.decode().strip() if isinstance(error, subprocess.CalledProcessError) else str(error)
        )
        raise MirrorError(f"Network namespaces cannot be made here: {said}.") from error


def _do(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True, timeout=TIMEOUT_S)
