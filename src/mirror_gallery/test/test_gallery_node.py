"""The gallery node with a client of its action and services, and people who come and go."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run colcon build first")

from rclpy.action import ActionClient
from rclpy.lifecycle import TransitionCallbackReturn
from rclpy.parameter import Parameter
from rclpy.qos import DurabilityPolicy, QoSProfile

from mirror_core.codecs import FACES, FRAMES
from mirror_core.faces import Face, FaceSet
from mirror_core.frame import Frame, Image
from mirror_core.node import MirrorNode
from mirror_gallery import gallery_node
from mirror_gallery.consent import Consent, Scope, utc_now
from mirror_gallery.conversions import bytes_field, consent_to_message, points_to_landmarks
from mirror_gallery.cut_out import cut_out
from mirror_gallery.embeddings import Match
from mirror_gallery.gallery_node import GalleryNode
from mirror_gallery.portrait import Portrait
from mirror_gallery.portrait_file import decode, encode
from mirror_gallery.store import FaceStore
from mirror_gallery.testing import face_picture, posed_face
from mirror_msgs.action import CaptureFace
from mirror_msgs.msg import CaptureStatus, GalleryState
from mirror_msgs.srv import (
    AddFace,
    CheckIn,
    EraseFace,
    ExportFace,
    GetBaseline,
    GetFace,
    ImportFace,
    KeepBaseline,
    ListFaces,
    RenameFace,
    WearFace,
)

SIZE = (640, 360)
RATE_HZ = 25.0
EVERYBODY = WearFace.Request.EVERYBODY
SUCCEEDED, CANCELED, ABORTED = 4, 5, 6  # action_msgs/GoalStatus
KEEP = Consent(Scope.UNTIL_REVOKED, others_may_wear=True)
PRIVATE = Consent(Scope.UNTIL_REVOKED)

ADA = posed_face(centre=(160, 165), height=170, track_id=4)
BO = posed_face(6, centre=(480, 165), height=150, track_id=9)


@cache
def picture(*faces: Face) -> Image:
    return face_picture(faces, size=SIZE)


@cache
def portrait(name: str) -> Portrait:
    face = posed_face()
    return Portrait("", name, (cut_out(face_picture([face]), face.landmarks),))


@cache
def face_file() -> bytes:
    return encode(replace(portrait("Somebody"), id="somebody"), utc_now(), None)


class World(MirrorNode):
    """Camera and tracker in one: those who are there, 25 times a second, to whoever listens."""

    NAME = "world"

    def open(self) -> None:
        self.people: tuple[Face, ...] = (ADA,)
        self.frames = self.publisher(FRAMES, "camera/image_raw")
        self.faces = self.publisher(FACES, "faces")
        self.timer(1 / RATE_HZ, self._send)

    def _send(self) -> None:
        stamp_ns = self.now_ns()
        if self.frames.has_subscribers:
            self.frames.publish(Frame(picture(*self.people), stamp_ns))
        if self.faces.has_subscribers:
            self.faces.publish(FaceSet(stamp_ns, "camera_optical", SIZE, self.people))


class Running:
    """A capture that a client has asked for."""

    def __init__(self, mirror: Mirror, goal: CaptureFace.Goal) -> None:
        self.feedback: list[CaptureFace.Feedback] = []
        self._mirror = mirror
        sent = mirror.captures.send_goal_async(goal, lambda message: self.feedback.append(message.feedback))
        self.handle = mirror.wait(sent, "the goal's acceptance")
        assert self.handle.accepted
        self._result = self.handle.get_result_async()

    def end(self) -> tuple[int, CaptureFace.Result]:
        answer = self._mirror.wait(self._result, "the capture's end")
        return answer.status, answer.result

    def cancel(self) -> None:
        self._mirror.wait(self.handle.cancel_goal_async(), "the cancellation")


class Mirror:
    """A gallery node in a world, and a client; all turn together."""

    def __init__(self, spinner: Any, folder: Path) -> None:
        self.spinner, self.folder = spinner, folder
        self.world: World = spinner.add(World())
        self.world.trigger_configure()
        self.world.trigger_activate()
        self.client = spinner.node("client")
        self.states: list[GalleryState] = []
        self.statuses: list[CaptureStatus] = []
        latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        self.client.create_subscription(GalleryState, "gallery/state", self.states.append, latched)
        self.client.create_subscription(CaptureStatus, "gallery/captures", self.statuses.append, 50)
        self.captures = ActionClient(self.client, CaptureFace, "gallery/capture")
        self._clients: dict[str, Any] = {}

    def start(self, **parameters: Any) -> GalleryNode:
        """Start the gallery in the test's own executor."""
        node: GalleryNode = self.spinner.add(self.create(**parameters))
        assert node.trigger_configure() == TransitionCallbackReturn.SUCCESS, node.failure
        assert node.trigger_activate() == TransitionCallbackReturn.SUCCESS, node.failure
        self.node = node
        self.spinner.until(self.captures.server_is_ready, "the action")
        return node

    def create(self, **parameters: Any) -> GalleryNode:
        """A gallery that is not configured yet."""
        values = {
            "database_url": str(self.folder / "faces.sqlite"),
            "pictures_url": str(self.folder / "pictures"),
            "turn_patience": 0.0,
            **parameters,
        }
        words = ["--ros-args"]
        for name, value in values.items():
            words += ["-p", f"{name}:={str(value).lower() if isinstance(value, bool) else value}"]
        return GalleryNode(cli_args=words)

    def stop(self) -> None:
        """End the gallery, as its host does."""
        self.node.trigger_shutdown()
        self.spinner.destroy(self.node)

    def store(self, mirror: str = "") -> FaceStore:
        """The same store, as another program opens it."""
        return FaceStore(str(self.folder / "faces.sqlite"), str(self.folder / "pictures"), mirror=mirror)

    def wait(self, future: Any, what: str) -> Any:
        self.spinner.until(future.done, what)
        return future.result()

    def call(self, kind: Any, name: str, /, **fields: Any) -> Any:
        if name not in self._clients:
            self._clients[name] = self.client.create_client(kind, f"gallery/{name}")
        client = self._clients[name]
        self.spinner.until(client.service_is_ready, f"the service {name}")
        return self.wait(client.call_async(kind.Request(**fields)), f"an answer of {name}")

    def capture(
        self, name: str, face_id: int = CaptureFace.Goal.ANY_FACE, consent: Consent = KEEP
    ) -> Running:
        goal = CaptureFace.Goal(face_id=face_id, name=name, consent=consent_to_message(consent))
        return Running(self, goal)

    def names(self) -> list[str]:
        faces = self.call(ListFaces, "list").faces
        return [face.name for face in faces if not face.preset]

    def add(self, name: str, consent: Consent = KEEP) -> str:
        """Store a face from a face file."""
        answer = self.call(
            AddFace, "add", data=bytes_field(face_file()), name=name, consent=consent_to_message(consent)
        )
        assert answer.success, answer.message
        return str(answer.id)

    @property
    def worn(self) -> dict[int, str]:
        return {worn.face_id: worn.gallery_id for worn in self.states[-1].worn} if self.states else {}

    @property
    def present(self) -> dict[int, str]:
        return {who.face_id: who.gallery_id for who in self.states[-1].present} if self.states else {}

    def until(self, condition: Callable[[], Any], what: str) -> Any:
        return self.spinner.until(condition, what)


