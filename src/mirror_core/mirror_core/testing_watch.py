"""Watches for tests: what is written below some folders, and with whom processes can talk over the network.

The file watch is Linux's inotify, through ctypes: it also sees files that live for a moment only, and what is
written by native code. Where Linux allows it, `confinement` makes everything else read-only, so that nothing
can be written where nobody looks.
"""

from __future__ import annotations

import ctypes
import ipaddress
import os
import select
import shutil
import struct
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

__all__ = ["FileWatch", "Socket", "confinement", "holds_picture", "sockets_of"]

# from <sys/inotify.h>
IN_MODIFY, IN_CLOSE_WRITE, IN_MOVED_TO, IN_CREATE = 0x2, 0x8, 0x80, 0x100
IN_Q_OVERFLOW, IN_ISDIR, IN_ONLYDIR = 0x4000, 0x4000_0000, 0x0100_0000
EVENT = struct.Struct("iIII")
TURN_S = 0.1
PICTURES = (  # how files begin that hold a picture, a clip or a bag of them
    b"\xff\xd8\xff",  # JPEG
    b"\x89PNG\r\n",
    b"RIFF",  # WebP, AVI
    b"II*\0",  # TIFF
    b"\x1aE\xdf\xa3",  # Matroska, WebM
    b"\x89MCAP",
    b"PK\x03\x04",  # .mirrorface, .npz
    b"\x93NUMPY",
)
INSIDE = (b"\xff\xd8\xff\xe0\x00\x10JFIF", b"\x89PNG\r\n\x1a\n", b"WEBPVP8")  # also in the middle of a file
CONFINE = """
set -e
mount --make-rprivate /
for folder in $MIRROR_WRITABLE; do mount --bind "$folder" "$folder"; done
mount -o remount,bind,ro /
exec "$@"
"""


def holds_picture(data: bytes) -> bool:
    """Whether bytes are a picture, a clip or an archive, or hold one, by the marks of their formats."""
    return data.startswith(PICTURES) or data[4:8] == b"ftyp" or any(mark in data for mark in INSIDE)


