"""Encrypted bytes: sealed with a key where one is set, readable as they are where none was.

A seal is

    "MIRRORSEAL1"  11 bytes
    key id         4 bytes
    nonce          12 bytes, random
    the bytes, encrypted with AES-256-GCM, and its tag of 16 bytes

GCM (NIST SP 800-38D) also proves that nobody changed them. The beginning and the name under which they are
kept are proved along, so that one person's sealed picture cannot be put in another one's place. What is not
sealed is read as it is: stores from before the key stay readable until they are sealed by a rotation.
"""

from __future__ import annotations

import secrets

from mirror_core.errors import StoreError
from mirror_core.store.keys import ID_BYTES, KeyRing
from mirror_core.store.objects import Objects

__all__ = ["SealedObjects", "Sealer", "sealed_with"]

MAGIC = b"MIRRORSEAL1"
NONCE_BYTES = 12
HEAD_BYTES = len(MAGIC) + ID_BYTES + NONCE_BYTES


def sealed_with(data: bytes) -> str:
    """The id of the key with which bytes are sealed; empty where they are not."""
    if not data.startswith(MAGIC) or len(data) < HEAD_BYTES:
        return ""
    return data[len(MAGIC) : len(MAGIC) + ID_BYTES].hex()


class Sealer:
    """Seals and opens bytes.

    Args:
        ring: the keys; None for those of the environment.

    Raises:
        UsageError, StoreError: if the environment's keys cannot be used.
    """

    def __init__(self, ring: KeyRing | None = None) -> None:
        self.ring = KeyRing.from_environment() if ring is None else ring

    @property
    def key_id(self) -> str:
        """The id of the key that seals; empty where none is set."""
        keys = self.ring.keys()
        return keys[0].id if keys else ""

    def seal(self, data: bytes, name: str) -> bytes:
        """Bytes as they are to be kept under a name: sealed, if a key is set."""
        keys = self.ring.keys()
        if not keys:
            return data
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = secrets.token_bytes(NONCE_BYTES)
        head = MAGIC + bytes.fromhex(keys[0].id) + nonce
        return head + AESGCM(keys[0].secret).encrypt(nonce, data, head + name.encode())

    def open(self, data: bytes, name: str, what: str) -> bytes:
        """Bytes as they were before they were sealed under a name.

        Args:
            data: sealed or not.
            name: under which they were sealed.
            what: they are, at the beginning of a sentence.

        Raises:
            StoreError: if the key is not set, or they are damaged or were changed.
        """
        key_id = sealed_with(data)
        if not key_id:
            return data
        key = self.ring.find(key_id, what)
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        head, nonce = data[:HEAD_BYTES], data[HEAD_BYTES - NONCE_BYTES : HEAD_BYTES]
        try:
            return AESGCM(key.secret).decrypt(nonce, data[HEAD_BYTES:], head + name.encode())
        except InvalidTag:
            raise StoreError(
                f"{what} is damaged, or somebody has changed it; restore it from a backup."
            ) from None


class SealedObjects:
    """Objects whose bytes are sealed; see `mirror_core.store.objects.Objects`.

    Args:
        objects: keep the sealed bytes.
        sealer: seals them, each under its key among the objects.
        what: names one of them at the beginning of a sentence: "A picture".
    """

    def __init__(self, objects: Objects, sealer: Sealer, what: str) -> None:
        self._objects = objects
        self._sealer = sealer
        self._what = what
        self.name = objects.name

    def write(self, key: str, data: bytes) -> None:
        """See `Objects.write`."""
        self._objects.write(key, self._sealer.seal(data, key))

    def read(self, key: str) -> bytes | None:
        """See `Objects.read`.

        Raises:
            StoreError: also if the key that it is sealed with is not set.
        """
        data = self._objects.read(key)
        return None if data is None else self._sealer.open(data, key, f"{self._what} in {self.name}")

    def delete(self, key: str) -> None:
        """See `Objects.delete`."""
        self._objects.delete(key)

    def sealed_with(self, key: str) -> str | None:
        """The id of the key that an object is sealed with, "" for none; None if there is no object."""
        data = self._objects.read(key)
        return None if data is None else sealed_with(data)
