"""What the window's keys ask of the gallery: lend a face, wear the next one, say who one is.

Nothing here waits: questions are sent, and their answers come in the owner node's executor thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from rclpy.action import ActionClient
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile

from mirror_core.faces import FaceSet
from mirror_core.gallery_steps import following, who_it_may_be
from mirror_display.window_texts import WindowTexts, window_texts
from mirror_msgs.action import CaptureFace
from mirror_msgs.msg import Consent, GalleryState, Worn
from mirror_msgs.srv import CheckIn, ListFaces, WearFace

__all__ = ["GalleryKeys"]

MOST_FACES = 200  # that a key steps through
FACE_WAIT_S = 3.0  # for so long a key waits for a face to be seen


class GalleryKeys:
    """The gallery's part of the window's keys; the methods may be called from any thread.

    Args:
        node: the owner; its executor must spin.
        say: shows a sentence for a moment.
        set_can_cancel: told whether a capture runs that was begun here.
        clock: monotonic seconds.
        texts: gives the sentences of the window's language.
    """

    def __init__(
        self,
        node: Node,
        say: Callable[[str], None],
        set_can_cancel: Callable[[bool], None],
        clock: Callable[[], float] = time.monotonic,
        texts: Callable[[], WindowTexts] = window_texts,
    ) -> None:
        self._node = node
        self._say = say
        self._set_can_cancel = set_can_cancel
        self._clock = clock
        self._texts = texts
        self._goal: Any = None
        self._state = GalleryState()
        self._asked_s = float("-inf")
        self._action = ActionClient(node, CaptureFace, "gallery/capture")
        create = node.create_client
        self._list = create(ListFaces, "gallery/list")
        self._wear = create(WearFace, "gallery/wear")
        self._check_in = create(CheckIn, "gallery/check_in")
        latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        self._subscription = node.create_subscription(GalleryState, "gallery/state", self._on_state, latched)

    def close(self) -> None:
        """Release everything; call it in the owner's thread."""
        self._node.destroy_subscription(self._subscription)
        for client in (self._list, self._wear, self._check_in):
            self._node.destroy_client(client)
        self._action.destroy()

    def _say_text(self, key: str) -> None:
        self._say(self._texts()[f"gallery.{key}"])

    def _on_state(self, message: GalleryState) -> None:
        self._state = message

    # ---- P: lend a face for this visit, or cancel

    def capture(self) -> None:
        """Begin a capture of the largest face for this visit; cancel the one that was begun here."""
        if self._goal is not None:
            self._goal.cancel_goal_async()
            return
        if not self._action.server_is_ready():
            self._say_text("no_gallery")
            return
        goal = CaptureFace.Goal(
            face_id=CaptureFace.Goal.ANY_FACE,
            name=self._texts()["gallery.guest"].format(time=time.strftime("%H:%M")),
            consent=Consent(scope=Consent.THIS_VISIT, others_may_wear=True),
        )
        self._action.send_goal_async(goal).add_done_callback(self._on_accepted)

    def _on_accepted(self, future: Any) -> None:
        handle = future.result()
        if not handle.accepted:
            self._say_text("refused")
            return
        self._goal = handle
        self._set_can_cancel(True)
        handle.get_result_async().add_done_callback(self._on_ended)

    def _on_ended(self, _: Any) -> None:
        self._goal = None
        self._set_can_cancel(False)

    # ---- W: everybody wears the next face

    def wear_next(self) -> None:
        """Let everybody wear the next stored face, nothing after the last."""
        if not self._list.service_is_ready():
            self._say_text("no_gallery")
            return
        request = ListFaces.Request(limit=MOST_FACES)
        self._list.call_async(request).add_done_callback(self._on_wearable)

    def _on_wearable(self, future: Any) -> None:
        names = {f.id: f.name for f in future.result().faces if f.preset or f.consent.others_may_wear}
        if not names:
            self._say_text("no_faces")
            return
        worn = next((w.gallery_id for w in self._state.worn if w.face_id == Worn.EVERYBODY), "")
        wanted = following(tuple(names), worn)
        request = WearFace.Request(face_id=Worn.EVERYBODY, gallery_id=wanted)
        texts = self._texts()
        said = texts["gallery.nobody_wears"]
        if wanted:
            said = texts["gallery.everybody_wears"].format(name=names[wanted])
        self._wear.call_async(request).add_done_callback(lambda answer: self._answer(answer, said))

    # ---- N: who stands there

    @property
    def wants_faces(self) -> bool:
        """Whether a key waits to see who stands there."""
        waits = self._clock() - self._asked_s < FACE_WAIT_S
        if not waits and self._asked_s > float("-inf"):
            self._asked_s = float("-inf")
            self._say_text("nobody")
        return waits

    def who_am_i(self) -> None:
        """Check the largest face in as the next stored person, as nobody after the last."""
        if not self._list.service_is_ready():
            self._say_text("no_gallery")
            return
        self._asked_s = self._clock()

    def see(self, faces: FaceSet) -> None:
        """Take who stands there."""
        if self._asked_s == float("-inf") or not faces.faces:
            return
        self._asked_s = float("-inf")
        track_id = faces.faces[0].track_id
        future = self._list.call_async(ListFaces.Request(limit=MOST_FACES))
        future.add_done_callback(lambda answer: self._on_known(answer, track_id))

    def _on_known(self, future: Any, track_id: int) -> None:
        names, current = who_it_may_be(future.result().faces, self._state.present, track_id)
        if not names:
            self._say_text("no_names")
            return
        wanted = following(tuple(names), current)
        request = CheckIn.Request(face_id=track_id, gallery_id=wanted)
        texts = self._texts()
        said = (
            texts["gallery.you_are"].format(name=names[wanted]) if wanted else texts["gallery.you_are_nobody"]
        )
        self._check_in.call_async(request).add_done_callback(lambda answer: self._answer(answer, said))

    def _answer(self, future: Any, said: str) -> None:
        answer = future.result()
        self._say(said if answer.success else answer.message)
