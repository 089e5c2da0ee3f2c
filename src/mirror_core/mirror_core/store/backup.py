"""Backups of the state folder: one file with everything in it, made while the mirror runs, and taken back.

A backup is a tar file that any program can list:

    manifest.json    {"format": "mirror backup", "version": 1, "made": …, "schemas": {…},
                      "files": {"state/gallery/faces.sqlite": {"size": …, "sha256": …}, …}}
    state/…          the files

Databases are copied by SQLite's own backup, one state of each, and before everything else, so that what they
list lies in the backup too. Sealed pictures stay sealed. A backup from elsewhere is not trusted: names,
sizes and hashes are checked, nothing is written outside the new folder, and the state folder is replaced as a
whole, at once, when everything has been found right. The former one is kept beside it.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Any

from mirror_core.errors import StoreError, UsageError
from mirror_core.store.copies import BEFORE, copy_sqlite, is_sqlite
from mirror_core.store.failures import disk_failure

__all__ = [
    "FORMER_DAYS",
    "Backup",
    "Member",
    "copied_folder",
    "make_backup",
    "read_backup",
    "remove_former",
    "replace_state",
    "unpack",
]

FORMAT, VERSION = "mirror backup", 1
MANIFEST = "manifest.json"
TOP = "state"
PRIVATE = 0o600
MOST_MANIFEST_BYTES = 256 << 20  # of a million files
CHUNK = 1 << 20
FORMER, FORMER_TIME = ".before-", "%Y%m%d-%H%M%S-%f"  # in the name of a state folder that was replaced
FORMER_DAYS = 30  # for which it is kept: people who are erased later are still in it
# What belongs to a running program, or is a copy itself.
LEFT_OUT = re.compile(rf"(.*\.lock|lock|.*-wal|.*-shm|.*-journal|.*\.part|.*{re.escape(BEFORE)}.*)")
SAFE_PART = re.compile(r"[^/\\\0]{1,255}")


@dataclass(frozen=True, slots=True)
class Member:
    """A file of a backup.

    Attributes:
        size: in bytes.
        sha256: of its content, in hexadecimal digits.
    """

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup says about itself.

    Attributes:
        made: when, in UTC.
        schemas: versions of the tables of its databases, by version table; for `mirror restore` to compare.
        files: its files by name below the state folder.
    """

    made: datetime
    schemas: Mapping[str, str]
    files: Mapping[str, Member]


def make_backup(state: Path, out: Path, version_tables: tuple[str, ...]) -> Backup:
    """Write a backup of the state folder into a new file, readable by this user alone.

    Args:
        state: the folder; it may be in use.
        out: the file.
        version_tables: names of the tables that hold versions.

    Raises:
        UsageError: if the file exists, or there is nothing to back up.
        StoreError: if something cannot be read or written; no part of a backup is left.
    """
    if not state.is_dir():
        raise UsageError(f"There is nothing to back up: {state} does not exist.")
    try:
        descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE)
    except FileExistsError:
        raise UsageError(f"{out} exists already; choose another name.") from None
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror or error}.") from error
    try:
        with os.fdopen(descriptor, "wb") as stream, _work_folder(out) as folder:
            made = _write(state, out, stream, Path(folder), version_tables)
            stream.flush()
            os.fsync(stream.fileno())
    except BaseException as error:
        out.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise disk_failure(error, f"The backup {out} cannot be written") from error
        raise
    return made


def _write(state: Path, out: Path, stream: Any, folder: Path, version_tables: tuple[str, ...]) -> Backup:
    sources: dict[str, Path] = {}
    schemas: dict[str, str] = {}
    databases = [file for file in _files(state) if is_sqlite(file)]
    for number, file in enumerate(databases):
        copy = folder / str(number)
        copy_sqlite(file, copy, f"The database {file}")
        schemas.update(_schemas(copy, version_tables))
        sources[_name(file, state)] = copy
    for file in _files(state):  # after the databases: what they list is there by now
        if file.absolute() != out.absolute() and folder.absolute() not in file.absolute().parents:
            sources.setdefault(_name(file, state), file)
    members: dict[str, Member] = {}
    with tarfile.open(fileobj=stream, mode="w") as tar:
        for name, source in sorted(sources.items()):
            try:
                data = source.read_bytes()
            except FileNotFoundError:
                continue  # erased meanwhile
            _put(tar, f"{TOP}/{name}", data)
            members[name] = Member(len(data), hashlib.sha256(data).hexdigest())
        backup = Backup(datetime.now(UTC).replace(microsecond=0), schemas, members)
        _put(tar, MANIFEST, _manifest(backup))
    return backup


