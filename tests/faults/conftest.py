"""Faults that only the system can make: a small disk of one's own that is full or read-only."""

from __future__ import annotations

import contextlib
import errno
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

DISK_MB = 6
CHUNK = bytes(2**16)


class SmallDisk:
    """A mounted disk of a few megabytes.

    Attributes:
        path: where it is.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._filling = path / "filling"

    def fill(self, leave_bytes: int = 0) -> None:
        """Fill it up to the last byte, or up to `leave_bytes`."""
        try:
            with self._filling.open("wb", buffering=0) as file:
                while True:
                    free = os.statvfs(self.path).f_bavail * os.statvfs(self.path).f_frsize - leave_bytes
                    if free <= 0 or not file.write(CHUNK[: min(free, len(CHUNK))]):
                        return
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise

    def make_room(self) -> None:
        """Take the filling away."""
        self._filling.unlink()

    def allow_writing(self, allowed: bool) -> None:
        """Mount it again, read-only or not."""
        mode = "rw" if allowed else "ro"
        subprocess.run(["mount", "-o", f"remount,{mode}", str(self.path)], check=True, capture_output=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """A disk of this test's own, in memory; skips where that may not be mounted."""
    path = tmp_path / "disk"
    path.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m,mode=0700", "mirror-test", str(path)]
    try:
        mounted = subprocess.run(words, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount")
    if mounted.returncode:
        pytest.skip(f"no disk may be mounted here: {mounted.stderr.strip()}")
    disk = SmallDisk(path)
    yield disk
    with contextlib.suppress(subprocess.CalledProcessError):
        disk.allow_writing(True)
    subprocess.run(["umount", "-l", str(path)], check=False, capture_output=True)
