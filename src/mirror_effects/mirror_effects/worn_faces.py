"""The stored faces that people wear: follows gallery/state, fetches each face, forgets what is erased."""

from __future__ import annotations

import hashlib
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile

from mirror_core.errors import MirrorError
from mirror_gallery.portrait import Portrait
from mirror_gallery.portrait_file import decode
from mirror_gallery.presets import PRESET_PREFIX, load_preset
from mirror_msgs.msg import GalleryState, Worn
from mirror_msgs.srv import GetFace

__all__ = ["WornFaces"]

STATE_QOS = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)  # latched, as it is published
LOOK_PERIOD_S = 0.1  # how often it is looked whether something has to be asked again
ANSWER_S = 5.0  # an answer that takes longer is lost
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.25, 8.0  # after a failure, doubling


@dataclass(slots=True, eq=False)
class _Face:
    """One stored face that somebody wears.

    Attributes:
        portrait: None until it is there.
        digest: of the file it came from.
        revision: of the gallery that it is up to date with; None before the first.
        asked_s: when it was asked for (monotonic), None while nothing is on its way.
        again_s: when it may be asked for (again).
        pause_s: after the next failure.
        is_gone: nobody wears it any more; what still arrives is thrown away.
    """

    portrait: Portrait | None = None
    digest: bytes = b""
    revision: int | None = None
    asked_s: float | None = None
    again_s: float = 0.0
    pause_s: float = FIRST_PAUSE_S
    is_gone: bool = False


class WornFaces:
    """Who wears which stored face; made while an effect needs it, closed after.

    All methods are called in the node's thread. Faces are decoded in a thread of their own.

    Args:
        node: whose subscription and client it is.
    """

    def __init__(self, node: Node) -> None:
        self._node = node
        self._worn: dict[int, str] = {}
        self._revision = 0
        self._faces: dict[str, _Face] = {}
        self._worker = ThreadPoolExecutor(1, "worn faces")
        self._client = node.create_client(GetFace, "gallery/get")
        self._state = node.create_subscription(GalleryState, "gallery/state", self._on_state, STATE_QOS)
        self._timer = node.create_timer(LOOK_PERIOD_S, self._look)

    def worn_by(self, track_ids: tuple[int, ...]) -> dict[int, Portrait]:
        """Track id → the face that this person wears, for those who wear one that is there already."""
        found = {}
        everybody = self._worn.get(Worn.EVERYBODY, "")
        for track in track_ids:
            face = self._faces.get(self._worn.get(track, everybody))
            if face is not None and face.portrait is not None:
                found[track] = face.portrait
        return found

    def __len__(self) -> int:
        """How many faces are there and worn."""
        return sum(face.portrait is not None for face in self._faces.values())

    def close(self) -> None:
        """Forget all faces."""
        for face in self._faces.values():
            face.is_gone = True
        self._faces.clear()
        self._worn.clear()
        self._node.destroy_timer(self._timer)
        self._node.destroy_subscription(self._state)
        self._node.destroy_client(self._client)
        self._worker.shutdown(cancel_futures=True)

    # ---- what is wanted

    def _on_state(self, state: GalleryState) -> None:
        self._worn = {worn.face_id: worn.gallery_id for worn in state.worn if worn.gallery_id}
        if state.revision < self._revision:  # another gallery
            for face in self._faces.values():
                face.revision = None
        self._revision = state.revision
        wanted = set(self._worn.values())
        for gone in self._faces.keys() - wanted:
            self._faces.pop(gone).is_gone = True
        for name in wanted - self._faces.keys():
            self._faces[name] = _Face()
        self._look()

    def _look(self) -> None:
        """Ask for what is missing or may be out of date."""
        now_s = time.monotonic()
        for name, face in self._faces.items():
            if face.asked_s is not None:
                if now_s - face.asked_s > ANSWER_S:
                    self._failed(face)
            elif (face.revision is None or face.revision < self._revision) and now_s >= face.again_s:
                self._ask(name, face, now_s)

    def _ask(self, name: str, face: _Face, now_s: float) -> None:
        face.asked_s = now_s
        if name.startswith(PRESET_PREFIX):
            self._worker.submit(self._load_preset, name, face, self._revision)
        elif self._client.service_is_ready():
            future = self._client.call_async(GetFace.Request(id=name))
            future.add_done_callback(lambda answered: self._on_answer(name, face, answered))
        else:
            self._failed(face)

    # ---- what arrives

    def _on_answer(self, name: str, face: _Face, answered: Any) -> None:
        if face.is_gone or face.asked_s is None:
            return
        answer = answered.result() if answered.exception() is None else None
        if answer is None:
            self._failed(face)
        elif not answer.success:
            self._node.get_logger().warning(f"The face {name} cannot be worn: {answer.message}")
            face.portrait = None  # erased meanwhile
            self._failed(face)
        else:
            self._worker.submit(self._decode, name, face, bytes(answer.data), answer.revision)

    def _failed(self, face: _Face) -> None:
        face.asked_s = None
        face.again_s = time.monotonic() + face.pause_s
        face.pause_s = min(2 * face.pause_s, LONGEST_PAUSE_S)

    # ---- in the worker's thread

    def _decode(self, name: str, face: _Face, data: bytes, revision: int) -> None:
        digest = hashlib.sha256(data).digest()
        if digest == face.digest and face.portrait is not None:
            self._arrived(face, face.portrait, digest, revision)  # the same object: nothing is laid out anew
            return
        try:
            portrait = decode(data).portrait
        except MirrorError as error:
            self._node.get_logger().warning(f"The face {name} cannot be worn: {error}")
            self._failed(face)
            return
        self._arrived(face, Portrait(name, portrait.name, portrait.views, portrait.preset), digest, revision)

    def _load_preset(self, name: str, face: _Face, revision: int) -> None:
        try:
            self._arrived(face, load_preset(name), b"", revision)
        except MirrorError as error:
            self._node.get_logger().warning(str(error))
            self._failed(face)

    def _arrived(self, face: _Face, portrait: Portrait, digest: bytes, revision: int) -> None:
        if face.is_gone:
            return
        face.portrait, face.digest, face.revision = portrait, digest, revision
        face.pause_s, face.asked_s = FIRST_PAUSE_S, None
