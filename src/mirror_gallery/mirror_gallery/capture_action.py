"""The action gallery/capture: joins frames with faces for the captures, and says how they stand."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from rclpy.action import ActionServer, CancelResponse
from rclpy.task import Future

from mirror_core.errors import MirrorError
from mirror_core.faces import FaceSet
from mirror_core.frame import Frame
from mirror_core.joiner import StampJoiner
from mirror_core.model_runner import ModelRunner
from mirror_gallery.background import Background
from mirror_gallery.capture import CaptureSettings, CaptureState
from mirror_gallery.captures import Capture, Captures
from mirror_gallery.consent import Consent, utc_now
from mirror_gallery.conversions import (
    capture_to_feedback,
    capture_to_status,
    message_to_consent,
    thumbnail_message,
)
from mirror_gallery.face_names import checked_name
from mirror_gallery.portrait import Portrait
from mirror_msgs.action import CaptureFace
from mirror_msgs.msg import CaptureStatus

if TYPE_CHECKING:
    from mirror_gallery.gallery_node import GalleryNode

__all__ = ["CaptureAction"]

PATIENCE_S = 1.0  # for which a frame waits for its faces; nobody waits for the frame
LEAST_STEP_S = 0.04  # between two pictures that are looked at: more would only take time from the mirror
QUIET_S = 0.5  # without pictures, after which captures are told that time passes
STATUS_DEPTH = 10
CANCELLED = "The capture was cancelled; nothing was kept."
STOPPED = "The gallery was stopped; nothing was kept."


class _CancelledError(Exception):
    """The client does not want the capture any more."""


class _FailedError(Exception):
    """The capture came to nothing; the message is for people."""


class CaptureAction:
    """Runs captures for the node. All but the looking at pictures is done in the node's thread.

    Args:
        node: the owner, with its store already open.
    """

    def __init__(self, node: GalleryNode) -> None:
        self._node = node
        self._captures = Captures()
        self._ended: dict[Capture, Any] = {}  # capture → future of True, or of why it must end
        self._goals: dict[Capture, Any] = {}
        self._joiner = StampJoiner(frozenset({"faces"}), PATIENCE_S)
        self._fed_s = 0.0
        self._views = Background(node, "gallery views")
        # The newest picture wins: a slow machine captures from fewer pictures, and nothing else waits.
        self._runner: ModelRunner[tuple[Frame, FaceSet] | int, None] = ModelRunner(
            self._feed, lambda _: None, node.fail, "gallery captures"
        )
        self._status = node.create_publisher(CaptureStatus, "gallery/captures", STATUS_DEPTH)
        self._timer = node.create_timer(1 / node.config.feedback_rate, self._tell)
        self._timer.cancel()
        self._server = ActionServer(
            node,
            CaptureFace,
            "gallery/capture",
            self._execute,
            callback_group=node.background.callback_group,
            cancel_callback=self._on_cancel,
        )

    def __len__(self) -> int:
        return len(self._captures)

    def stop(self) -> None:
        """End all captures; nothing is kept."""
        for ended in self._ended.values():
            ended.set_result(STOPPED)

    def close(self) -> None:
        """Release the action; in the node's thread."""
        self.stop()
        self._server.destroy()
        self._runner.close()
        self._views.close()
        self._node.destroy_timer(self._timer)
        self._node.destroy_publisher(self._status)

    # ---- pictures in

    def on_frame(self, frame: Frame) -> None:
        """Take a frame; its faces may be here or come later."""
        self._joiner.add_frame(frame, time.monotonic())
        self._submit()

    def on_faces(self, faces: FaceSet) -> None:
        """Take the faces of a frame."""
        if self._captures.all:
            self._joiner.add_result("faces", faces.stamp_ns, faces, time.monotonic())
            self._submit()

    def _submit(self) -> None:
        joint = self._joiner.pop(time.monotonic())
        now_s = time.monotonic()
        if joint is None or joint.results["faces"].is_stale or now_s - self._fed_s < LEAST_STEP_S:
            return
        self._fed_s = now_s
        self._runner.submit(joint.frame.stamp_ns, (joint.frame, joint.results["faces"].value))

    def _feed(self, item: tuple[Frame, FaceSet] | int) -> None:
        """Look at a picture; in the runner's thread."""
        if isinstance(item, int):
            self._captures.pass_time(item)
        else:
            self._captures.feed(*item)

    # ---- how they stand

    def _tell(self) -> None:
        if time.monotonic() - self._fed_s > QUIET_S:
            self._runner.submit(0, self._node.now_ns())
        for capture, ended in list(self._ended.items()):
            if ended.done():
                continue
            if capture.is_running:
                self._goals[capture].publish_feedback(capture_to_feedback(capture))
                self._say(capture, CaptureStatus.RUNNING)
            else:
                ended.set_result(True)

    def _say(self, capture: Capture, state: int, ending: str = "", gallery_id: str = "") -> None:
        stamp_ns = self._node.now_ns()
        self._status.publish(capture_to_status(capture, state, stamp_ns, ending, gallery_id))

    # ---- the action

    def _on_cancel(self, goal: Any) -> CancelResponse:
        for capture, running in self._goals.items():
            if running.goal_id == goal.goal_id and not self._ended[capture].done():
                self._ended[capture].set_result(True)
        return CancelResponse.ACCEPT

    async def _execute(self, goal: Any) -> CaptureFace.Result:
        request = goal.request
        try:
            consent = message_to_consent(request.consent)
            consent.require_current(utc_now())
            if not self._node.is_running:
                raise _FailedError("The gallery is not active.")
            capture = self._captures.begin(
                request.face_id, checked_name(request.name), _settings(self._node.config)
            )
        except (MirrorError, _FailedError) as error:
            goal.abort()
            return CaptureFace.Result(message=str(error))
        self._begin(capture, goal)
        try:
            return await self._run(capture, goal, consent)
        except _CancelledError:
            goal.canceled()
            self._say(capture, CaptureStatus.CANCELLED, CANCELLED)
            return CaptureFace.Result(message=CANCELLED)
        except (MirrorError, _FailedError) as error:
            goal.abort()
            self._say(capture, CaptureStatus.FAILED, str(error))
            return CaptureFace.Result(message=str(error))
        finally:
            self._end(capture)

    async def _run(self, capture: Capture, goal: Any, consent: Consent) -> CaptureFace.Result:
        """Wait until the capture is complete, and store it."""
        outcome = await self._ended[capture]
        if goal.is_cancel_requested:
            raise _CancelledError
        if outcome is not True:
            raise _FailedError(outcome)
        if capture.progress.state is CaptureState.FAILED:
            raise _FailedError(capture.progress.reason)
        node, store = self._node, self._node.gallery.store
        views = await self._views.run(capture.session.views)
        if goal.is_cancel_requested:
            raise _CancelledError
        face_id = await node.background.run(store.add, Portrait("", capture.name, views), consent, "capture")
        if goal.is_cancel_requested:
            await node.background.run(store.erase, face_id)
            raise _CancelledError
        thumbnail = await node.background.run(store.thumbnail, face_id)
        goal.succeed()
        node.face_stored(face_id, consent, capture.track)
        await node.faces_changed()
        self._say(capture, CaptureStatus.DONE, gallery_id=face_id)
        return CaptureFace.Result(
            success=True,
            message=f"{capture.name} is stored with {len(views)} view{'s' if len(views) > 1 else ''}.",
            gallery_id=face_id,
            thumbnail=thumbnail_message(thumbnail),
        )

    def _begin(self, capture: Capture, goal: Any) -> None:
        if not self._ended:
            self._joiner.reset()
            self._fed_s = time.monotonic()
            self._timer.timer_period_ns = round(1e9 / self._node.config.feedback_rate)
            self._timer.reset()
        self._goals[capture], self._ended[capture] = goal, Future()

    def _end(self, capture: Capture) -> None:
        self._captures.end(capture)
        del self._goals[capture], self._ended[capture]
        if not self._ended:
            self._timer.cancel()
            self._joiner.reset()


def _settings(config: Any) -> CaptureSettings:
    return CaptureSettings(config.capture_timeout, config.turn_patience, config.away_patience)
