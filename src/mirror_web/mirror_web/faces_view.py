"""The gallery as the Faces page sees it: `FacesControl` over ROS services, topics and the capture action."""

from __future__ import annotations

import array
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rclpy.action import ActionClient
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile

from mirror_core.errors import MirrorError
from mirror_core.faces import FaceSet
from mirror_gallery.consent import Consent
from mirror_msgs.action import CaptureFace
from mirror_msgs.msg import CaptureStatus, GalleryState, Worn
from mirror_msgs.srv import AddFace, CheckIn, EraseFace, GetFace, ListFaces, RenameFace, WearFace
from mirror_web.faces_control import (
    Added,
    Capture,
    CaptureState,
    Erased,
    FacePage,
    FacesState,
    no_gallery,
)
from mirror_web.gallery_messages import capture_of, consent_message, stored_face
from mirror_web.people_numbers import PeopleNumbers

__all__ = ["FacesView"]

ANSWER_S = 15.0  # a service that takes longer is given up
SLOW_ANSWER_S = 60.0  # for adding and exporting: pictures are coded, or fetched from far away
ASKED_S = 2.0  # for so long after the last question the people in view are followed
ENDED_S = 8.0  # for so long a capture that has ended is told
SILENT_S = 5.0  # a running capture that says nothing for so long is over
SERVICES = {
    "list": ListFaces,
    "rename": RenameFace,
    "wear": WearFace,
    "erase": EraseFace,
    "get": GetFace,
    "add": AddFace,
    "check_in": CheckIn,
}


