"""What people do to a mirror in a soak, round after round: switch effects, come into the gallery, go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import cache, partial
from typing import Any

import cv2
from rclpy.action import ActionClient

from mirror.soak.plan import SoakPlan
from mirror.soak.watch import GraphWatch
from mirror_camera.reel import Reel
from mirror_core.errors import MirrorError
from mirror_core.graph_control import GraphControl
from mirror_gallery.consent import Consent, Scope
from mirror_gallery.conversions import bytes_field, consent_to_message
from mirror_gallery.visitors import EVERYBODY
from mirror_msgs import srv
from mirror_msgs.action import CaptureFace

__all__ = ["Exercise"]

ANSWER_S = 60.0
STALL_S = 120.0  # a mirror that shows nothing new for so long stands still
SHUTTER_S = 1.0
PHOTO_SECOND = 3.0  # of the reel: one person, who looks into the camera
PRESETS = 4  # worn in turn
CONSENT = Consent(Scope.UNTIL_REVOKED, others_may_wear=True)


@cache
def photograph() -> bytes:
    """A picture with a face, as PNG."""
    return bytes(cv2.imencode(".png", Reel(640, 480).render(PHOTO_SECOND))[1])


class Exercise:
    """Uses a mirror by its services, as window and page do.

    Args:
        plan: the stacks and how long each stays on.
        watch: of the mirror.

    Attributes:
        round_number: how often all stacks have been on.
        stack: the effects that are on.
        done: how often each thing was done.
        refusals: sentences of the mirror where it did not do what was asked, with their number.
    """

    def __init__(self, plan: SoakPlan, watch: GraphWatch) -> None:
        self._plan = plan
        self._watch = watch
        self._control = GraphControl(watch.node)
        self._clients: dict[str, Any] = {}
        self._capture = ActionClient(watch.node, CaptureFace, "gallery/capture")
        self.round_number = 0
        self.stack: tuple[str, ...] = plan.stacks[0]
        self.done: Counter[str] = Counter()
        self.refusals: Counter[str] = Counter()

    def round(self, is_over: Callable[[], bool]) -> None:
        """All stacks once, a face in and out of the gallery, the shutter closed and opened.

        Args:
            is_over: whether enough frames were shown; then the round ends early.
        """
        for stack in self._plan.stacks:
            self._show(stack)
            if is_over():
                return
        self._come_and_go()
        self._close_the_shutter()
        self.round_number += 1

    def _show(self, stack: tuple[str, ...]) -> None:
        sent = self._watch.until(lambda: self._control.request_effects(stack), "the effects node", ANSWER_S)
        result = self._answer(sent, "a switch of effects").results[0]
        if not result.successful:
            self.refusals[str(result.reason)] += 1
            return
        self.stack = stack
        self.done["switches of effects"] += 1
        self._hold()

    def _hold(self) -> None:
        end = self._watch.frames + self._plan.hold_frames
        self._watch.until(lambda: self._watch.frames >= end, f"{self._plan.hold_frames} frames", STALL_S)

    def _come_and_go(self) -> None:
        captured = self._captured("Captured")
        added = self._call(
            "add", srv.AddFace, data=bytes_field(photograph()), name="Added", consent=self._consent()
        )
        ids = [face_id for face_id in (captured, added.id) if face_id]
        self.done["faces added from a picture"] += bool(added.success)
        listed = self._call("list", srv.ListFaces, with_thumbnails=True).faces
        presets = [face.id for face in listed if face.preset][:PRESETS]
        for face_id in (*ids, *presets[self.round_number % PRESETS :][:1]):
            self._call("get", srv.GetFace, id=face_id)
            self.done["faces worn"] += bool(
                self._call("wear", srv.WearFace, face_id=EVERYBODY, gallery_id=face_id).success
            )
            self._hold()
        self._call("wear", srv.WearFace, face_id=EVERYBODY, gallery_id="")
        for number, face_id in enumerate(ids):
            self._call("rename", srv.RenameFace, id=face_id, name=f"Renamed {number}")
            self.done["faces erased"] += bool(self._call("erase", srv.EraseFace, id=face_id).success)

    def _captured(self, name: str) -> str:
        """Capture whoever is there; the id, empty where that failed."""
        self._watch.until(self._capture.server_is_ready, "the action gallery/capture", ANSWER_S)
        goal = CaptureFace.Goal(face_id=CaptureFace.Goal.ANY_FACE, name=name, consent=self._consent())
        handle = self._answer(self._capture.send_goal_async(goal), "gallery/capture")
        if not handle.accepted:
            self.refusals["The gallery did not accept a capture."] += 1
            return ""
        result = self._answer(handle.get_result_async(), "a capture's end").result
        if not result.success:
            self.refusals[str(result.message)] += 1
            return ""
        self.done["faces captured"] += 1
        return str(result.gallery_id)

    def _close_the_shutter(self) -> None:
        for closed in (True, False):
            ask = partial(self._control.request_shutter, closed)
            sent = self._watch.until(ask, "the camera", ANSWER_S)
            if not self._answer(sent, "the shutter").success:
                self.refusals["The camera refused to close or open its shutter."] += 1
            self._watch.wait(SHUTTER_S)
        self.done["shutter closed and opened"] += 1

    @staticmethod
    def _consent() -> Any:
        return consent_to_message(CONSENT)

    def _call(self, name: str, service: Any, /, **fields: Any) -> Any:
        client = self._clients.get(name)
        if client is None:  # one for all rounds: each new one is new to every node of the graph
            client = self._clients[name] = self._watch.node.create_client(service, f"gallery/{name}")
        self._watch.until(client.service_is_ready, f"gallery/{name}", ANSWER_S)
        answer = self._answer(client.call_async(service.Request(**fields)), f"gallery/{name}")
        if not getattr(answer, "success", True):
            self.refusals[str(answer.message)] += 1
        return answer

    def _answer(self, future: Any, what: str) -> Any:
        """The result of a future.

        Raises:
            MirrorError: if it does not come.
        """
        self._watch.until(future.done, f"an answer ({what})", ANSWER_S)
        answer = future.result()
        if answer is None:
            raise MirrorError(f"The mirror gave no answer ({what}).")
        return answer

    def close(self) -> None:
        """Release the clients."""
        self._control.close()
        self._capture.destroy()
        for client in self._clients.values():
            self._watch.node.destroy_client(client)
