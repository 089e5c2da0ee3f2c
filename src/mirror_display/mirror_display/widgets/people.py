"""Who is before the mirror and may be called by name: asks the gallery, and tells nobody else's name.

Subscribes to gallery/state and asks gallery/list; nothing here waits. Presence alone is not enough: only
people whose stored consent lets the mirror recognise them, and still holds, are named.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from rclpy.node import Node

from mirror_core.qualities import LATCHED
from mirror_msgs.msg import Consent, GalleryState
from mirror_msgs.srv import ListFaces

__all__ = ["NamedPeople", "NamedPerson"]

PAGE = 200  # faces that are asked for at once
ANSWER_S = 5.0  # an answer that takes longer is lost
AGAIN_S = 2.0  # after a failure


@dataclass(frozen=True, slots=True)
class NamedPerson:
    """Somebody who is there and agreed to be recognised.

    Attributes:
        id: gallery id.
        name: as it is stored.
        until: when the consent ends, in UTC; None: when it is revoked.
    """

    id: str
    name: str
    until: datetime | None = None


class NamedPeople:
    """The people before the mirror who may be named; made while a widget needs them, closed after.

    All methods are called in the node's thread.

    Args:
        node: whose subscription and client it is.
        clock: monotonic seconds.
    """

    def __init__(self, node: Node, clock: Callable[[], float] = time.monotonic) -> None:
        self._node = node
        self._clock = clock
        self._present: tuple[str, ...] = ()
        self._revision: int | None = None
        self._known: dict[str, NamedPerson] = {}
        self._known_for: tuple[int | None, frozenset[str]] = (None, frozenset())
        self._asked: tuple[int | None, frozenset[str]] | None = None
        self._next_s = float("-inf")
        self._client = node.create_client(ListFaces, "gallery/list")
        self._state = node.create_subscription(GalleryState, "gallery/state", self._on_state, LATCHED)

    def close(self) -> None:
        """Forget everybody."""
        self._present, self._known = (), {}
        self._node.destroy_subscription(self._state)
        self._node.destroy_client(self._client)

    def here(self, now: datetime | None = None) -> tuple[NamedPerson, ...]:
        """Those who may be named now, in the order of their tracks; also asks what is still to be known."""
        self._look()
        moment = datetime.now(UTC) if now is None else now
        found = (self._known.get(person) for person in self._present)
        return tuple(p for p in found if p is not None and (p.until is None or moment < p.until))

    def _on_state(self, state: GalleryState) -> None:
        self._present = tuple(presence.gallery_id for presence in state.present)
        if state.revision != self._revision:
            # Somebody may be renamed or erased, or has withdrawn a consent: nobody is named till it is known.
            self._revision, self._known, self._known_for = state.revision, {}, (None, frozenset())
            self._next_s = float("-inf")
        self._known = {key: person for key, person in self._known.items() if key in self._present}
        self._look()

    # ---- asking the gallery

    def _look(self) -> None:
        wanted = (self._revision, frozenset(self._present))
        known_revision, known_ids = self._known_for
        if not wanted[1] or (known_revision == wanted[0] and wanted[1] <= known_ids):
            return
        if self._clock() < self._next_s or not self._client.service_is_ready():
            return
        self._asked, self._next_s = wanted, self._clock() + ANSWER_S
        self._ask(wanted, 0, {})

    def _ask(self, wanted: tuple[int | None, frozenset[str]], offset: int, found: dict[str, Any]) -> None:
        future = self._client.call_async(ListFaces.Request(offset=offset, limit=PAGE))
        future.add_done_callback(lambda answered: self._on_page(wanted, offset, found, answered))

    def _on_page(
        self, wanted: tuple[int | None, frozenset[str]], offset: int, found: dict[str, Any], answered: Any
    ) -> None:
        if wanted is not self._asked or wanted[0] != self._revision:
            return
        answer = answered.result() if answered.exception() is None else None
        if answer is None:
            self._next_s = self._clock() + AGAIN_S
            return
        found.update({face.id: face for face in answer.faces if face.id in wanted[1]})
        following = offset + len(answer.faces)
        if answer.faces and following < answer.total and len(found) < len(wanted[1]):
            self._ask(wanted, following, found)
            return
        self._asked, self._next_s = None, float("-inf")
        self._known_for = wanted
        self._known = {person.id: person for person in _named(found.values()) if person.id in self._present}


def _named(faces: Iterable[Any]) -> list[NamedPerson]:
    """Those of these `mirror_msgs/GalleryFace` whose consent lets the mirror recognise them."""
    named = []
    for face in faces:
        if face.preset or not face.consent.recognise:
            continue
        until = None
        if face.consent.scope == Consent.UNTIL_DATE:
            seconds = face.consent.until.sec + face.consent.until.nanosec / 1e9
            until = datetime.fromtimestamp(seconds, UTC)
        named.append(NamedPerson(face.id, face.name, until))
    return named
