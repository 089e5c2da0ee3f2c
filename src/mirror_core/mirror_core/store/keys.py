"""The keys with which stored pictures are encrypted: where they are given, and the file that holds them.

A key is 32 random bytes, written as 44 letters of URL-safe base64. Several may be given: the first one
encrypts, all of them decrypt, so that a new one can be put before an old one. Keys come from the
environment, since parameters can be read by anybody in the graph:

    MIRROR_KEY       keys, separated by commas
    MIRROR_KEY_FILE  a file with a key in each line; # begins a comment
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from mirror_core.errors import StoreError, UsageError
from mirror_core.store.failures import disk_failure
from mirror_core.store.places import private_folder

__all__ = ["FILE_VARIABLE", "KEY_VARIABLE", "Key", "KeyRing", "made_key", "read_key_file", "write_key_file"]

KEY_VARIABLE = "MIRROR_KEY"
FILE_VARIABLE = "MIRROR_KEY_FILE"
KEY_BYTES = 32
ID_BYTES = 4
PRIVATE = 0o600
WRITTEN = re.compile(r"[A-Za-z0-9_-]{43}=?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Key:
    """One key.

    Attributes:
        secret: 32 bytes; never shown.
    """

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) != KEY_BYTES:
            raise UsageError(f"A key has {KEY_BYTES} bytes, not {len(self.secret)}.")

    @property
    def id(self) -> str:
        """Names the key without telling it: eight hexadecimal digits."""
        return sha256(b"mirror key\0" + self.secret).hexdigest()[: 2 * ID_BYTES]

    @property
    def text(self) -> str:
        """As it is written into a file."""
        return base64.urlsafe_b64encode(self.secret).decode()

    @classmethod
    def from_text(cls, text: str, where: str) -> Key:
        """A key as it is written.

        Raises:
            UsageError: if it is none; the text itself is not told.
        """
        text = text.strip()
        if not WRITTEN.fullmatch(text):
            raise UsageError(f"{where} holds no key of the mirror; make one with `mirror keys make`.")
        try:
            return cls(base64.urlsafe_b64decode(text.rstrip("=") + "="))
        except binascii.Error:
            raise UsageError(
                f"{where} holds no key of the mirror; make one with `mirror keys make`."
            ) from None


def made_key() -> Key:
    """A new random key."""
    return Key(secrets.token_bytes(KEY_BYTES))


def read_key_file(file: Path) -> tuple[Key, ...]:
    """The keys of a file, in order.

    Raises:
        StoreError: if it cannot be read.
        UsageError: if it holds something else, or nothing.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise disk_failure(error, f"The file of keys {file} cannot be read") from error
    except UnicodeDecodeError:
        lines = ["?"]
    keys = tuple(
        Key.from_text(line, f"Line {number} of {file}")
        for number, text in enumerate(lines, start=1)
        if (line := text.partition("#")[0].strip())
    )
    if not keys:
        raise UsageError(f"{file} holds no key of the mirror; make one with `mirror keys make`.")
    return keys


def write_key_file(file: Path, keys: Sequence[Key]) -> None:
    """Write a file of keys that this user alone can read; it is always whole.

    Raises:
        StoreError: if it cannot be written.
    """
    part = file.with_name(file.name + ".part")
    lines = ["# Keys of the mirror: the first one encrypts, all of them decrypt. Keep a copy elsewhere."]
    lines += [key.text for key in keys]
    try:
        private_folder(file.absolute().parent)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, PRIVATE)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write("\n".join(lines) + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(file)
    except OSError as error:
        raise disk_failure(error, f"The file of keys {file} cannot be written") from error


class KeyRing:
    """The keys that are set; those of a file are read again when it has changed.

    Args:
        keys: for ever the same; used by tests and where no file is.
        file: from which they are read; None: none.
    """

    def __init__(self, keys: Sequence[Key] = (), file: Path | None = None) -> None:
        self._keys = tuple(keys)
        self.file = file
        self._seen: tuple[int, int, int] | None = None

    @classmethod
    def from_environment(cls) -> KeyRing:
        """The keys of MIRROR_KEY, else those of the file that MIRROR_KEY_FILE names, else none.

        Raises:
            UsageError, StoreError: if what is set there cannot be used.
        """
        words = [word for word in os.environ.get(KEY_VARIABLE, "").split(",") if word.strip()]
        if words:
            return cls([Key.from_text(word, f"${KEY_VARIABLE}") for word in words])
        named = os.environ.get(FILE_VARIABLE, "")
        ring = cls(file=Path(named).expanduser()) if named else cls()
        ring.keys()  # a mistake is told at the start
        return ring

    def keys(self) -> tuple[Key, ...]:
        """The keys, the one that encrypts first; empty where none is set.

        Raises:
            UsageError, StoreError: if the file cannot be used.
        """
        if self.file is not None:
            try:
                state = self.file.stat()
            except OSError as error:
                raise disk_failure(error, f"The file of keys {self.file} cannot be read") from error
            seen = (state.st_ino, state.st_mtime_ns, state.st_size)
            if seen != self._seen:
                self._keys = read_key_file(self.file)
                self._seen = seen
        return self._keys

    def find(self, key_id: str, what: str) -> Key:
        """The key with an id.

        Args:
            key_id: as of `Key.id`.
            what: is to be decrypted, at the beginning of a sentence.

        Raises:
            StoreError: if it is not set.
        """
        for key in self.keys():
            if key.id == key_id:
                return key
        have = ", ".join(key.id for key in self.keys())
        given = f"only {have} is set" if have else "none is set"
        raise StoreError(
            f"{what} is encrypted with the key {key_id}, but {given}; put that key into the file that "
            f"${FILE_VARIABLE} names."
        )