def _work_folder(out: Path) -> tempfile.TemporaryDirectory[str]:
    """Where copies of databases lie for a moment: beside the backup, where there has to be room anyway."""
    return tempfile.TemporaryDirectory(prefix=".mirror-backup-", dir=out.absolute().parent)


def _files(state: Path) -> list[Path]:
    """The files of the state folder that belong into a backup; links are left out."""
    return [
        file
        for file in sorted(state.rglob("*"))
        if file.is_file() and not file.is_symlink() and not LEFT_OUT.fullmatch(file.name)
    ]


def _name(file: Path, state: Path) -> str:
    return file.relative_to(state).as_posix()


def _schemas(database: Path, version_tables: tuple[str, ...]) -> dict[str, str]:
    found = {}
    connection = sqlite3.connect(database)
    try:
        there = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        for table in version_tables:
            if table in there:
                row = connection.execute(f'SELECT version_num FROM "{table}"').fetchone()
                if row is not None:
                    found[table] = str(row[0])
    finally:
        connection.close()
    return found


def _put(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(data), PRIVATE
    member.mtime = int(datetime.now(UTC).timestamp())
    tar.addfile(member, io.BytesIO(data))


def _manifest(backup: Backup) -> bytes:
    files = {name: {"size": m.size, "sha256": m.sha256} for name, m in backup.files.items()}
    content = {
        "format": FORMAT,
        "version": VERSION,
        "made": backup.made.isoformat(),
        "schemas": dict(backup.schemas),
        "files": files,
    }
    return json.dumps(content, indent=1).encode()


# ---- taking one back


def read_backup(file: Path) -> Backup:
    """What a backup says about itself, checked as far as that goes without unpacking it.

    Raises:
        UsageError: if it is none, holds names that lead elsewhere, or was made by a newer Mirror.
    """
    try:
        with tarfile.open(file, "r:") as tar:
            members = tar.getmembers()
            for member in members:
                if not member.isfile():
                    raise UsageError(f"{file} is refused: {member.name[:80]!r} in it is no plain file.")
            listed = {member.name: member for member in members}
            if len(listed) != len(members):
                raise UsageError(f"{file} is refused: a name stands in it twice.")
            described = listed.pop(MANIFEST, None)
            if described is None or described.size > MOST_MANIFEST_BYTES:
                raise UsageError(f"{file} is refused: it is no backup of the mirror.")
            stream = tar.extractfile(described)
            assert stream is not None
            backup = _parsed(json.loads(stream.read()), file)
    except (OSError, tarfile.TarError, ValueError, EOFError) as error:
        if isinstance(error, FileNotFoundError | PermissionError):
            raise UsageError(f"{file} cannot be read: {error.strerror}.") from error
        raise UsageError(f"{file} is refused: it is no backup of the mirror, or it is damaged.") from error
    sizes = {f"{TOP}/{name}": member.size for name, member in backup.files.items()}
    if {name: member.size for name, member in listed.items()} != sizes:
        raise UsageError(f"{file} is refused: its files are not those that it lists.")
    return backup


def _parsed(content: Any, file: Path) -> Backup:
    try:
        if content["format"] != FORMAT:
            raise UsageError(f"{file} is refused: it is no backup of the mirror.")
        if content["version"] != VERSION:
            raise UsageError(
                f"{file} is refused: it was made by a newer Mirror (version {content['version']!r}); update."
            )
        files = {
            str(name): Member(int(member["size"]), str(member["sha256"]))
            for name, member in content["files"].items()
        }
        made = datetime.fromisoformat(content["made"])
        schemas = {str(table): str(version) for table, version in content["schemas"].items()}
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise UsageError(f"{file} is refused: its list of files is damaged.") from error
    for name in files:
        parts = PurePosixPath(name).parts
        if (
            not parts
            or name.startswith("/")
            or any(part in ("..", ".", "/") or not SAFE_PART.fullmatch(part) for part in parts)
        ):
            raise UsageError(f"{file} is refused: the name {name[:80]!r} leads out of the folder.")
    return Backup(made, schemas, files)


def unpack(file: Path, backup: Backup, folder: Path) -> None:
    """Write a backup's files below an empty folder, and check every byte of them.

    Args:
        file: the backup.
        backup: from `read_backup` of it.
        folder: made for this user alone.

    Raises:
        UsageError: if a file differs from what the backup says, or a database in it is damaged.
        StoreError: if it cannot be written.
    """
    try:
        with tarfile.open(file, "r:") as tar:
            for name, expected in backup.files.items():
                source = tar.extractfile(f"{TOP}/{name}")
                assert source is not None
                target = folder / name
                target.parent.mkdir(0o700, parents=True, exist_ok=True)
                digest = hashlib.sha256()
                descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE)
                with os.fdopen(descriptor, "wb") as stream:
                    while chunk := source.read(CHUNK):
                        digest.update(chunk)
                        stream.write(chunk)
                    stream.flush()
                    os.fsync(stream.fileno())
                if digest.hexdigest() != expected.sha256:
                    raise UsageError(f"{file} is refused: {name} in it is damaged.")
                if is_sqlite(target):
                    _require_whole(target, file, name)
    except (tarfile.TarError, KeyError) as error:
        raise UsageError(f"{file} is refused: it is damaged.") from error
    except OSError as error:
        raise disk_failure(error, f"The backup cannot be unpacked to {folder}") from error


