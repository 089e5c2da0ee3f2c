"""The audit log: what was done with whose face, when and by what way; lines are only ever added.

It lies in the state folder, one file of JSON lines for each month (UTC), readable by this user alone:

    {"time": "2026-03-01T10:00:00+00:00", "event": "stored", "who": "3f2a9c0b1d", "way": "mirror",
     "details": {"consent": "until_revoked"}, "after": "5be0…"}

**No names and no pictures.** A person is a number, made from their gallery id with a secret of this log
(HMAC-SHA256). After an erasure nothing here leads to a name or an id, since both are gone; who still has
their exported file can have their number worked out from the id in it (`AuditLog.number`).

**Added only.** `after` is the SHA-256 of the line before, so that a line that was changed or taken out is
noticed (`AuditLog.check`). Whoever may write the file can also make the whole chain anew: it shows mistakes
and clumsy hands, it is no proof against this machine's owner.
"""

from __future__ import annotations

import contextlib
import fcntl
import hmac
import json
import logging
import os
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any

from mirror_core.errors import StoreError
from mirror_core.store.failures import disk_failure
from mirror_core.store.places import private_folder, state_folder

__all__ = ["AuditEntry", "AuditLog", "Event", "default_folder"]

logger = logging.getLogger("mirror.audit")

PRIVATE = 0o600
NUMBER_DIGITS = 10  # of a person's number; among a million people two may share one
KEEP_MONTHS = 13  # a whole year can be looked back at
MONTH = re.compile(r"\d{4}-\d{2}\.jsonl")
SECRET_FILE = "secret"
SECRET_BYTES = 32
LONGEST_LINE = 8192  # bytes; from the end of a file the line before is read
FIRST = "0" * 64