@pytest.fixture
def mirror(spinner: Any, tmp_path: Path) -> Iterator[Mirror]:
    mirror = Mirror(spinner, tmp_path)
    yield mirror
    mirror.captures.destroy()


# ---- capture


def test_a_person_is_guided_captured_from_three_sides_stored_and_present(mirror: Mirror) -> None:
    mirror.start(turn_patience=60.0, capture_timeout=300.0)
    running = mirror.capture("  Ada ")

    def newest(hint: str) -> bool:
        return bool(running.feedback) and running.feedback[-1].hint_key == hint

    mirror.until(lambda: newest("turn_left"), "the hint to turn left")
    mirror.world.people = (posed_face(22, centre=(160, 165), height=170, track_id=4),)
    mirror.until(lambda: newest("turn_right"), "the hint to turn right")
    mirror.world.people = (posed_face(-22, centre=(160, 165), height=170, track_id=4),)
    status, result = running.end()
    assert (status, result.success, result.message) == (SUCCEEDED, True, "Ada is stored with 3 views.")
    assert bytes(result.thumbnail.data).startswith(b"\xff\xd8")
    (face,) = [face for face in mirror.call(ListFaces, "list", with_thumbnails=True).faces if not face.preset]
    assert (face.id, face.name, face.views) == (result.gallery_id, "Ada", 3)
    assert bytes(face.thumbnail.data) == bytes(result.thumbnail.data)

    shares = [feedback.progress for feedback in running.feedback]
    assert shares == sorted(shares)
    assert 0.5 <= next(f.progress for f in running.feedback if f.hint_key == "turn_left") < 0.75
    seen = next(feedback for feedback in running.feedback if feedback.size > 0)
    assert (seen.face_id, seen.hint_key, seen.hint) == (4, "hold_still", "Hold still.")
    assert (seen.pose, seen.light, seen.sharpness, seen.size) == (1.0, 1.0, 1.0, 1.0)
    mirror.until(
        lambda: mirror.statuses and mirror.statuses[-1].state == CaptureStatus.DONE, "the end's status"
    )
    done = mirror.statuses[-1]
    assert (done.face_id, done.name, done.gallery_id) == (4, "Ada", result.gallery_id)
    assert (done.progress, done.hint_key) == (1.0, "done")
    assert {status.state for status in mirror.statuses[:-1]} == {CaptureStatus.RUNNING}
    mirror.until(lambda: mirror.present == {4: result.gallery_id}, "the captured person's presence")