def _require_whole(database: Path, file: Path, name: str) -> None:
    connection = sqlite3.connect(database)
    try:
        found = connection.execute("PRAGMA integrity_check").fetchone()
    except sqlite3.Error as error:
        raise UsageError(f"{file} is refused: the database {name} in it is damaged.") from error
    finally:
        connection.close()
    if found != ("ok",):
        raise UsageError(f"{file} is refused: the database {name} in it is damaged.")


def replace_state(state: Path, fresh: Path) -> Path | None:
    """Put a folder in the state folder's place; the former one stays beside it.

    Args:
        state: the state folder, which need not exist.
        fresh: the new one, on the same file system.

    Returns:
        Where the former one is now; None where there was none.

    Raises:
        StoreError: if that fails; the former one is in its place then.
    """
    former: Path | None = None
    try:
        if state.exists():
            former = state.with_name(f"{state.name}{FORMER}{datetime.now(UTC):{FORMER_TIME}}")
            state.rename(former)
        try:
            fresh.rename(state)
        except OSError:
            if former is not None:
                former.rename(state)
            raise
    except OSError as error:
        raise disk_failure(error, f"{state} cannot be replaced") from error
    return former


def remove_former(state: Path, days: float = FORMER_DAYS) -> int:
    """Remove former state folders that are older than they are kept; returns how many.

    Raises:
        StoreError: if one cannot be removed.
    """
    removed = 0
    for folder in state.parent.glob(f"{state.name}{FORMER}*"):
        try:
            began = datetime.strptime(folder.name.removeprefix(f"{state.name}{FORMER}"), FORMER_TIME)
            if datetime.now(UTC) - began.replace(tzinfo=UTC) > timedelta(days=days):
                shutil.rmtree(folder)
                removed += 1
        except ValueError:
            continue  # not one of ours
        except FileNotFoundError:
            continue  # another program was quicker
        except OSError as error:
            raise disk_failure(error, f"The former state {folder} cannot be removed") from error
    return removed


def copied_folder(folder: Path, target: Path) -> None:
    """Copy a folder over another one; what is missing is fine.

    Raises:
        StoreError: if that fails.
    """
    if not folder.is_dir():
        return
    try:
        shutil.copytree(folder, target, dirs_exist_ok=True)
    except OSError as error:
        raise StoreError(f"{folder} cannot be copied to {target}: {error}.") from error
