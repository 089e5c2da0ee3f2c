"""The display node and the gallery: keys ask for captures, faces and names; captures are shown."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run colcon build first")

from rclpy.action import ActionServer, CancelResponse
from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.qos import DurabilityPolicy, QoSProfile
from rclpy.task import Future

from mirror_core.codecs import FACES
from mirror_core.gallery_steps import following
from mirror_core.node import MirrorNode
from mirror_core.testing import synthetic_face, synthetic_faces
from mirror_display import gallery_keys
from mirror_display.actions import WindowAction
from mirror_display.captures import CaptureState
from mirror_display.display_node import DisplayNode
from mirror_msgs.action import CaptureFace
from mirror_msgs.msg import CaptureStatus, Consent, GalleryFace, GalleryState, Presence, Worn
from mirror_msgs.srv import CheckIn, ListFaces, WearFace

PLACE = ["--ros-args", "-r", "__ns:=/mirror"]
AWAKE = [*PLACE, "-p", "idle_after:=0.0"]  # else faces are looked for to see whether anybody is there


class Gallery(MirrorNode):
    """Stands for the gallery and the tracker: stored are a preset, Ada, whom all may wear, and Bob."""

    NAME = "gallery"

    def open(self) -> None:
        self.goals: list[Any] = []
        self.cancelled: list[Any] = []
        self.requests: list[Any] = []
        latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        self.states = self.create_publisher(GalleryState, "gallery/state", latched)
        self.statuses = self.create_publisher(CaptureStatus, "gallery/captures", 10)
        self.faces = self.publisher(FACES, "faces")
        self.create_service(ListFaces, "gallery/list", self._list)
        self.create_service(WearFace, "gallery/wear", self._answer)
        self.create_service(CheckIn, "gallery/check_in", self._answer)
        self.server = ActionServer(
            self,
            CaptureFace,
            "gallery/capture",
            self._capture,
            cancel_callback=self._on_cancel,
            callback_group=ReentrantCallbackGroup(),
        )
        self.at_close(self.server.destroy)
        self.timer(0.02, self._publish_faces)

    def _publish_faces(self) -> None:
        if self.faces.has_subscribers:
            near, far = synthetic_face(track_id=7), synthetic_face(size=80.0, track_id=9)
            self.faces.publish(synthetic_faces(self.now_ns(), near, far))

    def _list(self, _: Any, response: Any) -> Any:
        lent = Consent(scope=Consent.UNTIL_REVOKED, others_may_wear=True)
        own = Consent(scope=Consent.UNTIL_REVOKED)
        response.faces = [
            GalleryFace(id="preset:kore", name="Kore", preset=True),
            GalleryFace(id="a", name="Ada", consent=lent),
            GalleryFace(id="b", name="Bob", consent=own),
        ]
        return response

    def _answer(self, request: Any, response: Any) -> Any:
        self.requests.append(request)
        response.success = True
        return response

    def _on_cancel(self, goal: Any) -> Any:
        self.cancelled.append(goal)
        return CancelResponse.ACCEPT

    async def _capture(self, goal: Any) -> Any:
        self.goals.append(goal)
        ended: Any = Future()
        timer = self.create_timer(
            0.02, lambda: ended.set_result(None) if goal.is_cancel_requested and not ended.done() else None
        )
        await ended
        self.destroy_timer(timer)
        goal.canceled()
        return CaptureFace.Result()


@pytest.fixture
def display(start_host: Callable[..., Any]) -> DisplayNode:
    node = start_host(lambda: DisplayNode(cli_args=AWAKE), "display").node
    assert isinstance(node, DisplayNode)
    return node


@pytest.fixture
def gallery(display: DisplayNode, start_host: Callable[..., Any], eventually: Callable[..., Any]) -> Gallery:
    node = start_host(lambda: Gallery(cli_args=PLACE), "gallery").node
    assert isinstance(node, Gallery)
    keys = display._keys

    def is_known() -> bool:
        clients = (keys._list, keys._wear, keys._check_in)
        heard = node.statuses.get_subscription_count() > 0 and node.states.get_subscription_count() > 0
        return heard and keys._action.server_is_ready() and all(c.service_is_ready() for c in clients)

    eventually(is_known, "the gallery to be known")
    return node


def toast(display: DisplayNode) -> str:
    shown = display.window.stage.look().toast
    return shown.text if shown is not None else ""


def test_the_key_lends_the_largest_face_for_this_visit_and_cancels(
    display: DisplayNode, gallery: Gallery, eventually: Callable[..., Any]
) -> None:
    display._on_action(WindowAction.CAPTURE)
    goal = eventually(lambda: next(iter(gallery.goals), None), "the capture")
    assert goal.request.face_id == CaptureFace.Goal.ANY_FACE
    assert goal.request.name.startswith("Guest ")
    consent = goal.request.consent
    assert (consent.scope, consent.others_may_wear, consent.recognise) == (Consent.THIS_VISIT, True, False)
    eventually(lambda: display.window.can_cancel, "Escape to cancel")
    display._on_action(WindowAction.CAPTURE)
    eventually(lambda: not display.window.can_cancel, "the capture's end")
    assert len(gallery.cancelled) == len(gallery.goals) == 1


def test_a_capture_is_shown_around_the_face_and_the_faces_are_taken_only_then(
    display: DisplayNode, gallery: Gallery, eventually: Callable[..., Any]
) -> None:
    assert display._faces is None
    status = CaptureStatus(
        face_id=7, name="Ada", state=CaptureStatus.RUNNING, progress=0.5, hint="Hold still."
    )

    def shown() -> Any:
        gallery.statuses.publish(status)
        views = display.window.captures.views(time.monotonic())
        return views and views[0].box is not None and views[0]

    view = eventually(shown, "the ring around the face")
    assert (view.track_id, view.state, view.hint) == (7, CaptureState.RUNNING, "Hold still.")
    assert view.box.centre == pytest.approx(synthetic_face(track_id=7).roi.centre, abs=1.0)
    ended = CaptureStatus(face_id=7, name="Ada", state=CaptureStatus.DONE, hint="One moment.")

    def hints() -> list[str]:
        gallery.statuses.publish(ended)
        return [view.hint for view in display.window.captures.views(time.monotonic())]

    eventually(lambda: hints() == ["Done: Ada is stored."], "the end")
    eventually(lambda: display._faces is None, "the faces to be left alone")


def test_everybody_wears_the_next_face_and_in_the_end_none(
    display: DisplayNode, gallery: Gallery, eventually: Callable[..., Any]
) -> None:
    keys = display._keys
    steps = (
        ("preset:kore", "Everybody wears Kore"),
        ("a", "Everybody wears Ada"),
        ("", "Nobody wears a face any more"),
    )
    for wanted, words in steps:
        display._on_action(WindowAction.WEAR_NEXT)
        eventually(lambda words=words: toast(display) == words, f"{words!r} in the window")
        request = gallery.requests[-1]
        assert (request.face_id, request.gallery_id) == (Worn.EVERYBODY, wanted)
        gallery.states.publish(GalleryState(worn=[Worn(face_id=Worn.EVERYBODY, gallery_id=wanted)]))
        eventually(lambda face=wanted: [w.gallery_id for w in keys._state.worn] == [face], "the state")


def test_the_largest_face_is_checked_in_under_the_next_name(
    display: DisplayNode,
    gallery: Gallery,
    eventually: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gallery_keys, "FACE_WAIT_S", 60.0)
    gallery.states.publish(GalleryState(present=[Presence(face_id=9, gallery_id="a")]))
    eventually(lambda: display._keys._state.present, "who is there")
    display._on_action(WindowAction.WHO_AM_I)
    eventually(lambda: toast(display) == "You are Bob", "the name in the window")
    assert (gallery.requests[-1].face_id, gallery.requests[-1].gallery_id) == (7, "b")
    eventually(lambda: display._faces is None, "the faces to be left alone")


def test_with_nobody_there_a_name_key_says_so(
    display: DisplayNode,
    gallery: Gallery,
    eventually: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gallery_keys, "FACE_WAIT_S", 0.0)
    display._on_action(WindowAction.WHO_AM_I)
    eventually(lambda: toast(display) == "Nobody stands before the mirror.", "the sentence in the window")
    assert gallery.requests == []


def test_without_a_gallery_a_key_says_so(display: DisplayNode) -> None:
    for action in (WindowAction.CAPTURE, WindowAction.WEAR_NEXT, WindowAction.WHO_AM_I):
        display.window.stage._toasts.clear()
        display._on_action(action)
        assert toast(display) == "The gallery does not answer."


def test_stepping_goes_through_all_and_ends_with_nothing() -> None:
    assert [following(("a", "b"), current) for current in ("", "a", "b", "gone")] == ["a", "b", "", "a"]
    assert following((), "a") == ""