def test_pictures_are_taken_only_while_somebody_is_captured(mirror: Mirror) -> None:
    mirror.start()
    assert not mirror.world.frames.has_subscribers
    assert not mirror.world.faces.has_subscribers
    running = mirror.capture("Ada")
    mirror.until(lambda: mirror.world.frames.has_subscribers, "frames to be wanted")
    running.end()
    mirror.until(lambda: not mirror.world.frames.has_subscribers, "frames not to be wanted")
    assert mirror.world.faces.has_subscribers  # until the person leaves


def test_two_people_are_captured_at_once_each_under_their_name(mirror: Mirror) -> None:
    mirror.world.people = (ADA, BO)
    mirror.start()
    running = [mirror.capture("Ada"), mirror.capture("Bo")]
    ids = []
    for one in running:
        status, result = one.end()
        assert status == SUCCEEDED, result.message
        ids.append(result.gallery_id)
    mirror.until(lambda: mirror.present == {4: ids[0], 9: ids[1]}, "both to be present")
    files = [decode(bytes(mirror.call(GetFace, "get", id=face_id).data)) for face_id in ids]
    assert [file.portrait.name for file in files] == ["Ada", "Bo"]
    yaws = [file.portrait.views[0].yaw for file in files]
    assert yaws == [pytest.approx(0, abs=0.01), pytest.approx(6, abs=0.01)]


def test_cancelling_leaves_nothing_behind(mirror: Mirror) -> None:
    mirror.start(turn_patience=60.0, capture_timeout=300.0)  # it does not end by itself
    running = mirror.capture("Ada")
    mirror.until(lambda: running.feedback and running.feedback[-1].progress > 0.4, "a half complete capture")
    running.cancel()
    status, result = running.end()
    assert (status, result.success) == (CANCELED, False)
    assert result.message == "The capture was cancelled; nothing was kept."
    assert mirror.names() == []
    assert [path for path in (mirror.folder / "pictures").rglob("*") if path.is_file()] == []
    mirror.until(
        lambda: mirror.statuses and mirror.statuses[-1].state == CaptureStatus.CANCELLED, "the last status"
    )
    assert mirror.present == {}
    mirror.until(lambda: not mirror.world.frames.has_subscribers, "frames not to be wanted")


def test_the_same_person_is_not_captured_twice_at_once(mirror: Mirror) -> None:
    mirror.start(away_patience=100.0)
    mirror.world.people = ()
    first = mirror.capture("Ada", face_id=4)
    status, result = mirror.capture("Ada again", face_id=4).end()
    assert status == ABORTED
    assert result.message.startswith("Face 4 is being captured already; wait until that is done")
    mirror.world.people = (ADA,)
    assert first.end()[0] == SUCCEEDED
    assert mirror.names() == ["Ada"]


@pytest.mark.parametrize(
    ("name", "consent", "sentence"),
    [
        (" ", KEEP, "A face needs a name"),
        ("Ada", Consent(Scope.UNTIL_DATE, utc_now() - timedelta(days=1)), "must last into the future"),
    ],
)
def test_a_goal_that_makes_no_sense_is_answered(
    mirror: Mirror, name: str, consent: Consent, sentence: str
) -> None:
    mirror.start()
    status, result = mirror.capture(name, consent=consent).end()
    assert status == ABORTED
    assert sentence in result.message


def test_a_capture_of_nobody_says_why_it_failed(mirror: Mirror) -> None:
    mirror.world.people = ()
    mirror.start(away_patience=1.0)
    status, result = mirror.capture("Ada").end()
    assert status == ABORTED
    assert result.message == "Nobody was seen in front of the mirror; step in front of it and try again."
    mirror.until(
        lambda: mirror.statuses and mirror.statuses[-1].state == CaptureStatus.FAILED, "the last status"
    )
    assert mirror.statuses[-1].hint == result.message