class FileWatch:
    """Notes every file that is made or written below some folders, from `with` on.

    Args:
        folders: existing ones; folders that are made in them are watched too.

    Attributes:
        written: paths of files that were made, written or moved there.
        pictures: those of them that held a picture when they were looked at.
        missed: whether Linux had to drop events; then nothing is proved.
    """

    def __init__(self, folders: Iterable[Path]) -> None:
        self._folders = list(folders)
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._paths: dict[int, Path] = {}
        self._closing = threading.Event()
        self.written: set[Path] = set()
        self.pictures: set[Path] = set()
        self.missed = False

    def __enter__(self) -> Self:
        self._descriptor = self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self._descriptor < 0:
            raise OSError(ctypes.get_errno(), "inotify cannot be used")
        for folder in self._folders:
            self._watch(folder, is_new=False)
        self._thread = threading.Thread(target=self._run, name="file watch", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._closing.set()
        self._thread.join()
        self._take()
        os.close(self._descriptor)

    def look(self) -> None:
        """Look once more into every file that is there, also into those that are still open."""
        for path in sorted(self.written):
            self._look_into(path)

    def _watch(self, folder: Path, is_new: bool) -> None:
        mask = IN_MODIFY | IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_ONLYDIR
        number = self._libc.inotify_add_watch(self._descriptor, os.fsencode(folder), mask)
        if number < 0:
            return  # gone already
        self._paths[number] = folder
        try:
            entries = list(folder.iterdir())
        except OSError:
            return
        for entry in entries:  # what came before the watch did
            if entry.is_dir() and not entry.is_symlink():
                self._watch(entry, is_new)
            elif is_new:
                self._note(entry)

    def _run(self) -> None:
        while not self._closing.is_set():
            if select.select([self._descriptor], [], [], TURN_S)[0]:
                self._take()

    def _take(self) -> None:
        while True:
            try:
                data = os.read(self._descriptor, 65536)
            except BlockingIOError:
                return
            place = 0
            while place < len(data):
                number, mask, _, length = EVENT.unpack_from(data, place)
                place += EVENT.size
                name = data[place : place + length].rstrip(b"\0")
                place += length
                if mask & IN_Q_OVERFLOW:
                    self.missed = True
                elif number in self._paths:
                    path = self._paths[number] / os.fsdecode(name)
                    if mask & IN_ISDIR:
                        self._watch(path, is_new=True)
                    else:
                        self._note(path)

    def _note(self, path: Path) -> None:
        self.written.add(path)
        self._look_into(path)

    def _look_into(self, path: Path) -> None:
        try:
            if path.is_file() and holds_picture(path.read_bytes()):
                self.pictures.add(path)
        except OSError:
            return  # gone, or nobody may read it


def confinement(writable: Sequence[Path]) -> tuple[str, ...]:
    """What starts a command in a mount namespace in which only some folders can be written.

    /dev and /dev/shm stay as they are: they are memory, not disk.

    Returns:
        Words to put before the command; empty where Linux or the rights do not allow it.
    """
    if os.geteuid() != 0 or shutil.which("unshare") is None or shutil.which("mount") is None:
        return ()
    folders = " ".join(str(folder) for folder in writable)
    return ("env", f"MIRROR_WRITABLE={folders}", "unshare", "-m", "sh", "-c", CONFINE, "confined")


# ---- sockets


@dataclass(frozen=True, slots=True)
class Socket:
    """A socket of the internet protocols.

    Attributes:
        kind: "tcp", "tcp6", "udp" or "udp6".
        local, remote: addresses with ports.
        inode: by which processes hold it.
        unread: bytes that have arrived and that nobody has read.
    """

    kind: str
    local: tuple[str, int]
    remote: tuple[str, int]
    inode: int
    unread: int = 0

    @property
    def is_talking_outside(self) -> bool:
        """Whether it is connected to another machine."""
        return not _is_here(self.remote[0])

    @property
    def can_be_reached(self) -> bool:
        """Whether another machine can connect or send to it; a socket for sending alone cannot tell."""
        listens = self.kind.startswith("udp") or self.remote[1] == 0
        return listens and self.local[1] != 0 and not ipaddress.ip_address(self.local[0]).is_loopback


def sockets_of(processes: Iterable[int]) -> list[Socket]:
    """The internet sockets of some processes, each seen in its own network namespace."""
    found: set[Socket] = set()
    for process in processes:
        held = _held(process)
        for kind in ("tcp", "tcp6", "udp", "udp6"):
            try:
                lines = Path(f"/proc/{process}/net/{kind}").read_text().splitlines()[1:]
            except OSError:
                continue
            for line in lines:
                words = line.split()
                if int(words[9]) in held:
                    unread = int(words[4].partition(":")[2], 16)
                    found.add(Socket(kind, _address(words[1]), _address(words[2]), int(words[9]), unread))
    return sorted(found, key=lambda each: (each.kind, each.local))


def _held(process: int) -> set[int]:
    held = set()
    try:
        for descriptor in Path(f"/proc/{process}/fd").iterdir():
            try:
                target = str(descriptor.readlink())
            except OSError:
                continue
            if target.startswith("socket:["):
                held.add(int(target[8:-1]))
    except OSError:
        pass
    return held


def _address(text: str) -> tuple[str, int]:
    """An address as /proc/net has it: words of four bytes in the machine's order, then the port."""
    digits, _, port = text.partition(":")
    words = bytes.fromhex(digits)
    packed = b"".join(words[place : place + 4][::-1] for place in range(0, len(words), 4))
    return str(ipaddress.ip_address(packed)), int(port, 16)


def _is_here(address: str) -> bool:
    parsed = ipaddress.ip_address(address)
    return parsed.is_loopback or parsed.is_unspecified