class FacesView:
    """Implements `mirror_web.faces_control.FacesControl`.

    Args:
        node: the owner; its executor must spin.
        clock: monotonic seconds.
    """

    def __init__(self, node: Node, clock: Callable[[], float] = time.monotonic) -> None:
        self._node = node
        self._clock = clock
        self._lock = threading.Lock()  # guards all below
        self._asked_s = float("-inf")
        self._people = PeopleNumbers()
        self._image_size = (0, 0)
        self._gallery = GalleryState()
        self._names: dict[str, str] = {}
        self._names_asked: tuple[int, frozenset[str]] | None = None
        self._captures: dict[int, tuple[float, Capture]] = {}
        self._goals: dict[int, Any] = {}
        self._clients = {name: node.create_client(kind, f"gallery/{name}") for name, kind in SERVICES.items()}
        self._action = ActionClient(node, CaptureFace, "gallery/capture")
        latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        self._subscriptions = [
            node.create_subscription(GalleryState, "gallery/state", self._on_state, latched),
            node.create_subscription(CaptureStatus, "gallery/captures", self._on_capture, 10),
        ]

    def close(self) -> None:
        """Release everything; call it in the owner's thread."""
        for subscription in self._subscriptions:
            self._node.destroy_subscription(subscription)
        for client in self._clients.values():
            self._node.destroy_client(client)
        self._action.destroy()

    @property
    def is_watched(self) -> bool:
        """Whether a page has asked lately, so that the faces are wanted."""
        return self._clock() - self._asked_s < ASKED_S

    # ---- executor thread

    def on_faces(self, faces: FaceSet) -> None:
        """Take who stands there."""
        with self._lock:
            self._people.update(faces, self._clock())
            self._image_size = faces.image_size

    def _on_state(self, message: GalleryState) -> None:
        with self._lock:
            self._gallery = message

    def _on_capture(self, message: CaptureStatus) -> None:
        with self._lock:
            # A capture of whoever comes first is told without a face until it has found one.
            if message.face_id != CaptureFace.Goal.ANY_FACE:
                self._captures.pop(CaptureFace.Goal.ANY_FACE, None)
            capture = capture_of(message, can_cancel=message.face_id in self._goals)
            self._captures[message.face_id] = (self._clock(), capture)
            if capture.state is not CaptureState.RUNNING:
                self._goals.pop(message.face_id, None)

    # ---- what is known

    def state(self) -> FacesState:
        """See `FacesControl`."""
        now_s = self._clock()
        with self._lock:
            self._asked_s = now_s
            self._people.forget(now_s)
            self._drop_old_captures(now_s)
            message = self._gallery
            present = {entry.face_id: entry.gallery_id for entry in message.present}
            people = tuple(
                replace(person, person=present.get(person.track_id, "")) for person in self._people.people
            )
            worn = {entry.face_id: entry.gallery_id for entry in message.worn}
            captures = tuple(capture for _, capture in self._captures.values())
            names, size = dict(self._names), self._image_size
            self._learn_names(message.revision, frozenset(present.values()) | frozenset(worn.values()))
        everybody = worn.pop(Worn.EVERYBODY, "")
        return FacesState(
            self._clients["list"].service_is_ready(),
            message.revision,
            size,
            people,
            worn,
            everybody,
            names,
            captures,
        )

    def _drop_old_captures(self, now_s: float) -> None:
        for track_id, (seen_s, capture) in list(self._captures.items()):
            patience_s = SILENT_S if capture.state is CaptureState.RUNNING else ENDED_S
            if now_s - seen_s > patience_s:
                del self._captures[track_id]
                self._goals.pop(track_id, None)

    def _learn_names(self, revision: int, needed: frozenset[str]) -> None:
        """Ask, without waiting, what those are called who are present or worn."""
        wish = (revision, needed)
        if not needed or wish == self._names_asked or not self._clients["list"].service_is_ready():
            return
        self._names_asked = wish
        self._clients["list"].call_async(ListFaces.Request()).add_done_callback(self._on_names)

    def _on_names(self, future: Any) -> None:
        with self._lock:
            self._names = {face.id: face.name for face in future.result().faces}

    # ---- what is asked (worker threads)

    def faces(self, name_contains: str, offset: int, limit: int) -> FacePage:
        """See `FacesControl`."""
        request = ListFaces.Request(
            name_contains=name_contains, offset=offset, limit=limit, with_thumbnails=True
        )
        answer = self._call("list", request)
        found = tuple(stored_face(message) for message in answer.faces)
        with self._lock:
            self._names.update({face.id: face.name for face in found})
        return FacePage(found, answer.total)

    def names(self) -> Mapping[str, str]:
        """See `FacesControl`."""
        answer = self._call("list", ListFaces.Request())
        with self._lock:
            self._names = {face.id: face.name for face in answer.faces}
            return dict(self._names)

    def start_capture(self, track_id: int | None, name: str, consent: Consent) -> str | None:
        """See `FacesControl`."""
        if not self._action.server_is_ready():
            return no_gallery()
        goal = CaptureFace.Goal(
            face_id=CaptureFace.Goal.ANY_FACE if track_id is None else track_id,
            name=name,
            consent=consent_message(consent),
        )
        own: list[Any] = []

        def on_feedback(message: Any) -> None:
            with self._lock:
                if own and message.feedback.face_id not in self._goals:
                    self._goals[message.feedback.face_id] = own[0]

        handle = _wait(self._action.send_goal_async(goal, feedback_callback=on_feedback), ANSWER_S)
        if handle is None:
            return no_gallery()
        if not handle.accepted:
            return "The gallery has refused this capture; perhaps one of this person runs already."
        own.append(handle)
        if track_id is not None:
            with self._lock:
                self._goals[track_id] = handle
        return None

    def cancel_capture(self, track_id: int) -> str | None:
        """See `FacesControl`."""
        with self._lock:
            handle = self._goals.get(track_id)
        if handle is None:
            return "This capture was not started on this page, or is over."
        return None if _wait(handle.cancel_goal_async(), ANSWER_S) is not None else no_gallery()

    def wear(self, track_id: int | None, gallery_id: str) -> str | None:
        """See `FacesControl`."""
        person = Worn.EVERYBODY if track_id is None else track_id
        return self._do("wear", WearFace.Request(face_id=person, gallery_id=gallery_id))

    def check_in(self, track_id: int, gallery_id: str) -> str | None:
        """See `FacesControl`."""
        return self._do("check_in", CheckIn.Request(face_id=track_id, gallery_id=gallery_id))

    def rename(self, gallery_id: str, name: str) -> str | None:
        """See `FacesControl`."""
        return self._do("rename", RenameFace.Request(id=gallery_id, name=name))

    def erase(self, gallery_id: str) -> Erased:
        """See `FacesControl`."""
        answer = self._call("erase", EraseFace.Request(id=gallery_id), SLOW_ANSWER_S)
        return Erased(None if answer.success else answer.message, tuple(answer.purged))

    def export(self, gallery_id: str) -> bytes:
        """See `FacesControl`."""
        answer = self._call("get", GetFace.Request(id=gallery_id), SLOW_ANSWER_S)
        if not answer.success:
            raise MirrorError(answer.message)
        _note_export(gallery_id)
        return bytes(answer.data)

    def add(
        self, data: bytes, name: str, consent: Consent, landmarks: NDArray[np.float32] | None = None
    ) -> Added:
        """See `FacesControl`."""
        request = AddFace.Request(name=name, consent=consent_message(consent))
        request.data = array.array("B", data)
        if landmarks is not None:
            request.landmarks = array.array("f", np.ascontiguousarray(landmarks, np.float32).tobytes())
        answer = self._call("add", request, SLOW_ANSWER_S)
        return Added(None if answer.success else answer.message, answer.id, answer.needs_landmarks)

    def _do(self, service: str, request: Any) -> str | None:
        answer = self._call(service, request)
        return None if answer.success else str(answer.message)

    def _call(self, service: str, request: Any, patience_s: float = ANSWER_S) -> Any:
        client = self._clients[service]
        answer = _wait(client.call_async(request), patience_s) if client.service_is_ready() else None
        if answer is None:
            raise MirrorError(no_gallery())
        return answer


def _wait(future: Any, patience_s: float) -> Any:
    """The result of a future that the owner's executor completes, None where it takes too long."""
    done = threading.Event()
    future.add_done_callback(lambda _: done.set())
    return future.result() if done.wait(patience_s) else None


def _note_export(gallery_id: str) -> None:
    """Note in the audit log that somebody has taken a person's face along."""
    # They bring the stores along, which the page's start shall not wait for.
    from mirror_core.store.audit import AuditLog, Event
    from mirror_gallery.presets import PRESET_PREFIX

    if not gallery_id.startswith(PRESET_PREFIX):
        AuditLog().note(Event.EXPORTED, gallery_id, "page")