class Event(StrEnum):
    """What was done."""

    STORED = "stored"
    EXPORTED = "exported"
    CONSENT = "consent"  # given anew or withdrawn
    RENAMED = "renamed"
    WORN = "worn"
    ERASED = "erased"
    MOODS_ERASED = "moods erased"
    REKEYED = "encrypted anew"
    BACKED_UP = "backed up"
    RESTORED = "restored"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line.

    Attributes:
        time: when, in UTC.
        event: what was done; a text, since a newer mirror may write others.
        who: the number of the person; empty where it concerns everybody.
        way: by what way: "mirror" (a running one: window, page, command or another program asked it),
            "capture", "page", "command" (on the store itself), "expiry", "visit", "face erased".
        details: words and numbers about it; no names.
    """

    time: datetime
    event: str
    who: str = ""
    way: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


def default_folder() -> Path:
    """Where the log lies."""
    return state_folder() / "audit"


class AuditLog:
    """The log of one folder; any number of programs may add to it at the same time.

    Args:
        folder: made with the first line; None for the default one.
        clock: returns the present moment.
    """

    def __init__(
        self, folder: Path | None = None, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self.folder = folder or default_folder()
        self._clock = clock

    def number(self, face_id: str) -> str:
        """The number of a person in this log.

        Args:
            face_id: gallery id, as it also stands in an exported file.

        Raises:
            StoreError: if the log's secret cannot be read or made.
        """
        return hmac.new(self._secret(), face_id.encode(), sha256).hexdigest()[:NUMBER_DIGITS]

    def note(self, event: Event, face_id: str = "", way: str = "", **details: str | int | bool) -> None:
        """Add a line; what cannot be written is logged, and nothing else fails for it.

        Args:
            event: what was done.
            face_id: of whom; only its number is written.
            way: see `AuditEntry`.
            details: see `AuditEntry`.
        """
        try:
            self._add(event, self.number(face_id) if face_id else "", way, details)
        except StoreError as error:
            logger.error("What was done is not in the audit log (%s): %s", event.value, error)

    def entries(self) -> Iterator[AuditEntry]:
        """All lines, oldest first; a damaged one is left out.

        Raises:
            StoreError: if a file cannot be read.
        """
        for file in self._files():
            for line in _lines(file):
                if (entry := _entry(line)) is not None:
                    yield entry

    def check(self) -> list[str]:
        """What speaks against the log's being whole, a sentence each; empty if nothing does.

        Raises:
            StoreError: if a file cannot be read.
        """
        complaints = []
        for file in self._files():
            before = FIRST
            for number, line in enumerate(_lines(file), start=1):
                try:
                    after = json.loads(line)["after"]
                except (ValueError, KeyError, TypeError):
                    after = None
                if after != before:
                    complaints.append(f"{file.name}: line {number} does not follow the one before it.")
                before = _hash(line)
        return complaints

    def prune(self, keep_months: int = KEEP_MONTHS) -> int:
        """Remove the files of months that are older than is to be kept; returns how many.

        Raises:
            StoreError: if one cannot be removed.
        """
        now = self._clock()
        oldest = now.year * 12 + now.month - 1 - keep_months
        removed = 0
        for file in self._files():
            year, month = int(file.name[:4]), int(file.name[5:7])
            if year * 12 + month - 1 < oldest:
                try:
                    file.unlink()
                except OSError as error:
                    raise disk_failure(error, f"{file} cannot be removed") from error
                removed += 1
        return removed

    def _add(self, event: Event, who: str, way: str, details: Mapping[str, Any]) -> None:
        now = self._clock().astimezone(UTC)
        file = self.folder / f"{now:%Y-%m}.jsonl"
        is_new = not file.exists()
        try:
            private_folder(self.folder)
            descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, PRIVATE)
            with os.fdopen(descriptor, "r+b") as stream:
                fcntl.flock(stream, fcntl.LOCK_EX)  # the line before must not change meanwhile
                stream.seek(max(0, os.fstat(stream.fileno()).st_size - LONGEST_LINE))
                lines = stream.read().splitlines()
                line = json.dumps(
                    {
                        "time": now.isoformat(timespec="seconds"),
                        "event": event.value,
                        "who": who,
                        "way": way,
                        "details": dict(details),
                        "after": _hash(lines[-1]) if lines else FIRST,
                    },
                    ensure_ascii=False,
                )
                stream.write(line.encode() + b"\n")
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            raise disk_failure(error, f"The audit log {self.folder} cannot be written") from error
        if is_new:
            self.prune()

    def _files(self) -> list[Path]:
        try:
            return sorted(file for file in self.folder.iterdir() if MONTH.fullmatch(file.name))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise disk_failure(error, f"The audit log {self.folder} cannot be read") from error

    def _secret(self) -> bytes:
        file = self.folder / SECRET_FILE
        try:
            if not file.exists():
                private_folder(self.folder)
                part = self.folder / f"{SECRET_FILE}.{os.getpid()}"
                descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, PRIVATE)
                with os.fdopen(descriptor, "wb") as stream:
                    stream.write(secrets.token_bytes(SECRET_BYTES))
                    stream.flush()
                    os.fsync(stream.fileno())
                with contextlib.suppress(FileExistsError):  # another program was quicker
                    os.link(part, file)
                part.unlink()
            return file.read_bytes()
        except OSError as error:
            raise disk_failure(error, f"The audit log {self.folder} cannot be written") from error


def _lines(file: Path) -> list[bytes]:
    try:
        return file.read_bytes().splitlines()
    except OSError as error:
        raise disk_failure(error, f"The audit log {file} cannot be read") from error


def _hash(line: bytes) -> str:
    return sha256(line).hexdigest()


def _entry(line: bytes) -> AuditEntry | None:
    try:
        content = json.loads(line)
        return AuditEntry(
            datetime.fromisoformat(content["time"]),
            str(content["event"]),
            str(content["who"]),
            str(content["way"]),
            dict(content["details"]),
        )
    except (ValueError, KeyError, TypeError):
        return None
