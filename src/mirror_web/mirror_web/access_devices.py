"""The devices that may use the page from elsewhere, in one file of the state folder.

A device proves itself by a token of 256 random bits, of which only the SHA-256 is kept: who reads the file,
or a backup of it, gets nobody's session. Hashes that are slow on purpose (scrypt, Argon2) are for passwords,
which people choose and machines can try out; 2²⁵⁶ tokens cannot be tried, so that a quick hash is as safe,
and can be made for every request.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from mirror_core.errors import StoreError
from mirror_core.store.places import private_folder, state_folder
from mirror_core.store.private_file import PRIVATE_MODE, write_private
from mirror_web.catalogue import Texts

__all__ = ["UNUSED", "Device", "DeviceStore", "hashed"]

VERSION = 1
TOKEN_BYTES = 32
LONGEST_NAME = 60  # characters
MOST_DEVICES = 64  # beyond, the one that was seen longest ago gives way
Mark = tuple[int, int, int] | None
UNUSED = timedelta(days=180)  # a device that has not come for so long has to be paired again
SEEN_STEP = timedelta(
    minutes=5
)  # how exactly "last seen" is written down: each time costs a write to the disk
TEXTS = Texts("access")


def hashed(secret: str) -> str:
    """SHA-256 of a secret, as hexadecimal text."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def utc_now() -> datetime:
    """Now."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Device:
    """A paired device.

    Attributes:
        key: names it in lists; no secret.
        name: what people recognise it by.
        paired, seen: when it was paired, and when it last came, in UTC.
        token_hash: see `hashed`.
    """

    key: str
    name: str
    paired: datetime
    seen: datetime
    token_hash: str

    def __post_init__(self) -> None:
        if self.paired.tzinfo is None or self.seen.tzinfo is None:
            raise ValueError("a device's times have a time zone")
        if len(self.token_hash) != hashlib.sha256().digest_size * 2:
            raise ValueError("a device's token is a SHA-256 in hexadecimal digits")


class DeviceStore:
    """All paired devices; calls come from any thread, and from other mirrors of this machine.

    Args:
        path: of the file, which need not exist; None: `page_devices.json` in the state folder.
        now: gives the time in UTC.
    """

    def __init__(self, path: Path | None = None, now: Callable[[], datetime] = utc_now) -> None:
        self._path = path
        self._now = now
        self._lock = threading.Lock()
        self._loaded: dict[str, Device] | None = None
        self._loaded_from: Mark = None

    @property
    def path(self) -> Path:
        """Where the devices are kept."""
        return self._path or state_folder() / "page_devices.json"

    def devices(self) -> tuple[Device, ...]:
        """All devices that may still come, the one that was here last first.

        Raises:
            StoreError: if the file is damaged or cannot be read.
        """
        with self._lock:
            return tuple(sorted(self._read().values(), key=lambda device: device.seen, reverse=True))

    def add(self, name: str) -> tuple[Device, str]:
        """Pair a device; returns it and its token, which nobody will know again.

        Raises:
            StoreError: if the file is damaged or cannot be written.
        """
        token = secrets.token_urlsafe(TOKEN_BYTES)
        now = self._now()
        device = Device(secrets.token_hex(6), name[:LONGEST_NAME], now, now, hashed(token))
        with self._changing():
            others = sorted(self._read().values(), key=lambda other: other.seen)[-(MOST_DEVICES - 1) :]
            self._write({other.key: other for other in (*others, device)})
        return device, token

    def find(self, token: str) -> Device | None:
        """The device with this token, None if there is none (any more); nothing is written.

        Raises:
            StoreError: as of `devices`.
        """
        wanted = hashed(token)
        found = None
        with self._lock:
            for device in self._read().values():  # all of them, so that the time tells nothing about any
                if hmac.compare_digest(device.token_hash, wanted):
                    found = device
        return found

    def is_due(self, device: Device) -> bool:
        """Whether it is time to write down that a device has been seen."""
        return self._now() - device.seen >= SEEN_STEP

    def note_seen(self, key: str) -> None:
        """Write down that a device has been here just now, if it may still come.

        Raises:
            StoreError: if that cannot be written; it is known until the mirror stops all the same.
        """
        with self._changing():
            devices = self._read()
            if (device := devices.get(key)) is None:
                return
            devices[key] = replace(device, seen=self._now())
            self._loaded = devices
            self._write(devices)

    def remove(self, key: str) -> None:
        """Let a device come no more; one that is gone already is fine.

        Raises:
            StoreError: as of `add`.
        """
        with self._changing():
            devices = self._read()
            if devices.pop(key, None) is not None:
                self._write(devices)

    def clear(self) -> None:
        """Let no device come any more, also where the file is damaged.

        Raises:
            StoreError: if the file cannot be written.
        """
        with self._changing():
            self._write({})

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """From reading to writing nobody else changes the file: else a device could come back by that."""
        with self._lock, ExitStack() as held:
            try:
                private_folder(self.path.parent)
                lock = self.path.with_name(f".{self.path.name}.lock")
                descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_MODE)
                held.callback(os.close, descriptor)
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            except OSError as error:
                raise StoreError(TEXTS["unwritable"].format(path=self.path, error=error.strerror)) from error
            yield

    def _mark(self) -> Mark:
        """Another one says that the file has been replaced; None where there is none."""
        try:
            status = self.path.stat()
        except OSError:
            return None
        return (status.st_mtime_ns, status.st_size, status.st_ino)

    def _read(self) -> dict[str, Device]:
        """A copy of what is kept, without the devices that have not come for too long."""
        mark = self._mark()
        if self._loaded is None or mark != self._loaded_from:
            try:
                content = json.loads(self.path.read_text(encoding="utf-8"))
                if content["version"] != VERSION:
                    raise ValueError(f"version {content['version']} is not {VERSION}")
                devices = map(_device_of, content["devices"])
                self._loaded = {device.key: device for device in devices}
            except FileNotFoundError:
                self._loaded = {}
            except OSError as error:
                raise StoreError(TEXTS["unreadable"].format(path=self.path, error=error.strerror)) from error
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise StoreError(TEXTS["damaged"].format(path=self.path)) from error
            self._loaded_from = mark  # from before reading: what is read is no older
        oldest = self._now() - UNUSED
        return {key: device for key, device in self._loaded.items() if device.seen >= oldest}

    def _write(self, devices: dict[str, Device]) -> None:
        content = {"version": VERSION, "devices": [_content_of(device) for device in devices.values()]}
        try:
            write_private(self.path, json.dumps(content, ensure_ascii=False, indent=1).encode())
        except OSError as error:
            raise StoreError(TEXTS["unwritable"].format(path=self.path, error=error.strerror)) from error
        self._loaded, self._loaded_from = devices, self._mark()


def _content_of(device: Device) -> dict[str, str]:
    return {
        "key": device.key,
        "name": device.name,
        "paired": device.paired.isoformat(timespec="seconds"),
        "seen": device.seen.isoformat(timespec="seconds"),
        "token_sha256": device.token_hash,
    }


def _device_of(entry: Any) -> Device:
    return Device(
        str(entry["key"]),
        str(entry["name"]),
        datetime.fromisoformat(entry["paired"]),
        datetime.fromisoformat(entry["seen"]),
        str(entry["token_sha256"]),
    )