def test_a_gallery_that_pauses_ends_its_captures(mirror: Mirror) -> None:
    node = mirror.start(away_patience=100.0)
    mirror.world.people = ()
    running = mirror.capture("Ada")
    node.trigger_deactivate()
    status, result = running.end()
    assert (status, result.message) == (ABORTED, "The gallery was stopped; nothing was kept.")
    assert mirror.capture("Ada").end()[1].message == "The gallery is not active."
    node.trigger_activate()
    mirror.world.people = (ADA,)
    assert mirror.capture("Ada").end()[0] == SUCCEEDED


def test_a_gallery_that_fails_is_restarted_and_goes_on(
    mirror: Mirror, start_host: Callable[..., Any]
) -> None:
    mirror.world.people = ()
    host = start_host(lambda: mirror.create(away_patience=100.0), "gallery")
    mirror.until(mirror.captures.server_is_ready, "the action")
    running = mirror.capture("Ada")
    mirror.until(lambda: running.feedback, "feedback")
    host.node.fail(RuntimeError("on purpose"))
    mirror.until(lambda: host.restarts == 1 and host.wait_active(0.0), "the restart")
    mirror.world.people = (ADA,)
    goal = CaptureFace.Goal(face_id=4, name="Ada", consent=consent_to_message(KEEP))
    sent_s: list[float] = []

    def is_captured() -> bool:
        # A goal that is sent while the old node's place is still known gets lost: it is sent again.
        if mirror.captures.server_is_ready() and (not sent_s or time.monotonic() - sent_s[-1] > 5.0):
            sent_s.append(time.monotonic())
            mirror.captures.send_goal_async(goal)
        return any(status.state == CaptureStatus.DONE for status in mirror.statuses)

    mirror.until(is_captured, "a capture by the restarted gallery")
    assert "Ada" in mirror.names()


# ---- stored faces


def test_faces_are_added_listed_renamed_and_erased(mirror: Mirror, tmp_path: Path) -> None:
    mirror.start()
    face_id = mirror.add("Ada")
    revision = mirror.states[-1].revision
    assert mirror.call(RenameFace, "rename", id=face_id, name="Ada L.").success
    assert mirror.names() == ["Ada L."]
    mirror.until(lambda: mirror.states[-1].revision > revision, "a larger revision")
    file = tmp_path / "ada.mirrorface"
    assert mirror.call(ExportFace, "export", id=face_id, path=str(file)).success
    again = mirror.call(ExportFace, "export", id=face_id, path=str(file))
    assert (again.success, again.message) == (False, f"{file} exists already; choose another name.")
    copy = mirror.call(ImportFace, "import", path=str(file), name="", consent=consent_to_message(KEEP))
    assert copy.success, copy.message
    assert mirror.names() == ["Ada L.", "Ada L."]
    erased = mirror.call(EraseFace, "erase", id=face_id)
    assert (erased.success, list(erased.purged)) == (True, ["1 picture", "1 thumbnail", "name and consent"])
    assert mirror.names() == ["Ada L."]
    for kind, name in ((GetFace, "get"), (EraseFace, "erase"), (RenameFace, "rename")):
        answer = mirror.call(kind, name, id=face_id)
        assert not answer.success
        assert answer.message
    assert mirror.node.health.report().values["faces"] == str(mirror.call(ListFaces, "list").total)


def test_a_picture_without_a_face_asks_for_points_and_takes_them(mirror: Mirror) -> None:
    mirror.start()
    face = posed_face(centre=(200, 190), height=220)
    drawing = np.full((400, 400, 3), 230, np.uint8)
    data = bytes_field(cv2.imencode(".png", drawing)[1].tobytes())
    consent = consent_to_message(KEEP)
    answer = mirror.call(AddFace, "add", data=data, name="Drawn", consent=consent)
    assert (answer.success, answer.needs_landmarks) == (False, True)
    points = points_to_landmarks({i: (float(x), float(y)) for i, (x, y, _) in enumerate(face.landmarks)})
    answer = mirror.call(AddFace, "add", data=data, name="Drawn", consent=consent, landmarks=points)
    assert (answer.success, answer.message) == (True, "Drawn is stored.")
    assert mirror.names() == ["Drawn"]


