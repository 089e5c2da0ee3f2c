"""The gallery in the running graph, on the demo reel: capture, list, wear, be known, erase."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

PATIENT = {"turn_patience": 1.0, "away_patience": 100.0, "capture_timeout": 300.0}
SUCCEEDED, CANCELED = 4, 5  # action_msgs/GoalStatus
UNTIL_REVOKED = 3  # mirror_msgs/Consent


@pytest.fixture(scope="module", params=["true", "false"], ids=["composed", "separate"])
def mirror(
    request: pytest.FixtureRequest,
    start_mirror: Callable[..., Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Any]:
    state = tmp_path_factory.mktemp("state")
    mirror = start_mirror(
        *("camera:=demo", "display:=false", "web:=false", "gestures:=false", "effects:=none"),
        f"composed:={request.param}",
        parameters={"gallery": PATIENT},
        XDG_STATE_HOME=str(state),
    )
    mirror.state = state
    yield mirror
    mirror.close()


@pytest.fixture(scope="module")
def observer(observe: Callable[..., Any], mirror: Any) -> Any:
    return observe(mirror)


class Client:
    """Asks the gallery of a mirror."""

    def __init__(self, mirror: Any, observer: Any) -> None:
        from rclpy.action import ActionClient
        from rclpy.qos import DurabilityPolicy, QoSProfile

        from mirror_msgs.action import CaptureFace
        from mirror_msgs.msg import GalleryState

        self.mirror, self.observer = mirror, observer
        self.states: list[Any] = []
        latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        topic = f"{mirror.namespace}/gallery/state"
        observer.node.create_subscription(GalleryState, topic, self.states.append, latched)
        self._action = ActionClient(observer.node, CaptureFace, f"{mirror.namespace}/gallery/capture")

    def call(self, kind: str, name: str, **fields: Any) -> Any:
        import mirror_msgs.srv

        service = getattr(mirror_msgs.srv, kind)
        return self.observer.call(
            service, f"{self.mirror.namespace}/gallery/{name}", service.Request(**fields)
        )

    def capture(self, name: str, feedback: list[Any]) -> Any:
        """The handle of an accepted goal."""
        from mirror_msgs.action import CaptureFace
        from mirror_msgs.msg import Consent

        self.observer.until(self._action.server_is_ready, "the action gallery/capture")
        goal = CaptureFace.Goal(face_id=CaptureFace.Goal.ANY_FACE, name=name)
        goal.consent = Consent(scope=UNTIL_REVOKED, others_may_wear=True)
        sent = self._action.send_goal_async(goal, lambda message: feedback.append(message.feedback))
        handle = self.wait(sent, "the goal's acceptance")
        assert handle.accepted
        return handle

    def wait(self, future: Any, what: str) -> Any:
        self.observer.until(future.done, what, timeout_s=300.0)
        return future.result()

    def people(self) -> list[Any]:
        return [
            face for face in self.call("ListFaces", "list", with_thumbnails=True).faces if not face.preset
        ]

    @property
    def worn(self) -> dict[int, str]:
        return {worn.face_id: worn.gallery_id for worn in self.states[-1].worn} if self.states else {}

    def files(self) -> list[Path]:
        return sorted(self.mirror.state.rglob("*.mirrorface"))


@pytest.fixture(scope="module")
def client(mirror: Any, observer: Any) -> Client:
    return Client(mirror, observer)


def test_a_cancelled_capture_leaves_nothing(client: Client) -> None:
    feedback: list[Any] = []
    handle = client.capture("Nobody", feedback)
    client.observer.until(lambda: feedback and feedback[-1].size > 0, "feedback about a face")
    client.wait(handle.cancel_goal_async(), "the cancellation")
    answer = client.wait(handle.get_result_async(), "the capture's end")
    if answer.status == SUCCEEDED:  # it was quicker than the client; that is no cancellation
        assert client.call("EraseFace", "erase", id=answer.result.gallery_id).success
    else:
        assert answer.status == CANCELED
        assert answer.result.message == "The capture was cancelled; nothing was kept."
    assert client.people() == []
    assert client.files() == []


def test_who_is_captured_is_stored_worn_known_and_erased(client: Client) -> None:
    from mirror_msgs.msg import FaceArray

    feedback: list[Any] = []
    handle = client.capture("Ada", feedback)
    answer = client.wait(handle.get_result_async(), "the capture's end")
    assert answer.status == SUCCEEDED, answer.result.message
    face_id = answer.result.gallery_id
    shares = [message.progress for message in feedback]
    assert shares == sorted(shares)
    assert {message.hint_key for message in feedback} & {"hold_still", "turn_left", "turn_right"}
    (stored,) = client.people()
    assert (stored.id, stored.name) == (face_id, "Ada")
    assert bytes(stored.thumbnail.data).startswith(b"\xff\xd8")
    assert len(client.files()) == 1

    from mirror_gallery.portrait_file import decode

    portrait = decode(bytes(client.call("GetFace", "get", id=face_id).data)).portrait
    assert len(portrait.views) == stored.views
    assert abs(portrait.views[0].yaw) <= 10
    assert max(portrait.views[0].image.shape) > 200  # the reel's face is 260 px high

    faces = client.observer.listen(FaceArray, f"{client.mirror.namespace}/faces")

    def is_known() -> bool:
        people = faces.messages[-1].faces if faces.messages else []
        if people and all(face.person == "" for face in people):  # on a slow machine they have left meanwhile
            client.call("CheckIn", "check_in", face_id=people[0].id, gallery_id=face_id)
        return any(face.person == face_id for face in people)

    client.observer.until(is_known, "a tracked face with the captured person's id")
    wearer = next(face.id for face in faces.messages[-1].faces if face.person == face_id)
    faces.close()
    everybody = 2**32 - 1
    assert client.call("WearFace", "wear", face_id=everybody, gallery_id=face_id).success
    client.observer.until(lambda: client.worn.get(everybody) == face_id, "everybody to wear the face")
    client.call("WearFace", "wear", face_id=wearer, gallery_id=face_id)

    erased = client.call("EraseFace", "erase", id=face_id)
    assert list(erased.purged)[-1] == "name and consent"
    client.observer.until(lambda: client.worn == {}, "the erased face to come off everybody")
    assert client.people() == []
    assert client.files() == []


def test_the_command_finds_the_mirror(client: Client) -> None:
    words = [sys.executable, "-m", "mirror.command", "faces", "wear", "Nobody", "--everybody"]
    environment = {**os.environ, "ROS_DOMAIN_ID": str(client.mirror.domain)}
    refused = subprocess.run(words, env=environment, capture_output=True, text=True, check=False, timeout=100)
    assert refused.returncode == 2
    assert refused.stderr.splitlines()[-1] == "There is no stored face 'Nobody'; see `mirror faces list`."
