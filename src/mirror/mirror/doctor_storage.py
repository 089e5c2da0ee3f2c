"""What the doctor says of graphics processors, of room on the disk, and of what was set on the page."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

from mirror.findings import Finding, Verdict
from mirror_core.errors import StoreError
from mirror_core.settings import SettingsFile, default_settings_file
from mirror_core.store.places import state_folder
from mirror_web.welcome import LITTLE_SPACE, graphics_words

__all__ = ["graphics", "settings", "storage"]

MEBIBYTE = 2**20


def graphics() -> Iterator[Finding]:
    """Graphics processors; none is needed."""
    words = graphics_words()
    yield Finding("GPU", Verdict.OK, f"{words[0].upper()}{words[1:]}.")


def storage() -> Iterator[Finding]:
    """Whether there is room, and the right to use it, for what is kept."""
    folder = state_folder()
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    if not os.access(existing, os.W_OK):
        yield Finding(
            "Storage",
            Verdict.ERROR,
            f"This user may not write to {existing}.",
            "Allow it, or set XDG_STATE_HOME to a folder where it may.",
        )
    elif free < LITTLE_SPACE:
        yield Finding(
            "Storage",
            Verdict.NOTE,
            f"Only {free // MEBIBYTE} MB are free for {folder}.",
            "Make room, or faces and moods cannot be stored.",
        )
    else:
        yield Finding("Storage", Verdict.OK, f"{folder}, {free / 2**30:.1f} GB free.")


def settings() -> Iterator[Finding]:
    """What was set on the page."""
    file = SettingsFile(default_settings_file())
    try:
        count = sum(len(values) for values in file.nodes().values())
    except StoreError as error:
        yield Finding(
            "Settings",
            Verdict.NOTE,
            str(error),
            "It is set aside at the next start, or by `mirror settings reset`.",
        )
        return
    words = f"{count} from the page (`mirror settings show`)" if count else "None were changed on the page"
    yield Finding("Settings", Verdict.OK, f"{words}.")
