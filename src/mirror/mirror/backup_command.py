"""`mirror backup` and `mirror restore`: the whole state folder in one file, and back."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from mirror_core.errors import StoreError, UsageError

__all__ = ["backup", "restore"]

ELSEWHERE = {  # variable → what it keeps elsewhere
    "MIRROR_GALLERY_DATABASE": "names and consents of faces",
    "MIRROR_GALLERY_PICTURES": "pictures of faces",
    "MIRROR_MOOD_DATABASE": "moods",
}


def backup(
    out: Annotated[
        Path | None, typer.Argument(help="File to write; default: mirror-DATE.tar in this folder.")
    ] = None,
) -> None:
    """Write all that the mirror keeps (faces, moods, presets, settings) into one file, also while it runs."""
    from mirror_core.store.audit import AuditLog, Event
    from mirror_core.store.backup import make_backup
    from mirror_core.store.places import state_folder
    from mirror_gallery.store.schema import GALLERY
    from mirror_mood.log.schema import MOOD_LOG

    file = out or Path(f"mirror-{datetime.now():%Y-%m-%d}.tar")  # the day of whoever reads it
    try:
        made = make_backup(state_folder(), file, (GALLERY.version_table, MOOD_LOG.version_table))
    except StoreError as error:
        raise UsageError(str(error)) from error
    AuditLog().note(Event.BACKED_UP, way="command", files=len(made.files))
    size = sum(member.size for member in made.files.values()) / 1e6
    print(f"{len(made.files)} files ({size:.1f} MB) are written to {file}.")
    print("It holds people's faces and names: keep it like their photographs, and delete it with them.")
    for variable, what in ELSEWHERE.items():
        if os.environ.get(variable):
            print(f"${variable} keeps {what} elsewhere; back that up with its own tools.")


def restore(
    file: Annotated[Path, typer.Argument(help="A file made by `mirror backup`.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Put a backup in the place of all that the mirror keeps now; that is kept beside it."""
    from mirror.restoring import restore as take_back
    from mirror_core.store.backup import FORMER_DAYS, read_backup
    from mirror_core.store.places import state_folder

    state = state_folder()
    found = read_backup(file)
    if not yes:
        if not sys.stdin.isatty():
            raise UsageError(f"Restoring replaces all that is in {state}; say --yes to do it.")
        made = found.made.astimezone()
        typer.confirm(f"Replace all that is in {state} by the backup of {made:%Y-%m-%d %H:%M}?", abort=True)
    try:
        done = take_back(file, state)
    except StoreError as error:
        raise UsageError(str(error)) from error
    print(f"{len(done.backup.files)} files of {done.backup.made:%Y-%m-%d} are back in {state}.")
    if done.erased:
        print(f"{done.erased} people who had been erased since were not taken back.")
    if done.former is not None:
        print(
            f"What was there before is in {done.former} for {FORMER_DAYS} days; delete it when all is well."
        )
