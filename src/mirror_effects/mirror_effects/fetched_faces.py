"""Stored faces that an effect shows: each is fetched once, kept up to date, forgotten when it is erased."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rclpy.node import Node

from mirror_core.errors import MirrorError
from mirror_gallery.portrait import Portrait
from mirror_gallery.portrait_file import decode
from mirror_gallery.presets import PRESET_PREFIX, load_preset
from mirror_msgs.srv import GetFace

__all__ = ["FetchedFace", "FetchedFaces"]

LOOK_PERIOD_S = 0.1  # how often it is looked whether something has to be asked again
ANSWER_S = 5.0  # an answer that takes longer is lost
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.25, 8.0  # after a failure, doubling


@dataclass(slots=True, eq=False)
class FetchedFace:
    """One stored face that is wanted.

    Attributes:
        portrait: None until it is there.
        created: when it was stored first, in UTC; None as long, and of a preset.
        is_refused: the gallery has answered that it does not give it.
        digest: of the file it came from.
        revision: of the gallery that it is up to date with; None before the first.
        asked_s: when it was asked for (monotonic), None while nothing is on its way.
        again_s: when it may be asked for (again).
        pause_s: after the next failure.
        is_gone: nobody wants it any more; what still arrives is thrown away.
    """

    portrait: Portrait | None = None
    created: datetime | None = None
    is_refused: bool = False
    digest: bytes = b""
    revision: int | None = None
    asked_s: float | None = None
    again_s: float = 0.0
    pause_s: float = FIRST_PAUSE_S
    is_gone: bool = False


class FetchedFaces:
    """Fetches the faces that are wanted. All methods are called in the node's thread.

    Faces are decoded in a thread of their own.

    Args:
        node: whose client it is.
        use: what cannot be done with a face that does not come, for the log: "worn".
    """

    def __init__(self, node: Node, use: str) -> None:
        self._node = node
        self._use = use
        self._revision = 0
        self._faces: dict[str, FetchedFace] = {}
        self._worker = ThreadPoolExecutor(1, f"{use} faces")
        self._client = node.create_client(GetFace, "gallery/get")
        self._timer = node.create_timer(LOOK_PERIOD_S, self._look)

    def __len__(self) -> int:
        """How many faces are there."""
        return sum(face.portrait is not None for face in self._faces.values())

    def close(self) -> None:
        """Forget all faces."""
        for face in self._faces.values():
            face.is_gone = True
        self._faces.clear()
        self._node.destroy_timer(self._timer)
        self._node.destroy_client(self._client)
        self._worker.shutdown(cancel_futures=True)

    def _want(self, names: Iterable[str], revision: int) -> None:
        """Fetch these faces, forget all others.

        Args:
            names: gallery ids and presets.
            revision: of the gallery, as gallery/state says it.
        """
        if revision < self._revision:  # another gallery
            for face in self._faces.values():
                face.revision = None
        self._revision = revision
        wanted = set(names)
        for gone in self._faces.keys() - wanted:
            self._faces.pop(gone).is_gone = True
        for name in wanted - self._faces.keys():
            self._faces[name] = FetchedFace()
        self._look()

    # ---- asking

    def _look(self) -> None:
        """Ask for what is missing or may be out of date."""
        now_s = time.monotonic()
        for name, face in self._faces.items():
            if face.asked_s is not None:
                if now_s - face.asked_s > ANSWER_S:
                    self._failed(face)
            elif (face.revision is None or face.revision < self._revision) and now_s >= face.again_s:
                self._ask(name, face, now_s)

    def _ask(self, name: str, face: FetchedFace, now_s: float) -> None:
        face.asked_s = now_s
        if name.startswith(PRESET_PREFIX):
            self._worker.submit(self._load_preset, name, face, self._revision)
        elif self._client.service_is_ready():
            future = self._client.call_async(GetFace.Request(id=name))
            future.add_done_callback(lambda answered: self._on_answer(name, face, answered))
        else:
            self._failed(face)

    # ---- what arrives

    def _on_answer(self, name: str, face: FetchedFace, answered: Any) -> None:
        if face.is_gone or face.asked_s is None:
            return
        answer = answered.result() if answered.exception() is None else None
        if answer is None:
            self._failed(face)
        elif not answer.success:
            self._warn(name, answer.message)
            face.portrait, face.is_refused = None, True  # erased meanwhile
            self._failed(face)
        else:
            self._worker.submit(self._decode, name, face, bytes(answer.data), answer.revision)

    def _warn(self, name: str, why: object) -> None:
        self._node.get_logger().warning(f"The face {name} cannot be {self._use}: {why}")

    def _failed(self, face: FetchedFace) -> None:
        face.asked_s = None
        face.again_s = time.monotonic() + face.pause_s
        face.pause_s = min(2 * face.pause_s, LONGEST_PAUSE_S)

    # ---- in the worker's thread

    def _decode(self, name: str, face: FetchedFace, data: bytes, revision: int) -> None:
        digest = hashlib.sha256(data).digest()
        if digest == face.digest and face.portrait is not None:
            # The same object: nothing is laid out anew.
            self._arrived(face, face.portrait, face.created, digest, revision)
            return
        try:
            stored = decode(data)
        except MirrorError as error:
            self._warn(name, error)
            self._failed(face)
            return
        portrait = Portrait(name, stored.portrait.name, stored.portrait.views, stored.portrait.preset)
        self._arrived(face, portrait, stored.created, digest, revision)

    def _load_preset(self, name: str, face: FetchedFace, revision: int) -> None:
        try:
            self._arrived(face, load_preset(name), None, b"", revision)
        except MirrorError as error:
            self._node.get_logger().warning(str(error))
            self._failed(face)

    def _arrived(
        self, face: FetchedFace, portrait: Portrait, created: datetime | None, digest: bytes, revision: int
    ) -> None:
        if face.is_gone:
            return
        face.created, face.is_refused = created, False
        face.portrait, face.digest, face.revision = portrait, digest, revision
        face.pause_s, face.asked_s = FIRST_PAUSE_S, None
