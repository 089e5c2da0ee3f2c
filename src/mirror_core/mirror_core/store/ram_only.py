"""RAM-only mode: a folder in memory in place of every place on the disk, gone with the mirror.

/dev/shm is memory (tmpfs). Whoever also swaps to an unencrypted disk should switch that off: neither this
folder nor any program's own memory is kept from there.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from mirror_core.errors import UsageError
from mirror_core.settings import PARAMETER_FILE_VARIABLE, SETTINGS_VARIABLE
from mirror_core.store.places import RAM_VARIABLE

__all__ = ["make_ram_folder", "ram_only", "ram_variables", "remove_left_overs"]

MEMORY = Path("/dev/shm")
PREFIX = "mirror-ram-"


def ram_variables(folder: Path) -> dict[str, str]:
    """The environment of processes that write to memory alone.

    Args:
        folder: in memory.
    """
    places = {
        RAM_VARIABLE: folder,
        "ROS_LOG_DIR": folder / "log",
        "XDG_CACHE_HOME": folder / "cache",
        "MPLCONFIGDIR": folder / "cache" / "matplotlib",  # a library of mediapipe's lists fonts there
        "TMPDIR": folder / "tmp",
    }
    return {**{name: str(place) for name, place in places.items()}, "PYTHONDONTWRITEBYTECODE": "1"}


def make_ram_folder() -> Path:
    """A folder in memory for this user alone; its name says whose process it belongs to.

    Raises:
        UsageError: if this machine has no /dev/shm to write to.
    """
    remove_left_overs()
    try:
        folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=MEMORY))
        for name in ("log", "cache/matplotlib", "tmp", "state"):
            (folder / name).mkdir(0o700, parents=True)
    except OSError as error:
        raise UsageError(f"ram_only:=true needs {MEMORY} ({error.strerror}); mount a tmpfs there.") from error
    return folder


def remove_left_overs() -> None:
    """Remove the folders of mirrors that were killed before they could."""
    for folder in MEMORY.glob(f"{PREFIX}*"):
        owner = folder.name.removeprefix(PREFIX).partition("-")[0]
        with contextlib.suppress(OSError):
            if folder.stat().st_uid == os.getuid() and not Path(f"/proc/{owner}").exists():
                shutil.rmtree(folder)


@contextlib.contextmanager
def ram_only(wanted: bool) -> Iterator[None]:
    """Let this process, and those that it starts inside, write to memory alone; then forget all of it.

    Args:
        wanted: False: nothing is changed.

    Raises:
        UsageError: see `make_ram_folder`.
    """
    if not wanted:
        yield
        return
    folder = make_ram_folder()
    before = dict(os.environ)
    os.environ.update(ram_variables(folder))
    for name in (SETTINGS_VARIABLE, PARAMETER_FILE_VARIABLE):  # of a launch file, which means the disk
        os.environ.pop(name, None)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        shutil.rmtree(folder, ignore_errors=True)
