"""The Faces page's way to a gallery over ROS: services, state, captures and their end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run colcon build first")

from builtin_interfaces.msg import Time
from rclpy.action import ActionServer, CancelResponse
from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.qos import DurabilityPolicy, QoSProfile
from sensor_msgs.msg import CompressedImage

from mirror_core.errors import MirrorError
from mirror_core.node import MirrorNode
from mirror_core.testing import synthetic_face, synthetic_faces
from mirror_gallery.consent import Consent, Scope
from mirror_msgs.action import CaptureFace
from mirror_msgs.msg import CaptureStatus, GalleryFace, GalleryState, Presence, Worn
from mirror_msgs.msg import Consent as ConsentMessage
from mirror_msgs.srv import AddFace, CheckIn, EraseFace, GetFace, ListFaces, RenameFace, WearFace
from mirror_web.faces_control import CaptureState, no_gallery
from mirror_web.faces_view import FacesView

PLACE = ["--ros-args", "-r", "__ns:=/mirror"]
UNTIL = datetime(2030, 5, 6, 7, 8, 9, tzinfo=UTC)


class Gallery(MirrorNode):
    """Stands for the gallery: one preset and Ada; refuses what names "locked"."""

    NAME = "gallery"

    def open(self) -> None:
        self.requests: list[Any] = []
        self.finish = threading.Event()
        latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        self.states = self.create_publisher(GalleryState, "gallery/state", latched)
        self.statuses = self.create_publisher(CaptureStatus, "gallery/captures", 10)
        for kind, name in (
            (RenameFace, "rename"),
            (WearFace, "wear"),
            (EraseFace, "erase"),
            (GetFace, "get"),
            (AddFace, "add"),
            (CheckIn, "check_in"),
        ):
            self.create_service(kind, f"gallery/{name}", self._answer)
        self.create_service(ListFaces, "gallery/list", self._list)
        self._goals: list[Any] = []
        self.server = ActionServer(
            self,
            CaptureFace,
            "gallery/capture",
            self._capture,
            goal_callback=self._on_goal,
            cancel_callback=lambda _: CancelResponse.ACCEPT,
            callback_group=ReentrantCallbackGroup(),
        )
        self.at_close(self.server.destroy)

    def _answer(self, request: Any, response: Any) -> Any:
        self.requests.append(request)
        words = (getattr(request, "id", ""), getattr(request, "gallery_id", ""), getattr(request, "name", ""))
        response.success = "locked" not in words
        response.message = "" if response.success else "It is locked."
        if isinstance(request, EraseFace.Request) and response.success:
            response.purged = ["3 pictures", "1 neutral baseline"]
        if isinstance(request, GetFace.Request):
            response.data = b"content"
        if isinstance(request, AddFace.Request):
            response.id = "new"
            response.needs_landmarks = not response.success
        return response

    def _list(self, request: Any, response: Any) -> Any:
        self.requests.append(request)
        ada = GalleryFace(id="a", name="Ada", created=Time(sec=1_800_000_000), views=3)
        ada.consent.scope = ConsentMessage.UNTIL_DATE
        ada.consent.until = Time(sec=int(UNTIL.timestamp()))
        ada.consent.others_may_wear = True
        if request.with_thumbnails:
            ada.thumbnail = CompressedImage(format="jpeg", data=b"jpeg of Ada")
        response.faces = [GalleryFace(id="preset:kore", name="Kore", views=1, preset=True), ada]
        response.total = 12
        return response

    def _on_goal(self, goal: Any) -> Any:
        from rclpy.action import GoalResponse

        self.requests.append(goal)
        return GoalResponse.REJECT if goal.name == "locked" else GoalResponse.ACCEPT

    def tell(self, state: int, **values: Any) -> None:
        """Say how the capture of face 7 stands."""
        message = CaptureStatus(face_id=7, name="Ada", state=state, **values)
        self.statuses.publish(message)

    async def _capture(self, goal: Any) -> Any:
        from rclpy.task import Future

        future: Any = Future()

        def look() -> None:
            if goal.is_cancel_requested and not future.done():
                future.set_result(None)

        timer = self.create_timer(0.02, look)
        await future
        self.destroy_timer(timer)
        goal.canceled()
        self.tell(CaptureStatus.CANCELLED, hint="Cancelled.")
        return CaptureFace.Result()


class Owner(MirrorNode):
    """A node that has the view."""

    NAME = "web"

    def open(self) -> None:
        self.view = FacesView(self)
        self.at_close(self.view.close)


@pytest.fixture
def view(start_host: Callable[..., Any]) -> FacesView:
    found = start_host(lambda: Owner(cli_args=PLACE), "web").node.view
    assert isinstance(found, FacesView)
    return found


@pytest.fixture
def gallery(view: FacesView, start_host: Callable[..., Any], eventually: Callable[..., Any]) -> Gallery:
    node = start_host(lambda: Gallery(cli_args=PLACE), "gallery").node
    assert isinstance(node, Gallery)
    names = ("rename", "wear", "erase", "get", "add", "check_in", "list")
    eventually(
        lambda: (
            all(view._clients[name].service_is_ready() for name in names)
            and view._action.server_is_ready()
            and node.statuses.get_subscription_count() > 0
        ),
        "the gallery to be known",
    )
    return node


def test_faces_come_with_consent_and_thumbnail(view: FacesView, gallery: Gallery) -> None:
    page = view.faces("a", 24, 24)
    request = gallery.requests[-1]
    assert (request.name_contains, request.offset, request.limit) == ("a", 24, 24)
    assert page.total == 12
    kore, ada = page.faces
    assert (kore.id, kore.preset, kore.consent) == ("preset:kore", True, None)
    assert (ada.name, ada.views, ada.thumbnail) == ("Ada", 3, b"jpeg of Ada")
    assert ada.consent == Consent(Scope.UNTIL_DATE, UNTIL, others_may_wear=True)
    assert ada.created == datetime.fromtimestamp(1_800_000_000, UTC)


def test_who_wears_what_and_who_is_there_are_told_by_name(
    view: FacesView, gallery: Gallery, eventually: Callable[..., Any]
) -> None:
    view.on_faces(synthetic_faces(0, synthetic_face(track_id=7), image_size=(640, 480)))
    gallery.states.publish(
        GalleryState(
            revision=5,
            worn=[
                Worn(face_id=7, gallery_id="preset:kore"),
                Worn(face_id=Worn.EVERYBODY, gallery_id="a"),
            ],
            present=[Presence(face_id=7, gallery_id="a")],
        )
    )

    def told() -> Any:
        view.on_faces(synthetic_faces(0, synthetic_face(track_id=7), image_size=(640, 480)))
        state = view.state()
        return state if state.revision == 5 and state.names.get("a") else None

    state = eventually(told, "the state with names")
    assert state.is_available and state.image_size == (640, 480)
    assert [(p.track_id, p.number, p.person) for p in state.people] == [(7, 1, "a")]
    assert (state.worn, state.worn_by_everybody) == ({7: "preset:kore"}, "a")
    assert state.names == {"a": "Ada", "preset:kore": "Kore"}


def test_changes_are_asked_for_and_refusals_told(view: FacesView, gallery: Gallery) -> None:
    assert view.wear(None, "a") is None
    assert gallery.requests[-1].face_id == Worn.EVERYBODY
    assert view.wear(7, "locked") == "It is locked."
    assert view.check_in(7, "a") is None
    assert view.rename("a", "Ada Lovelace") is None
    assert (gallery.requests[-1].id, gallery.requests[-1].name) == ("a", "Ada Lovelace")
    assert view.rename("locked", "Ada") == "It is locked."
    assert view.erase("a").purged == ("3 pictures", "1 neutral baseline")
    assert view.erase("locked").error == "It is locked."
    assert view.export("a") == b"content"
    with pytest.raises(MirrorError, match="It is locked"):
        view.export("locked")


def test_a_photo_is_added_with_its_points(view: FacesView, gallery: Gallery) -> None:
    points = np.arange(936, dtype=np.float32).reshape(468, 2)
    added = view.add(b"\xff\xd8\x00", "Ada", Consent(Scope.UNTIL_DATE, UNTIL, recognise=True), points)
    assert (added.error, added.id, added.needs_landmarks) == (None, "new", False)
    request = gallery.requests[-1]
    assert bytes(request.data) == b"\xff\xd8\x00"
    assert np.array_equal(np.asarray(request.landmarks), points.ravel())
    assert request.consent.scope == ConsentMessage.UNTIL_DATE
    assert request.consent.until.sec == int(UNTIL.timestamp())
    assert (request.consent.recognise, request.consent.others_may_wear) == (True, False)
    refused = view.add(b"x", "locked", Consent(Scope.THIS_VISIT))
    assert (refused.error, refused.needs_landmarks) == ("It is locked.", True)


def test_a_capture_is_followed_and_cancelled(
    view: FacesView, gallery: Gallery, eventually: Callable[..., Any]
) -> None:
    assert view.start_capture(7, "Ada", Consent(Scope.THIS_VISIT)) is None
    assert gallery.requests[-1].face_id == 7
    gallery.tell(CaptureStatus.RUNNING, progress=0.25, hint_key="hold_still", hint="Hold still.", light=0.5)
    capture = eventually(lambda: next(iter(view.state().captures), None), "the capture")
    assert (capture.track_id, capture.name, capture.state) == (7, "Ada", CaptureState.RUNNING)
    assert (capture.progress, capture.hint, capture.quality["light"]) == (0.25, "Hold still.", 0.5)
    assert capture.can_cancel
    assert view.cancel_capture(7) is None
    eventually(
        lambda: [c.state for c in view.state().captures] == [CaptureState.CANCELLED], "the capture's end"
    )
    assert view.cancel_capture(7) == "This capture was not started on this page, or is over."


def test_a_refused_capture_and_one_from_elsewhere(
    view: FacesView, gallery: Gallery, eventually: Callable[..., Any]
) -> None:
    assert "refused" in str(view.start_capture(None, "locked", Consent(Scope.THIS_VISIT)))
    assert gallery.requests[-1].face_id == CaptureFace.Goal.ANY_FACE
    gallery.tell(CaptureStatus.RUNNING)
    capture = eventually(lambda: next(iter(view.state().captures), None), "the capture")
    assert not capture.can_cancel


def test_without_a_gallery_it_says_so_at_once(view: FacesView) -> None:
    assert not view.state().is_available
    assert view.start_capture(None, "Ada", Consent(Scope.THIS_VISIT)) == no_gallery()
    for call in (lambda: view.faces("", 0, 1), lambda: view.wear(1, "a"), lambda: view.export("a")):
        with pytest.raises(MirrorError, match="gallery does not answer"):
            call()


def test_faces_are_wanted_while_a_page_asks(start_host: Callable[..., Any]) -> None:
    node = start_host(lambda: Owner(cli_args=PLACE), "web").node
    now = [0.0]
    view = FacesView(node, lambda: now[0])
    try:
        assert not view.is_watched
        view.state()
        assert view.is_watched
        now[0] += 10.0
        assert not view.is_watched
    finally:
        view.close()


def test_a_capture_that_says_nothing_any_more_is_over(start_host: Callable[..., Any]) -> None:
    node = start_host(lambda: Owner(cli_args=PLACE), "web").node
    now = [0.0]
    view = FacesView(node, lambda: now[0])
    try:
        view._on_capture(CaptureStatus(face_id=7, name="Ada", state=CaptureStatus.RUNNING))
        assert len(view.state().captures) == 1
        now[0] += 60.0
        assert view.state().captures == ()
    finally:
        view.close()


def test_a_capture_of_whoever_comes_first_becomes_that_persons(start_host: Callable[..., Any]) -> None:
    view = start_host(lambda: Owner(cli_args=PLACE), "web").node.view
    anybody = CaptureFace.Goal.ANY_FACE
    view._on_capture(CaptureStatus(face_id=anybody, name="Ada", state=CaptureStatus.RUNNING))
    view._on_capture(CaptureStatus(face_id=7, name="Ada", state=CaptureStatus.RUNNING))
    assert [capture.track_id for capture in view.state().captures] == [7]
