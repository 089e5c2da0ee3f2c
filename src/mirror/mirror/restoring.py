"""Takes a backup back: checked, brought up to date, and without those who were erased since."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from mirror_core.errors import StoreError, UsageError
from mirror_core.store.audit import AuditLog, Event
from mirror_core.store.backup import Backup, copied_folder, read_backup, replace_state, unpack
from mirror_core.store.failures import disk_failure
from mirror_core.store.places import private_folder
from mirror_gallery.store import FaceStore
from mirror_gallery.store.models import FaceRow
from mirror_gallery.store.schema import GALLERY
from mirror_mood.log import erasure
from mirror_mood.log.schema import MOOD_LOG
from mirror_mood.log.store import MoodStore

__all__ = ["Restored", "restore", "users_of"]

AUDIT = "audit"  # folder in the state folder
FACES = Path("gallery", "faces.sqlite")
PICTURES = Path("gallery", "pictures")
MOODS = Path("mood", "moods.sqlite")
SPOOL = Path("mood", "spool")


@dataclass(frozen=True, slots=True)
class Restored:
    """What was taken back.

    Attributes:
        backup: what the backup says about itself.
        erased: how many people had been erased since, and were not taken back.
        former: where the former state is now; None where there was none.
    """

    backup: Backup
    erased: int
    former: Path | None


def restore(file: Path, state: Path) -> Restored:
    """Put a backup in the place of the state folder.

    People whom the present audit log names as erased are erased from it first: an old backup must not
    bring back who has withdrawn their consent.

    Args:
        file: the backup.
        state: the state folder; no mirror may be using it.

    Raises:
        UsageError: if the backup is not sound, or a mirror runs.
        StoreError: if the disk fails. In both cases everything is as it was.
    """
    users = users_of(state)
    if users:
        numbers = ", ".join(map(str, users))
        raise UsageError(f"A mirror is running on {state} (process {numbers}); stop it, then try again.")
    backup = read_backup(file)
    for schema in (GALLERY, MOOD_LOG):
        version = backup.schemas.get(schema.version_table, "")
        if version > schema.head:
            raise UsageError(
                f"{file} is refused: its tables have version {version}, this Mirror knows "
                f"{schema.head}; update."
            )
    try:
        private_folder(state.parent)
        fresh = Path(tempfile.mkdtemp(prefix=f".{state.name}-restored-", dir=state.parent))
    except OSError as error:
        raise disk_failure(error, f"{state.parent} cannot be written") from error
    try:
        unpack(file, backup, fresh)
        audit = AuditLog(state / AUDIT if (state / AUDIT).is_dir() else fresh / AUDIT)
        erased = _erase_again(fresh, audit)
        if audit.folder.is_relative_to(state):  # the present one goes on: it is only ever added to
            shutil.rmtree(fresh / AUDIT, ignore_errors=True)
            copied_folder(audit.folder, fresh / AUDIT)
        former = replace_state(state, fresh)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    AuditLog(state / AUDIT).note(Event.RESTORED, way="command", erased_again=erased)
    return Restored(backup, erased, former)


def users_of(state: Path) -> list[int]:
    """The processes that have a file of the state folder open; those of other users cannot be seen."""
    top = f"{state.resolve()}{os.sep}"
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            for descriptor in (process / "fd").iterdir():
                with suppress(OSError):
                    if str(descriptor.readlink()).startswith(top):
                        found.add(int(process.name))
    return sorted(found - {os.getpid()})


def _erase_again(folder: Path, audit: AuditLog) -> int:
    """Erase from unpacked stores who was erased since, and what is nobody's; returns how many people."""
    gone = {entry.who for entry in audit.entries() if entry.event == Event.ERASED}
    people: set[str] = set()
    if (folder / FACES).exists():
        with FaceStore(str(folder / FACES), str(folder / PICTURES)) as store:
            for entry in store.entries()[0]:
                if audit.number(entry.id) in gone:
                    store.erase(entry.id)
                    people.add(entry.id)
            _remove_halves(store, folder / PICTURES)
    if (folder / MOODS).exists():
        with MoodStore(str(folder / MOODS)) as log:
            for person in _logged(log):
                if audit.number(person) in gone:
                    erasure.erase(log, person)
                    people.add(person)
        if people:  # parts that wait are made anew from the log
            shutil.rmtree(folder / SPOOL, ignore_errors=True)
    _remove_logs(folder)
    return len(people)


def _logged(log: MoodStore) -> list[str]:
    from mirror_mood.log.models import subjects

    with log.database.read() as session:
        return list(session.scalars(select(subjects.c.person).where(subjects.c.person != "").distinct()))


def _remove_halves(store: FaceStore, pictures: Path) -> None:
    """Remove what changed while the backup was made: pictures that no face has, faces without theirs.

    The database was copied first: whoever came later is not in it, whoever was erased later still is. Where
    no face has its pictures here, they are elsewhere (in S3), and nothing is removed. Nobody is storing
    anything in an unpacked store, so what its journal still waits for will not come.
    """
    with store.database.read() as session:
        rows = {key: face for face, key in session.execute(select(FaceRow.id, FaceRow.pictures))}
    here = {file.name for file in pictures.iterdir()} if pictures.is_dir() else set()
    if rows.keys() & here:
        for key in rows.keys() - here:
            store.erase(rows[key])
    for name in here - rows.keys():
        try:
            (pictures / name).unlink()
        except OSError as error:
            raise StoreError(f"{pictures / name} cannot be removed ({error.strerror}).") from error


def _remove_logs(folder: Path) -> None:
    """Remove what SQLite leaves beside a file that was closed, and the locks."""
    for file in folder.rglob("*.sqlite.lock"):
        file.unlink(missing_ok=True)
