"""What gestures ask of the gallery: begin a capture, say who one is.

Nothing here waits: questions are sent, and their answers come in the owner node's executor thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from rclpy.action import ActionClient
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile

from mirror_core.gallery_steps import following, who_it_may_be
from mirror_msgs.action import CaptureFace
from mirror_msgs.msg import CaptureStatus, Consent, GalleryState
from mirror_msgs.srv import CheckIn, ListFaces

__all__ = ["GestureGallery"]

DEPTH = 10
MOST_FACES = 200  # that a gesture steps through
CAPTURE_SILENCE_S = 2.0  # a capture that says nothing for so long has ended without a word
NO_GALLERY = "The gallery does not answer, so that a gesture can neither capture nor check in a face."
NO_NAMES = "No face is stored that the person who made the gesture could be."
REFUSED = "The gallery has refused a capture that a gesture asked for."
FAILED = "The capture that a gesture began came to nothing."


class GestureGallery:
    """The gallery's part of what gestures do; all in the owner's thread.

    Args:
        node: the owner; its executor must spin.
        done: told in a few words what has been done.
        refused: told in a sentence why something was not.
        ended: called when a capture, by whomever it was begun, has ended.
    """

    def __init__(
        self,
        node: Node,
        done: Callable[[str], None],
        refused: Callable[[str], None],
        ended: Callable[[], None],
    ) -> None:
        self._node, self._done, self._refused, self._ended = node, done, refused, ended
        self._own_runs = False
        self._heard_s: float | None = None
        self._state = GalleryState()
        self._action = ActionClient(node, CaptureFace, "gallery/capture")
        self._list = node.create_client(ListFaces, "gallery/list")
        self._check_in = node.create_client(CheckIn, "gallery/check_in")
        latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        self._subscriptions = [
            node.create_subscription(CaptureStatus, "gallery/captures", self._on_status, DEPTH),
            node.create_subscription(GalleryState, "gallery/state", self._on_state, latched),
        ]

    def close(self) -> None:
        """Release everything."""
        for subscription in self._subscriptions:
            self._node.destroy_subscription(subscription)
        for client in (self._list, self._check_in):
            self._node.destroy_client(client)
        self._action.destroy()

    @property
    def is_ready(self) -> bool:
        """Whether the gallery would answer."""
        return bool(
            self._action.server_is_ready()
            and self._list.service_is_ready()
            and self._check_in.service_is_ready()
        )

    @property
    def is_capturing(self) -> bool:
        """Whether anybody's face is being captured."""
        silent = self._heard_s is None or time.monotonic() - self._heard_s > CAPTURE_SILENCE_S
        return self._own_runs or not silent

    def _on_status(self, status: CaptureStatus) -> None:
        if status.state == CaptureStatus.RUNNING:
            self._heard_s = time.monotonic()
        else:
            self._heard_s = None
            self._ended()

    def _on_state(self, state: GalleryState) -> None:
        self._state = state

    # ---- a capture

    def capture(self, track_id: int, why: str) -> None:
        """Begin to capture a face for this visit; nobody else may wear it, nobody is recognised by it."""
        if not self.is_ready:
            self._refused(NO_GALLERY)
            return
        goal = CaptureFace.Goal(
            face_id=track_id,
            name=f"Guest {time.strftime('%H:%M')}",
            consent=Consent(scope=Consent.THIS_VISIT),
        )
        self._own_runs = True
        future = self._action.send_goal_async(goal)
        future.add_done_callback(lambda answer: self._on_accepted(answer, why))

    def _on_accepted(self, future: Any, why: str) -> None:
        handle = future.result()
        if not handle.accepted:
            self._own_runs = False
            self._refused(REFUSED)
            return
        self._done(f"a capture after {why}")
        handle.get_result_async().add_done_callback(self._on_captured)

    def _on_captured(self, future: Any) -> None:
        self._own_runs = False
        self._ended()
        result = future.result().result
        if not result.success:
            self._refused(result.message or FAILED)

    # ---- who somebody is

    def check_in(self, track_id: int, why: str) -> None:
        """Check a face in as the next stored person, as nobody after the last."""
        if not self.is_ready:
            self._refused(NO_GALLERY)
            return
        future = self._list.call_async(ListFaces.Request(limit=MOST_FACES))
        future.add_done_callback(lambda answer: self._on_listed(answer, track_id, why))

    def _on_listed(self, future: Any, track_id: int, why: str) -> None:
        names, current = who_it_may_be(future.result().faces, self._state.present, track_id)
        if not names:
            self._refused(NO_NAMES)
            return
        wanted = following(tuple(names), current)
        said = f"face {track_id} is {names.get(wanted, 'nobody known')} after {why}"
        answer = self._check_in.call_async(CheckIn.Request(face_id=track_id, gallery_id=wanted))
        answer.add_done_callback(lambda answered: self._on_checked_in(answered, said))

    def _on_checked_in(self, future: Any, said: str) -> None:
        answer = future.result()
        if answer.success:
            self._done(said)
        else:
            self._refused(answer.message)