def test_a_restart_keeps_faces_but_not_those_of_a_visit(mirror: Mirror) -> None:
    mirror.start()
    face_id = mirror.add("Ada")
    mirror.add("Guest", Consent(Scope.THIS_VISIT))
    assert mirror.names() == ["Ada", "Guest"]
    mirror.stop()
    with mirror.store() as store:
        assert [entry.name for entry in store.entries()[0]] == ["Ada"]  # a mirror that ends, ends its visits
    mirror.states.clear()
    mirror.start()
    mirror.until(lambda: mirror.states, "the state of the new gallery")
    assert [face.id for face in mirror.call(ListFaces, "list").faces if not face.preset] == [face_id]


def test_what_a_crash_has_left_of_a_visit_is_erased_at_the_start(mirror: Mirror) -> None:
    node = mirror.start()
    name = node.gallery.store.mirror
    mirror.stop()
    with mirror.store(mirror=name) as store:
        store.add(portrait("Guest"), Consent(Scope.THIS_VISIT))
    with mirror.store(mirror="another mirror") as store:
        store.add(portrait("Elsewhere"), Consent(Scope.THIS_VISIT))
    mirror.start()
    assert mirror.names() == ["Elsewhere"]


def test_expired_consent_is_erased_by_itself(mirror: Mirror) -> None:
    node = mirror.start(expiry_period=3600.0)
    long_ago = utc_now() - timedelta(days=9)
    with FaceStore(
        str(mirror.folder / "faces.sqlite"), str(mirror.folder / "pictures"), clock=lambda: long_ago
    ) as store:
        until = Consent(Scope.UNTIL_DATE, long_ago + timedelta(days=1), others_may_wear=True)
        face_id = store.add(portrait("Ada"), until)
    assert mirror.call(WearFace, "wear", face_id=EVERYBODY, gallery_id=face_id).success
    mirror.until(lambda: mirror.worn == {EVERYBODY: face_id}, "the worn face")
    node.set_parameters([Parameter("expiry_period", value=1.0)])
    mirror.until(lambda: mirror.worn == {}, "the worn face to be gone")
    assert mirror.names() == []


# ---- who is there and who wears what


def test_people_check_in_wear_and_take_off(mirror: Mirror) -> None:
    mirror.start()
    mine, shared = mirror.add("Ada", PRIVATE), mirror.add("Clown", KEEP)
    refused = mirror.call(WearFace, "wear", face_id=4, gallery_id=mine)
    assert not refused.success
    assert refused.message.startswith("Ada may be worn by Ada alone, and this person has not checked in")
    assert mirror.call(CheckIn, "check_in", face_id=4, gallery_id=mine).message == "Face 4 is Ada."
    assert mirror.call(WearFace, "wear", face_id=4, gallery_id=mine).message == "Face 4 wears Ada."
    answer = mirror.call(WearFace, "wear", face_id=EVERYBODY, gallery_id=shared)
    assert answer.message == "Everybody wears Clown."
    mirror.until(lambda: mirror.worn == {4: mine, EVERYBODY: shared}, "what is worn")
    assert mirror.present == {4: mine}
    assert mirror.call(CheckIn, "check_in", face_id=4, gallery_id="").success
    mirror.until(lambda: mirror.worn == {EVERYBODY: shared}, "the private face to come off")
    assert mirror.call(WearFace, "wear", face_id=EVERYBODY, gallery_id="").success
    mirror.until(lambda: mirror.worn == {}, "nothing to be worn")


def test_who_is_not_there_cannot_wear_anything(mirror: Mirror) -> None:
    mirror.start()
    face_id = mirror.add("Clown")
    assert mirror.call(CheckIn, "check_in", face_id=4, gallery_id=face_id).success
    mirror.until(lambda: mirror.node.visitors.in_view(float("inf"), float("inf")) == {4}, "the faces")
    mirror.until(lambda: mirror.world.faces.has_subscribers, "faces to be wanted")

    def refusal() -> str:
        return str(mirror.call(WearFace, "wear", face_id=77, gallery_id=face_id).message)

    mirror.until(lambda: refusal() == "Face 77 is not in front of the mirror; there: 4.", "the refusal")
    for kind, name in ((WearFace, "wear"), (CheckIn, "check_in")):
        answer = mirror.call(kind, name, face_id=4, gallery_id="none")
        assert not answer.success
        assert "no stored face" in answer.message


