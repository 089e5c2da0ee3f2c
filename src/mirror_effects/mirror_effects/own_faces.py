"""The stored faces of the people before the mirror: each is fetched, and forgotten when they leave.

A person's faces are the one that they checked in or were recognised as, and those stored under the same name
that others may wear too: whether another face of that name is theirs nobody knows.
"""

from __future__ import annotations

import time
from typing import Any

from rclpy.node import Node

from mirror_core.qualities import LATCHED
from mirror_effects.fetched_faces import FetchedFaces
from mirror_effects.stored_face import StoredFace
from mirror_msgs.msg import GalleryState
from mirror_msgs.srv import ListFaces

__all__ = ["OwnFaces"]

MOST_FACES = 12  # of one person, the oldest first
LISTED = 200  # faces whose names contain a name that are looked through
STATE_S = 3.0  # a gallery that has said nothing for so long is not there: then nobody is known
AGAIN_S = 2.0  # after an answer that did not come


class OwnFaces(FetchedFaces):
    """Who is there with which stored faces; made while an effect needs it, closed after.

    All methods are called in the node's thread.

    Args:
        node: whose subscription and clients it is.
    """

    def __init__(self, node: Node) -> None:
        super().__init__(node, "compared")
        self._present: dict[int, str] = {}
        self._others: dict[str, tuple[int, tuple[str, ...]]] = {}  # id → revision, ids of the same name
        self._asked: dict[str, tuple[int, float]] = {}  # id → revision, when
        self._knows_state = False
        self._began_s = time.monotonic()
        self._list = node.create_client(ListFaces, "gallery/list")
        self._state = node.create_subscription(GalleryState, "gallery/state", self._on_state, LATCHED)

    def of(self, track_ids: tuple[int, ...]) -> dict[int, tuple[StoredFace, ...]]:
        """Track id → the stored faces of this person, the oldest first; none of who is not known.

        Who is known and whose faces are still on their way is left out.
        """
        found: dict[int, tuple[StoredFace, ...]] = {}
        knows = self._knows_state or time.monotonic() - self._began_s > STATE_S
        for track in track_ids:
            person = self._present.get(track)
            if person is None:
                if knows:
                    found[track] = ()
                continue
            own = self._faces.get(person)
            if own is None or (own.portrait is None and not own.is_refused):
                continue
            if own.portrait is not None and person not in self._others:
                continue
            names = (person, *self._others.get(person, (0, ()))[1])
            faces = [self._faces[name] for name in names if name in self._faces]
            stored = [StoredFace(f.portrait, f.created) for f in faces if f.portrait and f.created]
            found[track] = tuple(sorted(stored, key=lambda face: face.created))
        return found

    def close(self) -> None:
        """Forget all faces."""
        self._present.clear()
        self._others.clear()
        self._node.destroy_subscription(self._state)
        self._node.destroy_client(self._list)
        super().close()

    def _on_state(self, state: GalleryState) -> None:
        self._knows_state = True
        self._present = {there.face_id: there.gallery_id for there in state.present}
        here = set(self._present.values())
        self._others = {person: others for person, others in self._others.items() if person in here}
        self._asked = {person: asked for person, asked in self._asked.items() if person in here}
        self._fetch(state.revision)

    def _fetch(self, revision: int) -> None:
        wanted = set(self._present.values()).union(*(others for _, others in self._others.values()))
        self._want(wanted, revision)

    def _look(self) -> None:
        super()._look()
        now_s = time.monotonic()
        for person in set(self._present.values()):
            face = self._faces.get(person)
            known = self._others.get(person)
            asked = self._asked.get(person)
            is_due = asked is None or asked[0] != self._revision or now_s - asked[1] > AGAIN_S
            if face is None or face.portrait is None or not is_due:
                continue
            if (known is None or known[0] != self._revision) and self._list.service_is_ready():
                self._ask_for_others(person, face.portrait.name, now_s)

    def _ask_for_others(self, person: str, name: str, now_s: float) -> None:
        revision = self._revision
        self._asked[person] = (revision, now_s)
        future = self._list.call_async(ListFaces.Request(name_contains=name, limit=LISTED))
        future.add_done_callback(lambda answered: self._on_listed(person, name, revision, answered))

    def _on_listed(self, person: str, name: str, revision: int, answered: Any) -> None:
        answer = answered.result() if answered.exception() is None else None
        if answer is None or person not in self._present.values():
            return
        same = [
            face
            for face in answer.faces
            if face.id != person and not face.preset and face.consent.others_may_wear
        ]
        same = [face for face in same if face.name.casefold() == name.casefold()]
        same.sort(key=lambda face: (face.created.sec, face.created.nanosec))
        self._others[person] = (revision, tuple(face.id for face in same[: MOST_FACES - 1]))
        self._fetch(self._revision)