def test_erasing_takes_a_face_off_everybody_at_once(mirror: Mirror) -> None:
    mirror.start()
    gone, stays = mirror.add("Ada"), mirror.add("Clown")
    mirror.call(CheckIn, "check_in", face_id=4, gallery_id=gone)
    for track, face_id in ((4, gone), (EVERYBODY, gone), (9, stays)):
        mirror.node.visitors.see([4, 9], 0.0)
        assert mirror.node.visitors.wear(track, face_id, name="x", by_owner_only=False, now_s=0.0)
    assert mirror.call(EraseFace, "erase", id=gone).success
    assert gone not in mirror.node.visitors.worn.values()
    mirror.until(lambda: mirror.present == {}, "the erased person to be gone")


def test_what_another_program_erases_comes_off_too(mirror: Mirror) -> None:
    mirror.start()
    face_id = mirror.add("Ada")
    mirror.call(WearFace, "wear", face_id=EVERYBODY, gallery_id=face_id)
    mirror.until(lambda: mirror.worn == {EVERYBODY: face_id}, "the worn face")
    with mirror.store() as store:
        store.erase(face_id)
    mirror.until(lambda: mirror.worn == {}, "the erased face to come off")


def test_a_baseline_is_kept_for_who_agreed_to_it_and_erased_with_the_face(mirror: Mirror) -> None:
    mirror.start()
    agreed = mirror.add("Ada", replace(KEEP, recognise=True))
    other = mirror.add("Ben", KEEP)
    data = bytes_field(b"at rest")
    assert not mirror.call(GetBaseline, "get_baseline", gallery_id=agreed).data
    assert mirror.call(KeepBaseline, "keep_baseline", gallery_id=agreed, data=data).success
    assert bytes(mirror.call(GetBaseline, "get_baseline", gallery_id=agreed).data) == b"at rest"
    for gallery_id, sent, words in (
        (other, data, "has not agreed to be recognised"),
        ("nobody", data, "no stored face"),
        (agreed, bytes_field(b""), "allowed are 1"),
        (agreed, bytes_field(bytes(65537)), "allowed are 1"),
    ):
        refused = mirror.call(KeepBaseline, "keep_baseline", gallery_id=gallery_id, data=sent)
        assert not refused.success
        assert words.lower() in refused.message.lower()
    assert mirror.call(EraseFace, "erase", id=agreed).success
    assert not mirror.call(GetBaseline, "get_baseline", gallery_id=agreed).data


def test_a_face_stored_for_a_visit_is_erased_when_its_person_has_left(mirror: Mirror) -> None:
    node = mirror.start(visit_ends_after=3600.0)
    status, result = mirror.capture("Guest", consent=Consent(Scope.THIS_VISIT)).end()
    assert status == SUCCEEDED, result.message
    mirror.until(lambda: mirror.present == {4: result.gallery_id}, "the guest")
    mirror.world.people = (BO,)
    node.set_parameters([Parameter("visit_ends_after", value=1.0)])
    mirror.until(lambda: mirror.present == {}, "the visit to be over")
    assert mirror.names() == []
    assert list((mirror.folder / "pictures").rglob("*.mirrorface")) == []
    mirror.until(lambda: not mirror.world.faces.has_subscribers, "nobody to be watched")


# ---- recognising people


class KnowsEverybody:
    """A recogniser that takes every face for the first person it knows."""

    def enrol(self, portrait: Portrait) -> bytes:
        return portrait.name.encode()

    def is_current(self, enrolled: bytes) -> bool:
        return True

    def identify(self, image: Image, landmarks: Any, known: Any) -> Match | None:
        return Match(sorted(known)[0], 0.2, 0.9) if known else None

    def close(self) -> None:
        pass


def test_who_agreed_to_it_is_recognised_and_nobody_else(
    mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gallery_node, "_recogniser", KnowsEverybody)
    monkeypatch.setattr(gallery_node, "require_installed", lambda: None)
    node = mirror.start()
    mirror.add("Bo")
    known = mirror.add("Ada", Consent(Scope.UNTIL_REVOKED, recognise=True))
    (accepted,) = node.set_parameters([Parameter("recognition", value=True)])
    assert accepted.successful
    mirror.until(lambda: mirror.present == {4: known}, "Ada to be recognised")
    assert mirror.states[-1].present[0].recognised
    assert mirror.call(CheckIn, "check_in", face_id=4, gallery_id="").success  # "I am not Ada"
    mirror.until(lambda: mirror.present == {}, "nobody to be recognised")
    node.set_parameters([Parameter("recognition", value=False)])
    mirror.until(lambda: not mirror.world.faces.has_subscribers, "nobody to be watched")
